"""What the screen walk complains of: a check that sees nothing would call every screen sound."""

import pytest
from pyte.screens import Char

from cockpit.engine.prompts import Choice, ChoicePrompt
from walk import complaints
from walk.film import Frame

STRIP = ["Plan", "RTO  1 min of 4 h", "LOSS none", "STATUS nothing posted yet"]
CHOICE = ChoicePrompt(question="Which way?", choices=(Choice(value="a", label="Back", consequence="all of it"),))
SHOWN = ["Choose — 1/2 Way", "Which way?", "▸○ Back", "   all of it", "[ Cancel ]"]


def frame(rows=SHOWN, strip=STRIP, beyond="", bottom="╰──╯", bar=""):
    inside = [f"│ {row:<36} │" for row in rows]
    lines = [*strip, "╭──╮", *inside, bottom]
    cells = [[Char(letter, bg=bar or "default") for letter in f"{line:<40}"] for line in lines]
    return Frame(1, 0.0, tuple(lines), cells, beyond)


def complaints_of(shown):
    return [*complaints.of_frame(shown, in_run=True), *complaints.of_question(CHOICE, shown)]


def test_a_sound_screen_is_not_complained_of():
    """Complaints about sound screens would hide the others."""
    assert complaints_of(frame()) == []


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (frame(beyond="late"), "written beyond the edge: late"),
        (frame(strip=STRIP[:2]), "the strip lacks LOSS, STATUS"),
        (frame(rows=["Traceback (most recent call last):", *SHOWN]), "a traceback"),
        (frame(rows=SHOWN[:-1]), "the dialog shows no buttons"),
        (frame(bottom=""), "the dialog has no bottom: it is cut off"),
        (frame(rows=[*SHOWN[:2], " ○ Back", *SHOWN[3:]]), "no focus can be seen in the dialog"),
        (
            frame(rows=["parameters of a long call…", *SHOWN]),
            "a line is cut: parameters of a long call…",
        ),
        (frame(rows=["only now[id: not yet known]", *SHOWN]), "a text has a gap: what it names is not known"),
        (frame(rows=["Confirm — 1/2 Go", *SHOWN, "[ Close ]"]), "what became of the call is not in view"),
        (frame(rows=[*SHOWN[:3], SHOWN[-1]]), "cut off without a hint: all of it"),
    ],
)
def test_a_bad_screen_is_complained_of(shown, words):
    """The walk would pass over what an operator cannot read, see or answer."""
    assert complaints_of(shown) == [words]


def test_what_can_be_scrolled_to_is_not_cut_off():
    """Every long dialog would be complained of."""
    assert complaints_of(frame(rows=[*SHOWN[:3], SHOWN[-1]], bar="cyan")) == []
