"""All pages of a read, with and without a paginator of botocore's."""

import boto3
import pytest

from cockpit.aws.gateway import Gateway
from cockpit.aws.port import ReadFailed
from cockpit.model.clock import SystemClock
from support.broken_endpoints import BrokenEndpoint, answer

pytestmark = pytest.mark.simulator
SECRET = {"SecretId": "many-versions"}


async def read(service, operation, params):
    port = Gateway(None, SystemClock())
    try:
        return (await port.read(service, operation, "us-east-1", params, pages=True)).body
    finally:
        await port.close()


@pytest.fixture
def many_versions(idle_simulator, monkeypatch):
    """A secret with 130 versions: more than the 100 that AWS lists at once."""
    for name, value in idle_simulator.environ.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("secretsmanager")
    client.create_secret(Name="many-versions", SecretString="0")
    for number in range(1, 130):
        client.put_secret_value(**SECRET, SecretString=str(number))
    yield
    client.delete_secret(**SECRET, ForceDeleteWithoutRecovery=True)


async def test_a_list_that_botocore_has_no_paginator_for_is_read_to_its_end(many_versions):
    """The first page of ListSecretVersionIds would pass for everything: versions to go back to would be missing."""
    body = await read("secretsmanager", "ListSecretVersionIds", {**SECRET, "IncludeDeprecated": True})
    assert len({each["VersionId"] for each in body["Versions"]}) == 130
    assert body["Name"] == "many-versions"
    assert "NextToken" not in body


async def test_a_read_that_has_no_pages_is_made_once(many_versions):
    """DescribeSecret and the like would fail for want of a token."""
    body = await read("secretsmanager", "DescribeSecret", dict(SECRET))
    assert body["Name"] == "many-versions"


async def test_a_service_that_gives_the_same_page_for_ever_is_told(monkeypatch):
    """The cockpit would read round and round, and show nothing."""
    same = answer("200 OK", b'{"Versions": [], "NextToken": "again"}', "Content-Type: application/x-amz-json-1.1\r\n")
    for name, value in {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "secret"}.items():
        monkeypatch.setenv(name, value)
    with BrokenEndpoint(same) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.url)
        with pytest.raises(ReadFailed) as failed:
            await read("secretsmanager", "ListSecretVersionIds", dict(SECRET))
    assert "same next token" in failed.value.fault.message
