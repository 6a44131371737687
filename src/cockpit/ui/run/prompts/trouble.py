"""A step failed, or nobody knows whether it did: what is known, and only the ways that are open."""

from collections.abc import Iterable

from rich.text import Text
from textual.widget import Widget

from cockpit.engine.commands import SolveTrouble
from cockpit.engine.prompts import TroublePrompt
from cockpit.model.text import clean
from cockpit.ui import theme
from cockpit.ui.run.desk import Asked, Desk
from cockpit.ui.run.prompts.base import words
from cockpit.ui.run.prompts.picking import Pickable, PickDialog
from cockpit.ui.run.step_view import call_fate

# Label, what it means, whether a reason is wanted.
WAYS = {
    "retry": ("Try again", "A new attempt at the step; every change is confirmed anew.", False),
    "reconcile": ("Look again", "Read AWS again to find out what became of the call. Changes nothing.", False),
    "happened": ("It took effect", "You have evidence that the call took effect: type it.", True),
    "not_happened": ("It did not take effect", "You have evidence that the call did not take effect: type it.", True),
    "skip": ("Skip the step", "Go on without it; say why.", True),
    "abort": ("Abort the run", "End the run here; what is halted stays halted and is listed.", False),
}


class TroubleDialog(PickDialog):
    """An unknown outcome is called UNKNOWN and never failed; nothing is repeated by itself."""

    reason_words = "Reason or evidence:"

    def __init__(self, desk: Desk, asked: Asked, prompt: TroublePrompt) -> None:
        self.title_words = "FAILED" if prompt.outcome == "failed" else "UNKNOWN OUTCOME"
        super().__init__(desk, asked)
        self.prompt = prompt
        self.picks = tuple(
            Pickable(label=WAYS[way][0], detail=WAYS[way][1], reason_wanted=WAYS[way][2]) for way in prompt.ways
        )

    def compose_head(self) -> Iterable[Widget]:
        """Yield what happened, what to do about it, and the evidence."""
        unknown = self.prompt.outcome == "unknown"
        text = Text.assemble(("? UNKNOWN: ", theme.WARN) if unknown else ("\u2717 FAILED: ", theme.BAD))
        text.append(f"{clean(self.prompt.message, 2000)}\n")
        if unknown:
            text.append("It may or may not have taken effect. Nothing is repeated by itself.\n", style=theme.BOLD)
        if self.prompt.remedy:
            text.append("next: ", style=theme.NOTE).append(f"{clean(self.prompt.remedy, 1000)}\n")
        for line in self.prompt.evidence:
            text.append("evidence: ", style=theme.NOTE).append(f"{clean(line, 1000)}\n")
        step = self.state.steps.get(self.asked.step)
        for call in step.calls if step else ():
            if call.intent.attempt == self.asked.attempt:
                text.append_text(call_fate(call)).append("\n")
        text.rstrip()
        yield words(text)

    def take(self, index: int, reason: str) -> None:
        """Send the way out."""
        self.send(SolveTrouble(self.asked.step, self.asked.attempt, way=self.prompt.ways[index], reason=reason))
