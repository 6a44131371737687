"""Several people at one run: watching it live, its driver dying, handing it over, putting back what it left halted."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.errors import JournalLocked, StartRefused
from cockpit.engine.journal_reading import JOURNAL, read_journal
from cockpit.engine.observer import follow_run
from cockpit.engine.run_list import held_locks
from cockpit.sim.process import start_simulator
from support.engine_rig import CONFIRM as CONFIRM_PROMPT
from support.engine_rig import HALTS, LOOK, SCALE, Rig, answer, ended, lost, make_plan, prompt_of, records, until
from support.halting_plan import Workers, halting_plan
from support.line_operator import LineOperator
from support.place import Place

pytestmark = pytest.mark.simulator

SCENARIO = "syncwell-bad-release"
CONFIRM = r"\? Type yes to send it"


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


@pytest.fixture(scope="module")
def simulator():
    with start_simulator(SCENARIO, 240) as running:
        yield running


@pytest.fixture
def place(simulator, tmp_path):
    Workers(simulator).put_back()
    return Place(tmp_path, simulator, SCENARIO)


class Watcher:
    """`cockpit runs follow` in a process of its own."""

    def __init__(self, place, run_id):
        self.lines = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cockpit", "runs", "follow", run_id],
            env={**os.environ, **place.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait(self, words, seconds=15.0):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if any(words in line for line in list(self.lines)):
                return
            time.sleep(0.05)
        raise AssertionError(f"{words!r} was not shown:\n" + "\n".join(self.lines))


def start(place, *rules):
    words = ["run", str(halting_plan(place.folder)), "--env", "rehearsal"]
    return LineOperator(words, place.environ, place.folder, rules)


def newest(place):
    return max(place.state_folder.rglob(JOURNAL), key=lambda path: path.parent.name)


def test_watching_shows_every_record_the_drivers_death_and_the_end(place):
    """An observer would miss records, or believe that a run whose driver died goes on."""
    watchers = []

    def watch_then_confirm(_recent):
        if not watchers:
            watchers.append(Watcher(place, newest(place).parent.name))
            watchers[0].wait("step suspend waits for a person")
            watchers[0].wait("Watching only")
        return "yes"

    def die(_recent):
        watchers[0].wait("step look waits for a person")
        run.process.send_signal(signal.SIGKILL)
        return ""

    run = start(place, (CONFIRM, watch_then_confirm), (r"\? y if so", die))
    run.run(60)
    (watcher,) = watchers
    watcher.wait("Nobody drives this run now")
    again = LineOperator(["runs", "resume", newest(place).parent.name], place.environ, place.folder)
    assert again.run(60) == 0, again.tail()
    assert watcher.process.wait(15) == 0
    watcher.wait("run ended: finished")
    entries = read_journal(newest(place)).entries
    numbers = [int(line.split()[0]) for line in watcher.lines if line.split()[0].isdigit()]
    assert numbers == [entry.seq for entry in entries]


def test_run_is_handed_over_by_name_and_recorded(place):
    """Two people would drive one run, none would, or nobody know later who drove it."""
    first = start(place, (r"\? y if so", ":handover Bo"))
    second, looked = [], []

    def take_over():
        end = time.monotonic() + 60
        while time.monotonic() < end and "From here it is only watched" not in "\n".join(first.transcript):
            time.sleep(0.05)
        for words in (["runs", "list"], ["runs", "show", newest(place).parent.name]):
            looked.append(LineOperator(words, place.environ, place.folder))
            looked[-1].run(30)
        words = ["runs", "resume", newest(place).parent.name, "--as", "Bo"]
        second.append(LineOperator(words, place.environ, place.folder))
        second.append(second[0].run(60))

    other = threading.Thread(target=take_over)
    other.start()
    assert first.run(90) == 0, first.tail()
    other.join(60)
    assert second[1] == 0, second[0].tail()
    assert "handed over to Bo, can be resumed" in looked[0].tail()
    assert "handed over to Bo, not taken up yet" in looked[1].tail()
    told = "\n".join(first.transcript)
    assert "Bo takes the run up with: cockpit runs resume" in told
    assert "run ended: finished" in told, "the first operator did not see the end"
    entries = read_journal(newest(place)).entries
    handed = next(n for n, entry in enumerate(entries) if entry.record.kind == "handed_over")
    taken = entries[handed + 1].record
    assert (taken.kind, taken.operator) == ("driver_took_over", "Bo")
    assert taken.why == f"handed over by {entries[handed].record.by} to Bo"
    assert [entry.record.operator for entry in entries if entry.record.kind == "driver_took_over"][-1] == "Bo"


def test_what_was_left_halted_is_put_back_later_from_the_run(place):
    """What a run left halted would have to be put back by hand, from memory."""
    run = start(place)
    assert run.run(60) == 0, run.tail()
    name = newest(place).parent.name
    one_left = LineOperator(
        ["runs", "restore-halted", name],
        place.environ,
        place.folder,
        [(CONFIRM, lambda recent: ":skip not yet" if "== Taking back: Take the minimum" in recent else "yes")],
    )
    assert one_left.run(60) == 1, one_left.tail()
    assert "still halted: the workers are scaled to 0 (was 4)" in "\n".join(one_left.transcript)
    assert Workers(place.simulator).now() == (4, 0)
    rest = LineOperator(["runs", "restore-halted", name], place.environ, place.folder)
    assert rest.run(60) == 0, rest.tail()
    assert "scaled to 0" not in "\n".join(rest.transcript)
    assert Workers(place.simulator).now() == (4, 4)
    nothing = LineOperator(["runs", "restore-halted", name], place.environ, place.folder)
    assert nothing.run(60) == 2
    assert "Nothing is halted any more" in nothing.tail()
    found = read_journal(newest(place))
    assert found.is_whole
    assert (found.state.ended, found.state.still_halted) == ("finished", ())


def test_crash_while_putting_back_is_resumed_like_any_run(rig):
    """A crash would leave the run half put back, not to be resumed, or send an undo twice."""
    run = rig.start(make_plan(HALTS, locks=["fleet"]))
    prompt_of(run, CONFIRM_PROMPT)
    answer(run, c.Confirm)
    assert [halt.name for halt in ended(run).still_halted] == ["desired"]
    assert not held_locks(rig.folder, run.state().scope)
    again = rig.restore_halted(rig.path())
    prompt_of(again, CONFIRM_PROMPT)
    assert list(held_locks(rig.folder, again.state().scope)) == ["fleet"]
    with pytest.raises(JournalLocked):
        rig.restore_halted(rig.path())
    again.close()
    with pytest.raises(StartRefused, match="has not ended"):
        rig.restore_halted(rig.path())
    third = rig.resume(rig.path())
    prompt_of(third, CONFIRM_PROMPT)
    answer(third, c.Confirm)
    state = ended(third)
    assert (state.ended, state.still_halted, rig.desired) == ("finished", (), 4)
    assert len(rig.port.mutations) == 2
    with pytest.raises(StartRefused, match="Nothing is halted"):
        rig.restore_halted(rig.path())


def test_nothing_is_put_back_under_another_run(rig):
    """What one run has just halted would be put back by an older one behind its back."""
    run = rig.start(make_plan(HALTS, locks=["fleet"]))
    prompt_of(run, CONFIRM_PROMPT)
    answer(run, c.Confirm)
    ended(run)
    first = rig.path()
    other = rig.start(make_plan(HALTS, LOOK, locks=["fleet"]))
    prompt_of(other, CONFIRM_PROMPT)
    with pytest.raises(StartRefused, match="works on fleet"):
        rig.restore_halted(first)
    other.send(c.Abort("leave", "no need"))
    ended(other)
    assert prompt_of(rig.restore_halted(first), CONFIRM_PROMPT)


def test_putting_back_can_be_given_up(rig):
    """An operator who changes their mind would have to put everything back."""
    run = rig.start(make_plan(HALTS))
    prompt_of(run, CONFIRM_PROMPT)
    answer(run, c.Confirm)
    ended(run)
    again = rig.restore_halted(rig.path())
    prompt_of(again, CONFIRM_PROMPT)
    again.send(c.Abort("leave", "not now"))
    state = ended(again)
    assert (state.ended, [halt.name for halt in state.still_halted]) == ("finished", ["desired"])
    assert len(rig.port.mutations) == 1
    assert prompt_of(rig.restore_halted(rig.path()), CONFIRM_PROMPT)


def test_handing_over_waits_for_the_call_in_flight_and_lets_go(rig):
    """The answer of a call under way would be lost in the change of drivers, or the old driver send another."""
    arrived, go = threading.Event(), threading.Event()
    real = rig.port.changes["ecs:UpdateService"]

    def slow(params):
        arrived.set()
        assert go.wait(10)
        return real(params)

    rig.port.changes["ecs:UpdateService"] = slow
    run = rig.start(make_plan(SCALE, LOOK))
    prompt_of(run, CONFIRM_PROMPT)
    answer(run, c.Confirm)
    assert arrived.wait(10)
    run.send(c.HandOver(""))
    run.send(c.HandOver("Bo"))
    go.set()
    assert run.wait(10)
    assert records(run, "acked")
    assert "Handed over to Bo" in run.stopped()
    assert "to whom" in records(run, "refused")[0].why
    seen = follow_run(rig.path())
    assert "handed over to Bo, who has not taken it up yet" in seen.stopped()
    seen.close()
    again = rig.resume(rig.path())
    prompt_of(again, p.ChecklistPrompt)
    assert records(again, "driver_took_over")[-1].why == "handed over by ada to Bo; ada took it up"
    assert not again.state().handed_to
    assert len(rig.port.mutations) == 1


def test_values_of_a_lost_answer_are_read_or_asked_for(rig):
    """After the operator said that a call took effect, a later step would fail over a value nobody was asked for."""
    begin = {
        "id": "begin",
        "effect": "mutate",
        "aws": {
            "call": "codedeploy:CreateDeployment",
            "params": {"applicationName": "shop"},
            "capture": {"deployment": "answer.deploymentId", "size": "answer.size", "gone": "answer.gone"},
        },
    }
    rig.port.changes["codedeploy:CreateDeployment"] = lost()
    run = rig.start(make_plan(begin))
    prompt_of(run, CONFIRM_PROMPT)
    answer(run, c.Confirm)
    prompt_of(run, p.TroublePrompt)
    answer(run, c.SolveTrouble, way="happened", reason="seen in the console")
    for name, typed in (("deployment", "d-ABC123"), ("size", "7"), ("gone", "-")):
        until(lambda name=name: isinstance(run.state().prompt, p.TextPrompt) and name in run.state().prompt.question)
        answer(run, c.Answer, value=typed)
    state = ended(run)
    assert state.steps["begin"].captured == {"deployment": "d-ABC123", "size": 7, "gone": None}
    assert len(rig.port.mutations) == 1
