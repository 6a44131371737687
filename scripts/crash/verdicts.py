"""The judgement over one cell: each function returns sentences about what must not be."""

import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from cockpit.aws.read_list import is_read
from cockpit.engine import records as r
from cockpit.engine.records import Entry
from cockpit.report.record_words import entry_line
from crash.cells import AtRecord, Cell, InCall
from crash.journey import Journey
from crash.witness import NOT_SENT, OVERTAKEN

Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Passing:
    """A step whose call hurries something on that passes by itself: a deployment's wait before it ends old tasks."""

    step: str
    call: str


NOTHING_PASSES = Passing("", "")


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What a run that nobody killed came to; the end of every other one must equal it.

    What passes by itself (`Passing`) may be over by the time the run comes back: its step is then skipped, and its call
    carried out once or not at all. Not compared, because they differ from one run to the next: times, ids, names made
    of the run's id, and what waits happened to see on their way. The world is compared by the rules of
    `support.aftermath`, which leave out how many workers scaling has added above the old size.

    Attributes:
        arrivals, effects: calls by ``service:operation`` that arrived, and that were carried out; no reads.
        outcomes: of every step.
        halted: names of the values that stay halted.
        calls: the mutations in order (`cells.calls_of`).
    """

    records: int
    arrivals: dict[str, int]
    effects: dict[str, int]
    outcomes: dict[str, str]
    halted: list[str]
    calls: list[tuple[str, str, int]]


def arrivals(journey: Journey) -> dict[str, int]:
    """Count the calls that are no reads and arrived at the endpoint."""
    return dict(Counter(f"{call['service']}:{call['operation']}" for call in _mutations(journey)))


def effects(journey: Journey) -> dict[str, int]:
    """Count the calls that are no reads and were carried out."""
    done = (call for call in _mutations(journey) if 200 <= call["status"] < 300)
    return dict(Counter(f"{call['service']}:{call['operation']}" for call in done))


def outcomes(journey: Journey) -> dict[str, str]:
    """Return how every step of the finished run ended."""
    state = journey.finished.state if journey.finished else None
    return {} if state is None else {key: str(step.outcome) for key, step in state.steps.items() if key}


def halted(journey: Journey) -> list[str]:
    """Return the names of the values that stay halted."""
    state = journey.finished.state if journey.finished else None
    return [] if state is None else [halt.name for halt in state.still_halted]


def failures(
    journey: Journey, cell: Cell | None, undisturbed: Undisturbed | None, passing: Passing = NOTHING_PASSES
) -> list[str]:
    """Return everything that is wrong with a journey; nothing if all is well."""
    found = [*_ended(journey), *_unknown_calls(journey, cell, passing), *_troubles(journey)]
    if cell is not None:
        found += [*_died(journey, cell), *_nothing_lost(journey)]
    if undisturbed is not None:
        found += _nothing_twice(journey, cell, undisturbed, passing)
        differ = dict(set(outcomes(journey).items()) ^ set(undisturbed.outcomes.items()))
        if set(differ) - {passing.step}:
            found.append(f"steps ended otherwise than undisturbed: {sorted(differ)}")
        if halted(journey) != undisturbed.halted:
            found.append(f"halted at the end: {halted(journey)}, undisturbed {undisturbed.halted}")
    if journey.wrong_world:
        found.append(f"the world at the end: {journey.wrong_world}")
    return found


def _ended(journey: Journey) -> Iterator[str]:
    finished = journey.finished
    if finished is None or finished.state is None or finished.state.ended != "finished":
        yield "the run did not come to its end"
        return
    if journey.finishing_code not in (0, -signal.SIGKILL):
        yield f"the last program ended with exit code {journey.finishing_code}"
    for problem in finished.problems:
        yield f"the final journal: {problem.words}"
    if journey.complaints:
        yield f"the simulator complains: {journey.complaints}"


def _died(journey: Journey, cell: Cell) -> Iterator[str]:
    if journey.code != -signal.SIGKILL:
        if isinstance(cell, InCall):
            yield f"the call to die in never came (exit code {journey.code})"
        return  # a record beyond the end of this run: it was not disturbed
    last = journey.at_death.entries[-1] if journey.at_death and journey.at_death.entries else None
    if last is None or (isinstance(cell, AtRecord) and last.seq != cell.seq):
        yield f"died at record {last.seq if last else None}"
    elif isinstance(cell, InCall) and not isinstance(last.record, r.Intent):
        yield f"died in a call, but the last record is {last.record.kind}: there was no intent on disk"


def _nothing_lost(journey: Journey) -> Iterator[str]:
    """Every byte that was on disk at death is still there, in its place."""
    whole = journey.left_alone if journey.anew else journey.final
    if not whole.startswith(journey.remains):
        yield "records that were on disk at death are missing or changed"
    if journey.anew and any(isinstance(entry.record, r.Intent) for entry in _entries_at_death(journey)):
        yield "a run that had sent something was called not begun"


def _unknown_calls(journey: Journey, cell: Cell | None, passing: Passing) -> Iterator[str]:
    """Every intent has an end; what nobody knew was called unknown, with evidence, shown, and then found out."""
    entries = journey.finished.entries if journey.finished else []
    ends = _ends(entries)
    for entry in entries:
        if not isinstance(entry.record, r.Intent):
            continue
        following = ends.get(_place(entry.record), [])
        kinds = [each.record.kind for each in following]
        if kinds and kinds[0] == "call_unknown":
            if "reconciled" not in kinds[1:]:
                yield f"record {entry.seq}: the unknown call was never reconciled"
            yield from _unproven(following)
            if entry_line(following[0]) not in journey.shown:
                yield f"record {entry.seq}: the unknown outcome was not shown"
        elif len(kinds) != 1:
            yield f"record {entry.seq}: the intent is followed by {kinds}"
    if not journey.anew and journey.code == -signal.SIGKILL:
        yield from _rightly_reconciled(journey, cell, ends, passing)


def _rightly_reconciled(
    journey: Journey, cell: Cell | None, ends: dict[Place, list[Entry]], passing: Passing
) -> Iterator[str]:
    at_death = _entries_at_death(journey)
    last = at_death[-1].record if at_death else None
    if not isinstance(last, r.Intent):
        return
    truth = "happened" if isinstance(cell, InCall) and cell.effect == "after" else "not_happened"
    verdicts = [each.record.verdict for each in ends.get(_place(last), []) if isinstance(each.record, r.Reconciled)]
    if not verdicts:
        yield "the call in which it died was not reconciled after the resumption"
    elif verdicts[-1] != truth and last.step != passing.step:
        yield f"the call in which it died was found to have {verdicts[-1]}; the truth is {truth}"


def _unproven(following: list[Entry]) -> Iterator[str]:
    for each in following:
        if isinstance(each.record, r.CallUnknown | r.Reconciled) and not all(each.record.evidence or ("",)):
            yield f"record {each.seq}: {each.record.kind} without evidence"


def _troubles(journey: Journey) -> Iterator[str]:
    for trouble in journey.troubles:
        if not any(words in trouble for words in (NOT_SENT, "Nobody knows", *OVERTAKEN)):
            yield f"trouble: {trouble[:400]}"


def _nothing_twice(journey: Journey, cell: Cell | None, undisturbed: Undisturbed, passing: Passing) -> Iterator[str]:
    """As many calls took effect as undisturbed; only one that was cut off before its effect may arrive once more."""
    done, here = effects(journey), arrivals(journey)
    expected_done, expected_here = dict(undisturbed.effects), dict(undisturbed.arrivals)
    if isinstance(cell, InCall) and cell.effect == "before":
        expected_here[f"{cell.service}:{cell.operation}"] += 1
    if done.get(passing.call, 0) <= expected_done.get(passing.call, 0):
        for counted in (done, here, expected_done, expected_here):
            counted.pop(passing.call, None)
    if done != expected_done:
        yield f"carried out: {_difference(done, expected_done)}"
    if here != expected_here:
        yield f"arrived: {_difference(here, expected_here)}"


def _difference(found: dict[str, int], expected: dict[str, int]) -> str:
    names = sorted({*found, *expected})
    return ", ".join(
        f"{name} {found.get(name, 0)} times instead of {expected.get(name, 0)}"
        for name in names
        if found.get(name, 0) != expected.get(name, 0)
    )


def _mutations(journey: Journey) -> list[dict[str, object]]:
    return [call for call in journey.calls if not is_read(call["service"], call["operation"])]


def _entries_at_death(journey: Journey) -> tuple[Entry, ...]:
    return tuple(journey.at_death.entries) if journey.at_death else ()


def _ends(entries: "tuple[Entry, ...] | list[Entry]") -> dict[Place, list[Entry]]:
    """Return what was recorded about each call after its intent."""
    found: dict[Place, list[Entry]] = {}
    for entry in entries:
        if isinstance(entry.record, r.Acked | r.CallFailed | r.CallUnknown | r.Reconciled):
            found.setdefault(_place(entry.record), []).append(entry)
    return found


def _place(record: r.Intent | r.Acked | r.CallFailed | r.CallUnknown | r.Reconciled) -> Place:
    return record.step, record.attempt, record.call
