"""What a scenario says of PropIE."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field


class PropieSpec(BaseModel):
    """PropIE: how much goes on in it. Names of its resources are the environment's ``names.propie``.

    Attributes:
        properties: how many are listed, besides the known-good ones.
        listed_since: when they were written to the table.
        busy_since: since when agents and visitors come; before that the table is quiet.
        edit_pause: average pause between two edits by agents, all together; they go through AppSync.
        visit_pause: average pause between two booked viewings; the site itself writes them.
        faulty_commit: the commit whose build clears prices; empty: none does.
        share: share of that build's bookings at which it does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    properties: int = Field(default=300, ge=1, le=100_000)
    listed_since: timedelta = timedelta(days=-30)
    busy_since: timedelta = timedelta(hours=-3)
    edit_pause: timedelta = timedelta(seconds=7)
    visit_pause: timedelta = timedelta(seconds=6)
    faulty_commit: str = ""
    share: float = Field(default=0.2, gt=0, le=1)
