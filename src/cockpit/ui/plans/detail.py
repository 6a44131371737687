"""One plan in full. Enter goes on to its inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from cockpit.ui.actions import Act, actions
from cockpit.ui.details.base import DetailScreen
from cockpit.ui.plans.start import StartScreen
from cockpit.ui.plans.words import plan_words
from cockpit.ui.session import CockpitSession, RunSummary

if TYPE_CHECKING:
    from cockpit.plans.match import Match


class PlanScreen(DetailScreen):
    """A plan: banner, objectives, costs, steps, texts, deviations."""

    BINDINGS = actions(
        "plan",
        Act("start", "enter", "start …", "Set the inputs and choose live or dry; nothing starts yet."),
    )

    def __init__(self, session: CockpitSession, match: Match) -> None:
        super().__init__(session)
        self._match = match
        self._last_drill: RunSummary | None = None

    async def read(self) -> None:
        """Look for the last drill of this plan on this machine."""
        worker = self.run_worker(self._find_drill, thread=True, exit_on_error=False)
        await worker.wait()

    def _find_drill(self) -> None:
        drills = (run for run in self.session.list_rehearsals() if run.plan_id == self._match.plan.id)
        self._last_drill = next(drills, None)

    def words(self, width: int) -> Text:
        """Return the plan in words."""
        return plan_words(self._match, self._last_drill, width)

    def copied(self) -> str:
        """Return the plan's id."""
        return self._match.plan.id

    def action_start(self) -> None:
        """Go on to the inputs."""
        self.app.push_screen(StartScreen(self.session, self._match.plan))
