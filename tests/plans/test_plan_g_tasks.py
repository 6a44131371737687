"""Plan G's look at the tasks, which scaling may replace between listing and looking."""

import pytest

from cockpit.config.paths import data_folder
from cockpit.plans.actions.wait import WaitSpec
from cockpit.plans.catalogue import load_plan
from cockpit.plans.expressions import resolve_condition

OLD = {"lastStatus": "RUNNING", "startedAt": "2026-01-31T03:59:00Z"}
NEW = {"lastStatus": "RUNNING", "startedAt": "2026-01-31T04:01:00Z"}
STARTING = {"lastStatus": "PENDING"}
STOPPING = {**OLD, "lastStatus": "DEPROVISIONING"}
ENDED = {**OLD, "lastStatus": "STOPPED"}
GONE = [{"arn": "a", "reason": "MISSING"}]


@pytest.mark.parametrize(
    ("tasks", "failures", "holds"),
    [
        ([NEW, NEW], [], True),
        ([NEW, OLD], [], False),
        ([NEW, STARTING], [], False),
        ([NEW, STOPPING], [], False),
        ([NEW, ENDED], [], True),
        ([NEW], GONE, True),
        ([], GONE, True),
        ([], [], False),
    ],
)
def test_every_listed_task_is_new_or_has_ended(tasks, failures, holds):
    """A task that scaling has ended meanwhile would stop the plan for good; an old one would write to the old table."""
    step = load_plan(data_folder("plans") / "syncwell" / "plan-g-data-corruption.yaml").step("check_tasks")
    assert isinstance(step.action, WaitSpec)
    names = {
        "answer": {"tasks": tasks, "failures": failures},
        "steps": {"back_deploy": {"completed_at": "2026-01-31T04:00:00Z"}},
        "run": {"now": "2026-01-31T04:10:00Z"},
    }
    assert resolve_condition(step.action.until, names) is holds
