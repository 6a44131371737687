"""AppSync: where the writes of an API go is what its data source and its role say."""

import pytest
from appsync_stack import READ_ONLY, TABLE, Shop

from cockpit.sim.appsync_api import AppSyncApi
from cockpit.sim.appsync_path import DataPath
from cockpit.sim.errors import AwsError

ITEM = {"pk": {"S": "one"}, "text": {"S": "new"}}


@pytest.fixture
def shop(stage):
    return Shop(stage)


def save(stage):
    """Write an item as a user of the API does; return the table it went to, or why it was refused."""
    try:
        return stage.simulation.parts[DataPath].write("us-east-1", "shop", "save", ITEM).name
    except AwsError as refused:
        return str(refused)


def restored(stage):
    """Make a second table as a restore would."""
    stage.client("dynamodb").create_table(
        TableName="shop-restored",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return "shop-restored"


def point_at(shop, table):
    source = shop.appsync.get_data_source(apiId=shop.api_id, name="Data")["dataSource"]
    config = {**source["dynamodbConfig"], "tableName": table}
    members = {name: source[name] for name in ("name", "type", "serviceRoleArn")}
    shop.appsync.update_data_source(apiId=shop.api_id, **members, dynamodbConfig=config)


def test_a_write_goes_to_the_table_of_the_data_source(shop, stage):
    """Without this, nobody could see in the simulator where an API writes."""
    assert save(stage) == TABLE
    found = stage.client("dynamodb").get_item(TableName=TABLE, Key={"pk": {"S": "one"}})
    assert found["Item"]["text"] == {"S": "new"}


def test_another_table_needs_the_roles_permission_too(shop, stage):
    """E-35: a data source that is pointed at another table is refused until its role may use that table."""
    point_at(shop, restored(stage))
    assert "not authorized" in save(stage)
    statement = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:*",'
        ' "Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/shop-restored"}]}'
    )
    iam = stage.simulation.client("iam", "us-east-1")
    iam.put_role_policy(RoleName="shop-data-access", PolicyName="restored", PolicyDocument=statement)
    assert save(stage) == "shop-restored"


def test_a_resource_policy_refuses_what_the_role_allows(shop, stage):
    """The fence on a table must hold against an API whose role may write."""
    arn = f"arn:aws:dynamodb:us-east-1:123456789012:table/{TABLE}"
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",'
        f' "Action": "dynamodb:PutItem", "Resource": "{arn}"}}]}}'
    )
    stage.client("dynamodb").put_resource_policy(ResourceArn=arn, Policy=policy)
    assert "explicit deny" in save(stage)


@pytest.mark.parametrize("broken", ["role", "resolver", "data-source", "api", "table", "read-only"])
def test_whatever_is_missing_on_the_way_refuses_the_write(shop, stage, broken):
    """A half-broken API that still writes would hide what a bad update has done."""
    appsync, api_id = shop.appsync, shop.api_id
    if broken == "role":
        iam = stage.simulation.client("iam", "us-east-1")
        iam.delete_role_policy(RoleName="shop-data-access", PolicyName="table")
        iam.delete_role(RoleName="shop-data-access")
    elif broken == "resolver":
        appsync.delete_resolver(apiId=api_id, typeName="Mutation", fieldName="save")
    elif broken == "data-source":
        appsync.delete_data_source(apiId=api_id, name="Data")
    elif broken == "api":
        appsync.delete_graphql_api(apiId=api_id)
    elif broken == "table":
        point_at(shop, "nowhere")
    else:
        shop.update(actions=READ_ONLY)
        stage.go(60)
    assert save(stage) != TABLE


def test_what_does_not_fit_is_refused(shop, stage):
    """Resolvers of fields and data sources that do not exist are what makes a stack's update fail."""
    api_id = shop.api_id
    where = {"apiId": api_id, "typeName": "Mutation"}
    for params, code in (
        ({"fieldName": "nothing", "dataSourceName": "Data"}, "NotFoundException"),
        ({"fieldName": "drop", "dataSourceName": "None"}, "NotFoundException"),
        ({"fieldName": "save", "dataSourceName": "Data"}, "BadRequestException"),
    ):
        assert stage.refusal("appsync", "create_resolver", **where, **params) == code
    source = {"apiId": api_id, "name": "More", "type": "AMAZON_DYNAMODB"}
    assert stage.refusal("appsync", "create_data_source", **source) == "BadRequestException"
    assert stage.refusal("appsync", "get_data_source", apiId="none", name="Data") == "NotFoundException"
    assert stage.refusal("appsync", "list_functions", apiId=api_id) == "NotSimulated"


def test_every_answer_was_held_against_aws(shop, stage):
    """An operation whose answer no test holds against AWS's shape would be trusted blindly."""
    client = shop.appsync
    api_id = client.create_graphql_api(name="more", authenticationType="AWS_IAM")["graphqlApi"]["apiId"]
    client.get_graphql_api(apiId=api_id)
    client.update_graphql_api(apiId=api_id, name="other", authenticationType="AWS_IAM")
    assert [each["name"] for each in client.list_graphql_apis()["graphqlApis"]] == ["shop", "other"]
    client.start_schema_creation(apiId=api_id, definition=b"type Query { one: String }")
    assert client.get_schema_creation_status(apiId=api_id)["status"] == "SUCCESS"
    client.create_data_source(apiId=api_id, name="Nothing", type="NONE")
    client.update_data_source(apiId=api_id, name="Nothing", type="NONE", description="none")
    client.get_data_source(apiId=api_id, name="Nothing")
    assert len(client.list_data_sources(apiId=api_id)["dataSources"]) == 1
    field = {"apiId": api_id, "typeName": "Query", "fieldName": "one"}
    client.create_resolver(**field, dataSourceName="Nothing")
    client.update_resolver(**field, dataSourceName="Nothing", code="x")
    assert client.get_resolver(**field)["resolver"]["code"] == "x"
    assert len(client.list_resolvers(apiId=api_id, typeName="Query")["resolvers"]) == 1
    client.delete_resolver(**field)
    client.delete_data_source(apiId=api_id, name="Nothing")
    client.delete_graphql_api(apiId=api_id)
    assert client.called == set(AppSyncApi(None).handlers())
