"""``http``: look at a URL and assert what it answers."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from cockpit.plans.base import Expression, PlanModel, Template


class HttpSpec(PlanModel):
    """One GET request.

    Attributes:
        url: may hold expressions.
        headers: sent with it.
        expect_status: the status that means well.
        expect_body: regular expression the body must contain.
        expect_json: expression over ``answer`` (the parsed body) that must be true.
    """

    kind: Literal["http"] = "http"
    url: Template
    headers: dict[str, Template] = Field(default_factory=dict)
    expect_status: int = 200
    expect_body: str | None = None
    expect_json: Expression | None = None
    timeout: timedelta = timedelta(seconds=10)
