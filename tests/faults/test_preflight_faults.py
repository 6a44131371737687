"""What is found before the first change: the wrong place, a clock that is off, permissions of late steps."""

import json

import boto3
import pytest

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.errors import StartRefused
from support.engine_rig import ENVIRONMENT, ended, make_plan, prompt_of, records, until
from support.fault_rig import answered, creating

pytestmark = pytest.mark.simulator


@pytest.fixture
def denied_late(simulator):
    """The caller may do everything but the last step's call."""
    iam = boto3.client("iam", endpoint_url=simulator.endpoint)
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "dynamodb:DeleteTable", "Resource": "*"},
    ]
    iam.create_user(UserName="oncall")
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName="oncall", PolicyName="p", PolicyDocument=document)
    yield
    iam.delete_user_policy(UserName="oncall", PolicyName="p")
    iam.delete_user(UserName="oncall")


def deleting(table):
    """Return a step that deletes a table."""
    gone = {"read": "dynamodb:DescribeTable", "params": {"TableName": table}, "absent": ["ResourceNotFoundException"]}
    return {
        "id": "delete",
        "effect": "destructive",
        "aws": {"call": "dynamodb:DeleteTable", "params": {"TableName": table}},
        "verify": {**gone, "until": "!(answer.Table)"},
    }


def checked(run, identity):
    """Wait for a check of the preflight and return it."""
    return until(lambda: next((r for r in records(run, "preflight_checked") if r.id == identity), None))


def test_a_permission_that_a_late_step_lacks_is_found_before_the_first_change(runs, denied_late, table):
    """Being refused at step 9 of 12 would leave the service halted half way."""
    before = [creating(f"make{number}", f"{table}-{number}") for number in range(1, 9)]
    after = [creating(f"make{number}", f"{table}-{number}") for number in range(10, 13)]
    run = runs.start([*before, deleting(f"{table}-1"), *after])
    trouble = prompt_of(run, p.TroublePrompt)
    assert any("step 9 of 12" in line and "dynamodb:DeleteTable" in line for line in trouble.evidence)
    assert "nothing has been changed" in trouble.message
    answered(run, p.TroublePrompt, c.SolveTrouble, way="abort", reason="test")
    assert ended(run).ended == "refused"
    assert records(run, "intent") == []


def test_permissions_that_may_not_be_asked_for_are_said_to_be_unchecked(faults, runs, denied_late, table):
    """Silence would look like consent; a refusal would forbid the run to everybody without IAM permissions."""
    faults.add("denied", "iam", "SimulatePrincipalPolicy")
    run = runs.start([creating("make", table), deleting(table)])
    check = checked(run, "permissions")
    assert (check.ok, check.blocking) == (None, False)
    assert "could not be checked" in check.detail
    assert "iam:SimulatePrincipalPolicy" in check.detail
    prompt_of(run, p.ConfirmPrompt)


@pytest.mark.parametrize(
    ("seconds", "blocking", "words"),
    [(150, False, "behind AWS: times of"), (-900, True, "ahead of AWS: AWS refuses its signatures")],
)
def test_a_clock_that_is_off_is_reported(faults, runs, seconds, blocking, words):
    """Halts, alarms and deployments are compared by their times; minutes off, AWS refuses every signature."""
    faults.add("skew", "sts", seconds=seconds)
    run = runs.start([creating("make", "T-clock")])
    check = checked(run, "clock")
    assert (check.ok, check.blocking) == (False, blocking)
    assert words in check.detail
    prompt_of(run, p.TroublePrompt if blocking else p.ConfirmPrompt)


def test_the_wrong_account_is_refused(faults, runs, table):
    """The plan would be carried out on somebody else's service."""
    elsewhere = ENVIRONMENT.model_copy(update={"account": "999999999999"})
    with pytest.raises(StartRefused, match="belong to account 123456789012"):
        runs.start([creating("make", table)], environment=elsewhere)


def test_the_wrong_region_is_refused(runs, table):
    """A mistyped region has the same names in it, or nothing at all."""
    with pytest.raises(StartRefused, match="eu-west-9 is no region of shop-drill"):
        runs.start([creating("make", table)], region="eu-west-9")


@pytest.mark.parametrize("kind", ["expired", "throttled", "garbage", "reset"])
def test_a_run_does_not_start_where_nobody_can_tell_the_account(faults, runs, table, kind):
    """An account that is not proven may be the wrong one."""
    faults.add(kind, "sts")
    with pytest.raises(StartRefused, match="Nobody can tell which account this is"):
        runs.start([creating("make", table)])


LOOK = {
    "id": "look",
    "title": "The tables can be listed",
    "read": "dynamodb:ListTables",
    "expect": "type(answer.TableNames) == 'array'",
    "otherwise": "no list",
}


@pytest.mark.parametrize("kind", ["throttled", "server_error", "reset"])
def test_what_passes_by_itself_is_waited_out_by_the_plans_own_checks(faults, runs, table, kind):
    """A moment of throttling would stop a recovery before it began, for somebody to start it again."""
    number = faults.add(kind, "dynamodb", "ListTables", count=3)
    run = runs.start(make_plan(creating("make", table), preflight=[LOOK]))
    assert checked(run, "look").ok is True
    assert faults.hits(number) == 3
    prompt_of(run, p.ConfirmPrompt)


def test_what_does_not_pass_is_said_after_a_minute(faults, runs, table):
    """The checks would wait for ever for a service that is down, and nobody knew what for."""
    faults.add("server_error", "dynamodb", "ListTables")
    run = runs.start(make_plan(creating("make", table), preflight=[LOOK]))
    trouble = prompt_of(run, p.TroublePrompt)
    assert any("could not be checked" in line for line in trouble.evidence)
    faults.clear()
    answered(run, p.TroublePrompt, c.SolveTrouble, way="retry")
    prompt_of(run, p.ConfirmPrompt)
