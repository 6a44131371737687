"""What a scenario says about the calls that a Lambda function gets."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class VersionFault(_Section):
    """What is wrong with a version.

    Attributes:
        version: its number.
        errors: share of its calls that fail.
        takes: how long a call takes instead.
    """

    version: str
    errors: Share = 0.0
    takes: timedelta | None = None


class LambdaCalls(_Section):
    """Calls that an alias of a function gets, from users.

    Attributes:
        calls_a_minute: how many, on average.
        busy_since: since when.
        takes: how long a call takes.
        faults: versions that something is wrong with.
    """

    function: str
    alias: str
    calls_a_minute: float = Field(default=60, gt=0, le=6000)
    busy_since: timedelta = timedelta(hours=-1)
    takes: timedelta = timedelta(milliseconds=180)
    faults: tuple[VersionFault, ...] = ()
