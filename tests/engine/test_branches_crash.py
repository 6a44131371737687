"""A crash between any two records of a small plan with branches: the run is taken up, and nothing is done twice."""

import json

import pytest

from cockpit.engine import commands as c
from cockpit.engine.journal_reading import JOURNAL, read_journal
from support.engine_rig import make_plan, records, until
from support.parallel import asks, branch, look, say_yes, scale, service_rig, to_the_end, wait_for


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("cockpit.engine.pace.FLOOR", 0.002)


def plan():
    return make_plan(
        scale("database", branch="data"),
        wait_for("ready", "database", branch="data"),
        scale("login", branch="identity"),
        scale("shop", branch="front"),
        look("after"),
        branches=[branch("data"), branch("identity"), branch("front", "data")],
    )


def whole_run(folder, drive):
    """Return the lines of a run's journal, and the world as it was when each was written."""
    rig = service_rig(folder)
    run = rig.start(plan())
    worlds = {}
    leave = run.subscribe(lambda entry, _state: worlds.setdefault(entry.seq, dict(rig.port.desired)))
    drive(rig, run)
    leave()
    rig.close()
    lines = (rig.path() / JOURNAL).read_bytes().splitlines(keepends=True)
    return rig.path(), lines, worlds


def side_by_side(_rig, run):
    """Let both branches stand with a call in flight at the same time, as far as it goes."""
    asks(run, "database")
    until(lambda: run.state().steps["login"].queued)
    to_the_end(run)


def undone(rig, run):
    """Give the run up with one branch in a wait and another done, and take both back."""
    rig.port.starting.add("database")
    say_yes(run, "database")
    say_yes(run, "login")
    until(lambda: run.state().steps["login"].outcome and "ready" in run.state().steps)
    run.send(c.Abort("undo", "wrong plan"))
    to_the_end(run)


def resumed(folder, path, lines, count, world):
    """Cut the journal after so many records, put the world back to then, and let the run be carried to its end."""
    rig = service_rig(folder)
    rig.port.desired.update(world)
    (path / JOURNAL).write_bytes(b"".join(lines[:count]))
    run = rig.resume(path)
    state = to_the_end(run)
    rig.close()
    assert read_journal(path / JOURNAL).is_whole
    return rig, run, state


def begun(path, lines):
    """Return the number of records after which there is something to take up."""
    entries = read_journal(path / JOURNAL).entries
    return max(entry.seq for entry in entries[: len(lines)] if entry.record.kind == "input_set") + 1


def test_run_goes_on_after_a_crash_between_any_two_records(tmp_path):
    """A second open attempt would be forgotten, begun twice, or its call sent again."""
    folder = tmp_path / "runs"
    path, lines, worlds = whole_run(folder, side_by_side)
    open_at_once = set()
    for count in range(begun(path, lines), len(lines)):
        world = worlds.get(count - 1, {})
        rig, run, state = resumed(folder, path, lines, count, world)
        assert state.ended == "finished", count
        assert rig.port.desired == {"database": 1, "login": 1, "shop": 1}, count
        assert len(rig.port.sent) == 3 - len(world), f"a call was repeated or left out after record {count - 1}"
        lost = {record.step for record in records(run, "reconciled") if record.verdict == "not_happened"}
        assert {key for key, step in state.steps.items() if key and step.attempt > 1} == lost, count
        open_at_once.add(len(read_cut(lines, count)))
    assert max(open_at_once) == 2, "never were two steps in hand: the test shows nothing"


def read_cut(lines, count):
    """Return the steps that were in hand after so many records."""
    in_hand = set()
    for line in lines[:count]:
        record = json.loads(line)["record"]
        if record["kind"] == "step_started":
            in_hand.add(record["step"])
        elif record["kind"] == "step_ended":
            in_hand.discard(record["step"])
    return in_hand


def test_call_that_was_sent_before_its_answer_was_on_disk_is_not_sent_again(tmp_path):
    """Two calls in flight at a crash: one would be looked up, the other repeated."""
    rig = service_rig(tmp_path / "runs")
    rig.port.held |= {"database", "login"}
    run = rig.start(plan())
    say_yes(run, "database")
    say_yes(run, "login")
    until(lambda: len(records(run, "intent")) == 2)
    count = len(run.entries())
    rig.port.held.clear()
    to_the_end(run)
    rig.close()
    lines = (rig.path() / JOURNAL).read_bytes().splitlines(keepends=True)
    after, again, state = resumed(tmp_path / "runs", rig.path(), lines, count, {"database": 1, "login": 0})
    assert state.ended == "finished"
    assert sorted(record.verdict for record in records(again, "reconciled")) == ["happened", "not_happened"]
    assert sorted(after.port.sent) == [("login", 1), ("shop", 1)]


def test_undoing_goes_on_after_a_crash_between_any_two_records(tmp_path):
    """A branch would be left as it is, taken back twice, or before what was built on it."""
    folder = tmp_path / "runs"
    path, lines, worlds = whole_run(folder, undone)
    chosen = next(n for n, line in enumerate(lines) if b'"kind":"abort_chosen"' in line)
    for count in range(chosen + 1, len(lines)):
        rig, run, state = resumed(folder, path, lines, count, worlds[count - 1])
        assert state.ended == "aborted", count
        assert not any(rig.port.desired.values()), count
        assert {key for key, step in state.steps.items() if step.undone} == {"database", "login"}
        starts = [record.step for record in records(run, "step_started") if record.undo]
        assert list(dict.fromkeys(starts)) == ["login", "database"], count
