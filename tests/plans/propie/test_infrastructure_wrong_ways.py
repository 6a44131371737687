"""What the source says about taking infrastructure back, done to the letter in the simulator: it goes wrong."""

import json

import pytest

from support.play import Play, refusal

STACK = "prop-ie-production-appsync-stack"
TABLE = "prop-ie-production-data"


def play(state):
    return Play(f"propie-stack-{state}")


def status(story, name=STACK):
    return story.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]


def api_writes_to(story):
    return story.simulation.truth["truth/application"]({})["api"]


def stored(story, key, index):
    """Return a stored file, 0 the newest."""
    s3 = story.client("s3")
    versions = s3.list_object_versions(Bucket="prop-ie-production-templates", Prefix=key)["Versions"]
    where = {"Bucket": "prop-ie-production-templates", "Key": key, "VersionId": versions[index]["VersionId"]}
    return s3.get_object(**where)["Body"].read().decode()


def test_e33_rollback_stack_deletes_a_stack_that_never_was_whole():
    """E-33: after the documented command the stack is gone, its API with it, and no edit reaches the table."""
    story = play("never-whole")
    client = story.client("cloudformation")
    stack_id = client.describe_stacks(StackName=STACK)["Stacks"][0]["StackId"]
    assert api_writes_to(story) == TABLE
    client.rollback_stack(StackName=STACK)
    story.go(5)
    assert status(story, stack_id) == "DELETE_COMPLETE"
    assert story.client("appsync").list_graphql_apis()["graphqlApis"] == []
    assert api_writes_to(story).startswith("refused")


@pytest.mark.parametrize("state", ["bad-update", "updating", "rollback-failed"])
def test_e33_rollback_stack_is_refused_in_other_states(state):
    """E-33: in three of four troubles the documented command does nothing at all."""
    story = play(state)
    before = status(story)
    assert refusal(story.client("cloudformation").rollback_stack, StackName=STACK) == "ValidationError"
    assert status(story) == before


def test_e34_update_stack_as_documented_lacks_capabilities():
    """E-34: the stack has a role in it, so the documented update is refused."""
    story = play("bad-update")
    given = {
        "TemplateBody": stored(story, "appsync-stack.yml", 1),
        "Parameters": json.loads(stored(story, "appsync-parameters.json", 1)),
    }
    code = refusal(story.client("cloudformation").update_stack, StackName=STACK, **given)
    assert code == "InsufficientCapabilitiesException"
    assert status(story) == "UPDATE_COMPLETE"


def test_e34_update_stack_replaces_and_removes_without_a_word():
    """E-34: the update names no resource before it replaces the data source and removes what came with the release."""
    story = play("bad-update")
    client = story.client("cloudformation")
    api_id = client.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"][0]["OutputValue"]
    answer = client.update_stack(
        StackName=STACK,
        TemplateBody=stored(story, "appsync-stack.yml", 1),
        Parameters=json.loads(stored(story, "appsync-parameters.json", 1)),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    assert set(answer) == {"StackId", "ResponseMetadata"}, "all that one is told"
    story.go(5)
    sources = story.client("appsync").list_data_sources(apiId=api_id)["dataSources"]
    assert [each["name"] for each in sources] == ["Properties"], "PropertyTable is gone"
    assert "PublishProperty" not in {
        each["LogicalResourceId"] for each in client.list_stack_resources(StackName=STACK)["StackResourceSummaries"]
    }


def test_e34_the_newest_backup_is_the_bad_release():
    """E-34: a file called previous that the release has overwritten changes nothing: without versions no way back."""
    story = play("bad-update")
    code = refusal(
        story.client("cloudformation").update_stack,
        StackName=STACK,
        TemplateBody=stored(story, "appsync-stack.yml", 0),
        Parameters=json.loads(stored(story, "appsync-parameters.json", 0)),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    assert code == "ValidationError", "No updates are to be performed."
    assert api_writes_to(story).startswith("refused")


def test_a_rollback_is_only_continued_once_the_cause_is_gone_or_skipped():
    """Without either, ContinueUpdateRollback fails at the same resource; nothing is lost by it."""
    story = play("rollback-failed")
    client = story.client("cloudformation")
    client.continue_update_rollback(StackName=STACK)
    story.go(5)
    assert status(story) == "UPDATE_ROLLBACK_FAILED"
    found = client.describe_stack_resources(StackName=STACK, LogicalResourceId="Schema")["StackResources"][0]
    api_id = found["PhysicalResourceId"].removesuffix("GraphQLSchema")
    story.client("appsync").create_resolver(
        apiId=api_id, typeName="Mutation", fieldName="archiveProperty", dataSourceName="Properties"
    )
    client.continue_update_rollback(StackName=STACK)
    story.go(5)
    assert status(story) == "UPDATE_ROLLBACK_COMPLETE"
