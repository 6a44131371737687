"""The one registry of what keys do: it feeds bindings, the key line, help and the palette.

A screen or widget declares its actions once::

    BINDINGS = actions("watch", Act("plans", "p", "plans", "Recovery plans, those that match what fires first."))

No action here changes anything in AWS: mutations are confirmed in dialogs of a run (DESIGN 9).
"""

from dataclasses import dataclass

from textual.binding import Binding, BindingType

_REGISTRY: dict[str, tuple["Act", ...]] = {}


@dataclass(frozen=True, slots=True)
class Act:
    """One action.

    Attributes:
        action: Textual action, for example ``plans`` for a method ``action_plans``.
        keys: keys separated by commas, the first one is shown.
        label: one or two words for the key line and the palette.
        help: one sentence for the help screen.
        shown: whether the key line names it (help and palette always do).
        key_name: how the key is written for people; empty: as Textual spells it.
        priority: works even while a field has the focus.
    """

    action: str
    keys: str
    label: str
    help: str
    shown: bool = True
    key_name: str = ""
    priority: bool = False


def actions(place: str, *acts: Act) -> list[BindingType]:
    """Register the actions of a place and return its Textual bindings."""
    _REGISTRY[place] = acts
    return [
        Binding(
            key=act.keys,
            action=act.action,
            description=act.label,
            show=act.shown,
            key_display=act.key_name or None,
            tooltip=act.help,
            priority=act.priority,
            id=f"{place}.{act.action}" if act.action.isidentifier() else None,
        )
        for act in acts
    ]


def registered() -> dict[str, tuple[Act, ...]]:
    """Return every registered place with its actions, for documentation and tests."""
    return dict(_REGISTRY)
