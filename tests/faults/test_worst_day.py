"""The longest plan, by the real program in plain lines, while AWS is at its worst."""

from datetime import timedelta

import pytest

from cockpit.engine import records as r
from support.aftermath import Aftermath, the_only_run
from support.line_operator import LineOperator
from support.place import Place

pytestmark = pytest.mark.simulator

LOST = {
    "UpdateService",
    "RestoreTableToPointInTime",
    "CreateHostedConfigurationVersion",
    "StartDeployment",
    "CreateDeployment",
}


@pytest.mark.long
def test_plan_g_ends_as_on_a_good_day(simulate, tmp_path):
    """A lost answer, or a new thing that is not visible yet, would be made into a second call or a wrong end."""
    place = Place(tmp_path, simulate("syncwell-worst-day", speed=240), "syncwell-worst-day")
    operator = LineOperator(["run", "syncwell/plan-g-data-corruption"], place.environ, place.folder)
    assert operator.run(timeout=240) == 0, operator.tail()
    state = the_only_run(place.state_folder)
    Aftermath(place.simulator, state).check()
    shown = "\n".join(operator.transcript)
    assert state.loss is not None
    assert state.loss.writes is not None
    assert f"lost: {state.loss.writes.at_least:,} writes" in shown
    assert "STILL HALTED" in shown

    calls = [call for step in state.steps.values() for call in step.calls]
    reconciled = [call for call in calls if isinstance(call.end, r.Reconciled)]
    assert {call.intent.operation for call in reconciled} >= LOST
    assert {call.end.verdict for call in reconciled} == {"happened"}
    assert {call.end.by for call in reconciled} == {"aws"}
    for call in reconciled:  # what is new was really not to be seen for a minute
        assert call.end_at is not None
        if call.intent.operation.startswith(("Restore", "Create", "Start")):
            assert call.end_at - call.at >= timedelta(seconds=60), call.intent.operation
    sent = {f"{call.intent.service}:{call.intent.operation}" for call in calls}
    counts = place.mutations()
    for name in sent:
        assert counts[name] == sum(f"{call.intent.service}:{call.intent.operation}" == name for call in calls), name
