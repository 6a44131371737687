"""A run handed over on the full screen, by the real program, in the middle of a step: somebody else drives it on."""

import sys

import pytest
from long_job import kinds, pump_until, settle, start_job

from cockpit.engine.records import DriverTookOver
from support.line_operator import LineOperator
from support.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.simulator]

COCKPIT = [sys.executable, "-m", "cockpit", "open", "--config"]


def test_what_is_handed_over_on_the_screen_is_driven_on_by_somebody_else(desk) -> None:
    """The step in flight would end with its driver, or both would drive, or the first screen show nothing more."""
    place = desk(6)
    with Terminal([*COCKPIT, str(place.folder / "cockpit.toml")], place.environ, 100, 30) as terminal:
        start_job(terminal, place)
        terminal.press("escape")
        terminal.wait("esc watch")
        terminal.press("h")
        terminal.wait("To whom?")
        settle(terminal)
        terminal.press(*"Bo", "enter")
        terminal.wait("HANDED TO Bo")
        second = LineOperator(["runs", "resume", place.run_id(), "--as", "Bo"], place.environ, place.folder)
        assert second.run(timeout=60) == 0, second.tail()
        pump_until(terminal, lambda: "ENDED: finished" in terminal.text, "the end is not seen where it was handed over")
        assert "HANDED TO" not in terminal.text
    found = place.journal()
    assert not found.problems
    handed = kinds(found).index("handed_over")
    takes = [entry.record for entry in found.entries[handed:] if isinstance(entry.record, DriverTookOver)]
    assert [(take.operator, take.why.startswith("handed over by")) for take in takes] == [("Bo", True)]
    assert (kinds(found).count("intent"), place.marks()) == (1, ["go", "end"])
