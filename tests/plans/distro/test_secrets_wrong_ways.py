"""What the source says about rolling a secret back, done to the letter in the simulator: it goes wrong (E-43)."""

import json

import pytest

from cockpit.sim.secrets_rotation import Rotations
from support.play import Play, refusal

SECRET = {"SecretId": "distro/orders-db"}
OLDEST, OLD, NEW = (f"{n}0000000-5eed-4000-8000-00000000000{n}" for n in (1, 2, 3))


def labels(story):
    return story.client("secretsmanager").describe_secret(**SECRET)["VersionIdsToStages"]


def move(story, source, target):
    story.client("secretsmanager").update_secret_version_stage(
        **SECRET, VersionStage="AWSCURRENT", RemoveFromVersionId=source, MoveToVersionId=target
    )


def restart(story):
    story.client("ecs").update_service(cluster="distro", service="orders-api", forceNewDeployment=True)
    story.go(5)


def refused(story, minutes=5):
    """Return what share of the logins of the last minutes was refused."""
    made = story.total("Distro/Orders", "Logins", minutes)
    assert made > 50
    return story.total("Distro/Orders", "LoginFailures", minutes) / made


def test_e43_the_documented_command_is_refused():
    """E-43: without RemoveFromVersionId the label cannot be moved; and with the wrong one neither."""
    story = Play("distro-bad-secret-by-hand")
    client = story.client("secretsmanager")
    wanted = {**SECRET, "VersionStage": "AWSCURRENT", "MoveToVersionId": OLD}
    assert refusal(client.update_secret_version_stage, **wanted) == "InvalidParameterException"
    stale = refusal(client.update_secret_version_stage, **wanted, RemoveFromVersionId=OLDEST)
    assert stale == "InvalidParameterException"
    move(story, NEW, OLD)  # as the plan does
    assert labels(story) == {OLD: ["AWSCURRENT"], NEW: ["AWSPREVIOUS"]}


def test_e43_services_do_not_use_the_updated_secret_by_themselves():
    """E-43: the label is right again, and every login goes on to be refused until the service is restarted."""
    story = Play("distro-bad-secret-by-hand")
    move(story, NEW, OLD)
    story.go(30)
    assert refused(story) == 1
    restart(story)  # as the plan does
    story.go(10)
    assert refused(story) == 0
    assert story.alarm("orders-api-logins") == "OK"


def test_e43_a_label_moved_back_changes_no_password_in_the_database():
    """E-43: after a sound rotation, going back makes the outage permanent: the restarted service is refused too."""
    story = Play("distro-bad-secret-rotated")
    move(story, NEW, OLD)
    restart(story)
    story.go(10)
    assert refused(story) == 1
    move(story, OLD, NEW)  # as the plan does: the version that the database accepts, and a restart
    restart(story)
    story.go(10)
    assert refused(story) == 0


def test_e43_the_version_before_is_wrong_when_a_rotation_is_stuck_half_way():
    """E-43: the database has the password of AWSPENDING; AWSPREVIOUS is older than what worked this morning."""
    story = Play("distro-bad-secret")
    assert labels(story) == {OLDEST: ["AWSPREVIOUS"], OLD: ["AWSCURRENT"], NEW: ["AWSPENDING"]}
    story.client("secretsmanager").cancel_rotate_secret(**SECRET)
    move(story, OLD, OLDEST)
    restart(story)
    story.go(10)
    assert refused(story) == 1
    move(story, OLDEST, NEW)
    restart(story)
    story.go(10)
    assert refused(story) == 0


@pytest.mark.parametrize("halted", [False, True])
def test_e43_a_rotation_that_is_not_halted_moves_the_labels_meanwhile(halted):
    """E-43, S3:500: it is tried again and again; as soon as its fault is gone it ends, under the operator's hands."""
    story = Play("distro-bad-secret")
    rotations = story.simulation.parts[Rotations]
    if halted:  # as the plan does
        story.client("secretsmanager").cancel_rotate_secret(**SECRET)
    sound = rotations.functions["rotate-orders-db"].model_copy(update={"fails_at": None})
    rotations.functions["rotate-orders-db"] = sound
    story.go(30)
    assert labels(story)[OLD] == (["AWSCURRENT"] if halted else ["AWSPREVIOUS"])


def test_e43_a_cancelled_rotation_leaves_labels_that_block_the_next_one():
    """E-43: AWSPENDING stays where it is, and RotateSecret is refused until somebody takes it off."""
    story = Play("distro-bad-secret")
    client = story.client("secretsmanager")
    assert client.cancel_rotate_secret(**SECRET)["VersionId"] == NEW
    assert labels(story)[NEW] == ["AWSPENDING"]
    blocked = refusal(client.rotate_secret, **SECRET, RotateImmediately=False)
    assert blocked == "InvalidRequestException"
    client.update_secret_version_stage(**SECRET, VersionStage="AWSPENDING", RemoveFromVersionId=NEW)  # as the plan does
    client.rotate_secret(**SECRET, RotateImmediately=False)


@pytest.mark.parametrize("immediately", [None, False])
def test_e43_a_rotation_that_is_switched_on_again_rotates_at_once(immediately):
    """E-43: by default the password that was just put right is changed again, and the service is out again."""
    story = Play("distro-bad-secret-by-hand")
    client = story.client("secretsmanager")
    client.cancel_rotate_secret(**SECRET)
    move(story, NEW, OLD)
    restart(story)
    client.rotate_secret(**SECRET, **({} if immediately is None else {"RotateImmediately": immediately}))
    story.go(10)
    assert client.describe_secret(**SECRET)["RotationEnabled"]
    if immediately is None:  # as the source has it
        assert labels(story)[OLD] == ["AWSPREVIOUS"]
        assert refused(story) == 1
    else:  # as the plan does
        assert labels(story) == {OLD: ["AWSCURRENT"], NEW: ["AWSPREVIOUS"]}
        assert refused(story) == 0


def test_the_database_knows_nothing_of_labels():
    """The tests above would prove nothing if the simulated database followed the secret."""
    story = Play("distro-bad-secret-by-hand")
    value = json.loads(story.client("secretsmanager").get_secret_value(**SECRET)["SecretString"])
    assert value["password"].endswith("by-hand")
    assert refused(story) == 1
