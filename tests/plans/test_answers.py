"""The files in `answers/`: one for each plan, each fitting its plan and a scenario."""

import pytest

from cockpit.config.paths import data_folder
from cockpit.sim.scenario import load_scenario
from support.rehearsal import ANSWERS, read_answers

NAMES = sorted(str(path.relative_to(ANSWERS).with_suffix("")) for path in ANSWERS.rglob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_answers_fit_their_plan_and_a_scenario(name):
    """A renamed step, input or scenario would leave a drill without its answers."""
    _, answers = read_answers(name)
    assert answers.scenario, "say which scenario they fit"
    load_scenario(answers.scenario)


def test_every_plan_has_answers():
    """A plan without answers is never run as a whole by the tests."""
    plans = (path for path in data_folder("plans").rglob("*.yaml") if path.parent.name != "pieces")
    answered = {read_answers(name)[0].id for name in NAMES}
    assert {f"{path.parent.name}/{path.stem}" for path in plans} - answered == set()
