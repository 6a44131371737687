"""The host of PFA Vanguard with its real tools, for one journey: what the PFA plans act on beside the simulated AWS."""

from collections.abc import Iterator
from contextlib import contextmanager

from cockpit.engine.state import RunState
from support.pfa.outages import OUTAGES
from support.pfa.stage import TOKEN
from support.pfa.tools import Cluster
from support.pfa.world import World, world_beside
from support.place import Place

_SOUND = {"status": "healthy"}
_worlds: dict[str, World] = {}


@contextmanager
def outage(place: Place, plan: str) -> Iterator[None]:
    """Set the host beside the place's simulated AWS, in the state in which that plan is begun."""
    with Cluster() as cluster, world_beside(place.simulator, cluster, place.scenario) as world:
        place.configure(world.environment)
        place.environ["PYTHON_KEYRING_BACKEND"] = "support.pfa.world.Drawer"  # the API's token
        OUTAGES[plan](world.vanguard)
        _worlds[str(place.folder)] = world
        try:
            yield
        finally:
            del _worlds[str(place.folder)]


def back_on_release_3(place: Place, _state: RunState) -> None:
    """Check that the release before runs, alone, and that nothing of the writes that wait was thrown away."""
    vanguard = _worlds[str(place.folder)].vanguard
    _expect(vanguard.get("/health"), (200, "3.0.0", _SOUND))
    _expect(str((vanguard.root / "current").readlink()), "releases/v3.0.0")
    _expect(vanguard.get("/api/pfa-data?organizationId=org-rio", TOKEN)[0], 200)


def on_the_backup(place: Place, _state: RunState) -> None:
    """Check that the restored records are served, under the name that the damaged database had, which is kept."""
    vanguard = _worlds[str(place.folder)].vanguard
    _expect(vanguard.get("/health/db"), (200, "3.0.0", _SOUND))
    _expect(vanguard.sql("select count(*), count(*) filter (where category = '') from pfa_records"), "12|0")
    if len([name for name in vanguard.cluster.databases() if name.startswith(vanguard.database)]) != 2:
        raise AssertionError("the damaged database is gone, or something is left over beside it")


def _expect(found: object, wanted: object) -> None:
    if found != wanted:
        raise AssertionError(f"{found} instead of {wanted}")
