"""One deployment: what it ships, its lifecycle, who gets the traffic, its rollbacks."""

from __future__ import annotations

from datetime import datetime, timedelta

from rich.text import Text

from cockpit.model.deployment import Deployment, DeploymentTarget
from cockpit.model.text import duration, utc, utc_time
from cockpit.ui.details.base import DetailScreen, field, heading, trouble
from cockpit.ui.session import CockpitSession
from cockpit.ui.theme import BAD, BOLD, DIM, GOOD, NOTE, WARN
from cockpit.ui.watch.deployments import deployment_state

EVENT_MARKS = {
    "Succeeded": ("✓", GOOD),
    "InProgress": ("▶", WARN),
    "Failed": ("✗", BAD),
    "Pending": ("·", DIM),
    "Skipped": ("-", DIM),
}


def _span(start: datetime | None, end: datetime | None) -> timedelta | None:
    return None if start is None or end is None else end - start


class DeploymentScreen(DetailScreen):
    """Details of a deployment."""

    def __init__(self, session: CockpitSession, deployment: Deployment) -> None:
        super().__init__(session)
        self._deployment = deployment
        self._trouble = ""
        self._read_once = False

    def copied(self) -> str:
        """Return the deployment id."""
        return self._deployment.deployment_id

    async def read(self) -> None:
        """Read the deployment anew, with its targets."""
        if self.session.hub is None:
            return
        fresh, self._trouble = await self.asked(self.session.hub.deployment_detail(self._deployment))
        self._deployment = fresh or self._deployment
        self._read_once = True

    def words(self, width: int) -> Text:
        """Return deployment, rollback links and targets."""
        it = self._deployment
        words = Text.assemble(deployment_state(it), "  ", (it.deployment_id, BOLD), "\n", trouble(self._trouble))
        took = duration(_span(it.started_at or it.created_at, it.completed_at)) if it.completed_at else ""
        for name, value in (
            ("application", f"{it.application} / {it.group}"),
            ("region", it.region),
            ("revision", it.revision),
            ("created", f"{utc(it.created_at)} by {it.creator or 'unknown'}"),
            ("started", utc(it.started_at)),
            ("completed", f"{utc(it.completed_at)}{f', took {took}' if took else ''}"),
            ("description", it.description),
        ):
            words.append_text(field(name, value, width))
        words.append_text(self._rollback_words(width))
        if it.error_code or it.error_message:
            words.append_text(field("error", f"{it.error_code} {it.error_message}".strip(), width, BAD))
        for target in it.targets:
            words.append_text(_target_words(target))
        if not it.targets:
            words.append("\nno targets known\n" if self._read_once else "\nreading the targets …\n", DIM)
        return words

    def _rollback_words(self, width: int) -> Text:
        it = self._deployment
        words = field("rolls back", it.rollback_of, width, NOTE)
        words.append_text(field("undone by", it.rolled_back_by, width, NOTE))
        return words.append_text(field("rollback", it.rollback_message, width))


def _target_words(target: DeploymentTarget) -> Text:
    words = heading(f"target {target.target_id}: {target.status}")
    for task_set in target.task_sets:
        traffic = "traffic ?" if task_set.traffic_percent is None else f"{task_set.traffic_percent:g} % of traffic"
        counts = f"{task_set.running} of {task_set.desired} tasks run" if task_set.running is not None else ""
        words.append(f"{task_set.label:<7}", BOLD).append(f"{traffic:<18}{counts}  {task_set.status}\n")
    for event in target.events:
        glyph, style = EVENT_MARKS.get(event.status, ("?", WARN))
        took = _span(event.started_at, event.ended_at)
        words.append(f"{glyph} {event.status:<11}", style).append(f"{event.name:<24}")
        words.append(f"{utc_time(event.started_at)}  {duration(took) if took else ''}\n", DIM)
    return words
