"""The judgement of the crash matrix itself: a matrix that calls everything well proves nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from cockpit.engine import records as r
from cockpit.engine.canonical import FIRST, next_entry
from cockpit.report.record_words import entry_line
from crash.cells import AtRecord, InCall, all_cells, calls_of
from crash.journey import Journey
from crash.verdicts import Passing, Undisturbed, failures

WHERE = {"step": "scale", "attempt": 1, "call": 0}
INTENT = r.Intent(**WHERE, service="ecs", operation="UpdateService", region="us-east-1", params={"desiredCount": 0})
UNKNOWN = r.CallUnknown(**WHERE, evidence=("the program ended",))
FOUND = r.Reconciled(**WHERE, verdict="happened", by="aws", evidence=("read it",))
CELL = InCall("ecs", "UpdateService", 1, "after")
SENT = {"service": "ecs", "operation": "UpdateService", "status": 200}
READ = {"service": "ecs", "operation": "DescribeServices", "status": 200}
GOOD = Undisturbed(3, {"ecs:UpdateService": 1}, {"ecs:UpdateService": 1}, {"scale": "done"}, [], [])


def read_result(*found: r.Record, problems=(), outcome="done") -> Any:
    at, entries = datetime(2026, 1, 31, tzinfo=UTC), []
    for seq, record in enumerate(found):
        entries.append(next_entry(record, seq=seq, at=at, driver="a@h/1", prev=FIRST))
    steps = {"scale": SimpleNamespace(outcome=outcome)}
    state = SimpleNamespace(ended="finished", steps=steps, still_halted=())
    return SimpleNamespace(entries=entries, state=state, problems=problems)


def journey(*after: r.Record, **changes: Any) -> Journey:
    """Return a run that died in its only call and came back."""
    finished = changes.pop("finished", None) or read_result(INTENT, *(after or (UNKNOWN, FOUND)))
    made = Journey(
        code=-9,
        remains=b"one\n",
        final=b"one\ntwo\n",
        at_death=read_result(INTENT),
        finished=finished,
        shown=[entry_line(entry) for entry in finished.entries],
        calls=[READ, SENT],
    )
    return replace(made, **changes)


def test_a_run_that_came_back_knowing_everything_is_well():
    """Every cell would fail, and nobody would look at the matrix any more."""
    assert failures(journey(), CELL, GOOD) == []


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        (journey(calls=[SENT, SENT]), "carried out: ecs:UpdateService 2 times instead of 1"),
        (journey(calls=[SENT, {**SENT, "status": 0}]), "arrived: ecs:UpdateService 2 times instead of 1"),
        (journey(calls=[READ]), "carried out: ecs:UpdateService 0 times instead of 1"),
        (journey(final=b"two\n"), "missing or changed"),
        (journey(shown=[]), "was not shown"),
        (journey(UNKNOWN), "never reconciled"),
        (journey(UNKNOWN.model_copy(update={"evidence": ()}), FOUND), "without evidence"),
        (journey(UNKNOWN, FOUND.model_copy(update={"verdict": "not_happened"})), "the truth is happened"),
        (journey(r.Acked(**WHERE, request_id="x")), "was not reconciled"),
        (journey(finished=read_result(INTENT)), "followed by []"),
        (journey(finished=read_result(INTENT, UNKNOWN, FOUND, outcome="skipped")), "otherwise than undisturbed"),
        (journey(code=0), "never came"),
        (journey(at_death=read_result(r.Paused())), "no intent on disk"),
        (journey(wrong_world="the fleet is at 0"), "the fleet is at 0"),
        (journey(troubles=["the outcome is FAILED The cockpit itself failed"]), "trouble"),
        (journey(finishing_code=1), "exit code 1"),
    ],
)
def test_whatever_is_wrong_is_found(spoilt, words):
    """A lost record, a call sent twice, a guess taken for knowledge or a wrong world would pass."""
    assert any(words in each for each in failures(spoilt, CELL, GOOD)), failures(spoilt, CELL, GOOD)


def test_only_a_call_cut_off_before_its_effect_may_arrive_again():
    """Sending again what never happened would count as a fault, or sending again what did happen would not."""
    found = FOUND.model_copy(update={"verdict": "not_happened"})
    again = journey(UNKNOWN, found, calls=[{**SENT, "status": 0}, SENT])
    assert failures(again, replace(CELL, effect="before"), GOOD) == []
    assert failures(again, CELL, GOOD)


def test_what_passes_by_itself_may_be_over_but_is_never_sent_twice():
    """A slow machine would fail the matrix, or a call sent twice would pass for one that was overtaken."""
    passing = Passing("scale", "ecs:UpdateService")
    skipped = read_result(INTENT, UNKNOWN, FOUND, outcome="skipped")
    assert failures(journey(calls=[READ], finished=skipped), CELL, GOOD, passing) == []
    assert failures(journey(calls=[SENT, SENT], finished=skipped), CELL, GOOD, passing)
    assert failures(journey(calls=[READ], finished=skipped), CELL, GOOD, Passing("other", "ecs:StopTask"))


def test_there_is_a_cell_for_every_record_and_two_for_every_call():
    """Places where the program can die would be left out."""
    entries = read_result(INTENT, UNKNOWN, FOUND, INTENT.model_copy(update={"attempt": 2})).entries
    cells = all_cells(len(entries), calls_of(entries))
    assert len(cells) == len({cell.name for cell in cells}) == 2 * 2 + 4
    assert AtRecord(3) in cells
    assert InCall("ecs", "UpdateService", 2, "before") in cells
