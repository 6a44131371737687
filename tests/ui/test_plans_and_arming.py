"""From a plan to a run: nothing starts by one key, nothing starts unset, nothing live starts untyped."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input

from cockpit.config.paths import data_folder
from cockpit.config.schema import Environment
from cockpit.model.scope import EnvironmentKind
from cockpit.plans.catalogue import find_plans
from cockpit.plans.match import Match
from cockpit.plans.schema import PlanInput
from cockpit.ui.app import CockpitApp
from cockpit.ui.plans.arm import ArmDialog
from cockpit.ui.plans.screen import PlansScreen
from cockpit.ui.plans.start import StartScreen, parse_input
from cockpit.ui.plans.words import plan_words
from cockpit.ui.session import CannotRun, CockpitSession, RunRequest
from support.fake_hub import TalkingHub

NAMES = {"syncwell": {"alarms": "syncwell-*", "application": "syncwell-backend", "deployment_group": "syncwell-worker",
                      "table": "SyncWellMetadata", "cluster": "syncwell", "service": "syncwell-worker"}}  # fmt: skip


class Door:
    """Takes requests for runs and refuses them all, so that no engine is needed."""

    def __init__(self) -> None:
        self.requests: list[RunRequest] = []

    def open(self, request: RunRequest) -> None:
        self.requests.append(request)
        raise CannotRun("The lock is held by run 1. Nothing was changed.")


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def planned(session: CockpitSession, door: Door) -> CockpitSession:
    """The environment prod with the plans that come with the cockpit and its names configured."""
    environment = Environment(
        kind=EnvironmentKind.PRODUCTION, account="123456789012", regions=("us-east-1",), names=NAMES
    )
    return replace(
        session,
        environment=environment,
        load_plans=lambda: find_plans([data_folder("plans")]),
        open_run=door.open,  # type: ignore[arg-type] # never returns
    )


async def until(pilot: Pilot[int], condition: object) -> None:
    """Wait until a condition holds; fails after five seconds."""
    assert callable(condition)
    for _ in range(100):
        await pilot.pause(0.05)
        if condition():
            return
    pytest.fail("it did not happen within five seconds")


async def to_start(pilot: Pilot[int], search: str = "roll the backend back by hand") -> StartScreen:
    """Go through list and detail to the form of a plan."""
    app = pilot.app
    assert isinstance(app, CockpitApp)
    await until(pilot, lambda: app.plans is not None and app.focused is not None)
    await pilot.press("p")
    await until(pilot, lambda: isinstance(app.screen, PlansScreen))
    await pilot.press("slash", *search.replace(" ", "_").split("_"))
    app.screen.query_one("#plan-search", Input).value = search
    await pilot.pause()
    await pilot.press("enter", "enter")
    await pilot.pause(0.2)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, StartScreen))
    assert isinstance(app.screen, StartScreen)
    return app.screen


async def to_arming(pilot: Pilot[int]) -> ArmDialog:
    """Go on to the arming dialog."""
    start = await to_start(pilot)
    start.query_one("#start-live", Button).press()
    await until(pilot, lambda: isinstance(pilot.app.screen, ArmDialog))
    assert isinstance(pilot.app.screen, ArmDialog)
    return pilot.app.screen


async def test_matching_plans_come_first_with_reasons(planned: CockpitSession) -> None:
    """The list starts with the plans that speak to what is going on, and says why."""
    app = CockpitApp(planned)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.matches is not None)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PlansScreen) and app.screen._table.rows)
        assert isinstance(app.screen, PlansScreen)
        rows = app.screen._table.rows
        fits = [bool(row.match and row.match.reasons) for row in rows]
        assert fits == sorted(fits, reverse=True)
        assert fits[0]


async def test_broken_plan_is_listed_with_its_problem(planned: CockpitSession, tmp_path: Path) -> None:
    """One broken file hides no sound plan; its line and problem can be read."""
    (tmp_path / "bad.yaml").write_text("id: x/y\ntitle: [unclosed\n")
    folders = [tmp_path, data_folder("plans")]
    app = CockpitApp(replace(planned, load_plans=lambda: find_plans(folders)))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.plans is not None)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PlansScreen) and app.screen._table.rows)
        assert isinstance(app.screen, PlansScreen)
        assert [row.match is None for row in app.screen._table.rows].count(True) == 1
        assert len(app.screen._table.rows) > 1


def test_plan_in_words_says_what_matters() -> None:
    """Last resort, objectives with their standing, effects, deviations: none of it is missing, at any width."""
    loaded = next(p for p in find_plans([data_folder("plans")]) if p.plan and p.plan.id.endswith("data-corruption"))
    assert loaded.plan is not None
    for width in (40, 80, 160):
        text = plan_words(Match(loaded.plan), None, width).plain
        assert "LAST RESORT" in text
        assert "15 min (documented)" in text
        assert all(f"{deviation.id} the source says" in text for deviation in loaded.plan.deviations)
        assert text.count("△ changes") + text.count("▲ DESTRUCTIVE") + text.count("· read") >= len(loaded.plan.steps)
        assert "none on this machine" in text


async def test_an_empty_input_never_starts(planned: CockpitSession, door: Door) -> None:
    """A required field left empty is named, gets the focus, and nothing is opened."""
    app = CockpitApp(planned)
    async with app.run_test(size=(80, 24)) as pilot:
        start = await to_start(pilot)
        start.query_one("#input-cluster", Input).value = "  "
        start.query_one("#start-dry", Button).press()
        await pilot.pause(0.1)
        assert app.focused is start.query_one("#input-cluster")
    assert door.requests == []


async def test_inputs_are_prefilled_and_passed_on(planned: CockpitSession, door: Door) -> None:
    """Defaults come from the configuration; a dry run starts without arming; the refusal is shown, nothing is lost."""
    app = CockpitApp(planned)
    async with app.run_test(size=(80, 24)) as pilot:
        start = await to_start(pilot)
        start.query_one("#start-dry", Button).press()
        await until(pilot, lambda: door.requests)
        await until(pilot, lambda: "The lock is held" in str(start.query_one("#start-problem").render()))
        assert isinstance(app.screen, StartScreen)
    request = door.requests[0]
    assert (request.mode, request.typed_environment, request.region) == ("dry", "", "us-east-1")
    assert request.inputs["application"] == "syncwell-backend"


async def test_arming_is_deaf_at_first_and_starts_on_cancel(planned: CockpitSession, door: Door) -> None:
    """Keys of the first half second are thrown away; Enter on what has the focus then cancels."""
    app = CockpitApp(planned)
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await to_arming(pilot)
        dialog._opened_at += 60  # still in its first half second, however slow the machine
        await pilot.press("p", "enter", "escape")
        assert app.screen is dialog
        dialog._opened_at -= 120
        assert app.focused is dialog.query_one("#dialog-cancel")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, StartScreen))
    assert door.requests == []


@pytest.mark.parametrize("typed", ["", "Prod", "prod ", "production", "yes"])
async def test_only_the_exact_name_arms(planned: CockpitSession, door: Door, typed: str) -> None:
    """Anything but the environment's name, letter for letter, opens nothing."""
    app = CockpitApp(planned)
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await to_arming(pilot)
        dialog._opened_at -= 60
        dialog.query_one("#arm-name", Input).value = typed
        dialog.query_one("#dialog-go", Button).press()
        await pilot.pause(0.1)
        assert app.screen is dialog
    assert door.requests == []


async def test_typing_the_name_arms(planned: CockpitSession, door: Door) -> None:
    """Typing starts in the field though Cancel has the focus; Enter there goes on; the request carries the name."""
    app = CockpitApp(planned)
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await to_arming(pilot)
        dialog._opened_at -= 60
        await pilot.press(*"prod", "enter")
        await until(pilot, lambda: door.requests)
    assert door.requests[0].typed_environment == "prod"
    assert door.requests[0].mode == "live"


async def test_without_an_account_only_dry(planned: CockpitSession) -> None:
    """An environment that names no account cannot be armed, and the form says what is missing."""
    assert planned.environment is not None
    bare = planned.environment.model_copy(update={"account": None})
    app = CockpitApp(replace(planned, environment=bare))
    async with app.run_test(size=(80, 24)) as pilot:
        start = await to_start(pilot)
        assert start.query_one("#start-live", Button).disabled
        assert "account in cockpit.toml" in str(start.query_one("#start-problem").render())


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", " a b ", "a b"),
        ("integer", "42", 42),
        ("list", "a, b,", ["a", "b"]),
        ("list", '[{"pk": {"S": "x"}}]', [{"pk": {"S": "x"}}]),
    ],
)
def test_fields_become_values(kind: str, text: str, value: object) -> None:
    """Each type of input is read as people write it."""
    assert parse_input(PlanInput.model_validate({"title": "x", "type": kind}), text) == value


@pytest.mark.parametrize(("kind", "text"), [("string", " "), ("integer", "4x"), ("list", "[1,"), ("list", "[]")])
def test_wrong_fields_are_refused_in_words(kind: str, text: str) -> None:
    """What is no value of the type is refused with a sentence, never guessed."""
    with pytest.raises(ValueError, match="must"):
        parse_input(PlanInput.model_validate({"title": "x", "type": kind}), text)


async def test_wrong_account_is_said_before_arming(planned: CockpitSession, hub: TalkingHub) -> None:
    """Credentials of another account than the configured one are named in the arming dialog."""
    assert planned.environment is not None
    other = planned.environment.model_copy(update={"account": "999999999999"})
    app = CockpitApp(replace(planned, environment=other))
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await to_arming(pilot)
        assert "WRONG ACCOUNT: STS says 123456789012" in dialog._words().plain
