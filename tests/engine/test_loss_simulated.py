"""The composite actions over the simulated outage: what they measure is what the simulator knows."""

import asyncio
import json
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from boto3.session import Session
from botocore import xform_name

from cockpit.aws.gateway import Gateway
from cockpit.engine.actions.registry import ACTIONS
from cockpit.engine.commands import ChooseRestorePoint, TickOff
from cockpit.engine.prompts import ChecklistPrompt, PlannedCall, RestorePointPrompt
from cockpit.engine.records import InputSet, WritesHalted
from cockpit.model.effect import Outcome
from cockpit.plans.functions import FENCE_SID, write_fence
from cockpit.sim.process import start_simulator
from support.action_bench import ACCOUNT, REGION, Bench, a_plan

pytestmark = pytest.mark.simulator

TABLE, RESTORED = "SyncWellMetadata", "SyncWellMetadata-restored"
POINT = {
    "table": TABLE,
    "application": "syncwell-backend",
    "group": "syncwell-worker",
    "alarms": ["syncwell-*"],
    "log_onset": {"log_group": "/syncwell/worker", "pattern": '"CONFIG_OVERWRITTEN"'},
    "writes": {"metric_namespace": "SyncWell", "metric_name": "ConfigWrites"},
}
ALLOWED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Reports", "Effect": "Allow", "Principal": "*", "Action": "dynamodb:Scan", "Resource": "ARN"},
    ],
}


@pytest.fixture(scope="module")
def outage():
    """A simulated outage after the halt: the fence stands, so nothing is written any more."""
    with start_simulator("syncwell-corruption", speed=240.0) as simulator:
        keys = {"aws_access_key_id": "simulated", "aws_secret_access_key": "simulated"}
        session = Session(**keys, region_name=REGION)

        def client(service: str) -> Any:
            return session.client(service, endpoint_url=simulator.endpoint)

        group = {"applicationName": "syncwell-backend", "deploymentGroupName": "syncwell-worker"}
        suspect = client("codedeploy").list_deployments(**group)["deployments"][0]
        arn = client("dynamodb").describe_table(TableName=TABLE)["Table"]["TableArn"]
        policy = json.dumps(ALLOWED).replace("ARN", arn)
        fenced = json.dumps(write_fence(json.loads(policy), arn))
        client("dynamodb").put_resource_policy(ResourceArn=arn, Policy=fenced)
        yield SimpleNamespace(
            simulator=simulator,
            client=client,
            suspect=suspect,
            policy=policy,
            acknowledged=simulator.clock.now(),
            environ=simulator.environ,
        )


@pytest.fixture(autouse=True)
def _point_at_the_simulator(outage, monkeypatch):
    """The gateway finds the simulator by the ordinary AWS settings."""
    for name, value in outage.environ.items():
        monkeypatch.setenv(name, value)


async def perform(outage, step: dict[str, Any], *, effect="read", people=(), halted=None, inputs=None, before=()):
    """Carry out one step against the simulator; returns the bench and the result."""

    def change(call: PlannedCall) -> None:
        getattr(outage.client(call.service), xform_name(call.operation))(**call.params)

    gateway = Gateway(None, outage.simulator.clock, account=ACCOUNT)
    context = Bench(
        a_plan(step, effect=effect, before=before),
        port=gateway,
        clock=outage.simulator.clock,
        people=list(people),
        on_change=change,
    )
    if halted:
        context.record(halted)
    for name, value in (inputs or {}).items():
        context.record(InputSet(name=name, value=value, basis="test"))
    try:
        action = context.step.action
        result = await ACTIONS[action.kind].perform(context, action)
    finally:
        await gateway.close()
    return context, result


async def test_the_loss_is_known_to_the_second_and_the_write(outage):
    """E-15, RQ-09: what the operator accepts is exactly what the restore throws away."""
    point = {"id": "point", "title": "t", "why": "w", "source": ["+1"], "effect": "read", "restore_point": POINT}
    acknowledged = WritesHalted(at=outage.acknowledged, proven=False, basis="the fence was acknowledged")
    context, result = await perform(outage, {"prove_halt": {"table": TABLE}}, halted=acknowledged, before=[point])
    assert result.outcome is Outcome.DONE, result.reason
    truth = outage.simulator.get_json("/_cockpit/truth")["tables"][TABLE]
    halted_at = context.state().halted_at
    assert halted_at == datetime.fromisoformat(truth["halted_at"]).replace(microsecond=0)

    proven = WritesHalted(at=halted_at, proven=True, basis="proven")
    choice = [lambda prompt: ChooseRestorePoint("step", 1, prompt.proposal)]
    spec = {**POINT, "suspect": outage.suspect}
    context, result = await perform(outage, {"restore_point": spec}, people=choice, halted=proven)
    (asked,) = context.prompts
    assert isinstance(asked, RestorePointPrompt)
    assert asked.gaps == ()
    assert {"deployment", "alarm", "log onset", "halt"} <= {mark.kind for mark in asked.marks}
    loss = context.state().loss
    assert loss is not None
    assert loss.writes is not None
    assert loss.start < datetime.fromisoformat(truth["bad_since"])
    times = [datetime.fromisoformat(write["time"]).replace(microsecond=0) for write in truth["writes"]]
    lost = sum(loss.start < at <= loss.end for at in times)
    assert (loss.writes.at_least, loss.writes.at_most) == (lost, lost)
    assert lost > 0


async def test_the_restored_table_gets_its_settings_and_shows_the_good_items(outage):
    """E-05, S0:120: after the restore the table is the old one again, and known accounts prove it."""
    dynamodb = outage.client("dynamodb")
    chosen = (outage.acknowledged - timedelta(minutes=45)).replace(microsecond=0)
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=TABLE, TargetTableName=RESTORED, RestoreDateTime=chosen, BillingModeOverride="PAY_PER_REQUEST"
    )
    async with asyncio.timeout(60):
        while dynamodb.describe_table(TableName=RESTORED)["Table"]["TableStatus"] != "ACTIVE":  # noqa: ASYNC110 - AWS has no event
            await asyncio.sleep(0.2)

    spec = {"source_table": TABLE, "restored_table": RESTORED, "policy": "{{ inputs.policy }}"}
    context, result = await perform(outage, {"carry_settings": spec}, effect="mutate", inputs={"policy": outage.policy})
    assert result.outcome is Outcome.DONE, result.reason
    assert len(context.confirmed) == 1
    old, new = (dynamodb.describe_table(TableName=name)["Table"] for name in (TABLE, RESTORED))
    for member in ("StreamSpecification", "DeletionProtectionEnabled"):
        assert new[member] == old[member]
    assert dynamodb.describe_time_to_live(TableName=RESTORED)["TimeToLiveDescription"]["AttributeName"] == "expiresAt"
    backups = dynamodb.describe_continuous_backups(TableName=RESTORED)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == 35
    tags = dynamodb.list_tags_of_resource(ResourceArn=new["TableArn"])["Tags"]
    assert {tag["Key"] for tag in tags} == {"service", "data"}
    carried = dynamodb.get_resource_policy(ResourceArn=new["TableArn"])["Policy"]
    assert FENCE_SID not in carried
    assert new["TableArn"] in carried

    keys = [{"pk": {"S": "USER#0042"}, "sk": {"S": "CONFIG"}}]
    check = {"source_table": TABLE, "restored_table": RESTORED, "keys": keys}
    tick = [lambda prompt: TickOff("step", 1, {item.id: True for item in prompt.items})]
    context, result = await perform(outage, {"spot_check": check}, people=tick)
    (asked,) = context.prompts
    assert isinstance(asked, ChecklistPrompt)
    assert asked.items[0].text.startswith("USER#0042 / CONFIG")
    assert asked.items[0].evidence
    at = chosen.isoformat().replace("+00:00", "Z")
    items = outage.simulator.get_json(f"/_cockpit/truth/items?table={TABLE}&at={at}")
    assert asked.items[-1].evidence.startswith(f"{len(items['items'])} items counted")
