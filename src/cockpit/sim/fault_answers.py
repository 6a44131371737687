"""Refusals by AWS as a rule of faults makes them: code and status as the service sends them."""

from typing import Any

from cockpit.sim.calls import Call
from cockpit.sim.fault_rule import FaultRule
from cockpit.sim.refusals import Answer, refusal


def refused(rule: FaultRule, call: Call, environ: dict[str, Any]) -> Answer:
    """Return the refusal of a call, in the client's protocol.

    Codes and statuses are those of AWS's list of errors common to all actions; the query protocol has its own names
    for two of them, and DynamoDB its own server error.
    """
    query = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    what = f"{call.service}:{call.operation}"
    if rule.kind == "throttled":
        return refusal(environ, "400 Bad Request", "Throttling" if query else "ThrottlingException", "Rate exceeded")
    if rule.kind == "expired":
        code = "ExpiredToken" if query else "ExpiredTokenException"
        status = "400 Bad Request" if call.service == "dynamodb" else "403 Forbidden"
        return refusal(environ, status, code, "The security token included in the request is expired")
    if rule.kind == "denied":
        code = "AccessDenied" if query else "AccessDeniedException"
        status = "400 Bad Request" if call.service == "dynamodb" else "403 Forbidden"
        return refusal(environ, status, code, f"The caller is not authorized to perform: {what}")
    code = "InternalServerError" if call.service == "dynamodb" else "InternalFailure"
    return refusal(environ, "500 Internal Server Error", code, "The request processing has failed")


def rewritten(answer: Answer, content: bytes) -> Answer:
    """Return an answer with another body, and without DynamoDB's checksum of the old one."""
    status, headers, _ = answer
    return status, [(name, value) for name, value in headers if name.lower() != "x-amz-crc32"], content
