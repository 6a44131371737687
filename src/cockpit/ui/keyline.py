"""The bottom line: the keys that work now, as many as fit."""

from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.text import Text
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Static

from cockpit.ui.theme import NOTE

KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "at": "@",
    "escape": "esc",
    "plus": "+",
    "minus": "-",
    "space": "space",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "full_stop": ".",
    "comma": ",",
}


def key_name(key: str) -> str:
    """Return how people write a key."""
    return KEY_NAMES.get(key, key.replace("ctrl+", "^"))


@dataclass(frozen=True, slots=True)
class KeyNow:
    """An action that works now.

    Attributes:
        key: as people write it.
        label, help: one or two words; one sentence.
        action, node: the Textual action and where it is carried out.
        shown: whether the key line names it.
    """

    key: str
    label: str
    help: str
    action: str
    shown: bool
    node: DOMNode


def keys_now(screen: Screen[Any]) -> list[KeyNow]:
    """Return the registered actions that work now, those of the focused widget first."""
    found: dict[str, KeyNow] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if not active.enabled or not binding.tooltip or binding.action in found:
            continue
        name = binding.key_display or key_name(binding.key)
        found[binding.action] = KeyNow(
            name, binding.description, binding.tooltip, binding.action, binding.show, active.node
        )
    return sorted(found.values(), key=lambda now: now.key != "enter")


class KeyLine(Static):
    """Keys and their labels for what has the focus."""

    DEFAULT_CSS = "KeyLine { height: 1; width: 100%; dock: bottom; }"

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._shown = ""

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.renew())
        self.renew()

    def on_resize(self) -> None:
        """Fit the keys to the new width."""
        self._shown = ""
        self.renew()

    def renew(self) -> None:
        """Write the line anew if it changed."""
        if not self.is_attached:
            return
        line = Text(no_wrap=True)
        width = self.app.size.width
        keys = [now for now in keys_now(self.screen) if now.shown]
        last = [now for now in keys if now.action == "help"]
        room = width - sum(cell_len(f"{now.key} {now.label}") for now in last)
        for now in [now for now in keys if now.action != "help"]:
            if cell_len(f"{line.plain}{now.key} {now.label}  ") <= room:
                line.append(now.key, NOTE).append(f" {now.label}  ")
        for now in last:
            line.append(now.key, NOTE).append(f" {now.label}")
        if line.plain != self._shown:
            self._shown = line.plain
            self.update(line, layout=False)
