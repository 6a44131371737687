"""The equivalent `aws` command."""

import json
import shlex

from hypothesis import given
from hypothesis import strategies as st

from cockpit.aws.command_line import command_line


def test_service_and_option_names_are_the_command_lines():
    """CodeDeploy is `deploy` there; members become kebab case."""
    line = command_line(
        "codedeploy", "StopDeployment", "us-east-1", {"deploymentId": "d-1", "autoRollbackEnabled": True}
    )
    assert line == "aws deploy stop-deployment --deployment-id d-1 --auto-rollback-enabled --region us-east-1"


def test_the_profile_goes_with_the_command():
    """A copied command must not act in another account than the cockpit does."""
    line = command_line("dynamodb", "ListTables", "us-east-1", {}, profile="on call")
    assert line == "aws dynamodb list-tables --region us-east-1 --profile 'on call'"


def test_false_is_said_and_none_is_left_out():
    """A flag that is turned off must not look turned on."""
    params = {"TableName": "T", "DeletionProtectionEnabled": False, "BillingMode": None}
    line = command_line("dynamodb", "UpdateTable", "us-east-1", params)
    assert line == "aws dynamodb update-table --table-name T --no-deletion-protection-enabled --region us-east-1"


def test_structures_are_json_and_plain_lists_are_words():
    """Both forms must be accepted by the command as they are."""
    params = {"cluster": "c", "services": ["a", "b c"], "x": [{"Name": "it's"}], "n": 3}
    words = shlex.split(command_line("ecs", "DescribeServices", "us-east-1", params))
    assert words[words.index("--services") + 1 : words.index("--services") + 3] == ["a", "b c"]
    assert json.loads(words[words.index("--x") + 1]) == [{"Name": "it's"}]
    assert words[words.index("--n") + 1] == "3"


def test_bytes_say_how_they_are_given():
    """Version 2 of the command takes base64 for bytes unless told otherwise, and writes streams to a file."""
    params = {
        "ApplicationId": "a",
        "ConfigurationProfileId": "p",
        "Content": '{"x": 1}',
        "ContentType": "application/json",
    }
    line = command_line("appconfig", "CreateHostedConfigurationVersion", "us-east-1", params)
    assert line.endswith("--region us-east-1 /dev/stdout --cli-binary-format raw-in-base64-out")
    read = command_line("appconfig", "GetHostedConfigurationVersion", "us-east-1", {"ApplicationId": "a"})
    assert read.endswith("/dev/stdout")


@given(st.text(min_size=1, max_size=40))
def test_any_value_stays_one_word(value):
    """Whatever a value holds, the shell must see it as one word and never as an option or a command."""
    words = shlex.split(command_line("dynamodb", "DescribeTable", "us-east-1", {"TableName": value}))
    assert words[:3] == ["aws", "dynamodb", "describe-table"]
    if value.startswith("-"):
        assert words[3:] == [f"--table-name={value}", "--region", "us-east-1"]
    else:
        assert words[3:] == ["--table-name", value, "--region", "us-east-1"]


@given(st.lists(st.text(max_size=10), min_size=1, max_size=4))
def test_lists_keep_their_items(items):
    """Items of a list survive the shell, whichever form is chosen."""
    words = shlex.split(command_line("ecs", "DescribeServices", "us-east-1", {"services": items}))
    given_words = words[words.index("--services") + 1 : words.index("--region")]
    assert items in (given_words, json.loads(given_words[0]) if given_words[0].startswith("[") else None)
