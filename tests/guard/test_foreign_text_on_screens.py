"""Foreign text on the full screen: through the words of every view, and through the real screens to their last cell."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, Self

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cockpit.aws.parse_alarms import parse_alarms
from cockpit.engine.fold import fold
from cockpit.engine.item_words import content
from cockpit.engine.prompts import CheckItem, ChecklistPrompt
from cockpit.engine.records import Prompted
from cockpit.model.reading import Reading
from cockpit.plans.match import Match
from cockpit.ui.app import CockpitApp
from cockpit.ui.details.alarm import AlarmScreen
from cockpit.ui.plans.detail import PlanScreen
from cockpit.ui.plans.words import plan_words
from cockpit.ui.run.journal import JournalScreen
from cockpit.ui.run.screen import RunScreen
from cockpit.ui.run.step_view import latest_confirmation, step_view, time_line
from cockpit.ui.run.strip_view import halted_line, strip_lines
from cockpit.ui.run.whole_views import end_view, in_hand_view, preflight_view
from cockpit.ui.text_box import TextBox
from support.fake_hub import REGION, TalkingHub, make_snapshot
from support.fake_run import FakeRun, SetClock, session_of, settled
from support.hostile import NASTY, STORED, entries_of, harmless, opened, prompts_of, records_of

KINDS = len(list(prompts_of("x")))
AT = {"step": "scale", "attempt": 1}
ALL = "".join(NASTY).encode("utf-8", "replace").decode()


def is_harmless(words: str) -> bool:
    return all(harmless(line) for line in words.split("\n"))


def hostile_prompts(text: str) -> list[Any]:
    """Return a prompt of every kind, and a checklist with the words of an item of a table."""
    item = CheckItem(id="item", text=text, evidence=content({"pk": {"S": text}}, {text: {"M": {"x": {"S": text}}}}))
    return [*prompts_of(text), ChecklistPrompt(items=(item,))]


@given(STORED)
@example(ALL)
@settings(max_examples=40)
def test_every_view_of_a_run_and_a_plan_is_harmless(text: str) -> None:
    """A plan's value or an item would repaint the screen, or be taken for markup and vanish or end the program."""
    state, entries = None, entries_of(text)
    for number, entry in enumerate(entries):
        state = fold(state, entry)
        shown = latest_confirmation(entries[: number + 1], "scale")
        views = [
            *strip_lines(state, entry.at, 80, text).values(),
            halted_line(state),
            step_view(state, "scale", shown),
            time_line(state, "scale", entry.at),
            in_hand_view(state, "", entry.at),
            preflight_view(state, entries[: number + 1]),
            end_view(state),
        ]
        for view in views:
            assert is_harmless(view.plain), (entry.record.kind, view.plain)
    plan = state.plan if state is not None else None
    assert plan is not None
    assert is_harmless(plan_words(Match(plan, (text,), (text,)), None, 78).plain)


class Stage:
    """One open cockpit, on which many texts are shown one after the other."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self.hub = TalkingHub(make_snapshot())

    def __enter__(self) -> Self:
        self._runner.run(self._begin())
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._open.aclose())
        self._runner.close()

    async def _begin(self) -> None:
        self.run = FakeRun(SetClock())
        self.run.write(opened("x"))
        self.session = replace(session_of(self.run), hub=self.hub)  # type: ignore[arg-type] # speaks like a FeedHub
        self.app = CockpitApp(self.session)
        self.pilot = await self._open.enter_async_context(self.app.run_test(size=(80, 24)))
        await settled(self.pilot)

    def show(self, text: str, *kinds: int) -> None:
        """Show a text on every screen, and in prompts of these kinds, and check every cell."""
        self._runner.run(self._show(text, kinds))

    async def _show(self, text: str, kinds: tuple[int, ...]) -> None:
        await self._back_to_the_watch_screen()
        alarm = parse_alarms(raw_alarms(text), REGION)[0]
        at = self.session.clock.now()
        self.hub.say(alarms={REGION: Reading((alarm,), at, at)})
        await self._check("watch")
        runs = [a_run_that_asks(hostile_prompts(text)[kind], text) for kind in kinds]
        desk = RunScreen(runs[0], self.session).desk
        match = Match(runs[0].state().plan, (text,), (text,))
        screens = {
            "journal": JournalScreen(desk),
            "alarm": AlarmScreen(self.session, alarm),
            "plan": PlanScreen(self.session, match),
            "text": TextBox(text, text, text),
            **{run.state().prompt.kind: RunScreen(run, self.session) for run in runs},
        }
        for name, screen in screens.items():
            await self.app.push_screen(screen)
            await self._check(name)
            await self._back_to_the_watch_screen()

    async def _back_to_the_watch_screen(self) -> None:
        while len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        await self.pilot.pause()

    async def _check(self, name: str) -> None:
        await settled(self.pilot)
        for strip in self.app.screen._compositor.render_strips():
            assert harmless(strip.text), (name, strip.text)
            assert not any(segment.style and segment.style.meta.get("@click") for segment in strip), (name, strip.text)


def a_run_that_asks(prompt: Any, text: str) -> FakeRun:
    """Return a run full of a text that waits for an answer."""
    run = FakeRun(SetClock())
    run.write(*(record for record in records_of(text) if not is_late(record)))
    run.write(Prompted(**AT, prompt=prompt))
    return run


def is_late(record: Any) -> bool:
    """Tell whether a record ends what a prompt of the step needs open."""
    return record.kind in ("step_ended", "abort_chosen", "run_ended") and getattr(record, "step", "x") != ""


def raw_alarms(text: str) -> dict[str, Any]:
    """Return what CloudWatch would answer."""
    alarm = {
        "AlarmName": text or "x",
        "AlarmDescription": text,
        "StateValue": "ALARM",
        "StateReason": text,
        "Namespace": text,
        "MetricName": text,
        "Statistic": "Sum",
        "Period": 60,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
    }
    return {"MetricAlarms": [alarm], "CompositeAlarms": []}


@pytest.fixture(scope="module")
def stage():
    with Stage() as stage:
        yield stage


def test_every_screen_is_harmless_to_its_last_cell(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A widget that reads markup, or paints what it was given, would let an alarm's name press keys or hide lines."""
    monkeypatch.setattr("cockpit.ui.dialog.DEAF_SECONDS", 0.0)

    stage.show(ALL, *range(KINDS + 1))

    @given(STORED, st.integers(0, KINDS))
    @example("[@click=app.quit]x[/] [red]y[/red] [bold", 3)
    @settings(max_examples=5)
    def check(text: str, kind: int) -> None:
        stage.show(text, kind)

    check()
