"""Small pure parts of the engine: context, tokens, inputs, forecast, undo, outline, admission, targets."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.admission import refusal
from cockpit.engine.call_book import AwsCallBook
from cockpit.engine.context import run_context, scope_context
from cockpit.engine.errors import StartRefused
from cockpit.engine.forecast import forecast, percentile
from cockpit.engine.inputs import offer_inputs, set_inputs
from cockpit.engine.lenient import resolve_known
from cockpit.engine.outline import Outliner
from cockpit.engine.state import HaltedState, RunState, StepState
from cockpit.engine.targets import target_of
from cockpit.engine.tokens import new_run_id, token
from cockpit.engine.undo import undo_step, undoable
from cockpit.model.effect import Effect, Outcome
from cockpit.model.loss_window import LossWindow, WindowEnd, WriteCount
from cockpit.model.scope import EnvironmentKind, Scope
from cockpit.plans.expressions import evaluate
from support.engine_rig import ENVIRONMENT, REGION, SCALE, make_plan

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
SCOPE = Scope("drill", EnvironmentKind.DRILL, "123456789012", REGION, "arn:me")


def state_of(plan, **changes):
    fields = {
        "run_id": "run-1",
        "plan": plan,
        "plan_digest": "",
        "mode": "live",
        "scope": SCOPE,
        "operator": "ada",
        "opened_at": NOON,
        "last_at": NOON,
        "last_seq": 0,
        **changes,
    }
    return RunState(**fields)


class TestContext:
    """What expressions see."""

    def test_names_that_plans_are_promised(self):
        """A documented name would be missing, and a recovery stop for it."""
        loss = LossWindow(NOON, NOON + timedelta(minutes=41, seconds=7), WindowEnd.PROVEN_HALT, WriteCount(3, 5, "m"))
        state = state_of(
            make_plan(SCALE),
            inputs={"table": "Orders"},
            names={"shop": {"table": "Orders"}},
            steps={"scale": StepState("scale", 1, NOON, NOON, Outcome.DONE, captured={"desired": 0})},
            halted={"desired": HaltedState("desired", "count", 4, "")},
            halted_at=NOON,
            loss=loss,
            preflight={"identity": {"account": "1"}},
        )
        context = run_context(state, NOON + timedelta(hours=1))
        expected = {
            "inputs.table": "Orders",
            "steps.scale.desired": 0,
            "steps.scale.ended_at": "2026-01-31T12:00:00Z",
            "steps.scale.outcome": "done",
            "scope.names.shop.table": "Orders",
            "scope.kind": "drill",
            "run.id": "run-1",
            "run.started_at": "2026-01-31T12:00:00Z",
            "run.now": "2026-01-31T13:00:00Z",
            "run.halted.desired": 4,
            "run.halted_at": "2026-01-31T12:00:00Z",
            "run.loss.start": "2026-01-31T12:00:00Z",
            "run.loss.duration": "41 min 07 s",
            "run.loss.duration_seconds": 2467.0,
            "run.loss.writes": "3 to 5",
            "plan.title": "Test plan",
            "preflight.identity.account": "1",
        }
        assert {name: evaluate(name, context) for name in expected} == expected

    def test_skipped_step_has_nothing(self):
        """A condition could not tell whether a step ran."""
        state = state_of(make_plan(SCALE), steps={"scale": StepState("scale", 1, outcome=Outcome.SKIPPED)})
        assert evaluate("steps.scale", run_context(state, NOON)) is None


class TestTokens:
    """Names that a crash cannot change."""

    @given(st.text(), st.text(), st.integers(), st.integers())
    def test_token_is_the_same_for_the_same_call(self, run, step, attempt, call):
        """A repeated call would carry another token and be carried out twice."""
        assert token(run, step, attempt, call) == token(run, step, attempt, call)
        assert token(run, step, attempt, call) != token(run, step, attempt, call + 1)

    @given(st.from_regex(r"[a-z0-9-]{1,40}/[a-z0-9-]{1,60}", fullmatch=True))
    def test_run_id_fits_into_names(self, plan_id):
        """A run id could not be part of a table's name or a description."""
        made = new_run_id(plan_id, NOON)
        assert re.fullmatch(r"20260131T120000Z-[a-z0-9-]+-[0-9a-f]{4}", made)
        assert len(made) <= 40

    def test_run_ids_sort_by_time(self):
        """The list of runs would be out of order."""
        ids = [new_run_id("a/plan-g-x", NOON + timedelta(minutes=n)) for n in range(5)]
        assert ids == sorted(ids)


class TestInputs:
    """Values before the start."""

    PLAN = make_plan(
        SCALE,
        inputs={
            "table": {"title": "Table", "default": "{{ scope.names.shop.table }}"},
            "cluster": {"title": "Cluster", "default": "{{ scope.names.shop.cluster }}"},
            "size": {"title": "Size", "type": "integer", "default": 3},
            "keys": {"title": "Keys", "type": "list", "required": False},
        },
    )

    def test_offers_come_from_the_configuration(self):
        """The operator would type what the configuration knows."""
        offers = {offer.name: offer for offer in offer_inputs(self.PLAN, "drill", ENVIRONMENT, REGION)}
        assert offers["table"].value == "Orders"
        assert "configuration does not give it" in offers["cluster"].problem

    def test_all_problems_at_once_with_names(self):
        """The operator would mend one input after another."""
        with pytest.raises(StartRefused) as caught:
            set_inputs(self.PLAN, "drill", ENVIRONMENT, REGION, {"size": "many", "colour": "red"})
        text = str(caught.value)
        assert all(word in text for word in ("colour", "Cluster", "whole number"))

    def test_types(self):
        """A number would reach AWS as text, or a list as one name."""
        given_ = {"cluster": "shop", "size": "7", "keys": "a, b"}
        made = {item.name: item.value for item in set_inputs(self.PLAN, "drill", ENVIRONMENT, REGION, given_)}
        assert made == {"table": "Orders", "cluster": "shop", "size": 7, "keys": ["a", "b"]}

    @given(st.sampled_from(["", " ", "\t\n", None, []]))
    def test_empty_is_never_a_value(self, nothing):
        """An empty name would go into a call (RQ-24)."""
        with pytest.raises(StartRefused):
            set_inputs(self.PLAN, "drill", ENVIRONMENT, REGION, {"cluster": "shop", "table": nothing})


class TestForecast:
    """Times of a run."""

    PLAN = make_plan(
        {**SCALE, "documented": "PT10M"},
        {"id": "wait", "documented": "PT30M", "checklist": {"items": [{"id": "a", "text": "a"}]}},
        {"id": "look", "checklist": {"items": [{"id": "a", "text": "a"}]}},
        drill={"cadence": "quarterly", "durations": {"wait": [600, 1200, 1800, 5400]}},
    )

    def test_sums_and_overruns(self):
        """The clock beside the run would promise what nothing supports."""
        started = NOON + timedelta(minutes=20)
        steps = {
            "scale": StepState("scale", 1, NOON, started, Outcome.DONE),
            "wait": StepState("wait", 1, started),
        }
        now = started + timedelta(minutes=5)
        seen = forecast(state_of(self.PLAN, steps=steps, in_hand=("wait",)), now)
        assert seen.elapsed == timedelta(minutes=25)
        assert seen.steps[0].over == timedelta(minutes=10)
        assert (seen.remaining, seen.remaining_at_most) == (timedelta(minutes=15), timedelta(minutes=85))
        assert seen.unknown == ("look",)
        assert seen.rto_left == timedelta(hours=4) - timedelta(minutes=25)
        assert seen.misses_rto is False

    def test_ended_run_stands_still(self):
        """The elapsed time of a finished run would grow for ever."""
        ended = state_of(self.PLAN, ended="finished", last_at=NOON + timedelta(hours=1))
        assert forecast(ended, NOON + timedelta(days=9)).elapsed == timedelta(hours=1)

    def test_clock_stops_when_the_service_is_back(self):
        """Every run would have missed its recovery time by what is watched and told after the recovery."""
        plan = make_plan(
            {"id": "move", "documented": "PT10M", "checklist": {"items": [{"id": "a", "text": "a"}]}},
            {"id": "try", "documented": "PT5M", "checklist": {"items": [{"id": "a", "text": "a"}]}},
            {"id": "soak", "documented": "PT6H", "checklist": {"items": [{"id": "a", "text": "a"}]}},
            objectives={"rto": "PT4H", "recovered_by": ["try"]},
        )
        moved = StepState("move", 1, NOON, NOON + timedelta(minutes=8), Outcome.DONE)
        before = forecast(state_of(plan, steps={"move": moved}), NOON + timedelta(minutes=8))
        assert (before.recovered_at, before.to_recovery, before.misses_rto) == (None, timedelta(minutes=5), False)
        back = NOON + timedelta(minutes=20)
        tried = StepState("try", 1, NOON, back, Outcome.DONE, over_at=back)
        after = forecast(state_of(plan, steps={"move": moved, "try": tried}), NOON + timedelta(hours=9))
        assert (after.recovered_at, after.elapsed, after.misses_rto) == (back, timedelta(minutes=20), False)

    @pytest.mark.parametrize("how", [{"outcome": Outcome.SKIPPED}, {"outcome": Outcome.DONE, "undone": Outcome.DONE}])
    def test_what_was_skipped_or_taken_back_is_no_recovery(self, how):
        """The clock would stop on a service that nobody has seen working."""
        plan = make_plan(
            {"id": "try", "checklist": {"items": [{"id": "a", "text": "a"}]}},
            objectives={"rto": "PT4H", "recovered_by": ["try"]},
        )
        tried = StepState("try", 1, NOON, NOON, over_at=NOON, **how)
        seen = forecast(state_of(plan, steps={"try": tried}), NOON + timedelta(hours=5))
        assert (seen.recovered_at, seen.elapsed, seen.misses_rto) == (None, timedelta(hours=5), True)

    @given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
    def test_percentile_is_one_of_the_values_and_covers_its_part(self, values, part):
        """A forecast would be a number that never happened."""
        found = percentile(values, part)
        assert found in values
        assert sum(value <= found for value in values) >= int(part * 1000) / 1000 * len(values) - 1e-9


class TestUndo:
    """Taking steps back."""

    def test_reverse_order_and_never_past_the_point_of_no_return(self):
        """Undo would run forward, or try to take back what cannot be."""
        undo = {"undo": {"words": "by hand"}}
        plan = make_plan(
            *({**SCALE, "id": name, **undo} for name in ("one", "two", "three", "four")),
        )
        plan = plan.model_copy(
            update={
                "steps": (
                    *plan.steps[:1],
                    plan.steps[1].model_copy(update={"point_of_no_return": True}),
                    *plan.steps[2:],
                )
            }
        )
        done = {step.id: StepState(step.id, 1, NOON, NOON, Outcome.DONE) for step in plan.steps}
        assert [step.id for step in undoable(state_of(plan, steps=done))] == ["four", "three"]

    def test_words_become_something_to_tick_off(self):
        """A step that only a person can take back would be passed over in silence."""
        step = undo_step(make_plan({**SCALE, "undo": {"words": "Scale up by hand"}}).steps[0])
        assert step.action.kind == "checklist"
        assert step.effect is Effect.MUTATE
        assert step.verify is None


class TestOutline:
    """A dry run without a run."""

    def test_every_call_with_its_gaps(self):
        """A dry run would hide a call, or show an invented value."""
        plan = make_plan(
            {
                **SCALE,
                "aws": {
                    "call": "ecs:UpdateService",
                    "params": {"service": "{{ inputs.table }}-{{ steps.look.name }}", "desiredCount": 0},
                },
                "verify": {"read": "ecs:DescribeServices", "params": {"services": ["a"]}, "until": "answer"},
            }
        )
        context = {"inputs": {"table": "Orders"}, "scope": scope_context(SCOPE, {})}
        outlined = Outliner(context, REGION, AwsCallBook()).outline(plan.steps[0])
        assert [call.purpose for call in outlined.calls] == ["does", "proves it by"]
        assert "Orders-<steps.look.name>" in outlined.calls[0].command
        assert outlined.calls[0].gaps == ("steps.look.name",)

    @given(
        st.recursive(
            st.text(max_size=9) | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
        )
    )
    def test_values_without_expressions_stay_as_they_are(self, value):
        """A dry run would show other parameters than the run sends."""
        if "{{" not in str(value):
            assert resolve_known(value, {}).value == value


class TestAdmission:
    """Whether a command fits its prompt."""

    APPROVE = p.ApprovePrompt(statement="Lose it?", phrase="Orders", second_person=True)
    POINT = p.RestorePointPrompt(
        table="Orders",
        earliest=NOON,
        latest=NOON + timedelta(hours=1),
        end=NOON,
        end_basis="writes still going on: now",
    )

    @pytest.mark.parametrize(
        ("prompt", "command", "why"),
        [
            (APPROVE, c.Approve("s", 1, "orders", "bob"), "type exactly"),
            (APPROVE, c.Approve("s", 1, "Orders", " "), "missing"),
            (APPROVE, c.Approve("s", 1, "Orders", "Ada "), "somebody else"),
            (APPROVE, c.Approve("s", 1, "Orders", "bob"), ""),
            (APPROVE, c.Confirm("s", 1), "waits for an approval"),
            (POINT, c.ChooseRestorePoint("s", 1, NOON - timedelta(seconds=1)), "outside"),
            (POINT, c.ChooseRestorePoint("s", 1, NOON.replace(tzinfo=None)), "time zone"),
            (POINT, c.ChooseRestorePoint("s", 1, NOON), ""),
            (p.TextPrompt(question="?", pattern="[a-z]+"), c.Answer("s", 1, "a b"), "must look like"),
            (p.TextPrompt(question="?"), c.Answer("s", 1, None), "empty"),
            (p.NotifyPrompt(to="a", text="b"), c.Answer("s", 1, ""), "how they were told"),
            (p.StatusPrompt(phase="a", title="a", basis="draft", text="a"), c.PostStatus("s", 1, " "), "empty"),
        ],
    )
    def test_what_does_not_fit_is_refused_in_words(self, prompt, command, why):
        """A wrong answer would be taken, or refused without a reason."""
        found = refusal(prompt, command, "ada")
        assert why in found
        assert bool(found) == bool(why)


def test_target_is_what_changes():
    """The name to be typed would be another resource's."""
    assert target_of({"SourceTableName": "Orders", "TargetTableName": "Orders-restored"}) == "Orders-restored"
    assert target_of({"desiredCount": 0, "cluster": "shop", "service": "worker"}) == "worker"
    assert target_of({"DBClusterIdentifier": "shop", "DBInstanceIdentifier": "shop-1"}) == "shop-1"
    assert target_of({"Whatever": 1, "jobId": "7"}) == "7"
    assert target_of({}) == ""
