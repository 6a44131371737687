"""Time-outs, retries and hooks that every botocore session and client of the cockpit shares."""

from typing import Any

from cockpit import __version__
from cockpit.aws.answers import check_is_answer, quick_time
from cockpit.aws.guard import Guard

READ_RETRIES = {"mode": "standard", "total_max_attempts": 3}
NO_RETRIES = {"mode": "standard", "total_max_attempts": 1}

CLIENT_SETTINGS: dict[str, Any] = {
    "connect_timeout": 3,  # seconds
    "read_timeout": 15,  # seconds
    "max_pool_connections": 16,
    "user_agent_extra": f"incident-cockpit/{__version__}",
}


def prepare(session: Any, guard: Guard) -> None:
    """Put the guard and the reading of answers into a session, before any client is made of it."""
    guard.hook(session)
    session.register("before-parse", check_is_answer, unique_id="cockpit-is-answer")
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=quick_time)
