"""The resources a call acts on, as IAM names them, as far as its parameters tell."""

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import product

from pydantic import JsonValue

from cockpit.aws.iam_reference import ResourceType, resource_types
from cockpit.model.scope import Scope
from cockpit.model.text import clean

ANY = "*"

Params = Mapping[str, JsonValue]
_VARIABLE = re.compile(r"\$\{(\w+)\}")

# Actions that are asked about `*` whatever the reference says of resources.
_EVERYWHERE = frozenset(
    {
        "cloudwatch:DescribeAlarmHistory",  # composite alarms are left out of a narrower one (CloudWatch API reference)
        "cloudwatch:DescribeAlarms",
        "ecs:ListTasks",  # the resource is a container instance, which calls do not name (Amazon ECS developer guide)
    }
)

# Variables of ARNs whose value stands in parameters of another name. Empty: AWS gives the value, no parameter has it.
_PARAMETERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("appsync", "GraphQLAPIId"): ("apiId",),
    ("application-autoscaling", "ResourceId"): (),
    ("cloudformation", "Id"): (),
    ("cloudfront", "DistributionId"): ("DistributionId", "Id"),
    ("cloudwatch", "AlarmName"): ("AlarmName", "AlarmNames"),
    ("codedeploy", "DeploymentConfigurationName"): ("deploymentConfigName",),
    ("dynamodb", "TableName"): ("TableName", "SourceTableName", "TargetTableName"),
    ("ecs", "ClusterName"): ("cluster",),
    ("ecs", "ServiceName"): ("service", "services", "serviceName"),
    ("ecs", "TaskDefinitionFamilyName"): ("family",),
    ("ecs", "TaskId"): ("task", "tasks"),
    ("iam", "RoleNameWithPath"): ("RoleName",),
    ("lambda", "Alias"): ("Qualifier", "Name"),
    ("lambda", "Version"): ("FunctionVersion",),
    ("rds", "ClusterParameterGroupName"): ("DBClusterParameterGroupName",),
    ("rds", "ClusterSnapshotName"): ("DBClusterSnapshotIdentifier", "SnapshotIdentifier"),
    ("rds", "DbClusterInstanceName"): ("DBClusterIdentifier", "SourceDBClusterIdentifier"),
    ("rds", "DbInstanceName"): ("DBInstanceIdentifier",),
    ("rds", "ParameterGroupName"): ("DBParameterGroupName",),
    ("rds", "SnapshotName"): ("DBSnapshotIdentifier",),
    ("rds", "SubnetGroupName"): ("DBSubnetGroupName",),
    ("route53", "Id"): ("HostedZoneId", "HealthCheckId", "Id"),
    ("s3", "BucketName"): ("Bucket",),
    ("s3", "ObjectName"): ("Key",),
}

# What AWS adds to a name in the ARN.
_ENDINGS = {
    ("logs", "LogGroupName"): ":*",  # streams of the group (CloudWatch Logs user guide)
    ("secretsmanager", "SecretId"): "-??????",  # six random characters (Secrets Manager user guide)
}


def resource_arns(action: str, params: Params, scope: Scope, region: str = "") -> tuple[str, ...]:
    """Return the ARNs that a call of an IAM action needs; ``*`` stands for what the parameters do not tell.

    Args:
        action: as IAM names it: ``ecs:UpdateService``.
        params: the call's parameters; texts may be patterns.
        scope: account, region and partition; empty ones become ``*``.
        region: the call's region, if it is another.
    """
    if action in _EVERYWHERE:
        return (ANY,)
    place = {"Region": region or scope.region or ANY, "Account": scope.account or ANY, "Partition": _partition(scope)}
    types = _needed(resource_types(action), action.partition(":")[0], params)
    found = {arn for kind in types for arn in _arns(kind, action.partition(":")[0], params, place)}
    return tuple(sorted(_widest(found))) or (ANY,)


def is_exact(arn: str) -> bool:
    """Tell whether an ARN names one resource: no part of it is unknown."""
    return not set(arn) & {"*", "?"}


def _partition(scope: Scope) -> str:
    return scope.role.split(":")[1] if scope.role.startswith("arn:") else "aws"


def _needed(types: Sequence[ResourceType], prefix: str, params: Params) -> list[ResourceType]:
    """Return the types that count: the required ones, and those that the call names; one alone counts in any case."""
    if len(types) == 1:
        return list(types)
    return [kind for kind in types if kind.required or _is_named(kind, prefix, params)]


def _is_named(kind: ResourceType, prefix: str, params: Params) -> bool:
    own = _VARIABLE.findall(kind.arn)
    return bool(_given(kind, params)) or (bool(own) and bool(_values(prefix, own[-1], params)))


def _arns(kind: ResourceType, prefix: str, params: Params, place: Mapping[str, str]) -> Iterator[str]:
    given = _given(kind, params)
    if given:
        yield from given
        return
    variables = [name for name in _VARIABLE.findall(kind.arn) if name not in place]
    for values in product(*(_values(prefix, name, params) or (ANY,) for name in variables)):
        known = {**place, **dict(zip(variables, values, strict=True))}
        yield re.sub(r"\*+", ANY, _filled(kind.arn, known))


def _filled(arn: str, known: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda match: known[match[1]], arn)


def _given(kind: ResourceType, params: Params) -> list[str]:
    """Return the parameters that are ARNs of this type already."""
    shape = _VARIABLE.sub(ANY, kind.arn)
    return [text for value in params.values() for text in _texts(value) if _is_arn(text) and fnmatchcase(text, shape)]


def _values(prefix: str, variable: str, params: Params) -> tuple[str, ...]:
    """Return what the parameters say a variable of an ARN is."""
    names = _PARAMETERS.get((prefix, variable), (variable,))
    wanted = {name.casefold() for name in names}
    texts = [text for name, value in params.items() if name.casefold() in wanted for text in _texts(value)]
    prefixes = [f"{text}{ANY}" for text in _texts(params.get(f"{variable}Prefix"))]
    if (prefix, variable) == ("lambda", "FunctionName"):  # a call of one alias or version needs it beside the function
        texts += [f"{text}:{qualifier}" for text in texts for qualifier in _texts(params.get("Qualifier"))]
    ending = _ENDINGS.get((prefix, variable), "")
    # An ARN or URL in the place of a name ends with the name.
    names_only = (re.split(r"[/:]", text)[-1] if _is_arn(text) else text for text in texts + prefixes)
    return tuple(dict.fromkeys(name + ending for name in names_only))


def _texts(value: JsonValue) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [clean(each) for each in values if isinstance(each, str | int) and not isinstance(each, bool) and each != ""]


def _is_arn(text: str) -> bool:
    return text.startswith(("arn:", "https://"))


def _widest(arns: set[str]) -> set[str]:
    """Leave out what another pattern allows already."""
    return {arn for arn in arns if not any(other != arn and fnmatchcase(arn, other) for other in arns)}
