"""Whatever is pressed before the environment is armed, nothing changes in AWS: counted at the endpoint."""

import random
import sys

import pytest

from cockpit.sim.process import start_simulator
from support.place import Place
from support.terminal import KEYS, Terminal

pytestmark = [pytest.mark.simulator, pytest.mark.terminal]

PRINTABLE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/?:@.,[]+-=!#"
# Leaving is tested elsewhere: here the program has to stay open.
LEAVING = "q"


def keys(seed):
    """Yield keys without end: every printable one in turn, then at random with the named ones and a control key."""
    chance = random.Random(seed)  # noqa: S311 - a test, not a secret
    yield from (key for key in PRINTABLE if key != LEAVING)
    everything = [*(key for key in PRINTABLE if key != LEAVING), *KEYS, "\x04", "\x12", "\x1b[5~", "\x1bOP"]
    while True:
        yield chance.choice(everything)


@pytest.fixture(scope="module")
def simulator():
    with start_simulator("syncwell-corruption") as running:
        yield running


@pytest.mark.parametrize("seed", [1, 2])
def test_no_key_changes_anything_unarmed(simulator, tmp_path, seed):
    """A key pressed by mistake would change production."""
    place = Place(tmp_path, simulator, "syncwell-corruption")
    before = place.mutations()
    argv = [sys.executable, "-m", "cockpit", "open", "--config", str(place.folder / "cockpit.toml")]
    with Terminal(argv, place.environ) as terminal:
        terminal.wait("PLANS THAT MATCH", timeout=60)
        for _, key in zip(range(400), keys(seed), strict=False):
            terminal.press(key)
        # Still alive, and able to come back to the watch screen.
        for _ in range(12):
            terminal.press("escape")
            terminal.pump(0.1)
        terminal.wait("READ-ONLY")
    assert place.mutations() == before
    assert place.simulator.get_json("/_cockpit/calls")["counts"].get("cloudwatch:DescribeAlarms", 0) > 0
