"""One thing that goes wrong with AWS's answers: which calls it hits, and what happens to them."""

from fnmatch import fnmatchcase
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal[
    "throttled",
    "server_error",
    "reset",
    "silent",
    "slow",
    "cut_short",
    "garbage",
    "expired",
    "denied",
    "skew",
    "invisible",
]
CARRIED_OUT: frozenset[Kind] = frozenset({"cut_short", "garbage", "slow", "skew", "invisible"})
"""Kinds that spoil the answer of a call that was carried out."""
REFUSED: frozenset[Kind] = frozenset({"throttled", "expired", "denied"})
"""Kinds that are a refusal: the call is surely not carried out."""


class FaultRule(BaseModel):
    """One thing that goes wrong.

    Attributes:
        kind: ``throttled`` (a typed refusal), ``server_error`` (HTTP 500), ``reset`` (the connection breaks),
            ``silent`` (no answer, until the client gives up or the rule ends), ``slow`` (answered late), ``cut_short``
            (less body than its length says), ``garbage`` (whole by its length, but no answer), ``expired`` (the
            credentials), ``denied`` (the permission), ``skew`` (the `Date` header is off), ``invisible`` (what the
            call makes cannot be read for a while).
        service: botocore's name of the service, or a pattern; ``*`` for every one.
        operation: API operation, or a pattern: ``Describe*``.
        region: region of the call, or a pattern. IAM and Route 53 are called in us-east-1, whatever region one is in.
        spares: services that are left alone although they fit (patterns).
        access_key: only calls signed with this key; another key is then let in.
        share: share of the fitting calls that are hit, by the seed of the story.
        skip: so many fitting calls pass first.
        count: so many calls are hit, then the rule is over; None: no end by number.
        takes_effect: the call is carried out before the fault (``server_error``, ``reset``, ``silent``), so that only
            its answer is lost. Without it the call never happened.
        delay: real seconds before anything else happens: a client's patience is real time, whatever the story's speed.
        seconds: seconds of the story: how far ``skew`` puts the `Date` header ahead, how long ``invisible`` lasts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    service: str = "*"
    operation: str = "*"
    region: str = "*"
    spares: tuple[str, ...] = ()
    access_key: str = "*"
    share: float = Field(default=1, gt=0, le=1)
    skip: int = Field(default=0, ge=0)
    count: int | None = Field(default=None, ge=1)
    takes_effect: bool = False
    delay: float = Field(default=0, ge=0, le=300)
    seconds: float = 60

    @property
    def carried_out(self) -> bool:
        """Tell whether the call takes effect, whatever its client is told."""
        return self.takes_effect or self.kind in CARRIED_OUT

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.takes_effect and self.kind in REFUSED:
            raise ValueError(f"a call that is {self.kind} never takes effect")
        return self

    def fits(self, service: str, operation: str, region: str, access_key: str) -> bool:
        """Tell whether the rule is about such a call."""
        wanted = (self.service, self.operation, self.region, self.access_key)
        actual = (service, operation, region, access_key)
        spared = any(fnmatchcase(service, one) for one in self.spares)
        return not spared and all(fnmatchcase(other, one) for one, other in zip(wanted, actual, strict=True))
