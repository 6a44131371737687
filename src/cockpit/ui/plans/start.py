"""The inputs of a plan, and whether it runs live or dry."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from cockpit.model.text import clean
from cockpit.ui.actions import Act, actions
from cockpit.ui.base import CockpitScreen
from cockpit.ui.button import button
from cockpit.ui.field import Field
from cockpit.ui.plans.arm import ArmDialog
from cockpit.ui.session import CannotRun, CockpitSession, RunRequest
from cockpit.ui.theme import BANNER, BOLD, DIM

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cockpit.engine.handle import RunHandle
    from cockpit.plans.schema import Plan, PlanInput


def offered_texts(plan: Plan, session: CockpitSession, region: str) -> dict[str, str]:
    """Return what each field starts with: the plan's default over the configuration, empty if it gives none."""
    from cockpit.engine.inputs import offer_inputs  # noqa: PLC0415 - after the first paint

    if session.environment is None:
        return {}
    offers = offer_inputs(plan, session.environment_name, session.environment, region, session.scope)
    return {offer.name: _as_text(offer.value) for offer in offers}


def _as_text(value: JsonValue) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def parse_input(plan_input: PlanInput, text: str) -> JsonValue:
    """Return the value of a field; None if it is empty and may be.

    Raises:
        ValueError: a sentence that says what is expected.
    """
    text = text.strip()
    if not text:
        if plan_input.required:
            raise ValueError("must be set: an empty value is never used")
        return None
    if plan_input.type == "integer":
        try:
            return int(text)
        except ValueError:
            raise ValueError(f"must be a whole number, not {text!r}") from None
    if plan_input.type == "list":
        return _parse_list(text)
    if plan_input.type == "map":
        return _parse_json(text, "map", dict)
    return text


def _parse_list(text: str) -> JsonValue:
    if not text.startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    return _parse_json(text, "list", list)


def _parse_json(text: str, name: str, kind: type) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
    except json.JSONDecodeError as problem:
        raise ValueError(f"must be a JSON {name}: {problem.msg} at character {problem.pos + 1}") from None
    if not value or not isinstance(value, kind):
        raise ValueError(f"must be a JSON {name} that is not empty")
    return value


class Started(Message):
    """The run was opened."""

    def __init__(self, handle: RunHandle) -> None:
        super().__init__()
        self.handle = handle


class NotStarted(Message):
    """The run could not be opened."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


class StartScreen(CockpitScreen[None]):
    """A form: every input prefilled, region, and two buttons. A live run is armed in one more dialog."""

    BINDINGS = actions(
        "start",
        Act("close", "escape", "back", "Back to the plan; nothing was started."),
        Act("app.focus_next", "tab,down", "next field", "The next field or button.", key_name="tab"),
        Act("app.focus_previous", "shift+tab,up", "field before", "The field before.", shown=False),
    )
    DEFAULT_CSS = """
    StartScreen > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    StartScreen #start-title, StartScreen .input-label { height: auto; width: 100%; }
    StartScreen Input { height: 1; border: none; padding: 0; background: $background; text-style: underline; }
    StartScreen Input:focus { text-style: bold underline; }
    StartScreen > #start-problem { height: auto; max-height: 3; color: $error; text-style: bold; }
    StartScreen > #start-buttons { height: 1; }
    StartScreen Button { height: 1; min-width: 8; border: none; margin-right: 2; background: $background; }
    StartScreen Button:focus { text-style: reverse; }
    """

    AUTO_FOCUS = "#start-back"

    def __init__(self, session: CockpitSession, plan: Plan) -> None:
        super().__init__()
        self.session = session
        self._plan = plan
        self._starting = False

    def compose_body(self) -> Iterable[Widget]:
        """Yield title, fields, problem line and buttons."""
        region = self.session.regions[0] if self.session.regions else ""
        offered = offered_texts(self._plan, self.session, region)
        with VerticalScroll(can_focus=False):
            yield Static(self._title(), id="start-title")
            for name, plan_input in self._plan.inputs.items():
                yield Static(_label(name, plan_input), classes="input-label")
                wanted = "must be set" if plan_input.required else "left out"
                yield Field(offered.get(name, ""), placeholder=wanted, id=f"input-{name}")
            yield Static(Text.assemble(("region", BOLD), ("  one of: ", DIM), ", ".join(self.session.regions)))
            yield Field(region, id="input-region-of-run")
        yield Static(id="start-problem", markup=False)
        with Horizontal(id="start-buttons"):
            yield button("Back", "start-back")
            yield button("Dry run: show every call, change nothing", "start-dry")
            yield button("Live run …", "start-live")

    def _title(self) -> Text:
        words = Text.assemble(("Start: ", DIM), (clean(self._plan.title), BOLD), "\n")
        if self._plan.last_resort:
            words.append(" LAST RESORT ", BANNER).append(f" {clean(self._plan.last_resort_words)}\n")
        return words

    def on_mount(self) -> None:
        """Start on the button that changes nothing; a live run needs an account in the configuration."""
        if self.session.environment is None or self.session.environment.account is None:
            self.query_one("#start-live", Button).disabled = True
            self._say(
                "Live runs need an environment with its account in cockpit.toml; here only a dry run is possible."
            )

    def _say(self, words: str) -> None:
        self.query_one("#start-problem", Static).update(Text(words))

    # -- starting ------------------------------------------------------------------------------------------------

    def _request(self, mode: str) -> RunRequest | None:
        """Return the checked request; None after saying what is wrong, with the focus where it is."""
        inputs: dict[str, JsonValue] = {}
        for name, plan_input in self._plan.inputs.items():
            field = self.query_one(f"#input-{name}", Input)
            try:
                inputs[name] = parse_input(plan_input, field.value)
            except ValueError as problem:
                self._say(f"{plan_input.title} {problem}.")
                field.focus()
                return None
        region = self.query_one("#input-region-of-run", Input)
        if region.value not in self.session.regions:
            self._say(f"The region must be one of {', '.join(self.session.regions)}.")
            region.focus()
            return None
        return RunRequest(self._plan, inputs, "live" if mode == "live" else "dry", region.value)

    @on(Input.Submitted)
    def _next_field(self) -> None:
        self.focus_next()

    @on(Button.Pressed, "#start-back")
    def _back(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#start-dry")
    def _dry(self) -> None:
        request = self._request("dry")
        if request is not None:
            self._start(request)

    @on(Button.Pressed, "#start-live")
    def _live(self) -> None:
        request = self._request("live")
        if request is not None:
            self.app.push_screen(ArmDialog(self.session, request), self._armed)

    def _armed(self, request: RunRequest | None) -> None:
        if request is not None:
            self._start(request)

    def _start(self, request: RunRequest) -> None:
        if self._starting or self.session.open_run is None:
            return
        if self.cockpit.run_is_on:
            self._say("A run is on already. Go back to it with o on the watch screen.")
            return
        self._starting = True
        self._say("Opening the run …")
        self.run_worker(lambda: self._open(request), thread=True, exit_on_error=False)

    def _open(self, request: RunRequest) -> None:
        if self.session.open_run is None:
            return
        try:
            self.post_message(Started(self.session.open_run(request)))
        except CannotRun as problem:
            self.post_message(NotStarted(str(problem)))
        except Exception as problem:  # noqa: BLE001 - said on screen; the run has not begun
            self.post_message(NotStarted(f"The run could not be opened: {problem!r}. Nothing was changed."))

    @on(Started)
    def _started(self, message: Started) -> None:
        self.cockpit.begin_run(message.handle)

    @on(NotStarted)
    def _not_started(self, message: NotStarted) -> None:
        self._starting = False
        self._say(message.why)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)


def _label(name: str, plan_input: PlanInput) -> Text:
    words = Text.assemble((clean(plan_input.title), BOLD), (f"  {name}", DIM))
    if not plan_input.required:
        words.append("  may be left out", DIM)
    if plan_input.type != "string":
        words.append(f"  {plan_input.type}", DIM)
    if plan_input.help:
        words.append(f"\n{clean(plan_input.help)}", DIM)
    return words
