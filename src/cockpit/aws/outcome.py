"""How a mutation that raised ended: a definite no, or nobody knows.

A definite no needs proof: either nothing reached the network, or AWS itself answered with a typed refusal. Everything
else (time-outs, resets, 5xx, answers that cannot be read) may have taken effect.
"""

from botocore import exceptions as boto

from cockpit.aws.faults import CallPlace, fault_of
from cockpit.aws.guard import Ticket
from cockpit.aws.port import AwsFailure, CallRejected, OutcomeUnknown
from cockpit.model.text import clean

_REFUSED_FROM, _REFUSED_TO = 400, 500
_TIMED_OUT_STATUS = 408
_AMBIGUOUS_CODES = frozenset({"RequestTimeout", "RequestTimeoutException", "InternalFailure", "InternalServerError"})
_CONNECT_PHASE = ("ClientConnectorError", "ClientConnectorDNSError", "ClientConnectorCertificateError")


def ending_of(error: BaseException, place: CallPlace, ticket: Ticket) -> AwsFailure:
    """Return what the engine is told about a mutation that raised."""
    fault = fault_of(error, place)
    if ticket.on_wire == 0 or _never_connected(error):
        return CallRejected(fault)
    if isinstance(error, boto.ClientError) and _is_refusal(error):
        return CallRejected(fault, request_id_of(error.response))
    evidence = [f"{place.words} was sent and no definite answer came.", fault.message]
    request_id = request_id_of(error.response) if isinstance(error, boto.ClientError) else ""
    if request_id:
        evidence.append(f"AWS request id {request_id}")
    return OutcomeUnknown(tuple(evidence))


def request_id_of(response: object) -> str:
    """Return the AWS request id in an answer's metadata; empty if there is none."""
    metadata = response.get("ResponseMetadata", {}) if isinstance(response, dict) else {}
    return clean(metadata.get("RequestId", "") or "", 100)


def _is_refusal(error: boto.ClientError) -> bool:
    """Tell whether AWS itself refused: a 4xx with a code of its own, not a proxy's bare status."""
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) or 0)
    code = str(error.response.get("Error", {}).get("Code", ""))
    typed = bool(code) and not code.isdigit() and code not in _AMBIGUOUS_CODES and code != "Unknown"
    return typed and _REFUSED_FROM <= status < _REFUSED_TO and status != _TIMED_OUT_STATUS


def _never_connected(error: BaseException) -> bool:
    """Tell whether the connection was never made: refused, unknown host, no route, TLS not agreed."""
    if isinstance(error, boto.ConnectTimeoutError | boto.ProxyConnectionError | boto.SSLError):
        return True
    inner = getattr(error, "kwargs", {}).get("error")
    return isinstance(error, boto.EndpointConnectionError) and type(inner).__name__ in _CONNECT_PHASE
