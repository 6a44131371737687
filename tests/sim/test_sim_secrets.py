"""Secrets Manager: labels that move by compare-and-swap, rotations in time, and who logs in with what."""

import pytest

from cockpit.sim.secrets_rotation import Database, Rotations, password_of
from cockpit.sim.secrets_spec import RotationFunction

SECRET, ROTATE = {"SecretId": "orders-db"}, {"SecretId": "orders-db", "RotationRules": {"AutomaticallyAfterDays": 30}}
FIRST, SECOND, THIRD = (f"{n}0000000-5eed-4000-8000-000000000000" for n in (1, 2, 3))


def value(password):
    return '{"username": "orders", "password": "' + password + '"}'


@pytest.fixture
def orders(stage):
    """A secret with two versions, a rotation function, and a database that has the current password."""
    client = stage.client("secretsmanager")
    client.create_secret(Name="orders-db", SecretString=value("one"), ClientRequestToken=FIRST)
    client.put_secret_value(**SECRET, SecretString=value("two"), ClientRequestToken=SECOND)
    stage.client("lambda").create_function(
        FunctionName="rotate", Role="arn:aws:iam::123456789012:role/x", Code={"ZipFile": b"x"}
    )
    database(stage).password = "two"  # noqa: S105 - an example
    return stage


def database(stage):
    return stage.simulation.parts[Rotations].databases.setdefault("orders-db", Database())


def labels(stage):
    found = stage.client("secretsmanager").describe_secret(**SECRET)["VersionIdsToStages"].items()
    return {stage: version for version, stages in found for stage in stages}


def rotate(stage, **params):
    wanted = {**ROTATE, "RotationLambdaARN": "arn:aws:lambda:us-east-1:123456789012:function:rotate", **params}
    return stage.client("secretsmanager").rotate_secret(ClientRequestToken=THIRD, **wanted)


def move(stage, **params):
    return stage.client("secretsmanager").update_secret_version_stage(**SECRET, **params)


def test_a_new_value_moves_the_labels_and_old_ones_keep_their_values(orders):
    """The version to go back to would not be the one that was in use."""
    client = orders.client("secretsmanager")
    assert labels(orders) == {"AWSCURRENT": SECOND, "AWSPREVIOUS": FIRST}
    assert client.get_secret_value(**SECRET)["SecretString"] == value("two")
    assert client.get_secret_value(**SECRET, VersionStage="AWSPREVIOUS")["SecretString"] == value("one")
    assert client.get_secret_value(**SECRET, VersionId=FIRST)["VersionStages"] == ["AWSPREVIOUS"]
    again = orders.refusal("secretsmanager", "put_secret_value", **SECRET, SecretString="x", ClientRequestToken=FIRST)
    assert again == "ResourceExistsException"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"VersionStage": "AWSCURRENT", "MoveToVersionId": FIRST}, "InvalidParameterException"),
        (
            {"VersionStage": "AWSCURRENT", "MoveToVersionId": FIRST, "RemoveFromVersionId": FIRST},
            "InvalidParameterException",
        ),
        ({"VersionStage": "AWSCURRENT", "RemoveFromVersionId": SECOND}, "InvalidParameterException"),
        (
            {"VersionStage": "AWSCURRENT", "MoveToVersionId": THIRD, "RemoveFromVersionId": SECOND},
            "ResourceNotFoundException",
        ),
        ({"VersionStage": "AWSPENDING", "RemoveFromVersionId": SECOND}, "InvalidParameterException"),
    ],
)
def test_a_label_moves_only_from_where_it_is(orders, wanted, code):
    """E-43 could not be shown; two people would move the same label past each other."""
    assert orders.refusal("secretsmanager", "update_secret_version_stage", **SECRET, **wanted) == code
    assert labels(orders) == {"AWSCURRENT": SECOND, "AWSPREVIOUS": FIRST}


def test_awsprevious_follows_awscurrent(orders):
    """The way forward after a rollback would be lost."""
    move(orders, VersionStage="AWSCURRENT", RemoveFromVersionId=SECOND, MoveToVersionId=FIRST)
    assert labels(orders) == {"AWSCURRENT": FIRST, "AWSPREVIOUS": SECOND}
    move(orders, VersionStage="AWSCURRENT", RemoveFromVersionId=FIRST, MoveToVersionId=SECOND)
    assert labels(orders) == {"AWSCURRENT": SECOND, "AWSPREVIOUS": FIRST}


def test_versions_without_a_label_are_listed_on_request_and_in_pages(orders):
    """A version that could be gone back to would not be offered."""
    client = orders.client("secretsmanager")
    for number in range(20):
        client.put_secret_value(**SECRET, SecretString=value(f"{number}"), ClientRequestToken=f"{number:032}")
    assert len(client.list_secret_version_ids(**SECRET)["Versions"]) == 2
    first = client.list_secret_version_ids(**SECRET, IncludeDeprecated=True, MaxResults=15)
    second = client.list_secret_version_ids(**SECRET, IncludeDeprecated=True, NextToken=first["NextToken"])
    found = [each["VersionId"] for each in (*first["Versions"], *second["Versions"])]
    assert len(found) == len(set(found)) == 22
    assert "NextToken" not in second


def test_a_rotation_changes_the_database_and_the_secret_in_four_steps(orders):
    """A service that reads the secret in the middle of a rotation would never be out of step with the database."""
    assert rotate(orders)["VersionId"] == THIRD
    assert labels(orders)["AWSPENDING"] == THIRD
    assert orders.refusal("secretsmanager", "get_secret_value", **SECRET, VersionStage="AWSPENDING") == (
        "ResourceNotFoundException"
    ), "the version is empty until it is made"
    assert orders.refusal("secretsmanager", "rotate_secret", **SECRET) == "InvalidRequestException"
    orders.go(25)
    assert labels(orders)["AWSCURRENT"] == SECOND
    assert database(orders).password not in ("one", "two", ""), "the database is ahead of the label"
    orders.go(60)
    assert labels(orders) == {"AWSCURRENT": THIRD, "AWSPENDING": THIRD, "AWSPREVIOUS": SECOND}
    described = orders.client("secretsmanager").describe_secret(**SECRET)
    assert described["RotationEnabled"]
    assert (described["NextRotationDate"] - described["LastRotatedDate"]).days == 30
    current = orders.client("secretsmanager").get_secret_value(**SECRET)["SecretString"]
    assert database(orders).password in current


def test_the_next_rotation_comes_by_itself(orders):
    """A rollback that leaves rotation on would hold for ever."""
    rotate(orders, RotateImmediately=False)
    orders.go(29 * 86_400)
    assert labels(orders)["AWSCURRENT"] == SECOND
    orders.go(86_400 + 120)
    assert labels(orders)["AWSPREVIOUS"] == SECOND


def test_a_rotation_that_is_switched_on_without_rotating_only_tries_its_settings(orders):
    """AWSPENDING shows for a moment (API reference of RotateSecret), and nothing is changed."""
    assert "VersionId" not in rotate(orders, RotateImmediately=False)
    assert "AWSPENDING" in labels(orders)
    orders.go(60)
    assert labels(orders) == {"AWSCURRENT": SECOND, "AWSPREVIOUS": FIRST}
    assert database(orders).accepts(version(orders, SECOND))


def version(stage, version_id):
    return stage.simulation.parts[Rotations].model.get("us-east-1", "orders-db").versions[version_id]


@pytest.mark.parametrize(("step", "changed"), [("createSecret", False), ("setSecret", False), ("testSecret", True)])
def test_a_rotation_that_fails_is_tried_again_and_leaves_its_label(orders, step, changed):
    """A rotation stuck before and one stuck after the database was changed look alike, and need opposite answers."""
    failing = RotationFunction(function="rotate", fails_at=step)
    orders.simulation.parts[Rotations].functions["rotate"] = failing
    rotate(orders)
    orders.go(3600)
    assert labels(orders) == {"AWSCURRENT": SECOND, "AWSPENDING": THIRD, "AWSPREVIOUS": FIRST}
    assert database(orders).accepts(version(orders, SECOND)) != changed
    log = orders.client("logs").filter_log_events(logGroupName="/aws/lambda/rotate", filterPattern=f'"{step}"')[
        "events"
    ]
    assert len(log) == 5
    assert not [each for each in log if password_of(version(orders, SECOND)) in each["message"].split()]


def test_a_cancelled_rotation_stops_where_it_is(orders):
    """E-43: the labels of a cancelled rotation tell how far it came, and block the next one until they are cleared."""
    client = orders.client("secretsmanager")
    rotate(orders)
    orders.go(30)
    assert client.cancel_rotate_secret(**SECRET)["VersionId"] == THIRD
    orders.go(3600)
    described = client.describe_secret(**SECRET)
    assert described["RotationEnabled"] is False
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 30}, "it can be switched on again as it was"
    assert "NextRotationDate" not in described
    assert labels(orders)["AWSPENDING"] == THIRD
    assert orders.refusal("secretsmanager", "rotate_secret", **SECRET) == "InvalidRequestException"
    move(orders, VersionStage="AWSPENDING", RemoveFromVersionId=THIRD)
    client.rotate_secret(**SECRET)
    assert "VersionId" not in client.cancel_rotate_secret(**SECRET) or labels(orders)["AWSPENDING"] != THIRD


def test_a_rotation_needs_one_password_that_still_works(orders):
    """A rotation function that could always log in would make every mismatch harmless."""
    database(orders).password = "none of them"  # noqa: S105 - an example
    rotate(orders)
    orders.go(600)
    assert labels(orders)["AWSCURRENT"] == SECOND
    orders.client("secretsmanager").cancel_rotate_secret(**SECRET)
    database(orders).password = "one"  # noqa: S105 - an example: AWSPREVIOUS still works
    move(orders, VersionStage="AWSPENDING", RemoveFromVersionId=THIRD)
    orders.client("secretsmanager").rotate_secret(**SECRET)
    orders.go(120)
    assert labels(orders)["AWSPREVIOUS"] == SECOND


def test_a_secret_marked_for_deletion_cannot_be_changed(orders):
    """A plan would halt and move what is about to vanish."""
    client = orders.client("secretsmanager")
    client.delete_secret(**SECRET)
    for operation in ("get_secret_value", "rotate_secret", "cancel_rotate_secret"):
        assert orders.refusal("secretsmanager", operation, **SECRET) == "InvalidRequestException"
    assert client.describe_secret(**SECRET)["DeletedDate"]
    assert client.list_secrets()["SecretList"] == []
    client.restore_secret(**SECRET)
    assert client.list_secrets()["SecretList"][0]["SecretVersionsToStages"] == {
        FIRST: ["AWSPREVIOUS"],
        SECOND: ["AWSCURRENT"],
    }
    assert orders.refusal("secretsmanager", "describe_secret", SecretId="other") == "ResourceNotFoundException"


def test_a_rotation_without_a_function_is_refused(stage):
    """A secret that nothing rotates would seem to be rotated."""
    stage.client("secretsmanager").create_secret(Name="orders-db", SecretString="x")
    assert stage.refusal("secretsmanager", "rotate_secret", **SECRET) == "InvalidRequestException"
    missing = "arn:aws:lambda:us-east-1:123456789012:function:none"
    refused = stage.refusal("secretsmanager", "rotate_secret", **SECRET, RotationLambdaARN=missing)
    assert refused == "ResourceNotFoundException"
    assert stage.refusal("secretsmanager", "get_random_password") == "NotSimulated"
