"""The run screen with parallel branches and long plans: who runs, who waits, what is late, at 80x24."""

import pytest

from cockpit.engine import commands as c
from cockpit.engine import records as r
from cockpit.engine.prompts import ConfirmPrompt, PlannedCall, TextPrompt
from cockpit.plans.schema import Plan
from cockpit.ui.run.screen import RunScreen
from cockpit.ui.run.step_list import StepList
from cockpit.ui.run.step_rows import current_key, step_rows
from cockpit.ui.run.step_words import Progress
from support.fake_run import FakeRun, on_screen, opened, press, screen_text, settled, small_plan, step

CALL = PlannedCall(
    service="ecs", operation="UpdateService", region="us-east-1", account="123456789012", params={},
    command="aws ecs update-service", target="ECS service web",
)  # fmt: skip
NAME = TextPrompt(question="How many users?")


@pytest.fixture(autouse=True)
def _all_ears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cockpit.ui.dialog.DEAF_SECONDS", 0.0)


def look(name: str, title: str, **fields: object) -> dict[str, object]:
    return step(name, title, checklist={"items": [{"id": "a", "text": "A"}]}, **fields)


def branched() -> Plan:
    """Return a plan of six included steps, one of its own, three branches and a join."""
    halts = [look(f"halt{n}", f"Halt thing {n}", part=("Halt the workers",)) for n in range(1, 7)]
    steps = [
        *halts,
        look("tell", "Tell the customers"),
        look("cluster", "Restore the snapshot", branch="database", part=("Restore",)),
        look("ready", "Wait for the cluster", branch="database", documented="PT1H", skippable=True),
        look("pool", "Create the pool", branch="auth"),
        look("users", "Import the users", branch="auth", skippable=True),
        look("shop", "Deploy the shop", branch="front"),
        look("open", "Open the shop"),
    ]
    branches = [
        {"id": "database", "title": "Database", "group": "rebuild", "budget": "PT1H", "source": ["S3:550"]},
        {"id": "auth", "title": "Authentication", "group": "rebuild", "budget": "PT15M"},
        {"id": "front", "title": "Front end", "group": "rebuild", "after": ["database"]},
    ]
    return small_plan(steps=steps, branches=branches)


def both_in_hand() -> FakeRun:
    """Return a run that waits for a cluster since 12 minutes, beside a login that is late and about to ask."""
    run = opened(branched())
    run.finish(*(f"halt{n}" for n in range(1, 7)), "tell", "cluster")
    run.begin("ready")
    run.finish("pool", after=11 * 60)
    run.begin("users")
    run.write(r.Observed(step="ready", attempt=1, what="cluster", text="creating", ok=False), after=5 * 60)
    return run


async def test_branches_show_their_time_and_every_step_that_runs() -> None:
    """With one step marked, an hour's wait or a branch that is late would go unseen."""
    run = both_in_hand()
    async with on_screen(run) as pilot:
        lines = [" ".join(line.split()) for line in screen_text(pilot).splitlines()]
        assert lines[7].startswith("✓ Halt the workers 6 steps")
        assert any("▶ Database 16 min of 1 h" in line for line in lines)
        assert any("Authentication" in line and "OVER by 1 min" in line for line in lines)
        assert any("· Front end 1 step to come" in line for line in lines)
        assert sum("▶ now" in line[:32] for line in lines) == 2
        assert "2 in hand" in lines[1]


async def test_list_follows_the_step_that_asks_and_the_others_have_a_line_each() -> None:
    """The question would be found by looking for it, or what else goes on be forgotten while it is open."""
    run = both_in_hand()
    async with on_screen(run) as pilot:
        steps = pilot.app.screen.query_one(StepList)
        assert steps.current is not None
        assert steps.current.key == "users"
        run.ask("ready", NAME)
        run.write(r.Queued(step="users", attempt=1))
        await press(pilot, "escape")
        assert steps.current.key == "ready"
        text = screen_text(pilot)
        assert "asks next, 5 min: Authentication \u203a Import" in text
        assert "1 asks next" in text
        run.write(r.Answered(step="ready", attempt=1, command="Answer"))
        run.ask("users", NAME)
        await settled(pilot)
        assert "Authentication \u203a 11/13 Import the users" in screen_text(pilot)
        await press(pilot, "escape")
        assert steps.current.key == "users"
        assert "also waiting, 16 min of 1 h: Database \u203a Wait" in screen_text(pilot)


async def test_what_became_of_a_call_is_shown_though_another_branch_asks() -> None:
    """The dialog of a call under way would give way to the next question before its outcome is known."""
    run = both_in_hand()
    async with on_screen(run) as pilot:
        run.ask("users", ConfirmPrompt(calls=(CALL,)))
        await settled(pilot)
        await press(pilot, "c")
        run.write(r.Answered(step="users", attempt=1, command="Confirm"))
        call = {"step": "users", "attempt": 1, "call": 0}
        run.write(r.Intent(**call, service="ecs", operation="UpdateService", region="us-east-1", params={}))
        run.ask("ready", NAME)
        await settled(pilot)
        assert "sent, no answer yet" in screen_text(pilot)
        run.write(r.Acked(**call, request_id="req-7"))
        await settled(pilot)
        assert "ACK request id req-7" in screen_text(pilot)
        await press(pilot, "escape")
        assert "How many users?" in screen_text(pilot)


async def test_skip_is_for_the_step_looked_at_even_if_the_run_moves_on() -> None:
    """The reason typed for one branch would skip the step of another."""
    run = both_in_hand()
    async with on_screen(run) as pilot:
        await press(pilot, "up", "up", "up")
        looked_at = pilot.app.screen.query_one(StepList).current
        assert looked_at is not None
        assert looked_at.key == "ready"
        await press(pilot, "s")
        assert "Wait for the cluster" in screen_text(pilot)
        run.ask("users", NAME)
        await press(pilot, *"no", "enter")
        assert run.sent == [c.Skip("ready", 1, "no")]


async def test_what_is_over_is_folded_and_can_be_looked_at() -> None:
    """A plan of sixty steps would not fit, or what was done in a folded part be out of reach."""
    run = both_in_hand()
    async with on_screen(run) as pilot:
        steps = pilot.app.screen.query_one(StepList)
        await press(pilot, "home", "down")
        text = screen_text(pilot)
        assert "Halt thing 6" in text, "the right side lists the steps of a folded part"
        assert "Halt thing 6" not in "".join(line[:32] for line in text.splitlines())
        await press(pilot, "f", "down")
        assert "Halt thing 1" in screen_text(pilot)
        assert steps.current is not None
        assert steps.current.key == "halt1"
        await press(pilot, "f")
        assert steps.current.heading is not None, "the cursor stays where its step has gone"


async def test_branch_under_the_cursor_is_told_in_full() -> None:
    """Budget, source and steps of a branch would stand nowhere."""
    run = both_in_hand()
    async with on_screen(run) as pilot:
        steps = pilot.app.screen.query_one(StepList)
        await press(pilot, "home", "down", "down", "down")
        assert steps.current is not None
        assert steps.current.title == "Database"
        text = " ".join(screen_text(pilot).split())
        assert "stands: running, 16 min of 1 h" in text
        assert "source: S3:550" in text


def test_line_that_matters_is_always_in_the_list() -> None:
    """The list would stay where it was when the last step of a part has ended."""
    run = opened(branched())
    done = []
    for each in run.state().plan.steps:
        run.finish(each.id)
        done.append(each.id)
        rows = step_rows(run.state(), run.clock.now())
        found = {key for row in rows for key in (row.key, *row.covers)}
        assert current_key(run.state()) in found
        assert set(done) <= found, "a step that was done is nowhere"


async def test_long_plan_shows_the_present_part_and_folds_the_rest() -> None:
    """At 80x24 the step in hand would stand without the heading that says what it belongs to."""
    steps = [
        look(f"p{part}s{n}", f"Step {n} of part {part}", part=(f"Part {part}",)) for part in range(8) for n in range(8)
    ]
    run = opened(small_plan(steps=steps))
    run.finish(*(f"p{part}s{n}" for part in range(6) for n in range(8)))
    run.begin("p6s0")
    async with on_screen(run) as pilot:
        left = "\n".join(" ".join(line[:32].split()) for line in screen_text(pilot).splitlines())
        assert "✓ Part 0 8 steps" in left
        assert "▶ Part 6" in left
        assert "Step 0 of" in left


async def test_ended_run_offers_no_key_that_does_nothing() -> None:
    """Note, skip and abort would be offered and then refused."""
    run = both_in_hand()
    async with on_screen(run, size=(120, 24)) as pilot:
        assert "x abort" in screen_text(pilot)
        run.write(*(r.StepEnded(step=key, attempt=1, outcome="failed") for key in ("ready", "users")))
        run.write(r.RunEnded(result="aborted", reason="enough"))
        await settled(pilot)
        keys = screen_text(pilot).splitlines()[-1]
        for offered in ("n note", "p pause", "s skip", "x abort", "enter answer"):
            assert offered not in keys
        assert "l log" in keys
        await press(pilot, "x", "n", "s", "p")
        assert isinstance(pilot.app.screen, RunScreen)
        assert run.sent == []


def test_step_that_was_taken_back_is_not_shown_as_done() -> None:
    """After an undo the list would say that everything still stands."""
    run = both_in_hand()
    run.write(*(r.StepEnded(step=key, attempt=1, outcome="skipped") for key in ("ready", "users")))
    run.write(r.StepStarted(step="pool", attempt=2, undo=True))
    run.write(r.StepEnded(step="pool", attempt=2, outcome="done"))
    marks = {row.key: row.mark for row in step_rows(run.state(), run.clock.now(), folded=False)}
    assert marks["pool"] is Progress.UNDONE
    assert marks["cluster"] is Progress.DONE
