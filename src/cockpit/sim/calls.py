"""Which AWS call a request is, and the log of the calls received."""

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from moto.core.request import normalize_request
from moto.core.routing import get_service_router
from moto.moto_server.werkzeug_app import BackendRequest
from pydantic import JsonValue

# Signing names that differ from botocore's service names, as far as the services here are concerned.
_SERVICE_BY_SIGNING_NAME = {
    "monitoring": "cloudwatch",
    "email": "ses",
    "elasticloadbalancing": "elbv2",
    "servicequotas": "service-quotas",
}


# Services that AWS controls from one region, whatever region the caller is in.
_CONTROLLED_FROM = {"iam": "us-east-1", "route53": "us-east-1"}


@dataclass(frozen=True, slots=True)
class Call:
    """One AWS call as its request says it.

    Attributes:
        service: botocore's service name; empty if the request is not signed.
        operation: API operation, for example ``DescribeAlarms``; empty if it cannot be told.
        region: where it is carried out; of IAM and Route 53 always us-east-1.
    """

    service: str
    operation: str
    region: str


def identify(environ: dict[str, Any], body: bytes) -> Call:
    """Tell service, operation and region from the credential scope and the protocol's own way of naming operations."""
    scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition(",")[0].split("/")
    if len(scope) < 5:  # noqa: PLR2004 - key, date, region, service, aws4_request
        return Call("", "", "")
    region, signing_name = scope[-3], scope[-2]
    service = _SERVICE_BY_SIGNING_NAME.get(signing_name, signing_name)
    region = _CONTROLLED_FROM.get(service, region)
    target: str = environ.get("HTTP_X_AMZ_TARGET", "")
    if target.startswith("DynamoDBStreams"):
        service = "dynamodbstreams"
    if target:
        return Call(service, target.rpartition(".")[2], region)
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return Call(service, parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0], region)
    path: str = environ.get("PATH_INFO", "")
    if service == "apigateway" and path.startswith("/v2/"):  # both versions of that service sign as the first
        service = "apigatewayv2"
    if environ.get("HTTP_SMITHY_PROTOCOL"):
        return Call(service, path.rpartition("/")[2], region)
    return Call(service, _route(service, environ), region)


def _route(service: str, environ: dict[str, Any]) -> str:
    """Tell the operation of a REST service from method and path."""
    try:
        operation, _ = get_service_router(service).match(normalize_request(BackendRequest(dict(environ))))
    except Exception:  # noqa: BLE001 - whatever the routing stumbles over, the operation is simply not known
        return ""
    return str(operation.name)


class CallLog:
    """Every AWS call received over HTTP: counts of all, details of the latest 20,000."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._latest: deque[tuple[datetime, Call, int]] = deque(maxlen=20_000)

    def record(self, at: datetime, call: Call, status: int) -> None:
        """Add a call and the HTTP status it was answered with."""
        self._counts[f"{call.service}:{call.operation}"] += 1
        self._latest.append((at, call, status))

    def to_json(self) -> dict[str, JsonValue]:
        """Return the counts by `service:operation` and the calls, oldest first."""
        calls: list[JsonValue] = [
            {
                "time": at.isoformat(),
                "service": call.service,
                "operation": call.operation,
                "region": call.region,
                "status": status,
            }
            for at, call, status in self._latest
        ]
        return {"counts": dict(self._counts), "calls": calls}
