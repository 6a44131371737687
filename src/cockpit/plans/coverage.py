"""Which procedures of the ledger there are plans for, and which of their steps. Pure.

A ledger step is covered by a plan step whose ``source`` names a line of it, or its ``+n``. What a plan leaves to people
afterwards is covered where ``post_incident`` names the line; what it leaves out on purpose, where a deviation has the
step's ``+n`` as its id or names the line.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cockpit.plans.ledger import Ledger, LedgerError, LedgerProcedure, LedgerStep, Line, lines_in
from cockpit.plans.schema import Plan

AFTERWARDS = "post_incident"
_ADDED = re.compile(r"(?<![\w+])\+\d+\b")


@dataclass(frozen=True, slots=True)
class StepCoverage:
    """One step of the ledger.

    Attributes:
        by: ids of the plan steps that cover it; if there are none, ``post_incident`` or ids of deviations. Of a
            procedure without a plan: ids of other plans with such steps. Empty: it is not covered.
    """

    step: LedgerStep
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProcedureCoverage:
    """One procedure.

    Attributes:
        plan: id of its plan; None if it has none. The steps are then those that other plans cover.
        named: errors that touch it and that the plan's deviations explain.
        missing: errors that touch it and that the plan says nothing about.
    """

    procedure: LedgerProcedure
    plan: str | None
    steps: tuple[StepCoverage, ...]
    named: tuple[LedgerError, ...] = ()
    missing: tuple[LedgerError, ...] = ()

    @property
    def covered(self) -> int:
        """Return the number of covered steps."""
        return sum(bool(step.by) for step in self.steps)

    @property
    def is_whole(self) -> bool:
        """Tell whether it has a plan that leaves no step and no error out."""
        return self.plan is not None and self.covered == len(self.steps) and not self.missing


def coverage(ledger: Ledger, plans: Iterable[Plan]) -> tuple[ProcedureCoverage, ...]:
    """Return every procedure of the ledger, in its order."""
    known = {plan.id: plan for plan in plans}
    return tuple(_of(procedure, ledger, known) for procedure in ledger.procedures)


def loose_errors(ledger: Ledger, plans: Iterable[Plan]) -> tuple[tuple[LedgerError, tuple[str, ...]], ...]:
    """Return the errors that speak of no procedure, each with the plans that explain it all the same."""
    explained = {plan.id: {deviation.id for deviation in plan.deviations} for plan in plans}
    bound = {error.id for procedure in ledger.procedures for error in ledger.errors_of(procedure)}
    loose = (error for error in ledger.errors if error.id not in bound)
    return tuple((error, tuple(plan for plan, known in explained.items() if error.id in known)) for error in loose)


def _of(procedure: LedgerProcedure, ledger: Ledger, plans: dict[str, Plan]) -> ProcedureCoverage:
    plan = plans.get(procedure.id)
    if plan is None:
        others = [(plan_id, _cited(other)) for plan_id, other in plans.items()]
        # What the ledger adds is numbered within each procedure: other plans' "+1" says nothing here.
        steps = (
            StepCoverage(step, tuple(name for name, cited in others if not step.is_added and cited.covers(step)))
            for step in procedure.steps
        )
        return ProcedureCoverage(procedure, None, tuple(steps))
    explained = {deviation.id for deviation in plan.deviations}
    touching = ledger.errors_of(procedure)
    return ProcedureCoverage(
        procedure,
        plan.id,
        tuple(StepCoverage(step, _covering(step, plan)) for step in procedure.steps),
        tuple(error for error in touching if error.id in explained),
        tuple(error for error in touching if error.id not in explained),
    )


@dataclass(frozen=True, slots=True)
class _Cited:
    """What texts and references name: source lines, and rows that the ledger adds."""

    lines: frozenset[Line]
    added: frozenset[str]

    def covers(self, step: LedgerStep) -> bool:
        return step.ref in self.added if step.is_added else bool(self.lines & step.lines)


def _covering(step: LedgerStep, plan: Plan) -> tuple[str, ...]:
    steps = tuple(one.id for one in plan.steps if _references(one.source).covers(step))
    if steps:
        return steps
    if _references(plan.post_incident).covers(step):
        return (AFTERWARDS,)
    return tuple(
        deviation.id
        for deviation in plan.deviations
        if deviation.id == step.ref or _references((deviation.source_says,)).covers(step)
    )


def _cited(plan: Plan) -> _Cited:
    return _references([*(reference for step in plan.steps for reference in step.source), *plan.post_incident])


def _references(texts: Iterable[str]) -> _Cited:
    text = " ; ".join(texts)
    return _Cited(lines_in(text), frozenset(_ADDED.findall(text)))
