"""The coverage of the ledger as lines of text for 80 columns, and as JSON. Pure."""

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from cockpit.plans.coverage import ProcedureCoverage, StepCoverage
from cockpit.plans.ledger import LedgerError
from cockpit.plans.listing import WIDTH, wrapped

_WORDS, _BY = 34, 35  # columns of a row: number 5, words, gap 2, plan steps
_MOST_SHOWN = 3  # plan steps of one row


Loose = Sequence[tuple[LedgerError, Sequence[str]]]


def coverage_lines(found: Sequence[ProcedureCoverage], loose: Loose = ()) -> Iterator[str]:
    """Yield totals by system, then each procedure with a plan, those without, and errors of no procedure (`loose`)."""
    yield from _totals(found)
    for each in found:
        if each.plan is not None:
            yield ""
            yield from _procedure(each)
    without = [each for each in found if each.plan is None]
    if without:
        yield ""
        yield "WITHOUT A PLAN"
    for each in without:
        others = dict.fromkeys(plan for step in each.steps for plan in step.by)
        part = f"; {each.covered} of them in {', '.join(others)}" if others else ""
        yield from wrapped(f"{each.procedure.id}: {_count(len(each.steps), 'step')}{part}", indent=6, first="  ")

    if loose:
        yield ""
        yield "ERRORS OF NO PROCEDURE, and the plans that explain them"
    for error, plans in loose:
        yield from wrapped(f"{error.id} {error.title}: {', '.join(plans) or 'none'}", indent=6, first="  ")


def _totals(found: Sequence[ProcedureCoverage]) -> Iterator[str]:
    yield f"{'system':<12}{'procedures':>12}{'with a plan':>13}{'their steps':>13}{'covered':>9}"
    systems = dict.fromkeys(each.procedure.system for each in found)
    for name in systems:
        yield _total(name, [each for each in found if each.procedure.system == name])
    yield _total("all", found)
    planned = [each for each in found if each.plan is not None]
    yield f"{len(planned)} of {_count(len(found), 'procedure')}"


def _total(name: str, found: Sequence[ProcedureCoverage]) -> str:
    planned = [each for each in found if each.plan is not None]
    steps, covered = sum(len(each.steps) for each in planned), sum(each.covered for each in planned)
    return f"{name:<12}{len(found):>12}{len(planned):>13}{steps:>13}{covered:>9}"


def _procedure(each: ProcedureCoverage) -> Iterator[str]:
    errors = len(each.named) + len(each.missing)
    yield each.procedure.id
    steps = f"{each.covered} of {_count(len(each.steps), 'step')}"
    yield f"  {steps}, {len(each.named)} of {_count(errors, 'error')} of the sources explained"
    for step in each.steps:
        yield _row(step)
    if each.named:
        yield from wrapped(f"explained: {', '.join(error.id for error in each.named)}", indent=6, first="  ")
    for error in each.missing:
        yield from wrapped(f"NOT EXPLAINED: {error.id} {error.title}", indent=6, first="  ")


def _row(step: StepCoverage) -> str:
    words = step.step.words if len(step.step.words) <= _WORDS else f"{step.step.words[: _WORDS - 1].rstrip()}…"
    return f"  {step.step.ref:<4}{words:<{_WORDS}}  {_by(step.by)}"[:WIDTH].rstrip()


def _by(names: Sequence[str]) -> str:
    if not names:
        return "NOT COVERED"
    for shown in range(min(len(names), _MOST_SHOWN), 0, -1):
        rest = f" +{len(names) - shown}" if len(names) > shown else ""
        words = ", ".join(names[:shown]) + rest
        if len(words) <= _BY or shown == 1:
            return words
    return ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def coverage_json(found: Sequence[ProcedureCoverage], loose: Loose = ()) -> dict[str, JsonValue]:
    """Return all of it: every step with its words, lines and what covers it."""
    planned = [each for each in found if each.plan is not None]
    return {
        "procedures": len(found),
        "with_a_plan": len(planned),
        "found": [_as_json(each) for each in found],
        "errors_of_no_procedure": [
            {"id": error.id, "title": error.title, "plans": list(plans)} for error, plans in loose
        ],
    }


def _as_json(each: ProcedureCoverage) -> JsonValue:
    return {
        "procedure": each.procedure.id,
        "plan": each.plan,
        "steps": [
            {
                "ref": step.step.ref,
                "words": step.step.words,
                "lines": [f"{document}:{line}" for document, line in sorted(step.step.lines)],
                "by": list(step.by),
            }
            for step in each.steps
        ],
        "errors_explained": [error.id for error in each.named],
        "errors_not_explained": [_error(error) for error in each.missing],
    }


def _error(error: LedgerError) -> JsonValue:
    return {"id": error.id, "title": error.title}
