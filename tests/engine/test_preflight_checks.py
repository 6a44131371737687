"""What is looked at before anything changes, and what each answer means for the run."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import JsonValue

from cockpit.aws.port import Identity
from cockpit.engine.permissions import needed_permissions
from cockpit.engine.preflight import PreflightSubject, check_all
from cockpit.engine.records import PreflightChecked
from cockpit.engine.resource_arns import resource_arns
from cockpit.model.reading import Fault, FaultKind
from cockpit.plans.schema import Plan
from support.action_bench import ACCOUNT, REGION, ROLE, SCOPE, ScriptedPort, a_plan, denied, missing

SCALE = {"aws": {"call": "ecs:UpdateService", "params": {"cluster": "c", "service": "s", "desiredCount": 0}}}
FENCE = {
    "aws": {
        "call": "dynamodb:PutResourcePolicy",
        "params": {"ResourceArn": "{{ steps.scale.later }}", "Policy": "{}"},
    }
}
TABLE = {
    "id": "table",
    "title": "The table is there",
    "read": "dynamodb:DescribeTable",
    "params": {"TableName": "T"},
    "expect": "answer.Table.TableStatus == 'ACTIVE'",
    "otherwise": "The table is not there.",
    "capture": {"arn": "answer.Table.TableArn"},
}
ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/T"


def port(**faults: Any) -> ScriptedPort:
    """Return AWS where all is well, but for what is given."""
    return ScriptedPort(
        {
            ("dynamodb", "DescribeTable"): {"Table": {"TableStatus": "ACTIVE", "TableArn": ARN}},
            ("iam", "GetRole"): {"Role": {"Arn": f"arn:aws:iam::{ACCOUNT}:role/ops/operator"}},
            ("iam", "SimulatePrincipalPolicy"): simulated(),
        },
        **faults,
    )


def simulated(*, decisions: Mapping[str, str] | None = None, missing_context: bool = False):
    """Return IAM's simulator: `decisions` by action, everything else allowed."""

    def answer(params: dict[str, JsonValue]) -> dict[str, JsonValue]:
        names = params["ActionNames"]
        assert isinstance(names, list)
        results: list[JsonValue] = [
            {
                "EvalActionName": name,
                "EvalDecision": (decisions or {}).get(str(name), "allowed"),
                "MissingContextValues": ["aws:MultiFactorAuthPresent"] if missing_context else [],
            }
            for name in names
        ]
        return {"EvaluationResults": results}

    return answer


async def checks(plan: Plan, aws: ScriptedPort, **more: Any) -> dict[str, PreflightChecked]:
    """Make every check; captures are seen by later ones, as the engine does it."""
    captured: dict[str, JsonValue] = {}

    def context() -> dict[str, JsonValue]:
        return {"inputs": {"table": "T"}, "steps": {}, "preflight": captured}

    subject = PreflightSubject(plan, SCOPE, aws, context, **({"expected_account": ACCOUNT} | more))
    found = {}
    async for check in check_all(subject):
        found[check.id] = check
        captured[check.id] = dict(check.captured)
    return found


def plan(*, preflight: tuple[dict[str, Any], ...] = (TABLE,), **more: Any) -> Plan:
    """Return a plan that scales a service and fences a table."""
    common = {"title": "t", "why": "w", "source": ["+1"], "effect": "mutate"}
    return a_plan(FENCE, effect="mutate", before=[{"id": "scale", **common, **SCALE}], preflight=preflight, **more)


async def test_all_is_well():
    """With the right account, clock, permissions and table, nothing blocks and captures are kept."""
    found = await checks(plan(locks=("table {{ inputs.table }}",)), port())
    assert {name: check.ok for name, check in found.items()} == dict.fromkeys(
        ["identity", "clock", "lock:table T", "permissions", "permissions_besides", "table"], True
    )
    assert found["table"].captured == {"arn": ARN}
    assert ROLE in found["identity"].detail


@pytest.mark.parametrize(
    ("who", "expected", "words"),
    [
        (Identity("999999999999", "arn:aws:sts::999999999999:x"), ACCOUNT, "nothing is sent there"),
        (Identity("999999999999", "arn:aws:sts::999999999999:x"), "999999999999", "nothing is sent there"),
        (Identity(ACCOUNT, ROLE), None, "names no account"),
        (Fault(FaultKind.CREDENTIALS, "The token has expired", "run aws sso login"), ACCOUNT, "aws sso login"),
    ],
)
async def test_another_account_ends_the_checks(who, expected, words):
    """Recovering the wrong account is worse than the incident: nothing else is even looked at."""
    found = await checks(plan(), port(who=who), expected_account=expected)
    assert list(found) == ["identity"]
    assert found["identity"].ok is not True
    assert found["identity"].blocking
    assert words in found["identity"].detail


@pytest.mark.parametrize(
    ("skew", "ok", "blocking"), [(4.0, True, True), (-45.0, False, False), (400.0, False, True), (-301.0, False, True)]
)
async def test_the_clock(skew, ok, blocking):
    """A clock off by minutes makes AWS refuse every call; off by half a minute it falsifies the timeline."""
    found = await checks(plan(), port(skew=skew))
    assert (found["clock"].ok, found["clock"].blocking) == (ok, blocking)


async def test_a_denied_later_step_blocks_and_is_named():
    """Finding out at step 9 of 12 that one may not go on leaves a service halted."""
    aws = port()
    aws.answers["iam", "SimulatePrincipalPolicy"] = simulated(decisions={"ecs:UpdateService": "implicitDeny"})
    check = (await checks(plan(), aws))["permissions"]
    assert (check.ok, check.blocking) == (False, True)
    assert check.detail == (
        f"denied: step 1 of 2 (t) needs ecs:UpdateService on arn:aws:ecs:{REGION}:{ACCOUNT}:service/c/s"
    )


async def test_permissions_are_asked_for_the_resource_that_a_check_found():
    """Asked for every resource, IAM cannot tell; what the plan's own checks found makes the answer definite."""
    aws = port()
    aws.answers["iam", "SimulatePrincipalPolicy"] = simulated(decisions={"dynamodb:PutResourcePolicy": "implicitDeny"})
    fence = {**FENCE["aws"], "params": {"ResourceArn": "{{ preflight.table.arn }}", "Policy": "{}"}}
    check = (await checks(a_plan({"aws": fence}, effect="mutate", preflight=[TABLE]), aws))["permissions"]
    assert (check.ok, check.detail) == (
        False,
        f"denied: step 1 of 1 (A step) needs dynamodb:PutResourcePolicy on {ARN}",
    )


async def test_not_being_allowed_everywhere_is_no_denial():
    """A resource that is not known yet can be one that the policy allows: that is unknown, not denied."""
    aws = port()
    denials = {"dynamodb:PutResourcePolicy": "implicitDeny"}
    aws.answers["iam", "SimulatePrincipalPolicy"] = simulated(decisions=denials)
    check = (await checks(plan(), aws))["permissions"]
    assert (check.ok, check.blocking) == (None, False)
    assert "dynamodb:PutResourcePolicy" in check.detail


async def test_a_condition_that_iam_could_not_evaluate_is_unknown():
    """A policy that wants MFA denies in the simulator, which does not know of it."""
    aws = port()
    denials = {"ecs:UpdateService": "implicitDeny"}
    aws.answers["iam", "SimulatePrincipalPolicy"] = simulated(decisions=denials, missing_context=True)
    assert (await checks(plan(), aws))["permissions"].ok is None


async def test_iam_that_may_not_be_asked_does_not_block():
    """Many operators may not simulate policies: the recovery must go on, and the gap must show."""
    aws = port()
    aws.answers["iam", "SimulatePrincipalPolicy"] = denied("iam:SimulatePrincipalPolicy")
    check = (await checks(plan(), aws))["permissions"]
    assert (check.ok, check.blocking) == (None, False)
    assert "iam:SimulatePrincipalPolicy" in check.detail


async def test_the_role_is_asked_by_its_path():
    """An SSO role has a path that the session's ARN does not show; without it IAM knows no such principal."""
    aws = port()
    await checks(plan(), aws)
    asked = [params["PolicySourceArn"] for _, operation, params in aws.sent if operation == "SimulatePrincipalPolicy"]
    assert set(asked) == {f"arn:aws:iam::{ACCOUNT}:role/ops/operator"}


async def test_the_plans_own_check_blocks_with_its_own_words():
    """The plan says what an unexpected answer means."""
    aws = port()
    aws.answers["dynamodb", "DescribeTable"] = {"Table": {"TableStatus": "CREATING"}}
    check = (await checks(plan(), aws))["table"]
    assert (check.ok, check.blocking, check.detail) == (False, True, "The table is not there.")


@pytest.mark.parametrize("blocking", [True, False])
async def test_what_could_not_be_read_is_not_a_no(blocking):
    """A throttled read says nothing about the table; it blocks if the check does, as unknown."""
    aws = port()
    aws.answers["dynamodb", "DescribeTable"] = Fault(FaultKind.THROTTLED, "DynamoDB throttles", "wait")
    check = (await checks(plan(preflight=({**TABLE, "blocking": blocking},)), aws))["table"]
    assert (check.ok, check.blocking) == (None, blocking)
    assert check.detail == "could not be checked: DynamoDB throttles. wait"


async def test_absence_that_the_plan_names_is_an_answer():
    """A check may say that there is none of something."""
    aws = port()
    aws.answers["dynamodb", "DescribeTable"] = missing()
    absent = {**TABLE, "expect": "!(answer.Table)", "absent": ["ResourceNotFoundException"], "capture": {}}
    assert (await checks(plan(preflight=(absent,)), aws))["table"].ok is True


async def test_a_lock_of_another_run_blocks_and_names_it():
    """Two recoveries of one table at once would undo each other's halts."""
    locked = plan(locks=("table {{ inputs.table }}",))
    held = {"table T": "run 20260131 by ada@bastion"}
    check = (await checks(locked, port(), held_locks=held))["lock:table T"]
    assert (check.ok, check.blocking) == (False, True)
    assert "ada@bastion" in check.detail
    dry = await checks(locked, port(), held_locks=held, dry=True)
    assert dry["lock:table T"].blocking is False
    assert "permissions" not in dry


def test_steps_that_may_be_left_out_do_not_decide():
    """A denial for a branch that is never taken must not stop a recovery at night."""
    conditional = a_plan({**SCALE, "when": "inputs.x"}, effect="mutate")
    (need,) = needed_permissions(conditional, SCOPE, {"inputs": {}})
    assert (need.action, need.certain) == ("ecs:UpdateService", False)


BUCKET = {"Bucket": "b", "Key": "releases/1.zip"}


@pytest.mark.parametrize(
    ("action", "params", "tails"),
    [
        ("dynamodb:UpdateTable", {"TableName": "T"}, [":table/T"]),
        ("dynamodb:PutResourcePolicy", {"ResourceArn": ARN}, [":table/T"]),
        (
            "dynamodb:RestoreTableToPointInTime",
            {"SourceTableName": "T", "TargetTableName": "T-*"},
            [":table/T", ":table/T-*"],
        ),
        ("dynamodb:ListTables", {}, ["*"]),
        ("ecs:UpdateService", {"cluster": "c", "service": "s"}, [":service/c/s"]),
        ("ecs:DescribeServices", {"cluster": "c", "services": ["s", "t"]}, [":service/c/s", ":service/c/t"]),
        ("ecs:ListTasks", {"cluster": "c"}, ["*"]),
        (
            "codedeploy:CreateDeployment",
            {"applicationName": "a", "deploymentGroupName": "g"},
            [":deploymentgroup:a/g"],
        ),
        ("codedeploy:GetDeployment", {"deploymentId": "d-1"}, [":deploymentgroup:*/*"]),
        (
            "appconfig:UpdateEnvironment",
            {"ApplicationId": "a", "EnvironmentId": "e"},
            [":application/a", ":application/a/environment/e"],
        ),
        ("application-autoscaling:RegisterScalableTarget", {"ResourceId": "service/c/s"}, [":scalable-target/*"]),
        ("cloudwatch:PutMetricAlarm", {"AlarmName": "x"}, [":alarm:x"]),
        ("cloudwatch:DescribeAlarms", {"AlarmNames": ["x"]}, ["*"]),
        ("lambda:UpdateAlias", {"FunctionName": "f", "Name": "live"}, [":function:f"]),
        ("lambda:InvokeFunction", {"FunctionName": "f", "Qualifier": "7"}, [":function:f", ":function:f:7"]),
        ("logs:FilterLogEvents", {"logGroupName": "/aws/lambda/f"}, [":log-group:/aws/lambda/f:*"]),
        ("rds:DescribeDBClusters", {"DBClusterIdentifier": "c"}, [":cluster:c"]),
        ("rds:DescribeDBClusters", {}, [":cluster:*"]),
        (
            "rds:CreateDBInstance",
            {"DBInstanceIdentifier": "i", "DBClusterIdentifier": "c"},
            [":cluster:c", ":db:i"],
        ),
        ("s3:ListBucket", {"Bucket": "b"}, ["arn:aws:s3:::b"]),
        ("s3:GetObject", BUCKET, ["arn:aws:s3:::b/releases/1.zip"]),
        ("secretsmanager:UpdateSecretVersionStage", {"SecretId": "db"}, [":secret:db-??????"]),
        ("cloudfront:CreateInvalidation", {"DistributionId": "E1"}, [f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_resources_are_named_as_iam_does(action, params, tails):
    """A wrong ARN makes IAM deny what is allowed."""
    found = resource_arns(action, params, SCOPE)
    assert [arn.endswith(tail) for arn, tail in zip(found, tails, strict=True)] == [True] * len(tails), found
