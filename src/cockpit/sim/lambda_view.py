"""Lambda's things as botocore's output shapes want them."""

import json
from datetime import datetime
from typing import Any

from cockpit.sim.lambda_model import LATEST, Alias, Function, LambdaModel, Version
from cockpit.sim.whole_service import given, only

_SETTINGS = (
    "Runtime",
    "Role",
    "Handler",
    "Timeout",
    "MemorySize",
    "VpcConfig",
    "DeadLetterConfig",
    "KMSKeyArn",
    "PackageType",
    "Architectures",
    "LoggingConfig",
)


def lambda_time(moment: datetime) -> str:
    """Return a time as Lambda writes it: text with milliseconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}+0000"


def version_view(model: LambdaModel, function: Function, version: Version, *, listed: bool = False) -> dict[str, Any]:
    """Return a version as GetFunctionConfiguration shows it; lists leave out its state."""
    busy = model.is_busy(version)
    is_new = busy and version.number == LATEST and version.modified_at == function.created_at
    settings = version.settings
    state = {"State": "Pending" if is_new else "Active", "LastUpdateStatus": "InProgress" if busy else "Successful"}
    return {
        "FunctionName": function.name,
        "FunctionArn": function.arn("" if version.number == LATEST else version.number),
        "Version": version.number,
        "CodeSha256": version.code_sha256,
        "CodeSize": version.code_size,
        "Description": version.description,
        "LastModified": lambda_time(version.modified_at),
        "RevisionId": version.revision_id,
        "TracingConfig": settings.get("TracingConfig") or {"Mode": "PassThrough"},
        "EphemeralStorage": settings.get("EphemeralStorage") or {"Size": 512},
        **only(settings, *_SETTINGS),
        **given(
            {
                "Environment": settings.get("Environment") or None,
                "Layers": [{"Arn": arn, "CodeSize": 0} for arn in settings.get("Layers") or ()] or None,
            }
        ),
        **({} if listed else state),
    }


def alias_view(function: Function, alias: Alias) -> dict[str, Any]:
    """Return an alias as GetAlias shows it; without shares it has no RoutingConfig."""
    return {
        "AliasArn": function.arn(alias.name),
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision_id,
        **({"RoutingConfig": {"AdditionalVersionWeights": dict(alias.weights)}} if alias.weights else {}),
    }


def policy_text(statements: list[dict[str, Any]]) -> str:
    """Return a resource-based policy as GetPolicy shows it."""
    return json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": statements})
