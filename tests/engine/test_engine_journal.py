"""The journal: what is written is found again, and nothing else passes for it."""

import errno
import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.engine import records as r
from cockpit.engine.canonical import FIRST, canonical, next_entry
from cockpit.engine.errors import JournalError, JournalLocked
from cockpit.engine.fold import fold_all
from cockpit.engine.journal import Journal, is_driven
from cockpit.engine.journal_reading import JOURNAL, JournalReader, read_journal
from cockpit.model.effect import Outcome
from cockpit.model.scope import EnvironmentKind
from cockpit.plans.catalogue import plan_digest
from support.engine_rig import SCALE, make_plan

START = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)
PLAN = make_plan(SCALE)


def opened(**changes):
    fields = {
        "run_id": "20260131T030000Z-plan-t-0000",
        "plan_id": PLAN.id,
        "plan": PLAN.model_dump(mode="json"),
        "plan_digest": plan_digest(PLAN),
        "mode": "live",
        "operator": "ada",
        "host": "here",
        "environment": "drill",
        "environment_kind": EnvironmentKind.DRILL,
        "account": "123456789012",
        "region": "us-east-1",
        "role": "arn:aws:iam::123456789012:user/ada",
        "names": {},
        "cockpit": "0",
        **changes,
    }
    return r.RunOpened(**fields)


AT = {"step": "scale", "attempt": 1}
CALL = {**AT, "call": 0}
TRUNK = [
    opened(),
    r.DriverTookOver(operator="ada", host="here", pid=1, why="started"),
    r.Armed(typed="drill"),
    r.InputSet(name="table", value="Orders", basis="default"),
    r.StepStarted(step="", attempt=1),
    r.PreflightChecked(id="identity", title="Who", ok=True, blocking=True),
    r.StepEnded(step="", attempt=1, outcome=Outcome.DONE),
    r.StepStarted(**AT),
]
INTENT = r.Intent(**CALL, service="ecs", operation="UpdateService", region="us-east-1", params={"desiredCount": 0})
ENDS = {
    "acked": [r.Acked(**CALL, request_id="1", answer={"desired": 0}), r.StepEnded(**AT, outcome=Outcome.DONE)],
    "failed": [r.CallFailed(**CALL, code="X", message="no"), r.StepEnded(**AT, outcome=Outcome.FAILED)],
    "unknown": [r.CallUnknown(**CALL, evidence=("reset",)), r.StepEnded(**AT, outcome=Outcome.UNKNOWN)],
    "reconciled": [
        r.CallUnknown(**CALL, evidence=("reset",)),
        r.Reconciled(**CALL, verdict="conflict", by="aws", evidence=("other value",)),
        r.Reconciled(**CALL, verdict="happened", by="operator", evidence=("seen",)),
        r.StepEnded(**AT, outcome=Outcome.DONE),
    ],
}
TEXTS = st.text(max_size=40)
BETWEEN = st.lists(
    st.one_of(
        st.builds(r.NoteTaken, text=TEXTS),
        st.builds(r.Observed, step=st.just("scale"), attempt=st.just(1), what=TEXTS, text=TEXTS),
        st.builds(r.Refused, step=st.just("scale"), attempt=st.just(1), command=TEXTS, why=TEXTS),
        st.builds(r.Paused),
        st.builds(r.Resumed),
    ),
    max_size=4,
)


@st.composite
def runs(draw):
    """Return the records of a run that the engine could have written."""
    halted = [r.HaltedValue(step="scale", name="desired", what="desired count", value=draw(st.integers()))]
    end = draw(st.sampled_from(sorted(ENDS)))
    return [
        *TRUNK,
        *draw(BETWEEN),
        *(halted if draw(st.booleans()) else []),
        INTENT,
        *ENDS[end],
        r.RunEnded(result="finished" if end in ("acked", "reconciled") else "aborted"),
        r.NoteTaken(text=draw(TEXTS)),
    ]


def chain(records):
    """Return the records as entries, one second apart."""
    entries, prev = [], FIRST
    for seq, record in enumerate(records):
        entries.append(next_entry(record, seq=seq, at=START + timedelta(seconds=seq), driver="ada@here/1", prev=prev))
        prev = entries[-1].hash
    return entries


def lines_of(entries):
    return b"".join((canonical(entry.model_dump(mode="json")) + "\n").encode() for entry in entries)


def written(folder, records):
    journal = Journal.create(folder)
    for entry in chain(records):
        journal.append(entry)
    journal.close()
    return folder / JOURNAL


@given(runs(), st.data())
@settings(max_examples=60, deadline=None)
def test_every_prefix_of_a_run_folds(records, data):
    """A crash at some record would leave a journal that cannot be resumed."""
    entries = chain(records)
    cut = data.draw(st.integers(1, len(entries)))
    state = fold_all(entries[:cut])
    assert state.last_seq == cut - 1
    assert JournalReader().feed(lines_of(entries[:cut]), at_end=True).entries == tuple(entries[:cut])


@given(runs(), st.data())
@settings(max_examples=80, deadline=None)
def test_any_changed_byte_is_detected(records, data):
    """An edited record would be believed."""
    good = lines_of(chain(records))
    place = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != good[place]))
    bad = good[:place] + bytes([byte]) + good[place + 1 :]
    result = JournalReader().feed(bad, at_end=True)
    assert result.problems
    assert good.startswith(lines_of(result.entries))


@given(runs(), st.data())
@settings(max_examples=40, deadline=None)
def test_removed_or_swapped_lines_are_detected(records, data):
    """A record could be taken out, or the order be changed, unseen."""
    lines = lines_of(chain(records)).splitlines(keepends=True)
    first = data.draw(st.integers(0, len(lines) - 2))
    without = JournalReader().feed(b"".join(lines[:first] + lines[first + 1 :]), at_end=True)
    lines[first], lines[first + 1] = lines[first + 1], lines[first]
    swapped = JournalReader().feed(b"".join(lines), at_end=True)
    assert len(without.entries) == len(swapped.entries) == first
    assert without.problems[0].line == swapped.problems[0].line == first + 1


@given(runs(), st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_torn_last_line_is_set_aside_and_the_run_goes_on(tmp_path_factory, records, data):
    """A crash in the middle of a write would end the run for good, or its bytes be lost."""
    entries = chain(records)
    good = lines_of(entries[:-1])
    tail = lines_of(entries[-1:])[: data.draw(st.integers(1, len(lines_of(entries[-1:])) - 1))]
    folder = tmp_path_factory.mktemp("run")
    (folder / JOURNAL).write_bytes(good + tail)
    assert [problem.kind for problem in read_journal(folder / JOURNAL).problems] == ["torn"]
    journal, found = Journal.resume(folder)
    journal.append(entries[-1])
    journal.close()
    assert found.entries == tuple(entries[:-1])
    assert read_journal(folder / JOURNAL).entries == tuple(entries)
    assert (folder / f"torn-at-{len(good)}").read_bytes() == tail


@given(runs(), st.lists(st.integers(1, 400), min_size=1, max_size=30))
@settings(max_examples=30, deadline=None)
def test_reading_in_pieces_gives_the_same(records, sizes):
    """An observer of a growing file would see another run than its driver."""
    data = lines_of(chain(records))
    reader, position = JournalReader(), 0
    for size in sizes:
        reader.feed(data[position : position + size])
        position += size
    assert reader.feed(data[position:], at_end=True) == JournalReader().feed(data, at_end=True)


def test_two_drivers_are_impossible(tmp_path):
    """Two processes would drive one run."""
    journal = Journal.create(tmp_path / "run")
    journal.append(chain(TRUNK)[0])
    assert is_driven(tmp_path / "run")
    with pytest.raises(JournalLocked, match="follow run"):
        Journal.resume(tmp_path / "run")
    journal.close()
    assert not is_driven(tmp_path / "run")


def test_newer_format_is_not_driven(tmp_path):
    """An older cockpit would misread, and drive on, what a newer one wrote."""
    path = written(tmp_path / "run", [opened(format=r.FORMAT + 1)])
    assert [problem.kind for problem in read_journal(path).problems] == ["newer"]
    with pytest.raises(JournalError, match="format 2"):
        Journal.resume(tmp_path / "run")


def test_damaged_journal_is_readable_but_not_driven(tmp_path):
    """A run would be driven on from a journal that somebody edited."""
    path = written(tmp_path / "run", TRUNK)
    lines = path.read_text().splitlines()
    edited = json.loads(lines[3])
    edited["record"]["value"] = "Customers"
    lines[3] = json.dumps(edited, sort_keys=True, separators=(",", ":"))
    path.write_text("\n".join(lines) + "\n")
    found = read_journal(path)
    assert (len(found.entries), found.problems[0].kind, found.problems[0].line) == (3, "edited", 4)
    with pytest.raises(JournalError, match="Line 4"):
        Journal.resume(tmp_path / "run")
    assert path.read_text().splitlines() == lines


def test_forged_chain_of_impossible_order_is_refused(tmp_path):
    """A journal with sound hashes, but an order that no run has, would be driven on."""
    path = written(tmp_path / "run", [*TRUNK, *ENDS["acked"]])
    assert [problem.kind for problem in read_journal(path).problems] == ["impossible"]


def test_full_disk_is_said_and_leaves_no_half_line(tmp_path, monkeypatch):
    """A full disk would leave a torn line that hides the next record."""
    entries = chain(TRUNK)
    journal = Journal.create(tmp_path / "run")
    journal.append(entries[0])
    real = os.write
    short = iter([10])

    def full(descriptor, data):
        size = next(short, None)
        if size is None:
            raise OSError(errno.ENOSPC, "no space")
        return real(descriptor, bytes(data)[:size])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(JournalError, match="the disk is full"):
        journal.append(entries[1])
    monkeypatch.setattr(os, "write", real)
    journal.append(entries[1])
    journal.close()
    assert read_journal(tmp_path / "run" / JOURNAL).entries == tuple(entries[:2])


def test_failed_sync_ends_the_writing(tmp_path, monkeypatch):
    """After a failed sync nobody knows what is on disk; going on would pretend otherwise."""
    entries = chain(TRUNK)
    journal = Journal.create(tmp_path / "run")

    def broken(_descriptor):
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(JournalError, match="brought to disk"):
        journal.append(entries[0])
    monkeypatch.undo()
    with pytest.raises(JournalError, match="brought to disk"):
        journal.append(entries[0])
    journal.close()


def test_journal_is_private(tmp_path):
    """Other users of the machine could read what happened, or change it."""
    path = written(tmp_path / "run", TRUNK)
    assert path.stat().st_mode & 0o077 == 0


def test_folder_that_cannot_be_written_is_said(tmp_path):
    """A run would start without a journal."""
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="Nothing was started"):
        Journal.create(tmp_path / "file" / "run")
