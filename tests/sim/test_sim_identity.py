"""Who calls, what IAM says they may do, and the messaging services the plans touch."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.sim.identity_policies import decide
from cockpit.sim.simulation import ACCOUNT, REGION

TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/SyncWellMetadata"


def policy(*statements):
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **members):
    """Return an allowing statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **members}


def decisions(stage, principal, *actions):
    """Return what IAM says of each action on the table."""
    answer = stage.client("iam").simulate_principal_policy(
        PolicySourceArn=principal, ActionNames=list(actions), ResourceArns=[TABLE]
    )
    return [result["EvalDecision"] for result in answer["EvaluationResults"]]


def test_whoever_calls_is_the_user_on_call_of_the_account(stage):
    """Arming is bound to this account, and the preflight asks for this principal's permissions."""
    identity = stage.client("sts").get_caller_identity()
    assert identity["Account"] == ACCOUNT
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/oncall"


def test_a_caller_without_policies_may_do_everything_and_one_with_policies_only_what_they_say(stage):
    """A preflight that can never fail, or never pass, tests nothing."""
    principal = stage.client("sts").get_caller_identity()["Arn"]
    wanted = ("dynamodb:DeleteTable", "ecs:UpdateService", "DynamoDB:restoreTableToPointInTime")
    assert decisions(stage, principal, *wanted) == ["allowed"] * 3
    iam = stage.simulation.client("iam", REGION)
    iam.create_user(UserName="oncall")
    deny = {"Effect": "Deny", "Action": "dynamodb:Delete*", "Resource": "*"}
    document = policy(allow("dynamodb:*", f"arn:aws:dynamodb:*:{ACCOUNT}:table/SyncWell*"), deny)
    iam.put_user_policy(UserName="oncall", PolicyName="p", PolicyDocument=document)
    assert decisions(stage, principal, *wanted) == ["explicitDeny", "implicitDeny", "allowed"]


def test_policies_of_groups_and_roles_count(stage):
    """People rarely have policies of their own."""
    iam = stage.simulation.client("iam", REGION)
    managed = iam.create_policy(PolicyName="operate", PolicyDocument=policy(allow("ecs:*")))["Policy"]["Arn"]
    iam.create_user(UserName="oncall")
    iam.create_group(GroupName="operators")
    iam.attach_group_policy(GroupName="operators", PolicyArn=managed)
    iam.add_user_to_group(GroupName="operators", UserName="oncall")
    trust = policy({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})
    iam.create_role(RoleName="operator", AssumeRolePolicyDocument=trust)
    iam.attach_role_policy(RoleName="operator", PolicyArn=managed)
    for principal in ("user/oncall", "role/operator"):
        arn = f"arn:aws:iam::{ACCOUNT}:{principal}"
        assert decisions(stage, arn, "ecs:UpdateService", "dynamodb:DeleteTable") == ["allowed", "implicitDeny"]


def test_a_session_is_no_principal_to_simulate(stage):
    """AWS wants the role's ARN there; a preflight that passes the session's must find out here."""
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/operator/me"
    refusal = stage.refusal("iam", "simulate_principal_policy", PolicySourceArn=arn, ActionNames=["ecs:UpdateService"])
    assert refusal == "InvalidInput"


@pytest.mark.parametrize(
    ("statement", "decision"),
    [
        (allow("ecs:UpdateService"), "allowed"),
        (allow("ECS:updateservice"), "allowed"),
        (allow(["s3:*", "ecs:Update*"]), "allowed"),
        (allow("ecs:UpdateServic?"), "allowed"),
        (allow("ecs:UpdateService", "arn:aws:ecs:*:*:service/other"), "implicitDeny"),
        (allow("ecs.UpdateService"), "implicitDeny"),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "allowed"),
        ({"Effect": "Allow", "NotAction": "ecs:*", "Resource": "*"}, "implicitDeny"),
        ({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::*"}, "explicitDeny"),
    ],
)
def test_statements_are_matched_as_iam_does(statement, decision):
    """Wildcards and case decide what a preflight says."""
    assert decide([policy(statement)], "ecs:UpdateService", "arn:aws:ecs:::service/a/b").decision == decision


def test_a_condition_is_not_guessed():
    """A permission that depends on something unknown must not be promised."""
    verdict = decide([policy(allow("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))], "a:B", "*")
    assert verdict.decision == "implicitDeny"
    assert verdict.missing_context == ("aws:MultiFactorAuthPresent",)


@given(actions=st.lists(st.sampled_from(["ecs:*", "ecs:Update*", "*", "s3:Get*"]), max_size=4), where=st.integers(0, 4))
def test_a_deny_beats_every_allow_wherever_it_stands(actions, where):
    """Order must not matter."""
    documents = [policy(allow(action)) for action in actions]
    documents.insert(where, policy({"Effect": "Deny", "Action": "ecs:UpdateService", "Resource": "*"}))
    assert decide(documents, "ecs:UpdateService", "*").decision == "explicitDeny"


def test_a_message_published_to_a_topic_arrives_in_its_queue(stage):
    """Notifications of deployments go this way."""
    sns, sqs = stage.client("sns"), stage.client("sqs")
    topic = sns.create_topic(Name="incidents")["TopicArn"]
    queue = sqs.create_queue(QueueName="incidents")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="rolled back")
    message = sqs.receive_message(QueueUrl=queue)["Messages"][0]
    assert json.loads(message["Body"])["Message"] == "rolled back"
