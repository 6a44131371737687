"""Quitting, crashing, resuming, aborting and undoing, over a scripted AWS."""

import asyncio
import threading
from dataclasses import replace

import pytest

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.errors import JournalError, JournalLocked, StartRefused
from cockpit.engine.journal import Journal
from cockpit.engine.journal_reading import JOURNAL, read_journal
from cockpit.engine.observer import follow_run
from cockpit.engine.run_list import find_run, held_locks, runs_in
from cockpit.model.effect import Outcome
from cockpit.plans.catalogue import plan_digest
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
    make_plan,
    prompt_of,
    records,
    until,
)

WAIT = {
    "id": "hold",
    "wait": {
        "read": "ecs:DescribeServices",
        "params": {"cluster": "shop"},
        "until": "answer.never",
        "timeout": "PT1000H",
    },
}


@pytest.fixture
def rig(tmp_path):
    made = Rig(tmp_path / "runs")
    made.desired = 4

    def scale(params):
        made.desired = params["desiredCount"]
        return {"service": {"desiredCount": made.desired}}

    made.port.changes["ecs:UpdateService"] = scale
    made.port.reads["ecs:DescribeServices"] = lambda _: {"services": [{"desiredCount": made.desired}]}
    yield made
    made.close()


def cut(path, kind, where="after"):
    """Cut a journal as a crash would: right after (or before) the first record of that kind."""
    lines = path.read_bytes().splitlines(keepends=True)
    entries = read_journal(path).entries
    place = next(n for n, entry in enumerate(entries) if entry.record.kind == kind)
    path.write_bytes(b"".join(lines[: place + (where == "after")]))


def confirmed(rig, plan):
    run = rig.start(plan)
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    return run


def test_closed_run_is_resumed_at_its_prompt(rig):
    """Quitting would abort, or the question be lost."""
    run = rig.start(make_plan(SCALE))
    prompt_of(run, CONFIRM)
    run.close()
    assert "resumed" in run.stopped()
    assert find_run(rig.path()).can_resume
    again = rig.resume(rig.path())
    prompt_of(again, CONFIRM)
    answer(again, c.Confirm)
    assert ended(again).ended == "finished"
    assert len(rig.port.mutations) == 1
    assert [record.why for record in records(again, "driver_took_over")] == ["started", "resumed"]


def test_a_plan_edited_meanwhile_changes_nothing_and_is_told(rig):
    """A run would go on by other steps than those it began with, or whoever takes it up would believe that it does."""
    plan = make_plan(SCALE)
    run = rig.start(plan)
    prompt_of(run, CONFIRM)
    run.close()
    run.stopped()
    edited = plan_digest(make_plan({**SCALE, "title": "Scale it further"}))
    again = rig.resume(rig.path(), plan_now=edited)
    prompt_of(again, CONFIRM)
    assert "the plan's file has changed since the run began" in records(again, "driver_took_over")[-1].why
    assert again.state().plan == plan
    again.close()
    again.stopped()
    unchanged = rig.resume(rig.path(), plan_now=plan_digest(plan))
    assert records(unchanged, "driver_took_over")[-1].why == "resumed"


def test_crash_between_intent_and_answer_is_looked_up_not_repeated(rig):
    """A call that had arrived would be sent a second time after a crash."""
    run = confirmed(rig, make_plan(SCALE))
    ended(run)
    cut(rig.path() / JOURNAL, "intent")
    again = rig.resume(rig.path())
    state = ended(again)
    assert len(rig.port.mutations) == 1
    assert records(again, "reconciled")[0].verdict == "happened"
    assert state.steps["scale"].captured == {"desired": 0}
    assert state.steps["scale"].attempt == 1


def test_crash_after_the_answer_does_not_ask_or_send_again(rig):
    """An acknowledged call would be confirmed and sent again."""
    run = confirmed(rig, make_plan(SCALE))
    ended(run)
    cut(rig.path() / JOURNAL, "acked")
    again = rig.resume(rig.path())
    state = ended(again)
    assert len(rig.port.mutations) == 1
    assert state.steps["scale"].captured == {"desired": 0}
    assert len(records(again, "prompted")) == 1


def test_crash_before_the_intent_asks_again(rig):
    """A confirmation from before a crash would send a call that nobody looks at any more."""
    run = confirmed(rig, make_plan(SCALE))
    ended(run)
    cut(rig.path() / JOURNAL, "intent", "before")
    again = rig.resume(rig.path())
    prompt_of(again, CONFIRM)
    assert len(rig.port.mutations) == 1
    answer(again, c.Confirm)
    assert ended(again).ended == "finished"
    assert len(rig.port.mutations) == 2


def test_resuming_needs_arming_and_the_same_account(rig):
    """A resumed run would act without the environment's name being typed, or on another account."""
    run = rig.start(make_plan(SCALE))
    prompt_of(run, CONFIRM)
    run.close()
    with pytest.raises(StartRefused, match="Not armed"):
        rig.resume(rig.path(), typed="")
    rig.port.account = "999999999999"
    with pytest.raises(StartRefused, match="999999999999"):
        rig.resume(rig.path())
    rig.port.account = "123456789012"
    assert prompt_of(rig.resume(rig.path()), CONFIRM)


def test_driven_run_cannot_be_driven_twice_but_watched(rig):
    """Two drivers would send the same call, or an observer see another run than the driver."""
    run = rig.start(make_plan(SCALE))
    prompt_of(run, CONFIRM)
    with pytest.raises(JournalLocked):
        rig.resume(rig.path())
    seen = follow_run(rig.path())
    seen.send(c.Abort("leave", "not mine"))
    answer(run, c.Confirm)
    ended(run)
    until(lambda: seen.state().ended)
    assert seen.entries() == run.entries()
    seen.close()


def test_ended_run_is_not_resumed(rig):
    """A finished run would be run again."""
    ended(confirmed(rig, make_plan(SCALE)))
    with pytest.raises(StartRefused, match="has ended"):
        rig.resume(rig.path())


def test_abort_while_waiting_leaves_everything_and_lists_what_is_halted(rig):
    """An abort would hang on a wait, undo unasked, or hide what is still halted."""
    run = confirmed(rig, make_plan(HALTS, WAIT))
    until(lambda: run.state().now_step == "hold")
    run.send(c.Abort("leave", "enough"))
    state = ended(run)
    assert state.ended == "aborted"
    assert records(run, "run_ended")[0].left_halted == ("desired count",)
    assert len(rig.port.mutations) == 1


def test_abort_with_undo_takes_back_in_reverse_each_confirmed(rig):
    """Undo would run in the wrong order, without confirmation, or forget the halted value."""
    run = confirmed(rig, make_plan(HALTS, LOOK))
    prompt_of(run, p.ChecklistPrompt)
    run.send(c.Abort("undo", "wrong plan"))
    prompt = prompt_of(run, CONFIRM)
    assert prompt.calls[0].params["desiredCount"] == 4
    assert rig.desired == 0
    answer(run, c.Confirm)
    state = ended(run)
    assert (state.ended, rig.desired) == ("aborted", 4)
    assert state.steps["scale"].undone is Outcome.DONE
    assert state.still_halted == ()


def test_undo_cut_short_by_a_crash_is_taken_up(rig):
    """A crash while undoing would leave the rest undone, or undo twice."""
    run = confirmed(rig, make_plan(HALTS, LOOK))
    prompt_of(run, p.ChecklistPrompt)
    run.send(c.Abort("undo", "wrong plan"))
    prompt_of(run, CONFIRM)
    run.close()
    again = rig.resume(rig.path())
    prompt_of(again, CONFIRM)
    answer(again, c.Confirm)
    assert ended(again).steps["scale"].undone is Outcome.DONE
    assert len(rig.port.mutations) == 2


def test_abort_waits_for_the_call_in_flight(rig):
    """An abort would drop the answer of a call that is under way, and make it unknown."""
    arrived, go = threading.Event(), threading.Event()

    def slow(params):
        arrived.set()
        return {"service": {"desiredCount": 0}}

    async def mutate(permit, params, _send=rig.port.mutate):
        answer_ = await _send(permit, params)
        await asyncio.to_thread(go.wait, 10)
        return answer_

    rig.port.changes["ecs:UpdateService"] = slow
    rig.port.mutate = mutate
    run = confirmed(rig, make_plan(SCALE, UP))
    assert arrived.wait(5)
    run.send(c.Abort("leave", "stop"))
    until(lambda: run.state().aborting)
    assert not run.state().ended
    go.set()
    state = ended(run)
    assert records(run, "acked")
    assert (state.ended, state.steps["scale"].outcome) == ("aborted", Outcome.DONE)
    assert len(rig.port.mutations) == 1


def test_stop_lets_the_step_in_hand_end(rig):
    """Stop would cut a step in two, or let the next one begin."""
    rig.port.reads["ecs:DescribeServices"] = lambda _: {"never": rig.desired == 1}
    run = rig.start(make_plan(WAIT, SCALE))
    until(lambda: run.state().now_step == "hold")
    run.send(c.Abort("stop", "later"))
    until(lambda: run.state().aborting == "stop")
    assert not run.state().ended
    rig.desired = 1
    state = ended(run)
    assert state.steps["hold"].outcome is Outcome.DONE
    assert "scale" not in state.steps


def test_skip_needs_the_plans_leave_and_a_reason(rig):
    """A step that the plan needs would be skipped."""
    run = rig.start(make_plan({**WAIT, "skippable": True}, LOOK))
    until(lambda: run.state().now_step == "hold")
    run.send(c.Skip("hold", 1))
    run.send(c.Skip("hold", 1, reason="seen by hand"))
    prompt_of(run, p.ChecklistPrompt)
    run.send(c.Skip("look", 1, reason="no time"))
    until(lambda: len(records(run, "refused")) == 2)
    assert run.state().steps["hold"].outcome is Outcome.SKIPPED
    assert run.state().steps["hold"].reason == "seen by hand"


def test_paused_run_takes_no_further_step(rig):
    """A paused run would go on, or never go on again."""
    run = rig.start(make_plan(LOOK, SCALE))
    prompt_of(run, p.ChecklistPrompt)
    run.send(c.Pause())
    answer(run, c.TickOff, items={"seen": True})
    until(lambda: run.state().steps["look"].outcome)
    run.send(c.Note("having a look"))
    until(lambda: records(run, "note"))
    assert "scale" not in run.state().steps
    run.send(c.Resume())
    assert prompt_of(run, CONFIRM)


def test_blocking_preflight_stops_before_anything_changes(rig):
    """A run would begin although its own check says no."""
    check = {
        "id": "backups",
        "title": "Backups exist",
        "read": "dynamodb:DescribeContinuousBackups",
        "params": {"TableName": "{{ inputs.table }}"},
        "expect": "answer.on",
        "otherwise": "turn on point-in-time recovery",
        "capture": {"since": "answer.since"},
    }
    rig.port.reads["dynamodb:DescribeContinuousBackups"] = lambda _: {"on": False}
    run = rig.start(make_plan(SCALE, preflight=[check]))
    trouble = prompt_of(run, TROUBLE)
    assert any("turn on" in line for line in trouble.evidence)
    rig.port.reads["dynamodb:DescribeContinuousBackups"] = lambda _: {"on": True, "since": "2026"}
    answer(run, c.SolveTrouble, way="retry")
    prompt_of(run, CONFIRM)
    assert run.state().preflight["backups"] == {"since": "2026"}
    assert run.state().preflight_problems == ()


def test_refused_preflight_ends_the_run(rig):
    """A run that must not start could not be ended."""
    check = {
        "id": "no",
        "title": "Never",
        "read": "ecs:DescribeServices",
        "expect": "answer.never",
        "otherwise": "it is so",
    }
    run = rig.start(make_plan(SCALE, preflight=[check]))
    prompt_of(run, TROUBLE)
    answer(run, c.SolveTrouble, way="abort")
    assert ended(run).ended == "refused"


def test_locks_of_live_runs_are_held_until_they_end(rig):
    """Two runs would work on the same table at once."""
    plan = make_plan(SCALE, locks=["table:{{ inputs.table }}"])
    run = rig.start(plan)
    prompt_of(run, CONFIRM)
    scope = run.state().scope
    assert list(held_locks(rig.folder, scope)) == ["table:Orders"]
    assert not held_locks(rig.folder, replace(scope, region="eu-west-1")), "a table of that name elsewhere is another"
    assert not held_locks(rig.folder, replace(scope, account="999999999999"))
    other = rig.start(plan)
    assert any("table:Orders" in line for line in prompt_of(other, TROUBLE).evidence)
    other.close()
    run.send(c.Abort("leave", "done"))
    ended(run)
    assert len(runs_in(rig.folder)) == 2


def test_run_cut_off_before_its_inputs_holds_nothing(rig):
    """A run that can neither be resumed nor aborted would keep its table locked against every other run for ever."""
    run = rig.start(make_plan(LOOK, locks=["table:Orders"]))
    prompt_of(run, p.ChecklistPrompt)
    run.close()
    scope, journal = run.state().scope, rig.path() / JOURNAL
    assert list(held_locks(rig.folder, scope)) == ["table:Orders"]
    lines = journal.read_bytes().splitlines(keepends=True)
    before = next(number for number, line in enumerate(lines) if b'"kind":"input_set"' in line)
    journal.write_bytes(b"".join(lines[:before]))
    found = find_run(rig.path())
    assert (found.problems, found.can_resume) == ((), False)
    assert not held_locks(rig.folder, scope)
    with pytest.raises(StartRefused, match="Start it anew"):
        rig.resume(rig.path())


def test_missing_input_refuses_to_start(rig):
    """An empty name would go into a call."""
    with pytest.raises(StartRefused, match="must be set"):
        rig.start(make_plan(SCALE), table=" ")
    with pytest.raises(StartRefused, match="no input tabel"):
        rig.start(make_plan(SCALE), tabel="Orders")


def test_start_that_cannot_be_journaled_gives_up_its_lock(rig, monkeypatch):
    """A full disk at the start would leave a run that is locked, or be driven on without its inputs."""

    def full(_journal, entry):
        if entry.record.kind == "armed":
            raise JournalError("The disk is full.")
        real(_journal, entry)

    real = Journal.append
    monkeypatch.setattr(Journal, "append", full)
    with pytest.raises(JournalError, match="disk is full"):
        rig.start(make_plan(SCALE))
    monkeypatch.undo()
    found = runs_in(rig.folder)
    assert [run.driven for run in found] == [False]
    assert rig.port.closed
    with pytest.raises(StartRefused, match="Start it anew"):
        rig.resume(found[0].path)
