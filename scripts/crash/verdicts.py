"""The judgement over one journey: each function returns sentences about what must not be."""

import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cockpit.aws.read_list import is_read
from cockpit.engine import records as r
from cockpit.engine.answers import Answers
from cockpit.engine.prompts import TroublePrompt
from cockpit.engine.records import Entry
from cockpit.engine.state import RunState
from cockpit.plans.actions.aws import AwsSpec
from cockpit.report.record_words import entry_line
from crash.boundaries import Boundary
from crash.chains import ELSEWHERE, Call, Chain, InCalls
from crash.journey import Journey, Life
from crash.witness import is_of_the_kill, known_to_have_happened, met, troubles_of

At = tuple[str, int, int]

PASSING = ("codedeploy:ContinueDeployment",)
"""Calls that hurry on something that passes by itself: a deployment's wait before it ends old tasks."""


FORGONE = frozenset({"insync"})
"""Steps that wait by an id which only an answer holds: if that is lost they are skipped, and the next step looks."""


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What a run that nobody killed came to; the end of every other one must equal it.

    What passes by itself (`PASSING`) may be over by the time the run comes back: its step is then skipped, and its call
    carried out once or not at all. Not compared, because they differ from one run to the next: times, ids, names made
    of the run's id, and what waits happened to see on their way.

    Attributes:
        boundaries, calls: where it can be killed.
        arrivals, effects: calls by ``service:operation`` that arrived, and that were carried out; no reads.
        outcomes: of every step.
        halted: names of the values that stay halted.
        seconds: real ones it took.
    """

    boundaries: list[Boundary]
    calls: list[Call]
    arrivals: dict[str, int]
    effects: dict[str, int]
    outcomes: dict[str, str]
    halted: list[str]
    result: str
    seconds: float


def arrivals(journey: Journey) -> Counter[str]:
    """Count the calls that are no reads and arrived at the endpoint."""
    return Counter(f"{call['service']}:{call['operation']}" for call in _mutations(journey))


def effects(journey: Journey) -> Counter[str]:
    """Count the calls that are no reads and were carried out."""
    done = (call for call in _mutations(journey) if 200 <= call["status"] < 300)
    return Counter(f"{call['service']}:{call['operation']}" for call in done)


def outcomes(journey: Journey) -> dict[str, str]:
    """Return how every step of the finished run ended, and how taking it back did."""
    state = journey.finished.state
    if state is None:
        return {}
    return {
        key: f"{step.outcome}, undone {step.undone}" if step.undone else str(step.outcome)
        for key, step in state.steps.items()
        if key
    }


def halted(journey: Journey) -> list[str]:
    """Return the names of the values that stay halted."""
    state = journey.finished.state
    return [] if state is None else [halt.name for halt in state.still_halted]


def failures(journey: Journey, chain: Chain | None, undisturbed: Undisturbed | None, answers: Answers) -> list[str]:
    """Return everything that is wrong with a journey; nothing if all is well."""
    found = [*_ended(journey), *_nothing_lost(journey), *_unknown_calls(journey), *_rightly_found_out(journey)]
    found += [*_counted_rightly(journey), *_died(journey), *_unforeseen(journey, answers)]
    if undisturbed is not None:
        found += _nothing_twice(journey, chain, undisturbed)
        found += _same_end(journey, undisturbed)
    if journey.wrong_world:
        found.append(f"the world at the end: {journey.wrong_world}")
    return found


def _ended(journey: Journey) -> Iterator[str]:
    finished, last = journey.finished, journey.lives[-1]
    if finished.state is None or not finished.state.ended:
        yield f"the run did not come to its end (exit code {last.code}): {' / '.join(last.shown[-4:])[:500]}"
        return
    for problem in finished.problems:
        yield f"the final journal: {problem.words}"
    if journey.complaints:
        yield f"the simulator complains: {journey.complaints[:500]}"


def _died(journey: Journey) -> Iterator[str]:
    """Every program died where it was to die, and by nothing else."""
    for number, life in enumerate(journey.lives, 1):
        if life.code == -signal.SIGKILL and life.died_at is None and not life.relapse:
            yield f"program {number} was killed, but not where it was to be"
        if isinstance(life.died_at, Call) and not _open_intents(life):
            yield f"program {number} died in {life.died_at.name}, but there was no intent on disk"
        if any("Traceback" in line for line in life.shown):
            yield f"program {number} showed a traceback: {' / '.join(life.shown[-6:])[:600]}"


def _nothing_lost(journey: Journey) -> Iterator[str]:
    """Every byte that was on disk at a death is still there, in its place."""
    for life in journey.deaths:
        if not journey.final.startswith(life.remains) and life.remains not in journey.left_alone:
            yield f"records that were on disk at {_words(life)} are missing or changed"
    for remains in journey.left_alone:
        if b'"kind":"intent"' in remains:
            yield "a run that had sent something was called not begun"


def _unknown_calls(journey: Journey) -> Iterator[str]:
    """Every intent has an end; what nobody knew was called unknown, with evidence, shown, and then found out."""
    ends = _ends(journey.finished.entries)
    shown = {line for life in journey.lives for line in life.shown}
    words = " ".join(" ".join(line.split()) for life in journey.lives for line in life.shown)
    for entry in journey.finished.entries:
        if not isinstance(entry.record, r.Intent):
            continue
        following = ends.get(_at(entry.record), [])
        kinds = [each.record.kind for each in following]
        if kinds and kinds[0] == "call_unknown":
            if "reconciled" not in kinds[1:]:
                yield f"record {entry.seq}: the unknown call was never reconciled"
            yield from _unproven(following)
            name = f"whether {entry.record.service}:{entry.record.operation} took effect"
            seen = entry_line(following[0]) in shown or name in words
            if not seen and not _died_before_showing(journey, following[0]):
                yield f"record {entry.seq}: the unknown outcome was not shown"
        elif len(kinds) != 1:
            yield f"record {entry.seq}: the intent is followed by {kinds}"


def _died_before_showing(journey: Journey, entry: Entry) -> bool:
    """Tell whether the program that wrote a record was killed before it showed this one or any that follows."""
    for life in journey.lives:
        entries = life.at_death.entries if life.at_death else ()
        if len(entries) > entry.seq and entries[entry.seq].hash == entry.hash:
            later = {entry_line(each) for each in entries[entry.seq :]}
            return life.code == -signal.SIGKILL and later.isdisjoint(life.shown)
    return False


def _rightly_found_out(journey: Journey) -> Iterator[str]:
    """What a call came to in which a program died was found out as the endpoint's own log has it."""
    ends = _ends(journey.finished.entries)
    for life in journey.deaths:
        cut_off = _cut_off(life)
        if cut_off is None:
            continue
        truth = "happened" if life.answer_lost else "not_happened"
        following = [each.record for each in ends.get(_at(cut_off), [])]
        verdicts = [record.verdict for record in following if isinstance(record, r.Reconciled)]
        if not verdicts:
            yield f"{_words(life)}: the call was not reconciled after the resumption"
        elif verdicts[-1] not in (truth, "repeatable") and not _passes(cut_off):
            yield f"{_words(life)}: the call was found to have {verdicts[-1]}; the truth is {truth}"


def _cut_off(life: Life) -> r.Intent | None:
    """Return the call in which, or before which, a program died; None if it died elsewhere, or by a relapse."""
    entries = life.at_death.entries if life.at_death else ()
    if life.relapse or not entries:
        return None
    if isinstance(life.died_at, Call):
        operation = (life.died_at.service, life.died_at.operation)
        found = [each.record for each in _open_intents(life)]
        return next((i for i in found if isinstance(i, r.Intent) and (i.service, i.operation) == operation), None)
    last = entries[-1].record
    return last if isinstance(last, r.Intent) and last.service not in ELSEWHERE else None


def _counted_rightly(journey: Journey) -> Iterator[str]:
    """As many calls are known to have happened as the endpoint carried out, for every operation the run sent."""
    done = effects(journey)
    done.subtract(_sent_twice_by_right(journey))
    for (service, operation), known in known_to_have_happened(journey.finished.entries).items():
        truth = done.get(f"{service}:{operation}", 0)
        if known != truth and f"{service}:{operation}" not in PASSING:
            yield f"{service}:{operation}: the journal knows of {known} that took effect, the endpoint of {truth}"


def _unproven(following: Sequence[Entry]) -> Iterator[str]:
    for each in following:
        if isinstance(each.record, r.CallUnknown | r.Reconciled) and not all(each.record.evidence or ("",)):
            yield f"record {each.seq}: {each.record.kind} without evidence"


def _unforeseen(journey: Journey, answers: Answers) -> Iterator[str]:
    """No trouble was met but what a kill explains, and what the plan's answers foresee."""
    entries = journey.finished.entries
    for record in troubles_of(entries):
        foreseen = len(answers.at_step(record.step).trouble)
        if not isinstance(record.prompt, TroublePrompt) or is_of_the_kill(record.prompt):
            continue
        if not foreseen or met(record.step, entries) > foreseen + len(journey.deaths):
            words = " / ".join((record.prompt.message, *record.prompt.evidence))
            yield f"trouble at {record.step or 'preflight'}: {words[:400]}"


def _nothing_twice(journey: Journey, chain: Chain | None, undisturbed: Undisturbed) -> Iterator[str]:
    """As many calls took effect as undisturbed; only those that were cut off before their effect arrive once more."""
    done, here = effects(journey), arrivals(journey)
    expected_done, expected_here = Counter(undisturbed.effects), Counter(undisturbed.arrivals)
    if isinstance(chain, InCalls) and chain.effect == "before":
        cut_off = (life.died_at for life in journey.deaths if isinstance(life.died_at, Call))
        expected_here.update(f"{call.service}:{call.operation}" for call in cut_off)
    for counted in (expected_done, expected_here):
        counted.update(_sent_twice_by_right(journey))
    for name in PASSING:
        if done.get(name, 0) <= expected_done.get(name, 0):
            for counted in (done, here, expected_done, expected_here):
                counted.pop(name, None)
    if done != expected_done:
        yield f"carried out: {_difference(done, expected_done)}"
    if here != expected_here:
        yield f"arrived: {_difference(here, expected_here)}"


def _same_end(journey: Journey, undisturbed: Undisturbed) -> Iterator[str]:
    state = journey.finished.state
    if state is not None and state.ended != undisturbed.result:
        yield f"the run ended {state.ended}, undisturbed {undisturbed.result}"
    changed = set(outcomes(journey).items()) ^ set(undisturbed.outcomes.items())
    differ = {step for step, _ in changed} - _passing_steps(state) - FORGONE
    if differ:
        both = {step: (outcomes(journey).get(step), undisturbed.outcomes.get(step)) for step in sorted(differ)}
        yield f"steps ended otherwise than undisturbed: {both}"
    if halted(journey) != undisturbed.halted:
        yield f"halted at the end: {halted(journey)}, undisturbed {undisturbed.halted}"


def _passes(intent: r.Intent) -> bool:
    return f"{intent.service}:{intent.operation}" in PASSING


def _passing_steps(state: RunState | None) -> set[str]:
    """Return the steps whose call hurries on what passes by itself."""
    steps = state.plan.steps if state is not None else ()
    return {step.id for step in steps if isinstance(step.action, AwsSpec) and step.action.call in PASSING}


def _sent_twice_by_right(journey: Journey) -> Counter[str]:
    """Count the calls that took effect, whose answer was lost, and that the plan calls repeatable."""
    ends = _ends(journey.finished.entries)
    found = [cut_off for life in journey.deaths if life.answer_lost and (cut_off := _cut_off(life)) is not None]
    twice = (
        intent
        for intent in found
        for end in ends.get(_at(intent), ())
        if isinstance(end.record, r.Reconciled) and end.record.verdict == "repeatable"
    )
    return Counter(f"{intent.service}:{intent.operation}" for intent in twice)


def _difference(found: dict[str, int], expected: dict[str, int]) -> str:
    names = sorted({*found, *expected})
    return ", ".join(
        f"{name} {found.get(name, 0)} times instead of {expected.get(name, 0)}"
        for name in names
        if found.get(name, 0) != expected.get(name, 0)
    )


def _words(life: Life) -> str:
    return f"the death at {life.died_at.name}" if life.died_at else "a death in a resumption"


def _mutations(journey: Journey) -> list[dict[str, object]]:
    return [call for call in journey.calls if not is_read(call["service"], call["operation"])]


def _open_intents(life: Life) -> list[Entry]:
    entries = life.at_death.entries if life.at_death else ()
    ends = _ends(entries)
    return [entry for entry in entries if isinstance(entry.record, r.Intent) and not ends.get(_at(entry.record))]


def _ends(entries: Sequence[Entry]) -> dict[At, list[Entry]]:
    """Return what was recorded about each call after its intent."""
    found: dict[At, list[Entry]] = {}
    for entry in entries:
        if isinstance(entry.record, r.Acked | r.CallFailed | r.CallUnknown | r.Reconciled):
            found.setdefault(_at(entry.record), []).append(entry)
    return found


def _at(record: r.Intent | r.Acked | r.CallFailed | r.CallUnknown | r.Reconciled) -> At:
    return record.step, record.attempt, record.call
