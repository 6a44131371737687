"""The plan distro/full-system-recovery, run by the engine against a system that has failed completely."""

from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from cockpit.config.paths import data_folder
from cockpit.engine.branches import branch_states
from cockpit.engine.state import RunState
from cockpit.model.effect import Effect
from cockpit.plans.catalogue import load_plan
from cockpit.plans.schema import Plan
from cockpit.report.branch_words import branch_words
from cockpit.sim.process import Simulator, start_simulator
from support.rehearsal import Rehearsal, rehearse

pytestmark = pytest.mark.simulator

SCENARIO, PLAN = "distro-total-failure", "distro/full-system-recovery"
ALARMS = {"MetricAlarms": [], "CompositeAlarms": []}
MATRIX = {  # S3:551-556
    "database": set(),
    "authentication": {"database"},
    "core_apis": {"database", "authentication"},
    "frontend": {"core_apis"},
    "analytics": {"database", "core_apis"},
    "admin": {"database", "authentication", "core_apis", "frontend", "analytics"},
}


@pytest.fixture(scope="module")
def plan():
    return load_plan(data_folder("plans") / f"{PLAN}.yaml")


def point_at(simulator: Simulator, monkeypatch: Any) -> None:
    for name, value in simulator.environ.items():
        monkeypatch.setenv(name, value)


def service(name: str) -> dict[str, Any]:
    return dict(boto3.client("ecs").describe_services(cluster="distro", services=[name])["services"][0])


def times(state: RunState, plan: Plan, branch: str) -> tuple[datetime, datetime]:
    """Return when the first step of a branch began and its last one ended."""
    steps = [state.steps[step.id] for step in plan.steps if step.branch == branch]
    began, ended = [step.started_at for step in steps], [step.ended_at for step in steps]
    assert all(began)
    assert all(ended)
    return min(at for at in began if at), max(at for at in ended if at)


@pytest.mark.long
def test_the_whole_system_comes_back_in_the_order_of_its_dependencies(plan, tmp_path, monkeypatch):
    """After the plan every component works again; none began before what it needs; a slow restore shows as overrun."""
    slow = tmp_path / "slow.yaml"
    part = data_folder("scenarios") / f"{SCENARIO}.yaml"
    slow.write_text(
        f"title: As {SCENARIO}, but the restore takes longer than its budget\nbased_on: {part}\nrestore_takes: PT65M\n"
    )
    with start_simulator(slow, speed=600) as simulator:
        point_at(simulator, monkeypatch)
        state = rehearse(simulator, PLAN, tmp_path)

        # Each component by itself.
        restored = str(state.steps["database_restore"].captured["cluster"])
        found = simulator.get_json(f"/_cockpit/truth/database?cluster={restored}")
        assert {task["cluster"] for task in found["tasks"]} == {restored}
        assert not any(row["amount_cents"] is None for row in found["tables"]["payouts"])
        stack = boto3.client("cloudformation").describe_stacks(StackName="distro-platform")["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        assert boto3.client("iam").get_role(RoleName="distro-core-api")
        ssm = boto3.client("ssm").get_parameter_history(Name="/distro/prod/services/address")["Parameters"]
        assert [(each["Value"], each["Labels"]) for each in ssm][-1] == ("services.distro.internal", ["live"])
        secret = boto3.client("secretsmanager").describe_secret(SecretId="distro/orders-db")
        assert "AWSCURRENT" in secret["VersionIdsToStages"]["30000000-5eed-4000-8000-000000000003"]
        assert boto3.client("lambda").get_alias(FunctionName="orders", Name="PROD")["FunctionVersion"] == "4"
        assert service("core-api")["taskDefinition"].endswith("core-api:1")
        running = [service(name)["runningCount"] for name in ("core-api", "royalties", "admin")]
        assert running == [3, 2, 1]
        amplify = boto3.client("amplify")
        jobs = amplify.list_jobs(appId=amplify.list_apps()["apps"][0]["appId"], branchName="main")["jobSummaries"]
        assert (jobs[0]["jobType"], jobs[0]["status"], jobs[0]["commitId"][:7]) == ("RETRY", "SUCCEED", "7d0c5ea")
        firing = boto3.client("cloudwatch").describe_alarms(
            StateValue="ALARM", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        assert {name: firing[name] for name in ALARMS} == ALARMS
        assert [halt.name for halt in state.still_halted] == ["auth_rotation"], "as the answers decided"

    # E-75: what a component needs has ended before it begins; what needs nothing goes on beside the database.
    for branch, needs in MATRIX.items():
        assert all(times(state, plan, need)[1] <= times(state, plan, branch)[0] for need in needs), branch
    for branch in ("infrastructure", "configuration"):
        assert times(state, plan, branch)[0] < times(state, plan, "database")[1], "side by side, as S3:535 says"

    # RQ-20: time against budget, and said where it is over.
    standing = {each.branch.id: each for each in branch_states(state)}
    over = standing["database"].over(state.last_at)
    assert over is not None
    assert over > timedelta(minutes=5)
    assert "OVER by" in branch_words(state, standing["database"], state.last_at)

    # Everybody was told, in the right order, with what is lost.
    assert [text.phase for text in state.posted] == ["initial", "progress", "final"]
    assert state.loss is not None
    assert f"{state.loss.start:%Y-%m-%d %H:%M:%S} UTC" in state.posted[-1].text


def test_a_system_that_has_failed_in_parts_is_left_to_lesser_plans(tmp_path, monkeypatch):
    """The last resort asks first: nothing is changed, halted or posted where single plans do less harm."""
    with start_simulator(SCENARIO, speed=60) as simulator:
        point_at(simulator, monkeypatch)
        state = Rehearsal(simulator, PLAN, tmp_path, prioritize={"option": "parts"}).finish()
    assert (state.ended, state.posted, state.halted) == ("stopped_by_decision", (), {})
    assert not any(step.calls for step in state.steps.values())


def test_e75_the_plan_has_the_dependencies_of_the_matrix(plan):
    """E-75, RQ-20: an edit of the plan may not let a component begin before what it needs, nor lose a budget."""
    branches = {branch.id: branch for branch in plan.branches}
    for name, needs in MATRIX.items():
        assert needs <= set(branches[name].after), name
    budgets = {name: branches[name].budget for name in MATRIX}
    minutes = {"database": 60, "authentication": 30, "core_apis": 40, "frontend": 20, "analytics": 60, "admin": 30}
    assert budgets == {name: timedelta(minutes=number) for name, number in minutes.items()}
    assert plan.objectives.rto == timedelta(hours=4)


def test_rq01_nothing_is_changed_before_the_authorization(plan):
    """RQ-01: the approvals that the matrix names come before the first change of any branch."""
    order = [step.id for step in plan.steps]
    first_change = next(index for index, step in enumerate(plan.steps) if step.effect is not Effect.READ)
    assert order.index("assessment_authorize") < first_change
