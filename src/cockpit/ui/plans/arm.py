"""Arming: a live run is opened only after the environment's name was typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rich.text import Text
from textual import on
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.model.text import clean
from cockpit.ui.dialog import Dialog
from cockpit.ui.field import Field
from cockpit.ui.session import CockpitSession, RunRequest
from cockpit.ui.theme import BANNER, BOLD, DIM, KIND_MARKS
from cockpit.ui.words import whole


class ArmDialog(Dialog[RunRequest]):
    """Names place and plan; its result is the request with the typed name in it."""

    heading = "Arm this cockpit for a live run"
    go_label = "Arm and begin"
    typing_into = "#arm-name"

    def __init__(self, session: CockpitSession, request: RunRequest) -> None:
        super().__init__()
        self._session = session
        self._request = request

    def compose_content(self) -> Iterable[Widget]:
        """Yield where, what, who may, and the field."""
        yield Static(self._words())
        yield Static(Text.assemble("Type the environment's name, ", (clean(self._session.environment_name), BOLD), ":"))
        yield Field(id="arm-name")

    def _words(self) -> Text:
        session, plan = self._session, self._request.plan
        glyph, style = KIND_MARKS[session.kind]
        account = session.environment.account if session.environment else None
        words = Text.assemble((f"{glyph} {session.kind.value.upper()} {clean(session.environment_name)}", style))
        words.append(f"  account {account}  region {self._request.region}\n")
        if session.scope is not None and account is not None and session.scope.account != account:
            words.append(f" WRONG ACCOUNT: STS says {session.scope.account} ", BANNER).append("\n")
        words.append("role ", DIM).append(f"{clean(session.scope.role) if session.scope else 'not known yet'}\n")
        words.append("plan ", DIM).append(f"{clean(plan.title)}\n", BOLD)
        if plan.last_resort:
            words.append(" LAST RESORT ", BANNER).append("\n")
        rto, rpo = plan.objectives.rto, plan.objectives.rpo
        words.append("RTO ", DIM).append(whole(rto) if rto else "not stated in the source")
        words.append("  RPO ", DIM).append(f"{whole(rpo) if rpo else 'not stated in the source'}\n")
        words.append("who  ", DIM).append(f"{clean(plan.authorization.words)}\n")
        words.append(
            "\nChecks come first. Every change is then shown with its exact call and confirmed by itself.\n", DIM
        )
        return words

    @on(Input.Submitted, "#arm-name")
    def _entered(self) -> None:
        self.go_on()

    def go_on(self) -> None:
        """Check the typed name; it must be equal, letter for letter."""
        typed = self.query_one("#arm-name", Input)
        if typed.value != self._session.environment_name:
            self.say(f"That is not the environment's name. Type {clean(self._session.environment_name)}, or cancel.")
            typed.focus()
            return
        self.dismiss(replace(self._request, typed_environment=typed.value))
