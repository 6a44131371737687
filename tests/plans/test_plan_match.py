"""Which plans are offered first, and the reasons given for it."""

from cockpit.config.paths import data_folder
from cockpit.model.alarm import Alarm, AlarmState
from cockpit.model.deployment import Deployment, DeploymentState
from cockpit.plans.catalogue import find_plans
from cockpit.plans.match import matching

PLANS = [loaded.plan for loaded in find_plans([data_folder("plans")]) if loaded.plan]
NAMES = {"syncwell": {"alarms": "syncwell-*", "application": "syncwell-backend"}}


def alarm(name: str, state: AlarmState = AlarmState.ALARM) -> Alarm:
    return Alarm(name, "us-east-1", state, state.value, "", None)


def deployment(state: DeploymentState, application: str = "syncwell-backend") -> Deployment:
    return Deployment("d-1", "us-east-1", application, "g", state, state.value, None)


def first(alarms: list[Alarm], deployments: list[Deployment]) -> tuple[str, tuple[str, ...]]:
    best = matching(PLANS, alarms, deployments, NAMES)[0]
    return best.plan.id, best.reasons


def test_overwritten_configurations_speak_for_plan_g():
    """When the corruption alarms fire after a rollout, the restore is offered first, with all its reasons."""
    plan, reasons = first(
        [alarm("syncwell-config-overwrites"), alarm("syncwell-support-tickets")],
        [deployment(DeploymentState.SUCCEEDED)],
    )
    assert plan == "syncwell/plan-g-data-corruption"
    assert len(reasons) == 3
    assert reasons[0].startswith("alarm syncwell-config-overwrites: ")


def test_a_failing_canary_speaks_for_plan_f():
    """An alarm during a rollout offers the canary plan first."""
    plan, _ = first([alarm("syncwell-sync-errors")], [deployment(DeploymentState.IN_PROGRESS)])
    assert plan == "syncwell/plan-f-canary-auto-rollback"


def test_an_alarm_after_a_rollout_speaks_for_the_manual_rollback():
    """An alarm after the rollout offers the rollback before the last resort (RQ-17)."""
    plan, _ = first([alarm("syncwell-sync-errors")], [deployment(DeploymentState.SUCCEEDED)])
    assert plan == "syncwell/plan-f-manual-backend-rollback"


def test_quiet_speaks_for_nothing():
    """Alarms that do not fire, other applications and missing names give no reason; every plan is still listed."""
    quiet = [alarm("syncwell-config-overwrites", AlarmState.INSUFFICIENT_DATA)]
    others = [deployment(DeploymentState.SUCCEEDED, "other")]
    assert [match.reasons for match in matching(PLANS, quiet, others, NAMES)] == [()] * len(PLANS)
    assert [match.reasons for match in matching(PLANS, [], others, {})] == [()] * len(PLANS)
