"""The judgement of the crash matrix itself: a matrix that calls everything well proves nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from cockpit.engine import records as r
from cockpit.engine.answers import Answers
from cockpit.engine.canonical import FIRST, next_entry
from cockpit.engine.prompts import TroublePrompt
from cockpit.report.record_words import entry_line
from crash.boundaries import Boundary, Pending, boundaries_of
from crash.chains import AtRecords, Call, InCalls, calls_of, halves, in_calls, strides
from crash.journey import Journey, Life
from crash.verdicts import Undisturbed, failures

WHERE = {"step": "scale", "attempt": 1, "call": 0}
INTENT = r.Intent(**WHERE, service="ecs", operation="UpdateService", region="us-east-1", params={"desiredCount": 0})
UNKNOWN = r.CallUnknown(**WHERE, evidence=("the program ended",))
FOUND = r.Reconciled(**WHERE, verdict="happened", by="aws", evidence=("read it",))
TROUBLE = r.Prompted(
    step="scale", attempt=1, prompt=TroublePrompt(outcome="failed", message="It failed.", ways=("retry",))
)
CALL = Call("ecs", "UpdateService", 1)
CHAIN = InCalls("calls", (CALL,), "after")
END = Boundary("scale", "reconciled", "0", 1)
SENT = {"service": "ecs", "operation": "UpdateService", "status": 200}
READ = {"service": "ecs", "operation": "DescribeServices", "status": 200}
GOOD = Undisturbed([], [CALL], {"ecs:UpdateService": 1}, {"ecs:UpdateService": 1}, {"scale": "done"}, [], "finished", 1)
NOTHING_FORESEEN = Answers()


def read_result(*found: r.Record, problems=(), outcome="done", ended="finished") -> Any:
    at, entries = datetime(2026, 1, 31, tzinfo=UTC), []
    for seq, record in enumerate(found):
        entries.append(next_entry(record, seq=seq, at=at, driver="a@h/1", prev=FIRST))
    steps = {"scale": SimpleNamespace(outcome=outcome, undone=None)}
    state = SimpleNamespace(ended=ended, steps=steps, still_halted=(), plan=SimpleNamespace(steps=()))
    return SimpleNamespace(entries=entries, state=state, problems=problems)


def journey(*after: r.Record, **changes: Any) -> Journey:
    """Return a run that died in its only call, which took effect, and came back."""
    finished = changes.pop("finished", None) or read_result(INTENT, *(after or (UNKNOWN, FOUND)))
    first = Life(("run",), -9, CALL, answer_lost=True, remains=b"one\n", at_death=read_result(INTENT))
    second = Life(("runs", "resume"), 0, at_death=finished, shown=[entry_line(entry) for entry in finished.entries])
    first = replace(first, **changes.pop("first", {}))
    second = replace(second, **changes.pop("second", {}))
    made = Journey([first, second], finished=finished, final=b"one\ntwo\n", calls=[READ, SENT])
    return replace(made, **changes)


def judged(found, chain=CHAIN, good=GOOD, answers=NOTHING_FORESEEN):
    return failures(found, chain, good, answers)


def test_a_run_that_came_back_knowing_everything_is_well():
    """Every chain would fail, and nobody would look at the matrix any more."""
    assert judged(journey()) == []


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        (journey(calls=[SENT, SENT]), "carried out: ecs:UpdateService 2 times instead of 1"),
        (journey(calls=[SENT, SENT]), "the journal knows of 1 that took effect, the endpoint of 2"),
        (journey(calls=[SENT, {**SENT, "status": 0}]), "arrived: ecs:UpdateService 2 times instead of 1"),
        (journey(calls=[READ]), "carried out: ecs:UpdateService 0 times instead of 1"),
        (journey(final=b"two\n"), "missing or changed"),
        (journey(second={"shown": []}), "was not shown"),
        (journey(UNKNOWN), "never reconciled"),
        (journey(UNKNOWN.model_copy(update={"evidence": ()}), FOUND), "without evidence"),
        (journey(UNKNOWN, FOUND.model_copy(update={"verdict": "not_happened"})), "the truth is happened"),
        (journey(r.Acked(**WHERE, request_id="x")), "was not reconciled"),
        (journey(finished=read_result(INTENT)), "followed by []"),
        (journey(finished=read_result(INTENT, UNKNOWN, FOUND, outcome="skipped")), "otherwise than undisturbed"),
        (journey(finished=read_result(INTENT, UNKNOWN, FOUND, ended="aborted")), "ended aborted"),
        (journey(finished=read_result(INTENT, UNKNOWN, FOUND, ended="")), "did not come to its end"),
        (journey(first={"died_at": None}), "not where it was to be"),
        (journey(first={"at_death": read_result(r.Paused())}), "no intent on disk"),
        (journey(wrong_world="the fleet is at 0"), "the fleet is at 0"),
        (journey(UNKNOWN, FOUND, TROUBLE), "trouble at scale: It failed."),
        (journey(second={"shown": ["Traceback (most recent call last):"]}), "traceback"),
        (journey(left_alone=[b'{"kind":"intent"}']), "called not begun"),
    ],
)
def test_whatever_is_wrong_is_found(spoilt, words):
    """A lost record, a call sent twice, a guess taken for knowledge or a wrong world would pass."""
    assert any(words in each for each in judged(spoilt)), judged(spoilt)


def test_foreseen_trouble_is_none():
    """A plan whose answers foresee a failure could not be put through the matrix."""
    foreseen = Answers.model_validate({"answers": {"scale": {"trouble": "retry"}}})
    assert judged(journey(UNKNOWN, FOUND, TROUBLE), answers=foreseen) == []


def test_what_a_program_had_no_time_to_show_is_no_fault_of_it():
    """A kill right after a record would count as a record that was not shown."""
    written = read_result(INTENT, UNKNOWN, FOUND)
    overtaken = journey(second={"shown": [], "code": -9, "died_at": END, "at_death": written})
    assert judged(overtaken) == []
    silent = journey(second={"shown": [entry_line(written.entries[2])], "code": -9, "died_at": END})
    assert any("was not shown" in each for each in judged(silent))


def test_only_a_call_cut_off_before_its_effect_may_arrive_again():
    """Sending again what never happened would count as a fault, or sending again what did happen would not."""
    found = FOUND.model_copy(update={"verdict": "not_happened"})
    second_intent = INTENT.model_copy(update={"attempt": 2})
    acked = r.Acked(step="scale", attempt=2, call=0, request_id="x")
    again = journey(
        UNKNOWN, found, second_intent, acked, calls=[{**SENT, "status": 0}, SENT], first={"answer_lost": False}
    )
    assert judged(again, replace(CHAIN, effect="before")) == []
    assert judged(again)


def test_every_boundary_and_every_call_is_in_a_chain_of_its_kind_once():
    """Places where the program can die would be left out."""
    entries = read_result(INTENT, UNKNOWN, FOUND, INTENT.model_copy(update={"attempt": 2})).entries
    places = boundaries_of(entries)
    assert [place.name for place in places][-1] == "scale intent 0 (2)"
    for stride in (1, 2, 3, 9):
        covered = [target for chain in strides(places, stride) for target in chain.targets]
        assert sorted(covered, key=places.index) == places
    assert calls_of(entries) == [CALL, replace(CALL, nth=2)]
    assert all(chain.targets == (CALL, replace(CALL, nth=2)) for chain in in_calls(calls_of(entries)))
    assert [chain.targets for chain in halves(CHAIN) or ()] == []
    assert [chain.targets for chain in halves(AtRecords("r", tuple(places))) or ()] == [
        tuple(places[:2]),
        tuple(places[2:]),
    ]


def test_a_boundary_is_found_again_by_what_it_is():
    """After a kill, records that come once more would be taken for later ones, and these never be killed at."""
    prompt, answer = TROUBLE, r.Answered(step="scale", attempt=1, command="SolveTrouble")
    targets = [Boundary("scale", "prompted", "trouble", 1), Boundary("scale", "answered", "", 1)]
    targets.append(Boundary("scale", "prompted", "trouble", 2))
    first = Pending(targets)
    assert first.reached(prompt) == targets[0]
    entries = read_result(prompt).entries
    second = Pending(targets[1:], entries)
    assert second.reached(prompt) is None, "asked once more after the kill"
    assert second.reached(answer) == targets[1]
    assert Pending(targets[2:], read_result(prompt, prompt).entries).reached(prompt) == targets[2]


def test_readings_that_do_not_come_again_are_not_waited_for():
    """One reading less in a wait, and the rest of a chain would never be killed at."""
    seen = r.Observed(step="scale", attempt=1, what="tasks", text="4 of 4")
    targets = [Boundary("scale", "observed", "tasks", 3), Boundary("scale", "intent", "0", 1)]
    pending = Pending(targets)
    assert pending.reached(seen) is None
    assert pending.reached(INTENT) == targets[1]
