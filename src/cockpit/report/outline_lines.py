"""A plan's outline in plain lines: every call a run would make, and what only the run itself can know. Pure."""

from collections.abc import Iterable

from cockpit.engine.outline import OutlinedStep
from cockpit.model.effect import Effect
from cockpit.model.text import clean, duration
from cockpit.plans.schema import Plan, Step
from cockpit.report.branch_words import named
from cockpit.report.plain import exact, fact, prose


def plan_lines(plan: Plan) -> list[str]:
    """Return what has to be known before a plan is started."""
    lines = prose(f"{clean(plan.title)} ({plan.id}), {clean(plan.severity)}")
    if plan.last_resort:
        lines += prose(f"LAST RESORT. {clean(plan.last_resort_words)}".strip())
    goals = plan.objectives
    lines += fact("recovery time, documented", duration(goals.rto) if goals.rto else "not stated in the source")
    lines += fact("data loss, documented", duration(goals.rpo) if goals.rpo else "not stated in the source")
    lines += fact("note", clean(goals.note))
    lines += fact("who may run it", clean(plan.authorization.words))
    if plan.deviations:
        count = len(plan.deviations)
        lines += fact("deviations", f"{count} from the source; read them with: cockpit plans show {plan.id}")
    return lines


def step_heading(plan: Plan, step: Step) -> list[str]:
    """Return the heading of a step: its place, branch, title, effect, and why it is done."""
    number = next(n for n, other in enumerate(plan.steps, 1) if other.id == step.id)
    effect = {Effect.READ: "reads only", Effect.MUTATE: "CHANGES", Effect.DESTRUCTIVE: "DESTROYS"}[step.effect]
    title = named(plan, step.id, f"{clean(step.title)} [{step.id}; {effect}]")
    lines = prose(f"== Step {number} of {len(plan.steps)}: {title}")
    lines += fact("part", " \u203a ".join(clean(part) for part in step.part))
    lines += prose(clean(step.why), "  ")
    if step.documented is not None:
        lines += fact("documented time", duration(step.documented))
    return lines


def outline_lines(plan: Plan, steps: Iterable[OutlinedStep]) -> list[str]:
    """Return every step with its calls; gaps stand in angle brackets inside them."""
    lines: list[str] = []
    branch = None
    for outlined in steps:
        step = outlined.step
        if step.branch is not None and step.branch != branch:
            lines += ["", *_branch_heading(plan, step.branch)]
        branch = step.branch
        lines += ["", *step_heading(plan, step)]
        lines += fact("only when", clean(step.when or ""))
        lines += fact("costs data", clean(step.cost.data) if step.cost else "")
        lines += fact("undo", clean(step.undo.words) if step.undo else "")
        if step.point_of_no_return:
            lines += ["  POINT OF NO RETURN"]
        lines += fact("at run time", outlined.words)
        for call in outlined.calls:
            later = " (what stands in <> is known only at run time)" if call.gaps else ""
            lines += [f"  {call.purpose}{later}:", *exact(call.command)]
    return lines


def _branch_heading(plan: Plan, branch_id: str) -> list[str]:
    """Return the heading of a parallel branch: what it runs beside, what it comes after, how long it may take."""
    titles = {branch.id: clean(branch.title) for branch in plan.branches}
    branch = next(each for each in plan.branches if each.id == branch_id)
    beside = [titles[each.id] for each in plan.branches if each.group == branch.group and each.id != branch_id]
    lines = prose(f"==== Branch {titles[branch_id]}, side by side with {', '.join(beside)}")
    lines += fact("comes after", ", ".join(titles[name] for name in branch.after))
    return lines + fact("documented budget", duration(branch.budget) if branch.budget else "")
