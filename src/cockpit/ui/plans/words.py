"""A plan in words: what it is for, what it costs, what it does, where it differs from its source."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.text import Text

from cockpit.model.effect import Effect
from cockpit.model.text import clean, duration, utc
from cockpit.plans.sections import Heading, heading_words, outlined
from cockpit.ui.theme import BAD, BANNER, BOLD, DIM, NOTE, WARN
from cockpit.ui.words import whole

if TYPE_CHECKING:
    from cockpit.plans.match import Match
    from cockpit.plans.schema import Deviation, Plan, Step
    from cockpit.ui.session import RunSummary

EFFECTS: dict[Effect, tuple[str, str]] = {
    Effect.READ: ("· read", ""),
    Effect.MUTATE: ("△ changes", "yellow"),
    Effect.DESTRUCTIVE: ("▲ DESTRUCTIVE", "bold red"),
}
NAME_WIDTH = 13


def plan_words(match: Match, last_drill: RunSummary | None, width: int) -> Text:
    """Return the whole plan in words for a width in cells."""
    plan = match.plan
    words = Text.assemble((clean(plan.title), BOLD), "\n")
    if plan.last_resort:
        words.append(" LAST RESORT ", BANNER).append("\n")
        words.append_text(_wrapped(plan.last_resort_words, width, indent=0))
    words.append_text(_match_words(match, width)).append_text(_facts(plan, width))
    words.append_text(_drill_words(plan, last_drill, width))
    words.append("\nSTEPS\n", BOLD)
    numbers = count(1)
    for depth, part in outlined(plan):
        if isinstance(part, Heading):
            words.append_text(_wrapped(f"─ {heading_words(plan, part)}", width, indent=depth, style=str(BOLD)))
        else:
            words.append_text(_step_words(next(numbers), part, width))
    words.append_text(_texts_words(plan, width))
    if plan.deviations:
        words.append("\nWHERE THIS DIFFERS FROM THE SOURCE\n", BOLD)
        for deviation in plan.deviations:
            words.append_text(_deviation_words(deviation, width))
    if plan.post_incident:
        words.append("\nAFTERWARDS\n", BOLD)
        for line in plan.post_incident:
            words.append_text(_wrapped(f"· {line}", width, indent=2))
    return words


def _match_words(match: Match, width: int) -> Text:
    words = Text()
    for reason in match.reasons:
        words.append_text(_named("fits now", f"● {reason}", width))
    for missing in match.missing:
        words.append_text(_named("not seen", f"○ {missing}", width))
    return words


def _facts(plan: Plan, width: int) -> Text:
    objectives = plan.objectives
    sources = ", ".join(f"{source.document}:{source.lines} {source.title}" for source in plan.source)
    facts = (
        ("trigger", plan.trigger.words),
        ("severity", plan.severity),
        ("RTO", _objective(objectives.rto)),
        ("RPO", _objective(objectives.rpo)),
        ("", objectives.note),
        ("meanwhile", plan.expected_behaviour),
        ("authorization", plan.authorization.words),
        ("second person", "named for the data loss" if plan.authorization.second_person else ""),
        ("stays halted", "; ".join(plan.may_stay_halted)),
        ("source", sources),
    )
    words = Text()
    for name, value in facts:
        words.append_text(_named(name, value, width))
    return words


def _objective(span: timedelta | None) -> str:
    return "not stated in the source" if span is None else f"{whole(span)} (documented)"


def _drill_words(plan: Plan, last: RunSummary | None, width: int) -> Text:
    words = Text()
    if plan.drill is not None:
        words.append_text(_named("drill", plan.drill.cadence, width))
    if last is None:
        return words.append_text(_named("last drill", "none on this machine", width))
    took = duration(last.last_at - last.opened_at) if last.last_at and last.opened_at else "?"
    ended = last.ended or "not finished"
    return words.append_text(_named("last drill", f"{utc(last.opened_at)}, {ended}, took {took}", width))


def _step_words(number: int, step: Step, width: int) -> Text:
    mark, style = EFFECTS[step.effect]
    words = Text.assemble((f"{number:>3} ", DIM), (f"{mark:<13} ", style), (clean(step.title), BOLD))
    if step.documented is not None:
        words.append(f"  documented {whole(step.documented)}", DIM)
    if step.when is not None:
        words.append("  only if needed", DIM)
    if step.point_of_no_return:
        words.append("  POINT OF NO RETURN", BAD)
    if step.skippable:
        words.append("  may be skipped", DIM)
    words.append("\n")
    words.append_text(_wrapped(step.why, width, indent=4))
    if step.cost is not None and step.cost.data != "none":
        words.append_text(_wrapped(f"costs data: {step.cost.data}", width, indent=4, style=str(WARN)))
    return words


def _texts_words(plan: Plan, width: int) -> Text:
    words = Text("")
    words.append("\nSTATUS TEXTS\n", BOLD)
    if plan.communications.update_every:
        words.append_text(_wrapped(f"an update every {whole(plan.communications.update_every)}", width, indent=0))
    for text in plan.communications.texts:
        label = "verbatim from the source" if text.basis == "verbatim" else "draft, not from the source"
        words.append(f"{clean(text.title)} ", BOLD).append(f"({label})\n", DIM)
        words.append_text(_wrapped(text.text, width, indent=2))
    return words


def _deviation_words(deviation: Deviation, width: int) -> Text:
    words = Text.assemble((f"{deviation.id} ", NOTE), ("the source says: ", DIM), "\n")
    words.append_text(_wrapped(deviation.source_says, width, indent=2))
    words.append("  this plan does:\n", DIM).append_text(_wrapped(deviation.plan_does, width, indent=2))
    return words.append("  because:\n", DIM).append_text(_wrapped(deviation.why, width, indent=2))


def _named(name: str, value: str, width: int) -> Text:
    words = Text()
    for number, line in enumerate(wrap(clean(value), max(width - NAME_WIDTH - 1, 20))):
        words.append(f"{'' if number else name:<{NAME_WIDTH}} ", DIM).append(f"{line}\n")
    return words


def _wrapped(value: str, width: int, *, indent: int, style: str = "") -> Text:
    words = Text()
    for line in wrap(clean(value), max(width - indent, 20)):
        words.append(f"{' ' * indent}{line}\n", style)
    return words
