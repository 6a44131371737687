"""RDS's operations on Aurora clusters, restores among them."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cockpit.sim.errors import AwsError, NotSimulated
from cockpit.sim.operations import Handler, Request
from cockpit.sim.rds_data import Database
from cockpit.sim.rds_model import CLUSTER_TAKES, DEFAULT_SECURITY_GROUP, Cluster, RdsModel, Settings, by_name
from cockpit.sim.rds_paging import marked_page, selected
from cockpit.sim.rds_view import asked_for, cluster_view, tags_of
from cockpit.sim.whole_service import as_utc, given

LONGEST_RETENTION_DAYS = 35
_NAME = re.compile(r"^[a-z](?!.*--)[a-z0-9-]{0,61}[a-z0-9]$|^[a-z]$")
_GIVEN = {  # parameters that become members of the same or another name, at creation and by a restore
    "CopyTagsToSnapshot": "CopyTagsToSnapshot",
    "DatabaseName": "DatabaseName",
    "DBClusterParameterGroupName": "DBClusterParameterGroup",
    "DBSubnetGroupName": "DBSubnetGroup",
    "DeletionProtection": "DeletionProtection",
    "EnableCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "BackupRetentionPeriod": "BackupRetentionPeriod",
    "EngineMode": "EngineMode",
    "EngineVersion": "EngineVersion",
    "KmsKeyId": "KmsKeyId",
    "MasterUsername": "MasterUsername",
    "NetworkType": "NetworkType",
    "Port": "Port",
    "PreferredBackupWindow": "PreferredBackupWindow",
    "PreferredMaintenanceWindow": "PreferredMaintenanceWindow",
    "ServerlessV2ScalingConfiguration": "ServerlessV2ScalingConfiguration",
    "StorageType": "StorageType",
    "VpcSecurityGroupIds": "VpcSecurityGroupIds",
}
_KEPT_BY_RESTORE = (  # "the same configuration as the original DB cluster, except …" [API]
    "BackupRetentionPeriod",
    "DatabaseName",
    "Engine",
    "EngineMode",
    "EngineVersion",
    "KmsKeyId",
    "MasterUsername",
    "PreferredMaintenanceWindow",
    "StorageEncrypted",
)
_CHANGEABLE = (
    "BackupRetentionPeriod",
    "CopyTagsToSnapshot",
    "DBClusterParameterGroupName",
    "DeletionProtection",
    "EnableIAMDatabaseAuthentication",
    "PreferredBackupWindow",
    "VpcSecurityGroupIds",
)
_ONLY_FOR_LIMITLESS = (  # refused for other sources: github.com/boto/boto3/issues/4634
    "EnablePerformanceInsights",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "PerformanceInsightsRetentionPeriod",
)


class ClusterApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: RdsModel, knows_key: Callable[[str, str], bool]) -> None:
        self._model = model
        self._knows_key = knows_key

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateDBCluster": self.create,
            "DescribeDBClusters": self.describe,
            "ModifyDBCluster": self.modify,
            "DeleteDBCluster": self.delete,
            "RestoreDBClusterToPointInTime": self.restore,
            "AddRoleToDBCluster": self.add_role,
            "RemoveRoleFromDBCluster": self.remove_role,
            "EnableHttpEndpoint": self.enable_http,
            "DisableHttpEndpoint": self.disable_http,
        }

    def create(self, request: Request) -> dict[str, Any]:
        """Create a cluster without instances."""
        params = request.params
        if not params["Engine"].startswith("aurora-"):
            raise NotSimulated("only Aurora clusters are")
        settings = {
            **_defaults(params["Engine"]),
            "Engine": params["Engine"],
            "StorageEncrypted": bool(params.get("StorageEncrypted")),
            **self._given(request),
        }
        return self._add(request, settings, Database(), CLUSTER_TAKES, restored=False)

    def restore(self, request: Request) -> dict[str, Any]:
        """Begin a restore: a new cluster, without instances, under default groups unless others are given."""
        params, now = request.params, self._model.world.now()
        for name in _ONLY_FOR_LIMITLESS:
            if name in params:
                message = (
                    "You can enable Performance Insights or set the Enhanced Monitoring interval only when restoring "
                    "from a source Aurora Limitless DB cluster"
                )
                raise AwsError("InvalidParameterCombination", message)
        if params.get("RestoreType", "full-copy") != "full-copy":
            raise NotSimulated("a restore of another type than full-copy")
        source = self._source(request)
        moment = _moment(source, params, now)
        settings = {
            **_defaults(source.settings["Engine"]),
            **given({name: source.settings.get(name) for name in _KEPT_BY_RESTORE}),
            **self._given(request),
        }
        return self._add(request, settings, source.database.as_of(moment), self._model.restore_takes, restored=True)

    def describe(self, request: Request) -> dict[str, Any]:
        """Describe one cluster, or all of the region, in pages."""
        params = request.params
        if "DBClusterIdentifier" in params:
            name = params["DBClusterIdentifier"].rpartition(":")[2]
            return {"DBClusters": [cluster_view(self._model, self._model.cluster(request.region, name))]}
        here = by_name(each for each in self._model.clusters.values() if each.region == request.region)
        wanted = selected(params, {"db-cluster-id": lambda each: each.identifier})
        shown, marker = marked_page([each for each in here if wanted(each)], params)
        return {"DBClusters": [cluster_view(self._model, each) for each in shown], **marker}

    def modify(self, request: Request) -> dict[str, Any]:
        """Change settings; at once, whether or not that was asked for."""
        params = request.params
        cluster = self._available(request, params["DBClusterIdentifier"])
        logs = params.get("CloudwatchLogsExportConfiguration") or {}
        other = set(params) - {
            *_CHANGEABLE,
            "DBClusterIdentifier",
            "ApplyImmediately",
            "CloudwatchLogsExportConfiguration",
        }
        if other:
            raise NotSimulated(f"changing {', '.join(sorted(other))}")
        self._check_groups(request)
        _check_retention(params)
        cluster.settings.update({_GIVEN[name]: params[name] for name in _CHANGEABLE if name in params})
        if logs:
            exported = set(cluster.settings.get("EnabledCloudwatchLogsExports") or ())
            exported = (exported | set(logs.get("EnableLogTypes") or ())) - set(logs.get("DisableLogTypes") or ())
            cluster.settings["EnabledCloudwatchLogsExports"] = sorted(exported)
        self._model.note(cluster, "DB cluster modified", "configuration change")
        return {"DBCluster": cluster_view(self._model, cluster)}

    def delete(self, request: Request) -> dict[str, Any]:
        """Delete a cluster that is unprotected and has no instances."""
        params = request.params
        cluster = self._model.cluster(request.region, params["DBClusterIdentifier"])
        if not params.get("SkipFinalSnapshot"):
            raise NotSimulated("deleting with a final snapshot")
        if cluster.settings["DeletionProtection"]:
            message = "Cannot delete protected Cluster, please disable deletion protection and try again."
            raise AwsError("InvalidParameterCombination", message)
        if any(not each.deleting for each in self._model.members(cluster)):
            message = "Cluster cannot be deleted, it still contains DB instances in non-deleting state."
            raise AwsError("InvalidDBClusterStateFault", message)
        if not cluster.deleting:
            self._model.remove_later(cluster)
        return {"DBCluster": cluster_view(self._model, cluster)}

    def add_role(self, request: Request) -> dict[str, Any]:
        """Associate an IAM role."""
        cluster = self._available(request, request.params["DBClusterIdentifier"])
        role = (request.params.get("FeatureName", ""), request.params["RoleArn"])
        if role in cluster.roles:
            raise AwsError("DBClusterRoleAlreadyExists", f"Role {role[1]} is already associated.")
        cluster.roles.append(role)
        return {}

    def remove_role(self, request: Request) -> dict[str, Any]:
        """Take an IAM role away."""
        cluster = self._available(request, request.params["DBClusterIdentifier"])
        role = (request.params.get("FeatureName", ""), request.params["RoleArn"])
        if role not in cluster.roles:
            raise AwsError("DBClusterRoleNotFound", f"Role {role[1]} is not associated.")
        cluster.roles.remove(role)
        return {}

    def enable_http(self, request: Request) -> dict[str, Any]:
        """Switch the Data API on."""
        return self._switch_http(request, on=True)

    def disable_http(self, request: Request) -> dict[str, Any]:
        """Switch the Data API off."""
        return self._switch_http(request, on=False)

    def _switch_http(self, request: Request, *, on: bool) -> dict[str, Any]:
        arn = request.params["ResourceArn"]
        cluster = self._model.clusters.get((request.region, arn.rpartition(":")[2]))
        if cluster is None:
            raise AwsError("ResourceNotFoundFault", f"The specified resource {arn} was not found.")
        if cluster.status(self._model.world.now()) != "available":
            raise AwsError("InvalidResourceStateFault", "Another operation is in progress.")
        cluster.settings["HttpEndpointEnabled"] = on
        return {"ResourceArn": arn, "HttpEndpointEnabled": on}

    def _add(
        self, request: Request, settings: Settings, database: Database, takes: timedelta, *, restored: bool
    ) -> dict[str, Any]:
        identifier, now = request.params["DBClusterIdentifier"].lower(), self._model.world.now()
        if not _NAME.match(identifier):
            raise AwsError("InvalidParameterValue", "The parameter DBClusterIdentifier is not a valid identifier.")
        if (request.region, identifier) in self._model.clusters:
            raise AwsError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
        cluster = Cluster(
            identifier, request.region, now, now + takes, settings, tags_of(request.params), database=database
        )
        cluster.restored = restored
        cluster.resource_id = self._model.new_id("cluster", f"{identifier}/{now.isoformat()}")
        cluster.roles = [
            (role.get("FeatureName", ""), role["RoleArn"]) for role in request.params.get("AssociatedRoles") or ()
        ]
        self._model.clusters[request.region, identifier] = cluster
        message = "DB cluster created" + (" by a restore to a point in time" if restored else "")
        self._model.world.at(cluster.ready_at, lambda: self._model.note(cluster, message, "creation"))
        return {"DBCluster": cluster_view(self._model, cluster)}

    def _given(self, request: Request) -> Settings:
        """Return the settings that a call states, after checking that what they name is there."""
        params = request.params
        self._check_groups(request)
        _check_retention(params)
        key = params.get("KmsKeyId")
        if key and not self._knows_key(request.region, key):
            message = f"The specified KMS key [{key}] does not exist, is not enabled or you do not have permissions."
            raise AwsError("KMSKeyNotAccessibleFault", message)
        return {member: params[name] for name, member in _GIVEN.items() if name in params}

    def _check_groups(self, request: Request) -> None:
        named = (
            ("cluster-pg", "DBClusterParameterGroupName", "DBClusterParameterGroupNotFound"),
            ("subgrp", "DBSubnetGroupName", "DBSubnetGroupNotFoundFault"),
        )
        for kind, name, error in named:
            wanted = request.params.get(name)
            if wanted and not wanted.startswith("default") and (request.region, kind, wanted) not in self._model.groups:
                raise AwsError(error, f"{name} {wanted} not found.")

    def _source(self, request: Request) -> Cluster:
        params = request.params
        identifier = params.get("SourceDBClusterIdentifier")
        if not identifier:
            raise AwsError("InvalidParameterCombination", "SourceDBClusterIdentifier must be given.")
        return self._available(request, identifier.rpartition(":")[2])

    def _available(self, request: Request, identifier: str) -> Cluster:
        cluster = self._model.cluster(request.region, identifier)
        status = cluster.status(self._model.world.now())
        if status != "available":
            message = f"DB Cluster {identifier} is in {status} state: it is not available."
            raise AwsError("InvalidDBClusterStateFault", message)
        return cluster


def _defaults(engine: str) -> Settings:
    """Return what a cluster gets when nothing is said; a restored one too."""
    return {
        "AllocatedStorage": 1,
        "BackupRetentionPeriod": 1,
        "CopyTagsToSnapshot": False,
        "DBClusterParameterGroup": f"default.{engine}16",
        "DBSubnetGroup": "default",
        "DeletionProtection": False,
        "EnabledCloudwatchLogsExports": None,
        "EngineMode": "provisioned",
        "EngineVersion": "16.6",
        "HttpEndpointEnabled": False,
        "IAMDatabaseAuthenticationEnabled": False,
        "MasterUsername": "postgres",
        "NetworkType": "IPV4",
        "Port": 5432 if engine == "aurora-postgresql" else 3306,
        "PreferredBackupWindow": "04:00-04:30",
        "PreferredMaintenanceWindow": "sun:05:00-sun:05:30",
        "StorageEncrypted": False,
        "VpcSecurityGroupIds": [DEFAULT_SECURITY_GROUP],
    }


def _check_retention(params: dict[str, Any]) -> None:
    days = params.get("BackupRetentionPeriod")
    if days is not None and not 1 <= days <= LONGEST_RETENTION_DAYS:
        raise AwsError("InvalidParameterValue", f"Invalid backup retention period: {days}. It must be 1 to 35.")


def _moment(source: Cluster, params: dict[str, Any], now: datetime) -> datetime:
    """Return the second to restore to; it must be in the restorable window."""
    wanted = asked_for(as_utc(params.get("RestoreToTime")))
    if (wanted is None) == (not params.get("UseLatestRestorableTime")):
        message = "Specify either RestoreToTime or UseLatestRestorableTime."
        raise AwsError("InvalidParameterCombination", message)
    window = source.window(now)
    if window is None:
        raise AwsError("InvalidRestoreFault", f"DB Cluster {source.identifier} cannot be restored yet.")
    earliest, latest = window
    if wanted is None:
        return latest
    if not earliest <= wanted <= latest:
        message = f"The restore time must be between {earliest.isoformat()} and {latest.isoformat()}."
        raise AwsError("InvalidParameterValue", message)
    return wanted
