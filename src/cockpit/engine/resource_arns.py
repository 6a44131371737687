"""The resource a call acts on, as IAM names it, as far as its parameters tell."""

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from cockpit.model.scope import Scope

ANY = "*"


def resource_arn(service: str, params: Mapping[str, JsonValue], scope: Scope) -> str:
    """Return the ARN of the call's resource; ``*`` where the parameters do not tell (yet), or IAM knows no resource.

    Sources: "Actions, resources, and condition keys" of each service (AWS documentation).
    """
    named = _ARN_MEMBERS.get(service, ())
    for member in named:
        value = params.get(member)
        if isinstance(value, str) and value.startswith("arn:"):
            return value
    tail = _TAILS.get(service, _unknown)(params)
    if not tail:
        return ANY
    partition = scope.role.split(":")[1] if scope.role.startswith("arn:") else "aws"
    return f"arn:{partition}:{service}:{scope.region}:{scope.account}:{tail}"


def _unknown(params: Mapping[str, JsonValue]) -> str:
    del params
    return ""


def _table(params: Mapping[str, JsonValue]) -> str:
    name = params.get("TableName") or params.get("TargetTableName")
    return f"table/{name}" if isinstance(name, str) else ""


def _service(params: Mapping[str, JsonValue]) -> str:
    cluster, service = params.get("cluster"), params.get("service")
    known = isinstance(cluster, str) and isinstance(service, str)
    return f"service/{cluster}/{service}" if known else ""


def _deployment_group(params: Mapping[str, JsonValue]) -> str:
    application, group = params.get("applicationName"), params.get("deploymentGroupName")
    known = isinstance(application, str) and isinstance(group, str)
    return f"deploymentgroup:{application}/{group}" if known else ""


def _alarm(params: Mapping[str, JsonValue]) -> str:
    name = params.get("AlarmName")
    return f"alarm:{name}" if isinstance(name, str) else ""


_ARN_MEMBERS = {"dynamodb": ("ResourceArn",), "ecs": ("service",)}
_TAILS: dict[str, Callable[[Mapping[str, JsonValue]], str]] = {
    "dynamodb": _table,
    "ecs": _service,
    "codedeploy": _deployment_group,
    "cloudwatch": _alarm,
}
