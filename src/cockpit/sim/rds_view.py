"""Clusters, instances and events as RDS shows them."""

from datetime import datetime
from typing import Any

from cockpit.sim.rds_model import Cluster, Group, Instance, RdsEvent, RdsModel
from cockpit.sim.whole_service import given

_SHOWN_OF_CLUSTER = (
    "AllocatedStorage",
    "BackupRetentionPeriod",
    "CopyTagsToSnapshot",
    "DBClusterParameterGroup",
    "DBSubnetGroup",
    "DatabaseName",
    "DeletionProtection",
    "EnabledCloudwatchLogsExports",
    "Engine",
    "EngineMode",
    "EngineVersion",
    "HttpEndpointEnabled",
    "IAMDatabaseAuthenticationEnabled",
    "KmsKeyId",
    "MasterUsername",
    "NetworkType",
    "Port",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "ServerlessV2ScalingConfiguration",
    "StorageEncrypted",
    "StorageType",
)
_SHOWN_OF_INSTANCE = (
    "AutoMinorVersionUpgrade",
    "AvailabilityZone",
    "CACertificateIdentifier",
    "CopyTagsToSnapshot",
    "DBInstanceClass",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "PerformanceInsightsEnabled",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
    "PreferredMaintenanceWindow",
    "PromotionTier",
    "PubliclyAccessible",
)


def cluster_view(model: RdsModel, cluster: Cluster) -> dict[str, Any]:
    """Return a DBCluster."""
    now = model.world.now()
    earliest, latest = cluster.window(now) or (None, None)
    shown = {name: cluster.settings.get(name) for name in _SHOWN_OF_CLUSTER}
    writer = model.writer(cluster)
    return given(
        {
            **shown,
            "DBClusterIdentifier": cluster.identifier,
            "DBClusterArn": cluster.arn,
            "DbClusterResourceId": cluster.resource_id,
            "Status": cluster.status(now),
            "PercentProgress": str(cluster.progress(now)) if cluster.restored else None,
            "ClusterCreateTime": cluster.created_at,
            "EarliestRestorableTime": earliest,
            "LatestRestorableTime": latest,
            "Endpoint": model.host(cluster),
            "ReaderEndpoint": model.host(cluster, reader=True),
            "MultiAZ": len(model.members(cluster)) > 1,
            "DBClusterMembers": [
                {
                    "DBInstanceIdentifier": each.identifier,
                    "IsClusterWriter": each is writer,
                    "DBClusterParameterGroupStatus": "in-sync",
                    "PromotionTier": each.settings["PromotionTier"],
                }
                for each in model.members(cluster)
            ],
            "VpcSecurityGroups": _security_groups(cluster),
            "AssociatedRoles": [
                given({"RoleArn": arn, "FeatureName": feature or None, "Status": "ACTIVE"})
                for feature, arn in cluster.roles
            ],
            "TagList": tag_list(cluster.tags),
        }
    )


def instance_view(model: RdsModel, instance: Instance) -> dict[str, Any]:
    """Return a DBInstance. What belongs to its cluster is shown from there."""
    cluster = model.cluster(instance.region, instance.cluster)
    now = model.world.now()
    status = instance.status(now)
    there = {"Address": _host(model, instance), "Port": cluster.settings["Port"]}
    return given(
        {
            **{name: instance.settings.get(name) for name in _SHOWN_OF_INSTANCE},
            "DBInstanceIdentifier": instance.identifier,
            "DBInstanceArn": instance.arn,
            "DBInstanceStatus": status,
            "DBClusterIdentifier": cluster.identifier,
            "Endpoint": there if status == "available" else None,
            "InstanceCreateTime": instance.ready_at if status == "available" else None,
            "Engine": cluster.settings["Engine"],
            "EngineVersion": cluster.settings["EngineVersion"],
            "DBParameterGroups": [
                {"DBParameterGroupName": instance.settings["DBParameterGroupName"], "ParameterApplyStatus": "in-sync"}
            ],
            "DBSubnetGroup": {"DBSubnetGroupName": cluster.settings["DBSubnetGroup"]},
            "KmsKeyId": cluster.settings.get("KmsKeyId"),
            "StorageEncrypted": cluster.settings["StorageEncrypted"],
            "VpcSecurityGroups": _security_groups(cluster),
            "MasterUsername": cluster.settings["MasterUsername"],
            "TagList": tag_list(instance.tags),
        }
    )


def event_view(event: RdsEvent) -> dict[str, Any]:
    """Return an Event."""
    return {
        "SourceIdentifier": event.source,
        "SourceType": event.kind,
        "SourceArn": event.arn,
        "Message": event.message,
        "EventCategories": [event.category],
        "Date": event.at,
    }


def group_view(group: Group) -> dict[str, Any]:
    """Return a subnet group or a parameter group."""
    return dict(group.members)


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """Return tags as RDS lists them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def tags_of(params: dict[str, Any]) -> dict[str, str]:
    """Return the tags of a call."""
    return {tag["Key"]: tag.get("Value", "") for tag in params.get("Tags") or ()}


def asked_for(moment: datetime | None) -> datetime | None:
    """Return a time of a call to the whole second."""
    return None if moment is None else moment.replace(microsecond=0)


def _host(model: RdsModel, instance: Instance) -> str:
    """Return an instance's own endpoint."""
    cluster = model.cluster(instance.region, instance.cluster)
    return model.host(cluster).replace(f"{cluster.identifier}.cluster-", f"{instance.identifier}.")


def _security_groups(cluster: Cluster) -> list[dict[str, str]]:
    return [{"VpcSecurityGroupId": name, "Status": "active"} for name in cluster.settings["VpcSecurityGroupIds"]]
