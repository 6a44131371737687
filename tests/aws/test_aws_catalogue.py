"""What botocore's models say, as the plan's lint asks it."""

import pytest

from cockpit.aws.catalogue import OperationCatalogue, shared_catalogue


@pytest.fixture(scope="module")
def catalogue() -> OperationCatalogue:
    return shared_catalogue()


def test_unknown_services_and_operations_do_not_exist(catalogue):
    """A misspelt call in a plan must be found before an incident."""
    assert catalogue.exists("dynamodb", "RestoreTableToPointInTime")
    assert not catalogue.exists("dynamodb", "RestoreTable")
    assert not catalogue.exists("dynamo", "RestoreTableToPointInTime")
    assert catalogue.operations("dynamo") == []


def test_wrong_parameters_are_told_in_words(catalogue):
    """A missing, a misspelt, a mistyped and an impossible value are each named."""
    found = "\n".join(
        catalogue.validate(
            "dynamodb", "UpdateTable", {"Tabel": "x", "BillingMode": "FREE", "AttributeDefinitions": "a"}
        )
    )
    assert "TableName" in found
    assert "Tabel" in found
    assert "AttributeDefinitions" in found
    assert "BillingMode" in found
    assert "PAY_PER_REQUEST" in found


def test_right_parameters_pass(catalogue):
    """A correct call must not be refused; times may be ISO text."""
    params = {
        "SourceTableName": "Source",
        "TargetTableName": "Target",
        "RestoreDateTime": "2026-01-31T03:00:00+00:00",
    }
    assert catalogue.validate("dynamodb", "RestoreTableToPointInTime", params) == ()


def test_unknown_operation_is_a_finding(catalogue):
    """Validation of a call that does not exist says so."""
    assert catalogue.validate("ecs", "Nope", {}) == ("ecs has no operation Nope",)


@pytest.mark.parametrize(
    ("service", "operation", "token"),
    [
        ("ecs", "RunTask", "clientToken"),
        ("ecs", "CreateService", "clientToken"),
        ("ecs", "UpdateService", None),
        ("dynamodb", "TransactWriteItems", "ClientRequestToken"),
        ("dynamodb", "RestoreTableToPointInTime", None),
        ("cloudformation", "CreateStack", "ClientRequestToken"),
        ("cloudformation", "CreateChangeSet", "ClientToken"),
        ("ssm", "StartAutomationExecution", "ClientToken"),
        ("secretsmanager", "PutSecretValue", "ClientRequestToken"),
        ("codedeploy", "CreateDeployment", None),
        ("appconfig", "StartDeployment", None),
    ],
)
def test_idempotency_tokens(catalogue, service, operation, token):
    """A token that is missed, or invented, breaks resume after a crash (AWS-FACTS 1)."""
    assert catalogue.token_member(service, operation) == token


@pytest.mark.parametrize(
    ("service", "operation", "action", "level"),
    [
        ("cloudwatch", "DescribeAlarms", "cloudwatch:DescribeAlarms", "Read"),
        ("dynamodb", "PutResourcePolicy", "dynamodb:PutResourcePolicy", "Permissions management"),
        ("dynamodb", "TagResource", "dynamodb:TagResource", "Tagging"),
        ("elbv2", "ModifyListener", "elasticloadbalancing:ModifyListener", "Write"),
        ("s3", "ListObjectsV2", "s3:ListBucket", "List"),
        ("lambda", "Invoke", "lambda:InvokeFunction", "Write"),
        (
            "application-autoscaling",
            "RegisterScalableTarget",
            "application-autoscaling:RegisterScalableTarget",
            "Write",
        ),
    ],
)
def test_access_levels(catalogue, service, operation, action, level):
    """A mutation that passes for a read would need no confirmation."""
    access = catalogue.access(service, operation)
    assert (access.action, access.level) == (action, level)


def test_members_of_answers(catalogue):
    """Expressions over an answer are checked against its members."""
    assert catalogue.output_members("ecs", "DescribeServices")["services"] == "list"
    assert catalogue.input_members("ecs", "DescribeServices")["cluster"] == "string"
    assert catalogue.streams_output("appconfig", "GetHostedConfigurationVersion")
    assert "Content" in catalogue.blob_members("appconfig", "CreateHostedConfigurationVersion")
