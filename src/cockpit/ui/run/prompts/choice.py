"""Choose one of several ways or values: refused candidates stay visible with the reason."""

from collections.abc import Iterable

from rich.text import Text
from textual.widget import Widget

from cockpit.engine.commands import Answer
from cockpit.engine.prompts import ChoicePrompt
from cockpit.model.text import clean
from cockpit.ui import theme
from cockpit.ui.run.desk import Asked, Desk
from cockpit.ui.run.prompts.base import words
from cockpit.ui.run.prompts.picking import Pickable, PickDialog


class ChoiceDialog(PickDialog):
    """The recommendation is marked and explained, and never picked by itself."""

    title_words = "Choose"

    def __init__(self, desk: Desk, asked: Asked, prompt: ChoicePrompt) -> None:
        super().__init__(desk, asked)
        self.prompt = prompt
        self.picks = tuple(
            Pickable(
                label=clean(choice.label, 300),
                detail=clean(choice.consequence, 600) + (" ENDS THIS RUN." if choice.stops else ""),
                refused=clean(choice.refused, 300),
                mark="recommended" if index == prompt.recommended else "",
                reason_wanted=prompt.reason_wanted,
            )
            for index, choice in enumerate(prompt.choices)
        )

    def compose_head(self) -> Iterable[Widget]:
        """Yield the question and why something is recommended."""
        text = Text.assemble((clean(self.prompt.question, 2000), theme.BOLD))
        if self.prompt.because:
            text.append(f"\n{clean(self.prompt.because, 1000)}")
        yield words(text)

    def take(self, index: int, reason: str) -> None:
        """Send the chosen value."""
        self.send(Answer(self.asked.step, self.asked.attempt, value=self.prompt.choices[index].value, reason=reason))
