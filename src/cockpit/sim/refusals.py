"""Answers that the front gives by itself, in the protocol the client speaks."""

import json
from typing import Any
from xml.sax.saxutils import escape

Answer = tuple[str, list[tuple[str, str]], bytes]


def refusal(environ: dict[str, Any], status: str, code: str, message: str) -> Answer:
    """Return an error answer: status line, headers, body.

    The query protocol and EC2 speak XML, S3 its own XML, everything else JSON with the error type in a header.
    """
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        error = f"<Error><Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
        ids = "<RequestId>simulated</RequestId>"
        if "/ec2/" in environ.get("HTTP_AUTHORIZATION", ""):
            text = f"<Response><Errors>{error}</Errors>{ids}</Response>"
        else:
            text = f"<ErrorResponse>{error}{ids}</ErrorResponse>"
        return status, [("Content-Type", "text/xml")], text.encode()
    if "/s3/" in environ.get("HTTP_AUTHORIZATION", ""):
        text = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
        return status, [("Content-Type", "application/xml")], text.encode()
    headers = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-errortype", code)]
    return status, headers, json.dumps({"__type": code, "message": message}).encode()
