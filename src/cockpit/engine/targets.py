"""Which resource a call acts on: what the confirmation names, and what has to be typed before it is destroyed."""

import re
from collections.abc import Mapping

from pydantic import JsonValue

# The first of these that is given names what changes: a restore changes its target, not its source; an instance is made
# in a cluster that stays as it is.
_FIRST = (
    "TargetTableName",
    "TableName",
    "DBInstanceIdentifier",
    "DBClusterIdentifier",
    "StackName",
    "service",
    "serviceName",
    "deploymentId",
    "deploymentGroupName",
    "FunctionName",
    "SecretId",
    "ResourceId",
    "ResourceArn",
)
_NAMING = re.compile(r"(name|id|identifier|arn)$", re.IGNORECASE)


def target_of(params: Mapping[str, JsonValue]) -> str:
    """Return the name of the resource a call acts on; empty if its parameters name none."""
    for key in _FIRST:
        value = params.get(key)
        if isinstance(value, str) and value:
            return value
    for key, value in params.items():
        if _NAMING.search(key) and isinstance(value, str) and value:
            return value
    return ""
