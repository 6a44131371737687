"""Calls that may be sent a second time: with a token, the second must be the first again."""

import pytest

from cockpit.engine import commands as c
from support.engine_rig import CONFIRM, TROUBLE, Rig, answer, ended, lost, make_plan, prompt_of, records

RESTORE = {
    "id": "restore",
    "effect": "mutate",
    "aws": {
        "call": "backup:StartRestoreJob",
        "params": {"RecoveryPointArn": "arn:aws:backup:us-east-1:123456789012:recovery-point:1", "Metadata": {}},
        "capture": {"job": "answer.RestoreJobId"},
        "repeatable": "AWS knows the call by its token",
    },
}


@pytest.fixture
def rig(tmp_path):
    made = Rig(tmp_path / "runs")
    yield made
    made.close()


def test_a_call_with_a_token_is_sent_again_with_the_same_token(rig):
    """AWS would take it for another call: a second restore job, begun by an operator who was told it begins nothing."""
    rig.port.changes["backup:StartRestoreJob"] = lost("the line broke")
    run = rig.start(make_plan(RESTORE))
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    prompt_of(run, TROUBLE)
    rig.port.changes["backup:StartRestoreJob"] = lambda _: {"RestoreJobId": "job-1"}
    answer(run, c.SolveTrouble, way="retry")
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    assert ended(run).steps["restore"].captured["job"] == "job-1"
    first, second = records(run, "intent")
    assert first.token
    assert first.params["IdempotencyToken"] == second.params["IdempotencyToken"] == first.token
