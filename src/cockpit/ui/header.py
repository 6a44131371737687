"""The top line: where one is, what may happen here, and what time it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from cockpit.model.text import clean, utc_time
from cockpit.ui.theme import BAD, BOLD, DIM, KIND_MARKS, NOTE, WARN

if TYPE_CHECKING:
    from cockpit.ui.app import CockpitApp
    from cockpit.ui.session import CockpitSession

GAP = "  "


def header_words(session: CockpitSession | None, title: str, armed: str, width: int) -> Text:
    """Return the header's words for a width in cells.

    The environment and READ-ONLY or ARMED are always there; the role is shortened first, then left out.

    Args:
        session: None while the environment is being opened.
        title: words shown until then.
        armed: name of the armed environment; empty for read-only.
        width: cells there are.
    """
    if session is None:
        return Text.assemble((title, BOLD), GAP, ("opening …", DIM))
    glyph, style = KIND_MARKS[session.kind]
    name = clean(session.environment_name, 40)
    kind = session.kind.value.upper()
    where = Text.assemble((f"{glyph} {kind}", style))
    if session.demo and kind != "DEMO":
        where.append(" DEMO", NOTE)
    if name.upper() != kind:
        where.append(f" {name}", BOLD)
    if session.clock.speed != 1:
        where.append(f" x{session.clock.speed:g}", NOTE)
    state = Text("ARMED", BAD + WARN) if armed else Text("READ-ONLY", BOLD)
    state.stylize("reverse" if armed else "")
    account = session.scope.account if session.scope else "account ?"
    region = session.scope.region if session.scope else (session.regions[0] if session.regions else "")
    more = len(session.regions) - 1
    place = f"{account} {region}" + (f" +{more}" if more > 0 else "")
    role = _short_role(session.scope.role) if session.scope else ""
    expected = session.environment.account if session.environment else None
    if session.scope and expected and session.scope.account != expected:
        where.append(GAP).append(f"ACCOUNT {session.scope.account} NOT {expected}", style=BAD)
        place = session.scope.region
    line = Text.assemble(where, GAP, place)
    room = width - cell_len(line.plain) - len(GAP) * 2 - len(state.plain)
    if role and room > 6:  # noqa: PLR2004 - fewer letters of a role say nothing
        shown = Text(role)
        shown.truncate(room, overflow="ellipsis")
        line.append(GAP).append_text(shown)
    elif room < 0:
        line = where
    return line.append(GAP).append_text(state)


def _short_role(arn: str) -> str:
    """Return the telling part of a caller's ARN: ``role/session`` without ``assumed-role``, else the last part."""
    resource = clean(arn, 300).rpartition(":")[2]
    parts = resource.split("/")
    return "/".join(parts[1:]) if len(parts) > 1 else resource


class HeaderClock(Static):
    """UTC time of the session's clock, once a second, without a new layout."""

    DEFAULT_CSS = "HeaderClock { width: 10; text-align: right; text-style: bold; }"

    def on_mount(self) -> None:
        """Start ticking."""
        self.tick()
        self.set_interval(1.0, self.tick)

    def tick(self) -> None:
        """Show the time, if anybody can see it."""
        if self.screen.is_current:
            self.update(utc_time(cast("CockpitApp", self.app).clock.now()), layout=False)


class Header(Horizontal):
    """Environment, account, region, role, READ-ONLY or ARMED, UTC clock: one row."""

    DEFAULT_CSS = """
    Header { height: 1; width: 100%; }
    Header > #header-words { width: 1fr; height: 1; }
    """

    def compose(self) -> ComposeResult:
        """Lay out words and clock."""
        yield Static(id="header-words", markup=False)
        yield HeaderClock(markup=False)

    def on_mount(self) -> None:
        """Fill in the words."""
        self.renew()

    def on_resize(self) -> None:
        """Fit the words to the new width."""
        self.renew()

    def renew(self) -> None:
        """Show the present session and whether it is armed."""
        app = cast("CockpitApp", self.app)
        width = max((self.size.width or app.size.width) - 10, 10)
        words = header_words(app.session, app.title, app.armed, width)
        self.query_one("#header-words", Static).update(words, layout=False)
        self.query_one(HeaderClock).tick()
