"""The restore-point timeline: where things stand, where the cursor can go, what each second costs."""

from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.engine.loss import PromptWindows
from cockpit.engine.prompts import Bucket, Mark, RestorePointPrompt
from cockpit.ui.run import timeline_view as view
from cockpit.ui.run.restore_point import RestorePointDialog, typed_moment
from support.fake_run import START, FakeRun, on_screen, opened, press, screen_text

BAD_AT = START - timedelta(minutes=38, seconds=12)
PROMPT = RestorePointPrompt(
    table="SyncWellMetadata",
    earliest=START - timedelta(days=35),
    latest=START - timedelta(minutes=5),
    marks=(
        Mark(at=START - timedelta(hours=5), kind="deployment", label="d-GOOD started"),
        Mark(at=BAD_AT, kind="deployment", label="d-BAD started", suspect=True),
        Mark(at=START - timedelta(minutes=33), kind="log onset", label="first CONFIG_OVERWRITTEN"),
        Mark(at=START - timedelta(minutes=30), kind="alarm", label="config-overwritten to ALARM"),
        Mark(at=START - timedelta(minutes=7), kind="halt", label="writes ended"),
    ),
    proposal=BAD_AT - timedelta(seconds=1),
    buckets=tuple(Bucket(at=START - timedelta(seconds=back), writes=1) for back in range(10_800, 420, -1)),
    period=1,
    basis="SyncWell/ConfigWrites, sum per second",
    end=START - timedelta(minutes=7),
    end_basis="writes proven stopped",
    rpo_seconds=900,
    gaps=("AppConfig: access denied",),
)
moments = st.timedeltas(timedelta(days=-1), timedelta(days=1)).map(lambda span: START + span)


@pytest.fixture
def all_ears(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the deaf half second away."""
    monkeypatch.setattr("cockpit.ui.dialog.DEAF_SECONDS", 0.0)


def asking(prompt: RestorePointPrompt = PROMPT) -> FakeRun:
    run = opened()
    run.ask("point", prompt)
    return run


@pytest.mark.usefixtures("all_ears")
async def test_the_window_shown_is_the_models_at_every_cursor() -> None:
    """The number that somebody accepts must be the model's, not the screen's."""
    windows = PromptWindows(PROMPT)
    async with on_screen(asking()) as pilot:
        dialog = pilot.app.screen
        assert isinstance(dialog, RestorePointDialog)
        for key in ("left", "left", "right", "left_square_bracket", "right_square_bracket", "p", "n", "n", "0"):
            await press(pilot, key)
            window = windows.at(dialog.cursor)
            assert window.writes is not None
            text = screen_text(pilot)
            assert f"{window.writes.at_least:,} writes" in text
            assert view.span_words(window.duration) in text
            assert "OVER RPO 15 min" in text or not window.exceeds_rpo


@pytest.mark.usefixtures("all_ears")
async def test_keys_move_by_second_minute_event_and_typed_time() -> None:
    """The right second has to be reachable in a few keys."""
    async with on_screen(asking()) as pilot:
        dialog = pilot.app.screen
        assert isinstance(dialog, RestorePointDialog)
        start = dialog.cursor
        assert start == PROMPT.proposal
        await press(pilot, "left")
        assert dialog.cursor == start - timedelta(seconds=1)
        await press(pilot, "right_square_bracket")
        assert dialog.cursor == start + timedelta(seconds=59)
        await press(pilot, "p")
        assert dialog.cursor == start
        await press(pilot, "p")
        assert dialog.cursor == START - timedelta(hours=5, seconds=1)
        await press(pilot, "g", *"02:30:00", "enter")
        assert dialog.cursor == datetime(2026, 1, 31, 2, 30, tzinfo=UTC)
        await press(pilot, "0")
        assert dialog.cursor == start


@pytest.mark.usefixtures("all_ears")
async def test_outside_the_restorable_window_is_refused_in_words() -> None:
    """AWS would refuse it after the confirmation; the operator should know before (E-81)."""
    async with on_screen(asking()) as pilot:
        dialog = pilot.app.screen
        assert isinstance(dialog, RestorePointDialog)
        await press(pilot, "g", *"03:19:00", "enter")
        assert dialog.cursor == PROMPT.proposal
        assert "cannot be restored: the latest restorable second" in " ".join(screen_text(pilot).split())


@pytest.mark.usefixtures("all_ears")
async def test_a_cursor_on_damaged_seconds_says_so() -> None:
    """Restoring to a second after the fault restores the fault."""
    async with on_screen(asking()) as pilot:
        await press(pilot, "right")
        assert "NOT before the suspect change" in screen_text(pilot)


@pytest.mark.usefixtures("all_ears")
async def test_everything_fits_at_80x24() -> None:
    """What is cut off cannot be decided about."""
    async with on_screen(asking()) as pilot:
        text = screen_text(pilot)
        lanes = (
            "can be",
            "deploys",
            "alarms",
            "logs",
            "halted",
            "writes",
            "cursor",
            "LOSS",
            "until",
            "before",
            "after",
        )
        for words in (*lanes, "proposed", "Enter chooses", "[ Choose this second ]", "the proposal", "SUSPECT"):
            assert words in text, words
        assert "\x1b" not in text


@pytest.mark.usefixtures("all_ears")
async def test_the_last_question_shows_its_buttons() -> None:
    """A question whose buttons are pushed off the screen can be answered by whoever knows the key only."""
    async with on_screen(asking()) as pilot:
        await press(pilot, "enter")
        text = screen_text(pilot)
        assert "Choose this restore point?" in text
        assert "[ Choose it ]" in text
        assert text.index("[ Choose it ]") < text.index("╰")


@pytest.mark.usefixtures("all_ears")
async def test_without_a_proposal_the_cursor_is_not_on_the_latest_second() -> None:
    """Latest is the one choice that surely brings the damage back."""
    prompt = PROMPT.model_copy(update={"proposal": None, "marks": ()})
    async with on_screen(asking(prompt)) as pilot:
        dialog = pilot.app.screen
        assert isinstance(dialog, RestorePointDialog)
        assert dialog.cursor < prompt.latest - timedelta(days=1)
        assert "nothing: no change is marked as suspect" in screen_text(pilot)


@pytest.mark.alone
def test_moving_over_three_hours_of_seconds_is_instant() -> None:
    """A cursor that lags is moved too far."""
    windows = PromptWindows(PROMPT)
    began = perf_counter()
    for back in range(200):
        windows.at(BAD_AT - timedelta(seconds=back))
    assert (perf_counter() - began) / 200 < 0.005
    began = perf_counter()
    for back in range(10):
        cursor = BAD_AT - timedelta(seconds=back)
        view.timeline(PROMPT, cursor, view.axis_around(cursor, timedelta(hours=3), 70))
    assert (perf_counter() - began) / 10 < 0.1


@given(cursor=moments, moment=moments, zoom=st.sampled_from(view.ZOOMS), width=st.integers(10, 200))
def test_a_moment_is_in_the_column_that_covers_it(
    cursor: datetime, moment: datetime, zoom: timedelta, width: int
) -> None:
    """A mark one column off is minutes off on a wide scale."""
    axis = view.axis_around(cursor, zoom, width)
    column = axis.column(moment)
    if column is None:
        assert moment < axis.start or moment >= axis.end - timedelta(microseconds=1)
    else:
        slack = timedelta(microseconds=2)
        assert axis.moment(column) - slack <= moment <= axis.moment(column + 1) + slack


@given(cursor=moments, zoom=st.sampled_from(view.ZOOMS), width=st.integers(10, 200))
def test_every_row_has_the_same_width(cursor: datetime, zoom: timedelta, width: int) -> None:
    """Lanes that do not line up point at the wrong second."""
    rows = view.timeline(PROMPT, cursor, view.axis_around(cursor, zoom, width)).plain.split("\n")
    assert {len(row) for row in rows} == {width + view.LABEL_WIDTH}


@given(moment=moments)
def test_the_second_before_lies_wholly_before(moment: datetime) -> None:
    """A restore keeps every write of its second: that second must end before the mark."""
    assert view.second_before(moment) + timedelta(seconds=1) <= moment
    assert view.second_before(moment).microsecond == 0


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("02:41:47", datetime(2026, 1, 31, 2, 41, 47, tzinfo=UTC)),
        ("02:41:47Z", datetime(2026, 1, 31, 2, 41, 47, tzinfo=UTC)),
        ("02:41", datetime(2026, 1, 31, 2, 41, tzinfo=UTC)),
        ("23:59:59", datetime(2026, 1, 30, 23, 59, 59, tzinfo=UTC)),
        ("2026-01-30 10:00:00", datetime(2026, 1, 30, 10, tzinfo=UTC)),
        ("2026-01-31T03:00:00+01:00", datetime(2026, 1, 31, 2, tzinfo=UTC)),
        ("02:41:47+01:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_typed_times_are_utc_and_near(typed: str, expected: datetime | None) -> None:
    """A typed time that is read in another zone or on another day restores the wrong hour."""
    assert typed_moment(typed, START) == expected
