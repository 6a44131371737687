"""RDS's operations on the instances of Aurora clusters."""

from typing import Any

from cockpit.sim.errors import AwsError, NotSimulated
from cockpit.sim.operations import Handler, Request
from cockpit.sim.rds_model import INSTANCE_TAKES, Instance, RdsModel, by_name
from cockpit.sim.rds_paging import marked_page, selected
from cockpit.sim.rds_view import instance_view, tags_of

_GIVEN = (
    "AutoMinorVersionUpgrade",
    "AvailabilityZone",
    "CACertificateIdentifier",
    "CopyTagsToSnapshot",
    "DBInstanceClass",
    "DBParameterGroupName",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
    "PreferredMaintenanceWindow",
    "PromotionTier",
    "PubliclyAccessible",
)


class InstanceApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: RdsModel) -> None:
        self._model = model

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateDBInstance": self.create,
            "DescribeDBInstances": self.describe,
            "DeleteDBInstance": self.delete,
        }

    def create(self, request: Request) -> dict[str, Any]:
        """Create an instance of an available cluster; it is there some minutes later."""
        params, now = request.params, self._model.world.now()
        if not params.get("DBClusterIdentifier"):
            raise NotSimulated("an instance outside an Aurora cluster")
        cluster = self._model.cluster(request.region, params["DBClusterIdentifier"])
        if cluster.status(now) != "available":
            message = f"DB Cluster {cluster.identifier} is in {cluster.status(now)} state: it is not available."
            raise AwsError("InvalidDBClusterStateFault", message)
        if params["Engine"] != cluster.settings["Engine"]:
            message = f"The engine of the instance must be the cluster's, {cluster.settings['Engine']}."
            raise AwsError("InvalidParameterCombination", message)
        identifier = params["DBInstanceIdentifier"].lower()
        if (request.region, identifier) in self._model.instances:
            raise AwsError("DBInstanceAlreadyExists", "DB instance already exists")
        group = params.get("DBParameterGroupName", "default")
        if not group.startswith("default") and (request.region, "pg", group) not in self._model.groups:
            raise AwsError("DBParameterGroupNotFound", f"DBParameterGroup not found: {group}")
        settings = {
            "AutoMinorVersionUpgrade": True,
            "AvailabilityZone": f"{request.region}{'abc'[len(self._model.members(cluster)) % 3]}",
            "CACertificateIdentifier": "rds-ca-rsa2048-g1",
            "CopyTagsToSnapshot": False,
            "DBParameterGroupName": f"default.{params['Engine']}16",
            "MonitoringInterval": 0,
            "PromotionTier": 1,
            "PubliclyAccessible": False,
            **{name: params[name] for name in _GIVEN if name in params},
            "PerformanceInsightsEnabled": bool(params.get("EnablePerformanceInsights")),
        }
        instance = Instance(identifier, request.region, now, now + INSTANCE_TAKES, settings, tags_of(params))
        instance.cluster = cluster.identifier
        self._model.instances[request.region, identifier] = instance
        ready = instance.ready_at
        self._model.world.at(ready, lambda: self._model.note(instance, "DB instance created", "creation"))
        return {"DBInstance": instance_view(self._model, instance)}

    def describe(self, request: Request) -> dict[str, Any]:
        """Describe one instance, or those of the region or a cluster, in pages."""
        params = request.params
        if "DBInstanceIdentifier" in params:
            name = params["DBInstanceIdentifier"].rpartition(":")[2]
            return {"DBInstances": [instance_view(self._model, self._model.instance(request.region, name))]}
        here = by_name(each for each in self._model.instances.values() if each.region == request.region)
        wanted = selected(
            params, {"db-cluster-id": lambda each: each.cluster, "db-instance-id": lambda each: each.identifier}
        )
        shown, marker = marked_page([each for each in here if wanted(each)], params)
        return {"DBInstances": [instance_view(self._model, each) for each in shown], **marker}

    def delete(self, request: Request) -> dict[str, Any]:
        """Delete an instance; the last one of a protected cluster too, as in AWS."""
        instance = self._model.instance(request.region, request.params["DBInstanceIdentifier"])
        if not instance.deleting:
            self._model.remove_later(instance)
        return {"DBInstance": instance_view(self._model, instance)}
