"""What has gone wrong on the application's host when a PFA plan begins, by the name of the plan."""

from collections.abc import Callable

from support.pfa.stage import Vanguard

DAMAGE = "update pfa_records set category = '' where id % 3 = 0"
_QUEUED = "insert into pfa_write_queue (payload) select '{}' from generate_series(1, 500)"


def bad_release(vanguard: Vanguard) -> None:
    """Let the faulty release run, with writes in its queue."""
    vanguard.deploy("v4.0.0")
    vanguard.sql(_QUEUED)


def corrupt_database(vanguard: Vanguard) -> None:
    """Let the sound release run on damaged records."""
    vanguard.deploy("v3.0.0")
    vanguard.sql(DAMAGE)


OUTAGES: dict[str, Callable[[Vanguard], None]] = {
    "quick-rollback": bad_release,
    "full-database-restore": corrupt_database,
}
