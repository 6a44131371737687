"""Calls that the simulator holds back: the line is cut in the middle of one call."""

import time
import urllib.error

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

pytestmark = pytest.mark.simulator

DEADLINE = 10.0


def impatient(simulator):
    """Return a client that hangs up after half a second and sends nothing a second time."""
    return boto3.client(
        "sns",
        region_name=simulator.region,
        endpoint_url=simulator.endpoint,
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106 - the simulator checks none
        config=Config(read_timeout=0.5, retries={"total_max_attempts": 1}),
    )


def statuses(simulator):
    calls = simulator.get_json("/_cockpit/calls")["calls"]
    return [call["status"] for call in calls if call["operation"] == "CreateTopic"]


@pytest.mark.parametrize(("effect", "there", "status"), [("after", True, 200), ("before", False, 0)])
def test_the_nth_call_is_held_with_or_without_effect(simulate, effect, there, status):
    """A crash between a call's arrival and its answer could not be tried out, or would be tried on the wrong side."""
    simulator = simulate()
    sns = impatient(simulator)
    simulator.post_json("/_cockpit/hold", {"service": "sns", "operation": "CreateTopic", "nth": 2, "effect": effect})
    sns.create_topic(Name="first")
    with pytest.raises(ReadTimeoutError):
        sns.create_topic(Name="second")
    (hold,) = simulator.get_json("/_cockpit/hold")
    assert (hold["held"], hold["arrived"]) == (True, 2)
    names = {topic["TopicArn"].rpartition(":")[2] for topic in sns.list_topics()["Topics"]}
    assert ("second" in names) is there
    assert statuses(simulator) == [200, status]
    sns.create_topic(Name="third")
    assert statuses(simulator) == [200, status, 200]


def test_the_world_goes_on_while_a_call_is_held(simulate):
    """One held call would stop every other client, and the test that waits for it."""
    simulator = simulate()
    simulator.post_json("/_cockpit/hold", {"service": "sns", "operation": "CreateTopic", "effect": "after"})
    began = time.monotonic()
    with pytest.raises(ReadTimeoutError):
        impatient(simulator).create_topic(Name="held")
    impatient(simulator).list_topics()
    assert time.monotonic() - began < DEADLINE


@pytest.mark.parametrize("order", [{}, {"service": "a", "operation": "B", "effect": "sometimes"}])
def test_an_order_that_makes_no_sense_is_refused(simulate, order):
    """A misspelt order would hold nothing, and the test behind it would prove nothing."""
    with pytest.raises(LookupError, match="effect") as refused:
        simulate().post_json("/_cockpit/hold", order)
    assert isinstance(refused.value.__cause__, urllib.error.HTTPError)
