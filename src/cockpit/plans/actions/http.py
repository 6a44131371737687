"""``http``: look at a URL and assert what it answers."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from cockpit.plans.base import Expression, Name, Template
from cockpit.plans.patience import Patience


class HttpSpec(Patience):
    """One GET request, repeated as `Patience` says until its answer is as wanted. TLS certificates are always checked.

    Attributes:
        url: may hold expressions.
        connect_to: host, or host and port (``host:port``), to connect to instead of the URL's, before any name leads
            there. Host header, server name and certificate stay the URL's.
        headers: sent with it.
        bearer: name of a token in the keyring of this machine (service ``cockpit``), sent as ``Authorization: Bearer``;
            it is never shown or journaled.
        expect_status: the status that means well.
        expect_headers: response headers and the regular expressions they must match from their start.
        expect_body: regular expression the body must contain.
        expect_text: text the body must contain as it is; may hold expressions.
        expect_json: expression over ``answer`` (the parsed body) that must be true.
        capture: values kept as ``steps.<id>.<name>``: expressions over ``answer``, the parsed body.
        timeout: of each request.
    """

    kind: Literal["http"] = "http"
    url: Template
    connect_to: Template | None = None
    headers: dict[str, Template] = Field(default_factory=dict)
    bearer: Template | None = None
    expect_status: int = 200
    expect_headers: dict[str, str] = Field(default_factory=dict)
    expect_body: str | None = None
    expect_text: Template = ""
    expect_json: Expression | None = None
    capture: dict[Name, Expression] = Field(default_factory=dict)
    timeout: timedelta = timedelta(seconds=10)
