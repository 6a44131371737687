"""CloudFormation: a stack's states, and what each of them allows."""

import pytest
from appsync_stack import ANOTHER_SOURCE, DROP, HANGS, NO_SUCH_FIELD, READ_ONLY, STACK, TABLE, Shop, template

from cockpit.sim.cloudformation_api import StackApi
from cockpit.sim.cloudformation_changesets import ChangeSetApi


@pytest.fixture
def shop(stage):
    return Shop(stage)


def fail_half_way(shop, stage):
    """Let an update fail that has changed the role before, and keep what it has done."""
    shop.update(NO_SUCH_FIELD, actions=READ_ONLY, DisableRollback=True)
    stage.go(120)


def change_set(shop, stage, name="back", **given):
    shop.cloudformation.create_change_set(StackName=STACK, ChangeSetName=name, **shop.given(**given))
    stage.go(15)
    return shop.cloudformation.describe_change_set(StackName=STACK, ChangeSetName=name)


def roles(stage):
    return [role["RoleName"] for role in stage.simulation.client("iam", "us-east-1").list_roles()["Roles"]]


def test_a_stack_is_created_resource_by_resource(shop):
    """Without real resources behind a stack, rolling it back would change nothing that a plan could look at."""
    assert (shop.status, set(shop.resources().values())) == ("CREATE_COMPLETE", {"CREATE_COMPLETE"})
    assert shop.appsync.get_data_source(apiId=shop.api_id, name="Data")["dataSource"]["dynamodbConfig"] == {
        "tableName": TABLE,
        "awsRegion": "us-east-1",
    }
    first, *_, last = shop.cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    assert (first["LogicalResourceId"], first["ResourceStatus"], first["ClientRequestToken"]) == (
        STACK,
        "CREATE_COMPLETE",
        "made",
    )
    assert last["ResourceStatus"] == "CREATE_IN_PROGRESS"


def test_a_failed_creation_is_taken_back(stage):
    """A creation that fails leaves nothing, unless that was asked for."""
    shop = Shop(stage, TemplateBody=template(NO_SUCH_FIELD))
    assert (shop.status, shop.resources()) == ("ROLLBACK_COMPLETE", {})
    assert shop.appsync.list_graphql_apis()["graphqlApis"] == []
    assert stage.refusal("cloudformation", "update_stack", StackName=STACK, **shop.given()) == "ValidationError"


def test_rollback_deletes_a_stack_that_never_was_whole(stage):
    """E-33: the documented command, on a stack whose creation failed, deletes it with everything in it."""
    shop = Shop(stage, TemplateBody=template(NO_SUCH_FIELD), DisableRollback=True)
    assert (shop.status, len(shop.resources())) == ("CREATE_FAILED", 6)
    shop.cloudformation.rollback_stack(StackName=STACK)
    stage.go(120)
    assert shop.stack(shop.stack_id)["StackStatus"] == "DELETE_COMPLETE"
    assert stage.refusal("cloudformation", "describe_stacks", StackName=STACK) == "ValidationError"
    assert shop.appsync.list_graphql_apis()["graphqlApis"] == []


def test_a_failed_update_is_rolled_back(shop, stage):
    """By default a failing update ends where it began."""
    shop.update(NO_SUCH_FIELD, actions=READ_ONLY)
    stage.go(5)
    assert shop.status == "UPDATE_IN_PROGRESS"
    stage.go(120)
    assert shop.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "dynamodb:PutItem" in shop.actions()
    assert ("Wrong", "CREATE_FAILED") in shop.events()
    assert set(shop.resources()) == {"DataRole", "Api", "Schema", "Data", "Save"}


def test_a_failed_update_that_keeps_what_it_did_can_be_rolled_back(shop, stage):
    """With rollback disabled a half-changed stack stays; RollbackStack brings back the last state that was whole."""
    fail_half_way(shop, stage)
    assert (shop.status, shop.actions()) == ("UPDATE_FAILED", ["dynamodb:GetItem"])
    assert "[Wrong]" in shop.stack()["StackStatusReason"]
    shop.cloudformation.rollback_stack(StackName=STACK, ClientRequestToken="back")
    stage.go(5)
    assert shop.status == "UPDATE_ROLLBACK_IN_PROGRESS"
    stage.go(120)
    assert (shop.status, "dynamodb:PutItem" in shop.actions()) == ("UPDATE_ROLLBACK_COMPLETE", True)
    assert shop.cloudformation.get_template(StackName=STACK)["TemplateBody"] == template()


@pytest.mark.parametrize(
    "operation", ["rollback_stack", "continue_update_rollback", "cancel_update_stack"], ids=lambda name: name
)
def test_each_way_back_has_its_state(shop, stage, operation):
    """In a state that does not fit, each way back is refused, and nothing has changed."""
    assert stage.refusal("cloudformation", operation, StackName=STACK) == "ValidationError"
    assert shop.status == "CREATE_COMPLETE"


def test_a_token_makes_a_call_repeatable(shop, stage):
    """The same call with the same token does nothing more; for another operation the token is refused."""
    fail_half_way(shop, stage)
    for _ in range(2):
        shop.cloudformation.rollback_stack(StackName=STACK, ClientRequestToken="once")
    stage.go(120)
    shop.cloudformation.rollback_stack(StackName=STACK, ClientRequestToken="once")
    assert shop.events().count((STACK, "UPDATE_ROLLBACK_IN_PROGRESS")) == 1
    code = stage.refusal("cloudformation", "cancel_update_stack", StackName=STACK, ClientRequestToken="once")
    assert code == "TokenAlreadyExistsException"


def test_a_refused_call_does_not_use_its_token_up(shop, stage):
    """A call that was refused for the stack's state can be made again when the state fits."""
    params = {"StackName": STACK, "ClientRequestToken": "early"}
    assert stage.refusal("cloudformation", "rollback_stack", **params) == "ValidationError"
    fail_half_way(shop, stage)
    shop.cloudformation.rollback_stack(**params)
    stage.go(120)
    assert shop.status == "UPDATE_ROLLBACK_COMPLETE"


def test_a_running_update_can_be_cancelled(shop, stage):
    """A hanging update ends by cancelling; other ways back are refused meanwhile."""
    shop.update(HANGS, actions=READ_ONLY)
    stage.go(60)
    assert (shop.status, shop.actions()) == ("UPDATE_IN_PROGRESS", ["dynamodb:GetItem"])
    assert stage.refusal("cloudformation", "rollback_stack", StackName=STACK) == "ValidationError"
    shop.cloudformation.cancel_update_stack(StackName=STACK)
    stage.go(120)
    assert (shop.status, "dynamodb:PutItem" in shop.actions()) == ("UPDATE_ROLLBACK_COMPLETE", True)
    assert ("Signal", "CREATE_FAILED") in shop.events()


def test_an_update_that_nobody_cancels_fails_in_the_end(shop, stage):
    """A wait condition that gets no signal fails after its timeout, and the update with it."""
    shop.update(HANGS)
    stage.go(700)
    assert shop.status == "UPDATE_ROLLBACK_COMPLETE"


def rollback_fails(shop, stage):
    """Let a rollback fail: what it wants to change back was deleted by hand."""
    if "Drop" not in shop.resources():
        shop.update(DROP)
        stage.go(60)
    assert shop.status in ("UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
    changed = [{"ParameterKey": "Suffix", "ParameterValue": "v2"}, *shop.given()["Parameters"]]
    shop.update(DROP + HANGS, Parameters=changed)
    stage.go(60)
    shop.appsync.delete_resolver(apiId=shop.appsync.list_graphql_apis()["graphqlApis"][0]["apiId"], **DROPPED)
    shop.cloudformation.cancel_update_stack(StackName=STACK)
    stage.go(60)


DROPPED = {"typeName": "Mutation", "fieldName": "drop"}


def test_a_rollback_that_fails_can_be_continued_without_what_failed(shop, stage):
    """Skipped resources count as rolled back though they are not: the stack is whole in name, and has drifted."""
    rollback_fails(shop, stage)
    assert (shop.status, shop.resources()["Drop"]) == ("UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED")
    for name in ("Save", "Nothing"):
        params = {"StackName": STACK, "ResourcesToSkip": [name]}
        assert stage.refusal("cloudformation", "continue_update_rollback", **params) == "ValidationError"
    shop.cloudformation.continue_update_rollback(StackName=STACK, ResourcesToSkip=["Drop"])
    stage.go(60)
    assert (shop.status, shop.resources()["Drop"]) == ("UPDATE_ROLLBACK_COMPLETE", "UPDATE_COMPLETE")
    assert stage.refusal("appsync", "get_resolver", apiId=shop.api_id, **DROPPED) == "NotFoundException"


def test_a_rollback_that_fails_can_be_continued_once_the_cause_is_gone(shop, stage):
    """With the cause repaired nothing has to be skipped; without, it fails again."""
    rollback_fails(shop, stage)
    shop.cloudformation.continue_update_rollback(StackName=STACK)
    stage.go(60)
    assert shop.status == "UPDATE_ROLLBACK_FAILED"
    api_id = shop.appsync.list_graphql_apis()["graphqlApis"][0]["apiId"]
    shop.appsync.create_resolver(apiId=api_id, **DROPPED, dataSourceName="Data", code="v2")
    shop.cloudformation.continue_update_rollback(StackName=STACK)
    stage.go(60)
    assert shop.status == "UPDATE_ROLLBACK_COMPLETE"
    assert shop.appsync.get_resolver(apiId=api_id, **DROPPED)["resolver"]["code"] == "v1"


def test_an_update_with_roles_wants_its_capabilities(shop, stage):
    """E-34: without capabilities the documented update is refused."""
    given = shop.given(ANOTHER_SOURCE)
    del given["Capabilities"]
    assert (
        stage.refusal("cloudformation", "update_stack", StackName=STACK, **given) == "InsufficientCapabilitiesException"
    )
    summary = shop.cloudformation.get_template_summary(TemplateBody=given["TemplateBody"])
    assert summary["Capabilities"] == ["CAPABILITY_NAMED_IAM"]


def test_an_update_without_changes_is_refused(shop, stage):
    """An update that changes nothing is an error, a change set without changes has failed."""
    assert stage.refusal("cloudformation", "update_stack", StackName=STACK, **shop.given()) == "ValidationError"
    found = change_set(shop, stage)
    assert (found["Status"], found["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert "didn't contain changes" in found["StatusReason"]
    code = stage.refusal("cloudformation", "execute_change_set", StackName=STACK, ChangeSetName="back")
    assert code == "InvalidChangeSetStatus"


def test_a_change_set_shows_what_is_replaced_and_removed(shop, stage):
    """A review that does not see a replacement or a removal reviews nothing (E-34)."""
    shop.update(ANOTHER_SOURCE)
    stage.go(60)
    body = template().replace("RoleName: shop-data-access", "RoleName: shop-data")
    found = change_set(shop, stage, TemplateBody=body)
    told = {each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"] for each in found["Changes"]}
    assert {name: (each["Action"], each.get("Replacement")) for name, each in told.items()} == {
        "DataRole": ("Modify", "True"),
        "Data": ("Modify", "False"),
        "Other": ("Remove", None),
    }
    assert shop.status == "UPDATE_COMPLETE", "nothing has happened yet"


def test_a_change_set_is_carried_out(shop, stage):
    """Executing a change set updates the stack; other change sets are gone then, and it cannot be executed twice."""
    change_set(shop, stage, "other", more=ANOTHER_SOURCE)
    change_set(shop, stage, more=DROP)
    shop.cloudformation.execute_change_set(StackName=STACK, ChangeSetName="back", ClientRequestToken="go")
    stage.go(90)
    assert (shop.status, shop.resources()["Drop"]) == ("UPDATE_COMPLETE", "CREATE_COMPLETE")
    assert [each["ChangeSetName"] for each in shop.cloudformation.list_change_sets(StackName=STACK)["Summaries"]] == [
        "back"
    ]
    shop.cloudformation.execute_change_set(StackName=STACK, ChangeSetName="back", ClientRequestToken="go")
    assert shop.status == "UPDATE_COMPLETE"
    code = stage.refusal("cloudformation", "execute_change_set", StackName=STACK, ChangeSetName="back")
    assert code == "InvalidChangeSetStatus"


def test_a_replaced_resource_is_deleted_at_the_end(shop, stage):
    """A replacement makes the new one first; the old one goes when everything else is done."""
    shop.update(TemplateBody=template().replace("RoleName: shop-data-access", "RoleName: shop-data"))
    stage.go(120)
    assert shop.status == "UPDATE_COMPLETE"
    assert [role["RoleName"] for role in stage.simulation.client("iam", "us-east-1").list_roles()["Roles"]] == [
        "shop-data"
    ]
    source = shop.appsync.get_data_source(apiId=shop.api_id, name="Data")["dataSource"]
    assert source["serviceRoleArn"].endswith(":role/shop-data")


def test_templates_come_from_s3_in_any_version(shop, stage):
    """Going back to an older template needs the older version of the stored one."""
    s3 = stage.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_bucket_versioning(Bucket="templates", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket="templates", Key="a/stack.yml", Body=template(DROP).encode())["VersionId"]
    s3.put_object(Bucket="templates", Key="a/stack.yml", Body=template(ANOTHER_SOURCE).encode())
    url = "https://templates.s3.us-east-1.amazonaws.com/a/stack.yml"
    given = {name: value for name, value in shop.given().items() if name != "TemplateBody"}
    for name, address, wanted in (("new", url, "Other"), ("old", f"{url}?versionId={old}", "Drop")):
        shop.cloudformation.create_change_set(StackName=STACK, ChangeSetName=name, TemplateURL=address, **given)
        stage.go(15)
        found = shop.cloudformation.describe_change_set(StackName=STACK, ChangeSetName=name)["Changes"]
        assert [each["ResourceChange"]["LogicalResourceId"] for each in found] == [wanted]
    missing = {**given, "TemplateURL": f"{url}.none"}
    assert stage.refusal("cloudformation", "update_stack", StackName=STACK, **missing) == "ValidationError"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"TemplateBody": "Resources: {A: {Type: 'AWS::EC2::VPC'}}"}, "NotSimulated"),
        ({"TemplateBody": "Resources: {A: {Type: 'AWS::IAM::Role', Properties: !If [a, b, c]}}"}, "NotSimulated"),
        ({"TemplateBody": "Resources: {A: {Type: 'AWS::IAM::Role', Properties: {X: !Ref B}}}"}, "ValidationError"),
        ({"TemplateBody": "nothing"}, "ValidationError"),
        ({"Parameters": []}, "ValidationError"),
        ({"Parameters": [{"ParameterKey": "Other", "ParameterValue": "x"}]}, "ValidationError"),
        ({"RoleARN": "arn:aws:iam::123456789012:role/deploy"}, "NotSimulated"),
    ],
    ids=["kind", "function", "reference", "no-template", "no-parameter", "wrong-parameter", "role"],
)
def test_what_cannot_be_carried_out_is_refused_at_once(shop, stage, params, code):
    """A template that is wrong, or that asks for what is not simulated, must not fail somewhere on the way."""
    given = shop.given(ANOTHER_SOURCE, **params)
    assert stage.refusal("cloudformation", "update_stack", StackName=STACK, **given) == code
    assert shop.status == "CREATE_COMPLETE"


def test_a_stack_and_its_deletion(shop, stage):
    """A deleted stack can be seen by its id only; with termination protection it cannot be deleted."""
    assert shop.cloudformation.describe_stack_resources(StackName=STACK, LogicalResourceId="Api")["StackResources"]
    shop.cloudformation.delete_change_set(StackName=STACK, ChangeSetName="none")
    shop.cloudformation.update_termination_protection(StackName=STACK, EnableTerminationProtection=True)
    assert stage.refusal("cloudformation", "delete_stack", StackName=STACK) == "ValidationError"
    shop.cloudformation.update_termination_protection(StackName=STACK, EnableTerminationProtection=False)
    shop.cloudformation.delete_stack(StackName=STACK)
    stage.go(120)
    assert shop.stack(shop.stack_id)["StackStatus"] == "DELETE_COMPLETE"
    listed = shop.cloudformation.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert [each["StackId"] for each in listed] == [shop.stack_id]
    assert roles(stage) == []


def test_every_answer_was_held_against_aws(shop, stage):
    """An operation whose answer no test holds against AWS's shape would be trusted blindly."""
    client = shop.cloudformation
    fail_half_way(shop, stage)
    change_set(shop, stage, "gone", more=DROP)
    change_set(shop, stage, more=DROP)
    client.describe_stacks()
    client.list_stacks()
    client.get_template(StackName=STACK, ChangeSetName="back")
    client.get_template_summary(StackName=STACK)
    client.describe_stack_events(StackName=STACK)
    client.describe_stack_resources(StackName=STACK)
    client.list_stack_resources(StackName=STACK)
    client.list_change_sets(StackName=STACK)
    client.delete_change_set(StackName=STACK, ChangeSetName="gone")
    client.execute_change_set(StackName=STACK, ChangeSetName="back")
    stage.go(90)
    shop.update(HANGS)
    stage.go(10)
    client.cancel_update_stack(StackName=STACK)
    stage.go(90)
    rollback_fails(shop, stage)
    client.continue_update_rollback(StackName=STACK, ResourcesToSkip=["Drop"])
    stage.go(90)
    fail_half_way(shop, stage)
    client.rollback_stack(StackName=STACK)
    stage.go(90)
    client.update_termination_protection(StackName=STACK, EnableTerminationProtection=False)
    client.delete_stack(StackName=STACK)
    assert client.called == {*StackApi(None, None, None).handlers(), *ChangeSetApi(None, None, None).handlers()}
