"""The read list against AWS's own access levels."""

import json
from pathlib import Path

import pytest

from cockpit.aws.access_levels import READING_LEVELS
from cockpit.aws.catalogue import shared_catalogue
from cockpit.aws.read_list import CREDENTIAL_CALLS, READ_LIST, WATCH_CALLS, is_read, watch_policy

ENTRIES = [(service, operation) for service, operations in READ_LIST.items() for operation in sorted(operations)]


@pytest.mark.parametrize(("service", "operation"), ENTRIES)
def test_every_entry_exists_and_only_reads(service, operation):
    """An entry that botocore does not know, or that IAM says can write, would be a hole in the guard."""
    catalogue = shared_catalogue()
    assert catalogue.exists(service, operation)
    access = catalogue.access(service, operation)
    if (service, operation) == ("sts", "GetCallerIdentity"):
        return  # IAM needs no permission for it; its level is Read where it is listed at all
    assert access is not None, f"IAM knows no action for {service}:{operation}"
    assert access.level in READING_LEVELS


def test_no_operation_that_writes_is_on_the_list():
    """Over all operations of botocore: nothing that IAM calls Write, Tagging or Permissions management is admitted."""
    catalogue = shared_catalogue()
    admitted = [
        (service, operation)
        for service in READ_LIST
        for operation in catalogue.operations(service)
        if is_read(service, operation) and catalogue.access_level(service, operation) not in {*READING_LEVELS, None}
    ]
    assert admitted == []


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("secretsmanager", "GetSecretValue"),
        ("ssm", "GetParameters"),
        ("ssm", "GetParametersByPath"),
        ("sqs", "ReceiveMessage"),
        ("sts", "AssumeRole"),
        ("dynamodb", "ExecuteStatement"),
        ("dynamodb", "PutItem"),
        ("lambda", "Invoke"),
    ],
)
def test_reads_that_are_not_harmless_are_left_out(service, operation):
    """Secrets, consuming reads and signing in as somebody else must never pass as reads."""
    assert not is_read(service, operation)


def test_signing_in_is_not_a_read():
    """The credential chain's own calls must not be callable as reads."""
    assert not any(is_read(service, operation) for service, operation in CREDENTIAL_CALLS)


def test_policy_names_every_watch_call_as_iam_spells_it():
    """A misspelt action in the README's policy would deny a pane."""
    catalogue = shared_catalogue()
    actions = watch_policy()["Statement"][0]["Action"]
    assert len(actions) == sum(map(len, WATCH_CALLS.values()))
    for action in actions:
        service, operation = action.split(":")
        assert is_read(service, operation)
        access = catalogue.access(service, operation)
        assert access is None or access.action == action


def test_published_policy_is_the_generated_one():
    """Who follows the documentation gets exactly what the feeds need."""
    top = Path(__file__).resolve().parents[2]
    assert json.loads((top / "docs" / "watch-policy.json").read_text()) == watch_policy()
    shown = (top / "README.md").read_text().partition("<!-- watch-policy:begin -->\n```json\n")[2]
    assert json.loads(shown.partition("```")[0]) == watch_policy()
