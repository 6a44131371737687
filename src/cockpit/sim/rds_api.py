"""Aurora in place of moto's RDS: installation, groups, tags and events. Clusters and instances are apart."""

from datetime import timedelta
from typing import Any

from moto.kms.models import kms_backends

from cockpit.sim.errors import AwsError
from cockpit.sim.operations import Handler, Request
from cockpit.sim.rds_clusters import ClusterApi
from cockpit.sim.rds_instances import InstanceApi
from cockpit.sim.rds_model import Group, Lived, RdsEvent, RdsModel
from cockpit.sim.rds_paging import marked_page, selected
from cockpit.sim.rds_statements import StatementApi
from cockpit.sim.rds_view import event_view, group_view, tag_list, tags_of
from cockpit.sim.simulation import ACCOUNT, Simulation
from cockpit.sim.whole_service import as_utc, response_class, serve_at

EVENTS_BY_DEFAULT = timedelta(hours=1)


def install(simulation: Simulation) -> None:
    """Put Aurora and the Data API in place."""
    model = RdsModel(simulation.world)
    simulation.parts[RdsModel] = model
    apis = (ClusterApi(model, _knows_key), InstanceApi(model), OtherApi(model))
    handlers = {name: handler for api in apis for name, handler in api.handlers().items()}
    serve_at("rds", {"/$": response_class("rds", handlers)})
    serve_at("rdsdata", {"/Execute$": response_class("rds-data", StatementApi(model).handlers())})


def _knows_key(region: str, key: str) -> bool:
    """Tell whether KMS has the key, by ARN or id."""
    backend = kms_backends[ACCOUNT][region]
    found = backend.keys.get(key.rpartition("/")[2])
    return found is not None and found.enabled


class OtherApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: RdsModel) -> None:
        self._model = model

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateDBSubnetGroup": self.create_subnet_group,
            "DescribeDBSubnetGroups": self.describe_subnet_groups,
            "CreateDBClusterParameterGroup": self.create_cluster_parameter_group,
            "DescribeDBClusterParameterGroups": self.describe_cluster_parameter_groups,
            "CreateDBParameterGroup": self.create_parameter_group,
            "DescribeDBParameterGroups": self.describe_parameter_groups,
            "AddTagsToResource": self.add_tags,
            "RemoveTagsFromResource": self.remove_tags,
            "ListTagsForResource": self.list_tags,
            "DescribeEvents": self.describe_events,
        }

    def create_subnet_group(self, request: Request) -> dict[str, Any]:
        """Keep a subnet group."""
        params = request.params
        subnets = [{"SubnetIdentifier": name, "SubnetStatus": "Active"} for name in params["SubnetIds"]]
        members = {"DBSubnetGroupDescription": params["DBSubnetGroupDescription"], "Subnets": subnets}
        return {"DBSubnetGroup": self._keep(request, "subgrp", "DBSubnetGroup", members)}

    def create_cluster_parameter_group(self, request: Request) -> dict[str, Any]:
        """Keep a cluster parameter group; it has no parameters."""
        members = {name: request.params[name] for name in ("DBParameterGroupFamily", "Description")}
        return {"DBClusterParameterGroup": self._keep(request, "cluster-pg", "DBClusterParameterGroup", members)}

    def create_parameter_group(self, request: Request) -> dict[str, Any]:
        """Keep an instance parameter group; it has no parameters."""
        members = {name: request.params[name] for name in ("DBParameterGroupFamily", "Description")}
        return {"DBParameterGroup": self._keep(request, "pg", "DBParameterGroup", members)}

    def describe_subnet_groups(self, request: Request) -> dict[str, Any]:
        """List subnet groups."""
        return self._groups(request, "subgrp", "DBSubnetGroup", "DBSubnetGroupNotFoundFault")

    def describe_cluster_parameter_groups(self, request: Request) -> dict[str, Any]:
        """List cluster parameter groups."""
        return self._groups(request, "cluster-pg", "DBClusterParameterGroup", "DBParameterGroupNotFound")

    def describe_parameter_groups(self, request: Request) -> dict[str, Any]:
        """List instance parameter groups."""
        return self._groups(request, "pg", "DBParameterGroup", "DBParameterGroupNotFound")

    def add_tags(self, request: Request) -> dict[str, Any]:
        """Tag a cluster or an instance."""
        self._tagged(request).tags.update(tags_of(request.params))
        return {}

    def remove_tags(self, request: Request) -> dict[str, Any]:
        """Take tags away."""
        tags = self._tagged(request).tags
        for key in request.params["TagKeys"]:
            tags.pop(key, None)
        return {}

    def list_tags(self, request: Request) -> dict[str, Any]:
        """List the tags of a cluster or an instance."""
        return {"TagList": tag_list(self._tagged(request).tags)}

    def describe_events(self, request: Request) -> dict[str, Any]:
        """List events of a time, oldest first: of the last hour unless another time is asked for."""
        params, now = request.params, self._model.world.now()
        if params.get("SourceIdentifier") and not params.get("SourceType"):
            raise AwsError("InvalidParameterCombination", "SourceType must be given together with SourceIdentifier.")
        end = as_utc(params.get("EndTime")) or now
        length = timedelta(minutes=params["Duration"]) if params.get("Duration") else EVENTS_BY_DEFAULT
        start = as_utc(params.get("StartTime")) or end - length

        def wanted(event: RdsEvent) -> bool:
            return (
                start <= event.at <= end
                and params.get("SourceType") in (None, event.kind)
                and params.get("SourceIdentifier") in (None, event.source)
                and (not params.get("EventCategories") or event.category in params["EventCategories"])
            )

        shown, marker = marked_page([event for event in self._model.events if wanted(event)], params)
        return {"Events": [event_view(event) for event in shown], **marker}

    def _keep(self, request: Request, kind: str, prefix: str, members: dict[str, Any]) -> dict[str, Any]:
        name = request.params[f"{prefix}Name"].lower()
        if (request.region, kind, name) in self._model.groups:
            error = "DBSubnetGroupAlreadyExists" if kind == "subgrp" else "DBParameterGroupAlreadyExists"
            raise AwsError(error, f"{name} already exists")
        arn = f"arn:aws:rds:{request.region}:{request.account}:{kind}:{name}"
        group = Group(name, arn, {f"{prefix}Name": name, f"{prefix}Arn": arn, **members})
        self._model.groups[request.region, kind, name] = group
        return group_view(group)

    def _groups(self, request: Request, kind: str, prefix: str, missing: str) -> dict[str, Any]:
        wanted = request.params.get(f"{prefix}Name")
        selected(request.params, {})
        here = [
            group
            for (region, its_kind, name), group in sorted(self._model.groups.items())
            if (region, its_kind) == (request.region, kind) and wanted in (None, name)
        ]
        if wanted and not here:
            raise AwsError(missing, f"{prefix} {wanted} not found.")
        shown, marker = marked_page(here, request.params)
        return {f"{prefix}s": [group_view(group) for group in shown], **marker}

    def _tagged(self, request: Request) -> Lived:
        kind, _, name = request.params["ResourceName"].split(":", 5)[-1].partition(":")
        if kind == "db":
            return self._model.instance(request.region, name)
        return self._model.cluster(request.region, name)
