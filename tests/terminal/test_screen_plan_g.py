"""The main job in the real program, in a pseudo-terminal of 80x24, as an operator does it."""

import re
import sys

import pytest

from support.aftermath import Aftermath, the_only_run
from support.place import Place
from support.screen_operator import ScreenOperator
from support.terminal import Terminal

pytestmark = [pytest.mark.simulator, pytest.mark.terminal]


@pytest.mark.long
def test_plan_g_from_the_watch_screen_to_the_final_status_text(simulate, tmp_path):
    """An operator at the screen could not recover the service, or would be shown a wrong loss or a wrong end."""
    place = Place(tmp_path, simulate("syncwell-corruption", speed=120), "syncwell-corruption")
    argv = [sys.executable, "-m", "cockpit", "open", "--config", str(place.folder / "cockpit.toml")]
    with Terminal(argv, place.environ) as terminal:
        terminal.wait("PLANS THAT MATCH", timeout=60)
        operator = ScreenOperator(terminal, place.state_folder)
        operator.start_plan("Plan G: restore the table after widespread", "rehearsal")
        last = operator.finish(timeout=300)
        terminal.press("escape")
        terminal.wait("DEPLOYMENTS")
        terminal.press("q")
        assert terminal.exit_code() == 0

    state = the_only_run(place.state_folder)
    Aftermath(place.simulator, state).check()

    # What the screen held is what was true.
    loss = state.loss
    assert loss is not None
    assert loss.writes is not None
    # The date stands before the time where the window crosses midnight.
    shown = re.search(r"LOSS (?:\S+ )?([\d:]+)Z→(?:\S+ )?([\d:]+)Z \S.*?  ([\d,]+) writes", last)
    assert shown is not None, last
    assert shown.groups() == (f"{loss.start:%H:%M:%S}", f"{loss.end:%H:%M:%S}", f"{loss.writes.at_least:,}")
    assert "ENDED: finished" in last
    assert "HALTED 1: a resource policy denies every write to the damaged table" in last
    assert any("what is lost" in heading for heading in operator.seen)
    assert [text.phase for text in state.posted] == ["initial", "progress", "final"]
    assert f"{loss.start:%Y-%m-%d %H:%M:%S} UTC" in state.posted[-1].text
