"""A journal that something happened to: what is believed, what is refused, and what `cockpit runs verify` says."""

import json
import shutil
from datetime import timedelta

import pytest
from click.testing import CliRunner

from cockpit.cli.main import main
from cockpit.config.paths import state_folder
from cockpit.engine import commands as c
from cockpit.engine.canonical import canonical, digest
from cockpit.engine.errors import EngineError, JournalError, JournalLocked, StartRefused
from cockpit.engine.journal_reading import JOURNAL, read_journal
from cockpit.engine.observer import EVERY, follow_run
from cockpit.model.scope import EnvironmentKind
from support.engine_rig import CONFIRM, LOOK, SCALE, Rig, answer, ended, make_plan, prompt_of, records, until


@pytest.fixture
def rig(tmp_path, monkeypatch):
    """Return a run that was left at its first question, with nobody driving it."""
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "state"))
    made = Rig(state_folder(EnvironmentKind.DRILL) / "runs")
    made.port.changes["ecs:UpdateService"] = lambda _: {"service": {"desiredCount": 0}}
    made.port.reads["ecs:DescribeServices"] = lambda _: {"services": [{"desiredCount": 4}]}
    prompt_of(made.start(make_plan(SCALE, LOOK)), CONFIRM)
    made.close()
    yield made
    made.close()


def cockpit(*words):
    done = CliRunner().invoke(main, ["runs", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, " ".join(done.output.split())


def forged(line, change):
    """Return a line as somebody who knows the hash function would write it."""
    entry = json.loads(line)
    change(entry)
    entry.pop("hash")
    return canonical({**entry, "hash": digest(entry)}).encode() + b"\n"


def edited(lines):
    return [*lines[:3], lines[3].replace(b"Orders", b"Others"), *lines[4:]]


def unknown_kind(lines):
    def change(entry):
        entry["record"] = {"kind": "teleported", "to": "mars"}

    return [*lines[:-1], forged(lines[-1], change)]


def newer(lines):
    def change(entry):
        entry["record"]["format"] = 99

    return [forged(lines[0], change), *lines[1:]]


WHOLE = 0
REFUSED = {
    "edited record": (edited, 4, "changed after it was written"),
    "removed record": (lambda lines: [*lines[:4], *lines[5:]], 5, "expected 4"),
    "removed first record": (lambda lines: lines[1:], 1, "expected 0"),
    "swapped records": (lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]], 5, "expected 4"),
    "record twice": (lambda lines: [*lines, lines[-1]], 0, "expected"),
    "line of garbage at the end": (lambda lines: [*lines, b"\xff\x00 garbage\n"], 0, "not JSON"),
    "garbage in the middle": (lambda lines: [*lines[:2], b"\x1b[31m[]\n", *lines[2:]], 3, "not JSON"),
    "foreign JSON": (lambda lines: [b'{"hello": "world"}\n', *lines], 1, "hash"),
    "empty file": (lambda lines: [], 1, "empty"),
    "newer format": (newer, 1, "format 99"),
    "record of a newer version": (unknown_kind, 0, "teleported"),
    "end of line changed": (lambda lines: [line.replace(b"\n", b"\r\n") for line in lines], 1, "changed"),
}
CONTINUED = {
    "torn last line": lambda lines: [*lines[:-1], lines[-1][:-20]],
    "cut in the middle": lambda lines: [*lines[:5], lines[5][:40]],
    "only the end of line missing": lambda lines: [*lines[:-1], lines[-1][:-1]],
    "zeros after a power cut": lambda lines: [*lines, b"\0" * 4096],
    "half a line of garbage": lambda lines: [*lines, b"\xff\xfe garbage"],
}


@pytest.mark.parametrize("name", REFUSED)
def test_damaged_journal_is_read_up_to_the_damage_and_not_driven(rig, name):
    """A run would be driven on from records that nobody can believe, or the bad record not be named."""
    damage, line, words = REFUSED[name]
    journal = rig.path() / JOURNAL
    lines = journal.read_bytes().splitlines(keepends=True)
    damaged = damage(lines)
    journal.write_bytes(b"".join(damaged))
    if line <= 0:
        line += len(damaged)
    code, said = cockpit("verify", rig.run.run_id)
    assert code == 1
    assert f"Line {line} is the first bad one" in said or "empty" in said
    assert words in said
    assert "\x1b" not in said
    with pytest.raises(JournalError):
        rig.resume(rig.path())
    assert journal.read_bytes() == b"".join(damaged), "a refused journal was changed"
    assert len(read_journal(journal).entries) == line - 1
    code, said = cockpit("list")
    assert code == 0
    assert "can be resumed" not in said
    code, said = cockpit("show", rig.run.run_id, "--journal")
    assert code == (2 if line == 1 else 0)


@pytest.mark.parametrize("name", CONTINUED)
def test_unfinished_end_is_told_and_the_run_goes_on(rig, name):
    """What a crash or a power cut leaves at the end would be the end of the run, or be dropped unseen."""
    journal = rig.path() / JOURNAL
    whole = journal.read_bytes().splitlines(keepends=True)
    left = CONTINUED[name](whole)
    journal.write_bytes(b"".join(left))
    code, said = cockpit("verify", rig.run.run_id)
    assert (code, "unfinished" in said) == (1, True)
    run = rig.resume(rig.path())
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    until(lambda: run.state().now_step == "look")
    rig.close()
    assert len(rig.port.mutations) == 1
    assert read_journal(journal).is_whole
    (aside,) = rig.path().glob("torn-at-*")
    assert aside.read_bytes() == left[-1]


def test_records_missing_whole_from_the_end_are_told_only_by_a_hash_kept_elsewhere(rig):
    """The documentation would promise more, or less, than a hash chain can."""
    journal = rig.path() / JOURNAL
    last = read_journal(journal).entries[-1].hash
    assert cockpit("verify", rig.run.run_id, "--holds", last[:16])[0] == WHOLE
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    assert cockpit("verify", rig.run.run_id)[0] == WHOLE
    code, said = cockpit("verify", rig.run.run_id, "--holds", last[:16])
    assert (code, "missing from the end" in said) == (1, True)


def test_journal_that_cannot_be_read_is_said_in_words(rig):
    """`verify` would end in a traceback."""
    journal = rig.path() / JOURNAL
    journal.unlink()
    journal.mkdir()
    code, said = cockpit("verify", rig.run.run_id)
    assert (code, "cannot be read" in said) == (2, True)


def test_copy_of_a_driven_run_is_not_driven_beside_it(rig, tmp_path):
    """Two processes would send the same calls, each with a journal that knows nothing of the other."""
    beside, elsewhere = rig.folder / "copy", tmp_path / "elsewhere" / rig.run.run_id
    shutil.copytree(rig.path(), beside)
    shutil.copytree(rig.path(), elsewhere)
    with pytest.raises(StartRefused, match="copy or was renamed"):
        rig.resume(beside)
    first = rig.resume(rig.path())
    prompt_of(first, CONFIRM)
    with pytest.raises(JournalLocked, match="from a copy"):
        rig.resume(elsewhere)
    assert not first.stopped()
    first.close()
    prompt_of(rig.resume(elsewhere), CONFIRM)


def test_clock_set_back_is_told_and_never_makes_time_run_backwards(rig):
    """Records would be out of order in time, durations negative, or nobody know why times stand still."""
    real = rig.clock

    class Back:
        hours = 0.0

        def now(self):
            return real.now() - timedelta(hours=self.hours)

        async def sleep(self, seconds):
            await real.sleep(seconds)

    rig.clock = clock = Back()
    run = rig.resume(rig.path())
    prompt_of(run, CONFIRM)
    clock.hours = 5000.0
    answer(run, c.Confirm)
    until(lambda: run.state().now_step == "look" and run.state().prompt)
    (noticed,) = records(run, "clock_set_back")
    assert 4990 * 3600 < noticed.seconds < 5010 * 3600
    assert run.state().clock_behind.total_seconds() == noticed.seconds
    times = [entry.at for entry in run.entries()]
    assert times == sorted(times)
    assert "clock: was set back" in cockpit("show", run.run_id)[1]
    clock.hours = 0.0
    answer(run, c.TickOff, items={"seen": True})
    state = ended(run)
    assert [record.seconds for record in records(run, "clock_set_back")] == [noticed.seconds, 0]
    assert not state.clock_behind
    assert read_journal(rig.path() / JOURNAL).is_whole


def test_observer_never_sees_what_the_driver_took_back(rig):
    """An observer that read half a line, which the driver then took back, would take the sound journal for edited."""
    journal = rig.path() / JOURNAL
    whole = journal.read_bytes()
    with journal.open("ab") as file:
        file.write(b'{"at":"2026')
    seen = follow_run(rig.path())
    looked = Looks(seen)
    until(lambda: looked.count > 1)
    run = rig.resume(rig.path())  # cuts the half line off and goes on
    prompt_of(run, CONFIRM)
    until(lambda: len(seen.entries()) == len(run.entries()), EVERY * 20)
    assert not seen.problem
    journal.write_bytes(whole[: len(whole) // 2])
    until(lambda: "shorter" in seen.problem, EVERY * 20)
    seen.close()


class Looks:
    """Counts the looks of an observer at its file."""

    def __init__(self, seen):
        self.count = 0
        real = seen._read_on

        def read_on():
            self.count += 1
            real()

        seen._read_on = read_on


def test_a_run_that_never_began_cannot_be_followed(rig):
    """Watching an empty journal would hang or end in a traceback."""
    (rig.path() / JOURNAL).write_bytes(b"")
    with pytest.raises(EngineError):
        follow_run(rig.path())
    assert cockpit("follow", rig.run.run_id)[0] == 2
