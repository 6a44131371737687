"""Branches that really run side by side: waits beside confirmations, one question at a time, each way to give up."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.errors import JournalError
from cockpit.engine.journal import Journal
from cockpit.model.effect import Outcome
from support.engine_rig import ended, kinds, lost, make_plan, records, rejected, until
from support.parallel import (
    asks,
    branch,
    graphs,
    look,
    say_yes,
    scale,
    service_rig,
    to_the_end,
    two_branches,
    wait_for,
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("cockpit.engine.pace.FLOOR", 0.005)


@pytest.fixture
def rig(tmp_path):
    made = service_rig(tmp_path / "runs")
    yield made
    made.port.held.clear()
    made.close()


def standing_in_both(rig, plan=None):
    """Return a run whose first branch waits for a service that does not start, while the second one asks."""
    rig.port.starting.add("database")
    run = rig.start(plan or two_branches())
    say_yes(run, "before")
    say_yes(run, "database")
    until(lambda: "ready" in run.state().steps and run.state().steps["ready"].observed)
    asks(run, "login")
    return run


def names(run, kind):
    return [record.step for record in records(run, kind) if record.step]


def test_one_branch_is_confirmed_while_another_waits_and_the_join_waits_for_both(rig):
    """An hour of waiting for a database would hold up everything that could be done meanwhile."""
    run = standing_in_both(rig)
    say_yes(run, "login")
    say_yes(run, "tried")
    until(lambda: run.state().steps["tried"].outcome)
    state = run.state()
    assert state.in_hand == ("ready",)
    assert "shop" not in state.steps, "it comes after the branch that still waits"
    assert "after" not in state.steps
    rig.port.starting.clear()
    state = to_the_end(run)
    assert state.ended == "finished"
    assert names(run, "step_ended")[-3:] == ["ready", "shop", "after"]


def test_questions_come_one_at_a_time_in_the_order_asked(rig):
    """Two questions would stand side by side, and an answer meant for one confirm the other."""
    run = rig.start(two_branches())
    say_yes(run, "before")
    asks(run, "database")
    until(lambda: run.state().steps["login"].queued)
    run.send(c.Confirm("login", 1))
    until(lambda: run.state().refused)
    assert rig.port.sent == [], "an answer to a question that is not open yet sends nothing"
    assert to_the_end(run).ended == "finished"
    open_ones = 0
    for kind in kinds(run):
        open_ones += (kind == "prompted") - (kind == "answered")
        assert open_ones in (0, 1)
    assert names(run, "queued")[0] == "login"


def test_two_calls_are_in_flight_only_after_both_were_confirmed(rig):
    """A call would be sent unasked, or the second confirmation wait for the answer to the first call."""
    rig.port.held |= {"database", "login"}
    run = rig.start(two_branches())
    say_yes(run, "before")
    say_yes(run, "database")
    asks(run, "login")
    assert names(run, "intent") == ["database"]
    say_yes(run, "login")
    until(lambda: len(records(run, "intent")) == 2)
    assert records(run, "acked") == []
    rig.port.held.clear()
    assert to_the_end(run).ended == "finished"


def test_failed_step_blocks_its_branch_only(rig):
    """Trouble in one branch would end what can be carried on in the others."""
    rig.port.changes["ecs:UpdateService"] = lambda params: rejected()({}) if params["service"] == "database" else {}
    run = rig.start(two_branches())
    say_yes(run, "before")
    say_yes(run, "database")
    say_yes(run, "login")
    until(lambda: isinstance(run.state().prompt, p.TroublePrompt))
    assert run.state().now_step == "database"
    until(lambda: run.state().steps["login"].outcome is Outcome.DONE)
    assert "ready" not in run.state().steps
    rig.port.changes.clear()
    run.send(c.SolveTrouble("database", 1, way="retry"))
    until(lambda: run.state().steps["database"].attempt == 2)
    assert to_the_end(run).ended == "finished"


def test_abort_chosen_at_trouble_gives_up_the_other_branches_too(rig):
    """The other branches would go on with a run that the operator has ended."""
    rig.port.changes["ecs:UpdateService"] = lambda params: lost()({}) if params["service"] == "database" else {}
    rig.port.reads["ecs:DescribeServices"] = lambda _: {"services": [{"desiredCount": 7 + len(rig.port.sent)}]}
    run = rig.start(two_branches())
    for step in ("before", "database", "login"):
        say_yes(run, step)
    until(lambda: isinstance(run.state().prompt, p.TroublePrompt))
    until(lambda: "tried" in run.state().steps and run.state().steps["tried"].queued)
    run.send(c.SolveTrouble("database", 1, way="abort", reason="enough"))
    state = ended(run)
    assert (state.ended, state.aborting) == ("aborted", "leave")
    assert [state.steps[name].outcome for name in ("database", "tried")] == [Outcome.UNKNOWN, Outcome.SKIPPED]
    assert names(run, "prompted").count("tried") == 0, "a question is not asked after the run was given up"


@pytest.mark.parametrize("choice", ["leave", "undo"])
def test_abort_gives_up_every_branch_once_its_call_has_ended(rig, choice):
    """A call would be left without its answer on disk, or a branch go on after the run was given up."""
    rig.port.held |= {"database", "login"}
    run = rig.start(two_branches())
    for step in ("before", "database", "login"):
        say_yes(run, step)
    until(lambda: len(records(run, "intent")) == 2)
    run.send(c.Abort(choice, "wrong plan"))
    until(lambda: run.state().aborting)
    rig.port.held.remove("login")
    until(lambda: run.state().steps["login"].outcome)
    assert not run.state().ended
    rig.port.held.clear()
    state = to_the_end(run)
    assert state.ended == "aborted"
    assert len(records(run, "acked")) == (4 if choice == "undo" else 2)
    if choice == "undo":
        undone = [record.step for record in records(run, "step_started") if record.undo]
        assert undone == ["database", "login"], "the one that ended last comes first"
        assert rig.port.desired == {"database": 0, "login": 0}


def test_abort_with_stop_lets_every_step_in_hand_end_and_begins_none(rig):
    """Stop would cut off the wait of another branch, or go on to the next step of one."""
    run = standing_in_both(rig)
    run.send(c.Abort("stop", "enough"))
    until(lambda: run.state().steps["login"].outcome is Outcome.SKIPPED)
    assert run.state().in_hand == ("ready",)
    rig.port.starting.clear()
    state = ended(run)
    assert state.ended == "aborted"
    assert state.steps["ready"].outcome is Outcome.DONE
    assert not {"shop", "tried", "after"} & set(state.steps)


def test_skip_is_for_the_step_it_names(rig):
    """Skipping the question in one branch would skip the wait of the other."""
    run = standing_in_both(rig, two_branches(skippable=True))
    run.send(c.Skip("ready", 1, reason="no"))
    until(lambda: "does not allow" in run.state().refused)
    run.send(c.Skip("login", 1, reason="it is there"))
    asks(run, "tried")
    state = run.state()
    assert (state.steps["login"].outcome, state.steps["ready"].outcome) == (Outcome.SKIPPED, None)
    rig.port.starting.clear()
    assert to_the_end(run).ended == "finished"


def test_pause_holds_every_branch_between_its_steps(rig):
    """A branch would begin its next step while the run is paused."""
    run = standing_in_both(rig)
    run.send(c.Pause())
    say_yes(run, "login")
    rig.port.starting.clear()
    until(lambda: not run.state().in_hand)
    state = run.state()
    assert state.paused
    assert not {"shop", "tried"} & set(state.steps)
    run.send(c.Resume())
    assert to_the_end(run).ended == "finished"


@pytest.mark.parametrize("leave", ["close", "hand over"])
def test_driver_that_goes_away_leaves_both_steps_in_hand(rig, leave):
    """A wait that only this program made would count as failed, or the run could not be taken up where it was."""
    run = standing_in_both(rig)
    if leave == "close":
        run.close()
    else:
        run.send(c.HandOver("grace"))
    assert run.wait(10)
    assert set(run.state().in_hand) == {"ready", "login"}
    again = rig.resume(rig.path())
    rig.port.starting.clear()
    state = to_the_end(again)
    assert state.ended == "finished"
    assert {step.attempt for step in state.steps.values()} == {1}
    assert sorted(rig.port.sent) == [("database", 1), ("login", 1), ("shop", 1)]


DECIDE = {
    "id": "way",
    "branch": "identity",
    "decide": {
        "question": "Go on?",
        "options": [
            {"value": "end", "label": "End", "consequence": "it is over", "stops": True},
            {"value": "on", "label": "On", "consequence": "on"},
        ],
    },
}


def deciding():
    return make_plan(
        scale("database", branch="data"),
        wait_for("ready", "database", branch="data"),
        look("seen", branch="data"),
        DECIDE,
        look("tried", branch="identity"),
        branches=[branch("data"), branch("identity")],
    )


def test_decision_in_a_branch_ends_the_run_after_the_steps_in_hand(rig):
    """The other branch would go on to its next step after the run was decided to end."""
    rig.port.starting.add("database")
    run = rig.start(deciding())
    say_yes(run, "database")
    until(lambda: "ready" in run.state().steps)
    say_yes(run, "way")
    until(lambda: run.state().steps["way"].outcome)
    assert not run.state().ended
    rig.port.starting.clear()
    state = ended(run)
    assert (state.ended, state.ended_reason) == ("stopped_by_decision", "End: it is over")
    assert state.steps["ready"].outcome is Outcome.DONE
    assert not {"seen", "tried"} & set(state.steps)


def test_question_that_waits_its_turn_is_not_asked_once_the_run_is_decided_to_end(rig):
    """A question would flash up and be gone, or take an answer that then counts as wrong."""
    plan = make_plan(
        DECIDE,
        look("seen", branch="data"),
        look("tried", branch="data"),
        branches=[branch("identity"), branch("data")],
    )
    run = rig.start(plan)
    asks(run, "way")
    until(lambda: run.state().steps["seen"].queued)
    say_yes(run, "way")
    state = ended(run)
    assert state.ended == "stopped_by_decision"
    assert names(run, "prompted") == ["way"]
    assert state.steps["seen"].reason == "The run was ended by a decision; the step changed nothing."


def test_decision_is_heeded_after_a_crash(rig):
    """A run that was decided to end would begin something new when it is taken up again."""
    rig.port.starting.add("database")
    run = rig.start(deciding())
    say_yes(run, "database")
    say_yes(run, "way")
    until(lambda: run.state().steps["way"].outcome)
    run.close()
    assert not run.state().ended
    again = rig.resume(rig.path())
    rig.port.starting.clear()
    state = ended(again)
    assert state.ended == "stopped_by_decision"
    assert not {"seen", "tried"} & set(state.steps)


def test_dry_run_shows_every_branch_in_the_order_of_the_plan(rig):
    """Two dry runs of the same plan would read differently, or one send something."""
    orders = []
    for _ in range(2):
        run = rig.start(two_branches(), mode="dry")
        assert to_the_end(run).ended == "finished"
        orders.append(names(run, "step_ended"))
        run.close()
    assert orders == [[step.id for step in two_branches().steps]] * 2
    assert rig.port.sent == []


@settings(max_examples=12)
@given(graphs())
def test_every_shape_of_branches_comes_to_its_join(plan):
    """Some shape would never go on, or the run end before its last branch."""
    with tempfile.TemporaryDirectory() as folder:
        rig = service_rig(Path(folder) / "runs")
        try:
            run = rig.start(plan)
            assert to_the_end(run).ended == "finished"
            over = names(run, "step_ended")
        finally:
            rig.close()
    assert sorted(over) == sorted(step.id for step in plan.steps)
    assert (over[0], over[-1]) == ("first", "join")
    own = {each.id: [over.index(step.id) for step in plan.steps if step.branch == each.id] for each in plan.branches}
    assert all(min(own[each.id]) > max(own[before]) for each in plan.branches for before in each.after)


def test_journal_that_cannot_be_written_stops_every_branch(rig, monkeypatch):
    """A branch would send a call of which nothing is on disk, because only the other one noticed."""
    rig.port.held |= {"database", "login"}
    run = rig.start(two_branches())
    for step in ("before", "database", "login"):
        say_yes(run, step)
    until(lambda: len(records(run, "intent")) == 2)

    def full(_journal, _entry):
        raise JournalError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "append", full)
        rig.port.held.clear()
        assert run.wait(10)
    assert "The disk is full." in run.stopped()
    again = rig.resume(rig.path())
    assert to_the_end(again).ended == "finished"
    assert [record.verdict for record in records(again, "reconciled")] == ["happened", "happened"]
    assert sorted(rig.port.sent) == [("database", 1), ("login", 1), ("shop", 1)]
