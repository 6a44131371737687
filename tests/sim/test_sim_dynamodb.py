"""DynamoDB: history, restorable window, restores, resource policies."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.sim.item_history import ItemHistory
from cockpit.sim.resource_policy import denies

KEY = {"pk": {"S": "u1"}, "sk": {"S": "C"}}
ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/Source"


@pytest.fixture
def table(stage):
    """A table with everything that a restore does not carry over; point-in-time recovery is on since now."""
    dynamodb = stage.client("dynamodb")
    dynamodb.create_table(
        TableName="Source",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "mail")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-mail",
                "KeySchema": [{"AttributeName": "mail", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        Tags=[{"Key": "team", "Value": "sync"}],
        DeletionProtectionEnabled=True,
    )
    dynamodb.update_time_to_live(
        TableName="Source", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    recover(stage, "Source")
    return dynamodb


def recover(stage, name, days=35):
    return stage.client("dynamodb").update_continuous_backups(
        TableName=name,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": days},
    )


def put(table, number, key=KEY):
    table.put_item(TableName="Source", Item={**key, "n": {"N": str(number)}})


def window(table):
    answer = table.describe_continuous_backups(TableName="Source")["ContinuousBackupsDescription"]
    description = answer["PointInTimeRecoveryDescription"]
    return description["EarliestRestorableDateTime"], description["LatestRestorableDateTime"]


def restore(table, target="Target", **params):
    params = params or {"UseLatestRestorableTime": True}
    return table.restore_table_to_point_in_time(SourceTableName="Source", TargetTableName=target, **params)


def test_a_restore_holds_exactly_the_items_of_its_second(stage, table):
    """A restore that takes the present items would let any restore point look right."""
    put(table, 1)
    stage.go(0.4)
    put(table, 2)
    second = stage.clock.now()
    stage.go(1)
    put(table, 3)
    put(table, 9, {"pk": {"S": "u2"}, "sk": {"S": "C"}})
    stage.go(600)
    restore(table, RestoreDateTime=second)
    stage.go(3600)
    assert table.scan(TableName="Target")["Items"] == [{**KEY, "n": {"N": "2"}}]
    assert len(table.scan(TableName="Source")["Items"]) == 2


def test_the_window_moves_and_lags_by_five_minutes(stage, table):
    """A plan would offer seconds that AWS refuses."""
    enabled = stage.clock.now()
    assert window(table) == (enabled, enabled)
    stage.go(60)
    assert window(table) == (enabled, enabled)
    stage.go(3600)
    assert window(table) == (enabled, stage.clock.now() - timedelta(minutes=5))
    recover(stage, "Source", days=7)
    stage.go(8 * 86_400)
    assert window(table) == (stage.clock.now() - timedelta(days=7), stage.clock.now() - timedelta(minutes=5))


def test_off_and_on_again_starts_a_new_window(stage, table):
    """The cockpit would show a window that reaches back over the gap."""
    stage.go(3600)
    table.update_continuous_backups(
        TableName="Source", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    recover(stage, "Source")
    assert window(table) == (stage.clock.now(), stage.clock.now())


def test_a_restore_takes_time_and_shows_no_percentage(stage, table):
    """A restore that is done at once hides everything that waiting for one needs."""
    stage.go(600)
    began = restore(table)["TableDescription"]
    assert (began["TableStatus"], began["RestoreSummary"]["RestoreInProgress"]) == ("CREATING", True)
    stage.go(20 * 60)
    assert table.describe_table(TableName="Target")["Table"]["TableStatus"] == "CREATING"
    assert stage.refusal("dynamodb", "get_item", TableName="Target", Key=KEY) == "ResourceNotFoundException"
    assert stage.refusal("dynamodb", "update_table", TableName="Target", DeletionProtectionEnabled=True) == (
        "ResourceInUseException"
    )
    stage.go(5 * 60)
    done = table.describe_table(TableName="Target")["Table"]
    assert (done["TableStatus"], done["RestoreSummary"]["RestoreInProgress"]) == ("ACTIVE", False)
    assert done["RestoreSummary"]["SourceTableArn"] == ARN


def test_a_restored_table_lacks_what_aws_leaves_out(stage, table):
    """carry_settings would have nothing to carry."""
    put_policy(table, {"Effect": "Deny", "Principal": "*", "Action": "dynamodb:Scan", "Resource": ARN})
    stage.go(600)
    restore(table)
    stage.go(3600)
    restored = table.describe_table(TableName="Target")["Table"]
    assert "StreamSpecification" not in restored
    assert restored["DeletionProtectionEnabled"] is False
    assert [index["IndexName"] for index in restored["GlobalSecondaryIndexes"]] == ["by-mail"]
    assert restored["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    arn = restored["TableArn"]
    assert table.list_tags_of_resource(ResourceArn=arn)["Tags"] == []
    assert table.describe_time_to_live(TableName="Target")["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED"
    backups = table.describe_continuous_backups(TableName="Target")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"
    assert stage.refusal("dynamodb", "get_resource_policy", ResourceArn=arn) == "PolicyNotFoundException"


def test_indexes_can_be_left_out(stage, table):
    """The faster way to restore would be ignored."""
    stage.go(600)
    restored = restore(table, UseLatestRestorableTime=True, GlobalSecondaryIndexOverride=[])
    assert restored["TableDescription"]["GlobalSecondaryIndexes"] == []


def test_each_refusal_has_its_own_type(stage, table):
    """Reconciling by name, and the words on screen, depend on the error's type."""
    refusal = stage.refusal
    source = {"SourceTableName": "Source", "TargetTableName": "Target"}
    stage.go(600)
    late, early = stage.clock.now() - timedelta(minutes=2), stage.clock.now() - timedelta(hours=2)
    call = "restore_table_to_point_in_time"
    assert refusal("dynamodb", call, **source, RestoreDateTime=late) == "InvalidRestoreTimeException"
    assert refusal("dynamodb", call, **source, RestoreDateTime=early) == "InvalidRestoreTimeException"
    assert refusal("dynamodb", call, **source) == "ValidationException"
    unknown = {**source, "SourceTableName": "Nowhere", "UseLatestRestorableTime": True}
    assert refusal("dynamodb", call, **unknown) == "TableNotFoundException"
    restore(table)
    assert refusal("dynamodb", call, **source, UseLatestRestorableTime=True) == "TableInUseException"
    stage.go(3600)
    assert refusal("dynamodb", call, **source, UseLatestRestorableTime=True) == "TableAlreadyExistsException"
    unprotected = {"SourceTableName": "Target", "TargetTableName": "Other", "UseLatestRestorableTime": True}
    assert refusal("dynamodb", call, **unprotected) == "PointInTimeRecoveryUnavailableException"
    assert refusal("dynamodb", "delete_table", TableName="Source") == "ValidationException"


def test_a_restore_into_another_region_names_the_source_by_arn(stage, table):
    """The cross-region plan could not be tried."""
    put(table, 1)
    stage.go(600)
    west = stage.client("dynamodb", "us-west-2")
    west.restore_table_to_point_in_time(SourceTableArn=ARN, TargetTableName="Target", UseLatestRestorableTime=True)
    stage.go(3600)
    assert west.get_item(TableName="Target", Key=KEY)["Item"]["n"] == {"N": "1"}
    assert table.list_tables()["TableNames"] == ["Source"]


def test_item_count_is_hours_old(stage, table):
    """Somebody would validate a restore by ItemCount."""
    put(table, 1)
    assert table.describe_table(TableName="Source")["Table"]["ItemCount"] == 0
    stage.go(6 * 3600)
    assert table.describe_table(TableName="Source")["Table"]["ItemCount"] == 1


def test_every_way_to_write_is_in_the_history(stage, table):
    """A write that left no trace would come back, or vanish, with a restore."""
    start = len(writes(stage))
    put(table, 1)
    table.update_item(
        TableName="Source",
        Key=KEY,
        UpdateExpression="SET n = :n",
        ExpressionAttributeValues={":n": {"N": "2"}},
    )
    other = {"pk": {"S": "u2"}, "sk": {"S": "C"}}
    table.batch_write_item(RequestItems={"Source": [{"PutRequest": {"Item": other}}]})
    table.delete_item(TableName="Source", Key=other)
    table.transact_write_items(TransactItems=[{"Put": {"TableName": "Source", "Item": other}}])
    recorded = writes(stage)[start:]
    assert [(write["key"]["pk"]["S"], write["deleted"]) for write in recorded] == [
        ("u1", False),
        ("u1", False),
        ("u2", False),
        ("u2", True),
        ("u2", False),
    ]
    items = stage.simulation.truth["truth/items"]({"table": "Source"})["items"]
    assert items == [{**KEY, "n": {"N": "2"}}, other]


def test_a_failed_transaction_leaves_no_trace(stage, table):
    """Writes that were rolled back would be counted as lost."""
    put(table, 1)
    before = writes(stage)
    items = [
        {"Put": {"TableName": "Source", "Item": {**KEY, "n": {"N": "5"}}}},
        {
            "Put": {
                "TableName": "Source",
                "Item": {"pk": {"S": "u3"}, "sk": {"S": "C"}},
                "ConditionExpression": "attribute_exists(pk)",
            }
        },
    ]
    assert stage.refusal("dynamodb", "transact_write_items", TransactItems=items) == "TransactionCanceledException"
    assert writes(stage) == before
    assert table.scan(TableName="Source")["Items"] == [{**KEY, "n": {"N": "1"}}]


def writes(stage):
    return stage.simulation.truth["truth"]({"table": "Source"})["tables"]["Source"]["writes"]


def put_policy(table, statement, **more):
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return table.put_resource_policy(ResourceArn=ARN, Policy=policy, **more)


def test_a_policy_that_denies_writes_stops_them_and_nothing_else(stage, table):
    """The fence would be a decoration."""
    deny = {"Effect": "Deny", "Principal": "*", "Action": ["dynamodb:PutItem", "dynamodb:Batch*"], "Resource": ARN}
    revision = put_policy(table, deny)["RevisionId"]
    assert stage.refusal("dynamodb", "put_item", TableName="Source", Item=KEY) == "AccessDeniedException"
    assert table.scan(TableName="Source")["Items"] == []
    assert table.get_resource_policy(ResourceArn=ARN)["RevisionId"] == revision
    assert (
        stage.refusal("dynamodb", "delete_resource_policy", ResourceArn=ARN, ExpectedRevisionId="other")
        == "PolicyNotFoundException"
    )
    table.delete_resource_policy(ResourceArn=ARN, ExpectedRevisionId=revision)
    put(table, 1)


@pytest.mark.parametrize(
    "odd",
    [
        {"Action": "dynamodb:*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
        {"NotAction": "dynamodb:GetItem"},
    ],
)
def test_a_policy_that_cannot_be_evaluated_is_refused(stage, table, odd):
    """A fence that is not understood would silently let everything through."""
    policy = {"Statement": [{"Effect": "Deny", "Principal": "*", "Resource": ARN, **odd}]}
    refusal = stage.refusal("dynamodb", "put_resource_policy", ResourceArn=ARN, Policy=json.dumps(policy))
    assert refusal == "NotSimulated"


ROLE = "arn:aws:iam::123456789012:role/worker"


@pytest.mark.parametrize(
    ("statement", "denied"),
    [
        ({"Principal": "*", "Action": "dynamodb:PutItem"}, True),
        ({"Principal": {"AWS": "*"}, "Action": "dynamodb:put*"}, True),
        ({"Principal": {"AWS": ROLE}, "Action": "*"}, True),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "dynamodb:*"}, True),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:role/other"}, "Action": "*"}, False),
        ({"Principal": "*", "Action": "dynamodb:DeleteItem"}, False),
        ({"Principal": "*", "Action": "*", "Resource": ARN + "2"}, False),
        ({"Principal": "*", "Action": "*", "Effect": "Allow"}, False),
        ({"Principal": "*", "Action": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": ROLE[:-2] + "*"}}}, False),
        ({"Principal": "*", "Action": "*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [ROLE + "x"]}}}, True),
        ({"Principal": "*", "Action": "*", "Condition": {"StringEquals": {"aws:PrincipalArn": ROLE}}}, True),
    ],
)
def test_denials_apply_to_whom_and_what_they_name(statement, denied):
    """A fence would stop the wrong callers."""
    document = json.dumps({"Statement": {"Effect": "Deny", "Resource": ARN, **statement}})
    assert denies(document, ROLE, "dynamodb:PutItem", ARN) is denied


@given(
    seconds=st.lists(st.integers(0, 30), max_size=40),
    deletions=st.lists(st.booleans(), min_size=40, max_size=40),
    asked=st.integers(-1, 31),
)
def test_history_at_a_second_is_what_replaying_up_to_it_gives(seconds, deletions, asked):
    """A restore would be off by a second, or resurrect deleted items."""
    start = datetime(2026, 1, 31, tzinfo=UTC)
    history, expected = ItemHistory(["k"]), {}
    for number, (second, deletion) in enumerate(zip(sorted(seconds), deletions, strict=False)):
        key = {"k": {"S": str(number % 5)}}
        at = start + timedelta(seconds=second, milliseconds=700)
        if deletion:
            history.delete(at, key)
        else:
            history.put(at, {**key, "n": {"N": str(number)}})
        if second <= asked:
            expected.pop(history.key_of(key), None)
            if not deletion:
                expected[history.key_of(key)] = {**key, "n": {"N": str(number)}}
    assert history.items_at(start + timedelta(seconds=asked)) == expected
