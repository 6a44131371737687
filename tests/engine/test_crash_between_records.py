"""A crash between two records that belong together: the second is made up for when the run is taken up again."""

import pytest

from cockpit.engine import commands as c
from cockpit.engine.journal_reading import JOURNAL
from support.engine_rig import (
    CONFIRM,
    HALTS,
    LOOK,
    SCALE,
    TROUBLE,
    UP,
    Rig,
    answer,
    ended,
    lost,
    make_plan,
    prompt_of,
    records,
    rejected,
    until,
)

STOP = {**SCALE, "halts": [{"name": "desired", "what": "desired count", "value": "`4`", "restored_by": "up"}]}


@pytest.fixture
def rig(tmp_path):
    made = Rig(tmp_path / "runs")
    made.port.changes["ecs:UpdateService"] = lambda _: {"service": {"desiredCount": 0}}
    made.port.reads["ecs:DescribeServices"] = lambda _: {"services": [{"desiredCount": 0}]}
    yield made
    made.close()


def cut_after(rig, kind, step=""):
    """Leave the journal as a process leaves it that dies with this record on disk."""
    journal = rig.path() / JOURNAL
    lines = journal.read_bytes().splitlines(keepends=True)
    names = [f'"kind":"{kind}"'.encode()] + ([f'"step":"{step}"'.encode()] if step else [])
    last = max(number for number, line in enumerate(lines) if all(name in line for name in names))
    assert last < len(lines) - 1, "nothing came after it: the cut changes nothing"
    journal.write_bytes(b"".join(lines[: last + 1]))


@pytest.mark.parametrize(("mark", "kind"), [("stops_writes", "writes_halted"), ("reopens_writes", "writes_reopened")])
def test_what_a_call_did_to_writes_is_known_after_a_lost_answer(rig, mark, kind):
    """The data-loss window would end where somebody looked, or the second one would never open."""
    rig.port.changes["ecs:UpdateService"] = lost("the line broke")
    run = rig.start(make_plan({**SCALE, mark: True}))
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    ended(run)
    (record,) = records(run, kind)
    (call,) = run.state().steps["scale"].calls
    assert record.at == (call.end_at if kind == "writes_halted" else call.at)


@pytest.mark.parametrize(("mark", "kind"), [("stops_writes", "writes_halted"), ("reopens_writes", "writes_reopened")])
def test_what_a_call_did_to_writes_is_known_after_a_crash(rig, mark, kind):
    """A crash right after the acknowledgement would leave the data-loss window open, without a word."""
    first = rig.start(make_plan({**SCALE, mark: True}))
    prompt_of(first, CONFIRM)
    answer(first, c.Confirm)
    ended(first)
    cut_after(rig, "acked", "scale")
    run = rig.resume(rig.path())
    state = ended(run)
    assert len(rig.port.mutations) == 1
    (record,) = records(run, kind)
    (call,) = state.steps["scale"].calls
    assert record.at == (call.end_at if kind == "writes_halted" else call.at)


def test_a_halt_put_back_just_before_a_crash_counts_as_put_back(rig):
    """What is back in order would stand on the list of what nobody has put back, for ever."""
    first = rig.start(make_plan(STOP, UP))
    for step in ("scale", "up"):
        until(lambda wanted=step: first.state().now_step == wanted and first.state().prompt is not None)
        answer(first, c.Confirm)
    ended(first)
    cut_after(rig, "step_ended", "up")
    run = rig.resume(rig.path())
    state = ended(run)
    assert [record.name for record in records(run, "halt_restored")] == ["desired"]
    assert not state.still_halted
    assert len(rig.port.mutations) == 2


def refused_once_and_cut_short(rig, run):
    """Confirm the way back, be refused, choose to try again, and die before the second attempt begins."""
    prompt_of(run, CONFIRM)
    accepted = rig.port.changes["ecs:UpdateService"]
    rig.port.changes["ecs:UpdateService"] = rejected()
    answer(run, c.Confirm)
    prompt_of(run, TROUBLE)
    rig.port.changes["ecs:UpdateService"] = accepted
    answer(run, c.SolveTrouble, way="retry")
    prompt_of(run, CONFIRM)
    run.close()
    cut_after(rig, "step_ended", "scale")


def test_an_undo_that_was_to_be_tried_again_is_tried_again(rig):
    """Whoever dies after "try again" would find the step passed over: left halted, in a run that says it is undone."""
    first = rig.start(make_plan(HALTS, LOOK))
    prompt_of(first, CONFIRM)
    answer(first, c.Confirm)
    until(lambda: first.state().now_step == "look" and first.state().prompt is not None)
    first.send(c.Abort("undo", "wrong plan"))
    refused_once_and_cut_short(rig, first)
    run = rig.resume(rig.path())
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    assert ended(run).still_halted == ()
    assert len(rig.port.mutations) == 3


def test_what_was_to_be_put_back_at_another_try_is_put_back(rig):
    """The same for `runs restore-halted`: it would end well with the thing still halted."""
    first = rig.start(make_plan(HALTS))
    prompt_of(first, CONFIRM)
    answer(first, c.Confirm)
    ended(first)
    refused_once_and_cut_short(rig, rig.restore_halted(rig.path()))
    run = rig.resume(rig.path())
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    assert ended(run).still_halted == ()


def test_a_question_that_an_abort_ended_has_changed_nothing_after_a_crash_too(rig):
    """The step would be said to have failed, and the abort to have come in the middle of a change."""
    first = rig.start(make_plan(LOOK))
    until(lambda: first.state().now_step == "look" and first.state().prompt is not None)
    first.send(c.Abort("leave", "wrong plan"))
    whole = ended(first).steps["look"]
    cut_after(rig, "abort_chosen")
    again = ended(rig.resume(rig.path())).steps["look"]
    assert (again.outcome, again.reason) == (whole.outcome, whole.reason) == ("skipped", whole.reason)
