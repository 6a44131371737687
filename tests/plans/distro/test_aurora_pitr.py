"""The plan distro/aurora-pitr, run by the engine against the simulated Aurora over HTTP."""

from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from cockpit.config.paths import data_folder
from cockpit.model.effect import Effect
from cockpit.plans.catalogue import load_plan
from cockpit.sim.process import Simulator, start_simulator
from support.rehearsal import Rehearsal, rehearse

pytestmark = pytest.mark.simulator

SCENARIO, PLAN, HOST = "distro-bad-migration", "distro/aurora-pitr", "/distro/prod/database/host"
FAST = 600.0


@pytest.fixture
def simulator(monkeypatch):
    with start_simulator(SCENARIO, speed=FAST) as running:
        for name, value in running.environ.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture(scope="module")
def unchanged():
    """One simulator for the runs that end before anything is changed."""
    with start_simulator(SCENARIO, speed=60) as running:
        yield running


def truth(simulator: Simulator, cluster: str, at: datetime | None = None) -> dict[str, Any]:
    """Return the rows and writes of a cluster as the simulator knows them, now or at the end of a second."""
    moment = f"&at={at:%Y-%m-%dT%H:%M:%S}Z" if at else ""
    found: dict[str, Any] = simulator.get_json(f"/_cockpit/truth/database?cluster={cluster}{moment}")
    return found


def cluster(name: str) -> dict[str, Any]:
    return dict(boto3.client("rds").describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0])


def instances(name: str) -> list[dict[str, Any]]:
    wanted = [{"Name": "db-cluster-id", "Values": [name]}]
    found = boto3.client("rds").describe_db_instances(Filters=wanted)["DBInstances"]
    return sorted(found, key=lambda each: str(each["DBInstanceIdentifier"]))


def service(name: str) -> dict[str, Any]:
    return dict(boto3.client("ecs").describe_services(cluster="distro", services=[name])["services"][0])


def test_the_database_goes_back_and_the_services_use_it(simulator, tmp_path):
    """After the plan the services run sound code on exactly the rows of the chosen second, under the old settings."""
    state = rehearse(simulator, PLAN, tmp_path)
    restored = str(state.steps["restore"].captured["cluster"])
    assert state.loss is not None
    chosen, ended = state.loss.start, state.loss.end
    switched = state.steps["host_write"].started_at
    assert switched is not None

    # Exactly the rows of the last second before the migration, until the services write to them again.
    good = truth(simulator, "distro", chosen)["tables"]
    damaged = truth(simulator, "distro")["tables"]
    assert truth(simulator, restored, switched)["tables"] == good
    assert len(good["releases"]) == 300 > len(damaged["releases"])
    assert not any(row["amount_cents"] is None for row in truth(simulator, restored)["tables"]["payouts"])

    # The loss that was accepted is the truth: every write after the chosen second, but for the migration's own.
    writes = [datetime.fromisoformat(each["time"]) for each in truth(simulator, "distro")["writes"]]
    lost = [at for at in writes if at.replace(microsecond=0) > chosen]
    assert state.loss.writes is not None
    assert state.loss.writes.at_least <= len(lost) - 4 <= state.loss.writes.at_most
    assert state.loss.writes.at_most < state.loss.writes.at_least * 1.02, "exact while CloudWatch has seconds"
    assert max(lost).replace(microsecond=0) <= ended
    assert state.loss.duration > timedelta(minutes=40), "not the documented 5 minutes (E-14)"

    # The services run again, as many as before, on sound code, and all of them use the restored cluster.
    tasks = truth(simulator, restored)["tasks"]
    assert {task["cluster"] for task in tasks} == {restored}
    assert (service("core-api")["runningCount"], service("royalties")["runningCount"]) == (3, 2)
    assert service("core-api")["taskDefinition"].endswith("core-api:1")
    assert boto3.client("ssm").get_parameter(Name=HOST)["Parameter"]["Value"] == cluster(restored)["Endpoint"]
    scaling = boto3.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")
    assert (scaling["ScalableTargets"][0]["MinCapacity"], scaling["ScalableTargets"][0]["MaxCapacity"]) == (2, 6)
    assert not any(scaling["ScalableTargets"][0]["SuspendedState"].values())
    assert not state.still_halted
    alarms = boto3.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"]
    assert alarms == []

    # The restored cluster has the damaged one's settings and as many instances of the same kinds.
    new, old = cluster(restored), cluster("distro")
    carried = (
        "VpcSecurityGroups DBSubnetGroup DBClusterParameterGroup KmsKeyId DeletionProtection AssociatedRoles Port "
        "EnabledCloudwatchLogsExports BackupRetentionPeriod PreferredBackupWindow CopyTagsToSnapshot "
        "IAMDatabaseAuthenticationEnabled HttpEndpointEnabled"
    )
    for name in carried.split():
        assert new[name] == old[name], name
    assert [tag for tag in new["TagList"] if tag["Key"] != "restored-by-run"] == old["TagList"]
    kinds = ("DBInstanceClass", "PromotionTier", "DBParameterGroups", "PerformanceInsightsEnabled", "TagList")
    for made, source in zip(instances(restored), instances("distro"), strict=True):
        assert [made[name] for name in kinds] == [source[name] for name in kinds]

    # The damaged cluster is kept, protected and at rest; users know what is lost.
    assert (old["Status"], old["DeletionProtection"]) == ("available", True)
    assert max(writes) <= ended + timedelta(seconds=1)
    assert [text.phase for text in state.posted] == ["initial", "progress", "final"]
    assert f"{chosen:%Y-%m-%d %H:%M:%S} UTC" in state.posted[-1].text


def test_e12_a_second_that_is_too_late_is_found_before_anything_uses_it(simulator, tmp_path):
    """E-12: restored with the damage in it, validation advises to stop, and the services are never pointed at it."""
    late = "{{ seconds_before(run.now, `900`) }}"
    rehearsal = Rehearsal(simulator, PLAN, tmp_path, restore_point={"at": late})
    state = rehearsal.finish()
    assert (rehearsal.operator.troubles, state.steps["sound"].captured["answer"]) == ([], "wrong_point")
    assert any(row["wrong"] for row in state.steps["rows_ask"].captured["rows"])  # type: ignore[union-attr,index,call-overload]
    assert not {"host_write", "api_back_start", "workers_back_start"} & set(state.steps)
    assert boto3.client("ssm").get_parameter(Name=HOST)["Parameter"]["Value"] == cluster("distro")["Endpoint"]
    assert (service("core-api")["desiredCount"], service("royalties")["desiredCount"]) == (0, 0)
    assert {halt.name for halt in state.still_halted} >= {"api_count", "workers_count", "workers_scaling"}


def attempt(simulator: Simulator, folder: Any, monkeypatch: Any, **changes: Any) -> tuple[Any, str]:
    """Run the plan as far as it goes; return the last state and what went wrong. Nothing may have been changed."""
    for name, value in simulator.environ.items():
        monkeypatch.setenv(name, value)
    rehearsal = Rehearsal(simulator, PLAN, folder, **changes)
    state = rehearsal.finish()
    assert not any(step.calls for step in state.steps.values())
    return state, " ".join(rehearsal.operator.troubles)


def test_rq01_nothing_is_changed_before_the_matrix_is_satisfied(unchanged, tmp_path, monkeypatch):
    """RQ-01, E-60: who runs the plan cannot approve it alone; the run ends before the first change."""
    _, troubles = attempt(unchanged, tmp_path, monkeypatch, assessment_authorize={"second_person": "olga"})
    assert "assessment_authorize" in troubles
    assert "must be somebody else" in troubles


def test_a_lesser_way_ends_the_run(unchanged, tmp_path, monkeypatch):
    """E-14: where the rows can be put right in place, nothing is restored and nothing is lost."""
    state, _ = attempt(unchanged, tmp_path, monkeypatch, nothing_less={"option": "in_place"})
    assert state.ended == "stopped_by_decision"
    assert "restore_point" not in state.steps


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"database": "nothing"}, "The cluster is there, and can be restored"),
        ({"host_parameter": "/distro/prod/other"}, "The services find the database by the parameter"),
        ({"worker_service": "nothing"}, "The workers' service is there"),
    ],
)
def test_what_does_not_fit_is_refused_before_the_first_step(unchanged, tmp_path, monkeypatch, inputs, words):
    """A missing cluster, a parameter that names another host, a missing service: the preflight says which."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", unchanged.environ["AWS_ENDPOINT_URL"])
    state, troubles = attempt(unchanged, tmp_path, monkeypatch, inputs=inputs)
    assert words in troubles
    assert set(state.steps) == {""}


def test_every_change_comes_after_the_authorization_and_the_switch_after_the_validation():
    """E-12 and RQ-01 in the plan itself: no edit of it may move a change before what has to come first."""
    plan = load_plan(data_folder("plans") / f"{PLAN}.yaml")
    order = [step.id for step in plan.steps]
    first_change = next(index for index, step in enumerate(plan.steps) if step.effect is not Effect.READ)
    assert order.index("assessment_authorize") < first_change
    assert order.index("accept_loss") < order.index("restore")
    wanted = ["restore", "writer_create", "wait_for_instances", "rows_ask", "sound", "host_write", "api_back_start"]
    assert sorted(wanted, key=order.index) == wanted
    assert plan.objectives.rto == timedelta(hours=1), "E-74: the larger of the documented times"
