"""The plan that puts a secret right, from start to end against the simulated outages, and where it refuses."""

import json
import urllib.request

import boto3
import pytest

from cockpit.engine.state import RunState
from cockpit.engine.unattended import Unattended
from cockpit.model.effect import Outcome
from cockpit.sim.process import start_simulator
from support.rehearsal import Rehearsal, rehearse

pytestmark = pytest.mark.simulator

PLAN = "distro/secrets-rollback"
BY_HAND, ROTATED = f"{PLAN}-by-hand", f"{PLAN}-rotated"
SECRET = {"SecretId": "distro/orders-db"}
OLDEST, OLD, NEW = (f"{n}0000000-5eed-4000-8000-00000000000{n}" for n in (1, 2, 3))
FAST = 300.0


def world(scenario):
    """Return a fixture: one simulator on a scenario for the tests of this file, in their order."""

    @pytest.fixture(scope="module")
    def play():
        patch = pytest.MonkeyPatch()
        with start_simulator(scenario, speed=FAST) as simulator:
            for name, value in simulator.environ.items():
                patch.setenv(name, value)
            yield simulator
        patch.undo()

    return play


by_hand, rotated = world("distro-bad-secret-by-hand"), world("distro-bad-secret-rotated")
stuck = world("distro-bad-secret")


def secret():
    return boto3.client("secretsmanager").describe_secret(**SECRET)


def labels():
    found = secret()["VersionIdsToStages"].items()
    return {stage: version for version, stages in found for stage in stages}


def done(state: RunState) -> set[str]:
    return {step.step for step in state.steps.values() if step.outcome is Outcome.DONE}


def answered(api="distro-orders-api"):
    """Return what the service says of itself."""
    found = boto3.client("apigatewayv2").get_apis()["Items"]
    url = next(each["ApiEndpoint"] for each in found if each["Name"] == api)
    with urllib.request.urlopen(f"{url}/health", timeout=10) as answer:  # noqa: S310 - the simulator's own URL
        return json.load(answer)


def passwords():
    """Return every password that any version of the secret holds."""
    client = boto3.client("secretsmanager")
    versions = client.list_secret_version_ids(**SECRET, IncludeDeprecated=True)["Versions"]
    values = [client.get_secret_value(**SECRET, VersionId=each["VersionId"])["SecretString"] for each in versions]
    return [json.loads(value)["password"] for value in values]


def lose_answers(simulator, *operations):
    """Let the next call of each operation take effect, and its answer be lost."""
    for operation in operations:
        lost = {"kind": "reset", "operation": operation, "takes_effect": True, "count": 1}
        simulator.post_json("/_cockpit/faults", lost)


def sent(simulator, operation):
    return simulator.get_json("/_cockpit/calls")["counts"].get(operation, 0)


def test_a_rotation_stuck_half_way_is_taken_to_its_end_by_its_labels(stuck, tmp_path):
    """E-43: the database has the pending password; the plan makes it current, and shows no password to anybody."""
    state = rehearse(stuck, PLAN, tmp_path)
    assert {"halt_rotation", "move", "restart", "restart_function", "endpoint_try", "soak"} <= done(state)
    assert not {"clear_pending", "fresh", "set_password", "resume_rotation"} & done(state)
    assert labels() == {"AWSCURRENT": NEW, "AWSPENDING": NEW, "AWSPREVIOUS": OLD}
    assert not secret()["RotationEnabled"]
    assert [halt.name for halt in state.still_halted] == ["rotation"]
    assert answered() == {"status": "ok", "database": "ok"}
    assert boto3.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"] == []
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert len(passwords()) == 3
    assert not [each for each in passwords() if each.encode() in written]


def test_a_password_set_by_hand_and_a_pending_version_that_is_not_wanted(stuck, tmp_path):
    """E-43: the database is told the password of the chosen version, and nothing blocks the next rotation."""
    changes = {"version": {"answer": OLD}, "password": {"option": "by_hand"}, "dependents": {"abort": "leave"}}
    rehearsal = Rehearsal(stuck, PLAN, tmp_path, **changes)

    def be_the_person_at_the_database(entry, _state):
        if entry.record.kind == "prompted" and entry.record.step == "set_password":
            stuck.get_json(f"/_database/distro/orders-db/{OLD}")

    rehearsal.operator = Unattended(rehearsal.run, rehearsal.answers, be_the_person_at_the_database)
    state = rehearsal.finish()
    assert (rehearsal.operator.troubles, state.ended) == ([], "aborted")
    assert {"clear_pending", "set_password", "restart", "endpoint_try"} <= done(state)
    assert labels()["AWSCURRENT"] == OLD
    assert "AWSPENDING" not in labels()
    assert answered()["status"] == "ok"


def test_a_secret_that_cannot_be_changed_is_refused_before_anything_is(by_hand, tmp_path):
    """A secret that is marked for deletion would be found so after its rotation is off."""
    boto3.client("secretsmanager").delete_secret(**SECRET)
    state = Rehearsal(by_hand, BY_HAND, tmp_path).finish()
    assert state.ended == "refused"
    assert "marked for deletion" in state.ended_reason
    assert not any(step.calls for step in state.steps.values())
    boto3.client("secretsmanager").restore_secret(**SECRET)


def test_what_is_recommended_rests_on_what_the_database_did(by_hand, tmp_path):
    """A version whose logins are refused would be offered as one that the database accepts, or the other way round."""
    recommended = {}
    for number, (version, words) in enumerate({NEW: "by_hand", OLD: "accepted", OLDEST: None}.items()):
        changes = {"version": {"answer": version}, "password": {"abort": "undo"}}
        rehearsal = Rehearsal(by_hand, BY_HAND, tmp_path / str(number), **changes)
        state = rehearsal.finish()
        shown = next(
            entry.record.prompt
            for entry in rehearsal.run.entries()
            if entry.record.kind == "prompted" and entry.record.step == "password"
        )
        recommended[version] = None if shown.recommended is None else shown.choices[shown.recommended].value
        assert recommended[version] == words
        assert state.steps["halt_rotation"].undone is Outcome.DONE
        assert secret()["RotationEnabled"], "given up, the rotation is on again as it was"
    assert labels()["AWSCURRENT"] == NEW


def test_a_value_stored_by_hand_is_taken_back_and_rotation_returns_without_rotating(by_hand, tmp_path):
    """E-43: the version before is current, the service uses it, and switching rotation on changes nothing.

    Every answer to a change is lost on the way: what happened is found out, and nothing is sent twice.
    """
    changes = ("ecs:UpdateService", "lambda:UpdateFunctionConfiguration", "secretsmanager:RotateSecret")
    before = [sent(by_hand, name) for name in changes]
    lose_answers(by_hand, "CancelRotateSecret", "UpdateSecretVersionStage", "UpdateFunctionConfiguration")
    lose_answers(by_hand, "UpdateService", "RotateSecret")
    state = rehearse(by_hand, BY_HAND, tmp_path)
    assert [sent(by_hand, name) for name in changes] == [count + 1 for count in before]
    changed = ("halt_rotation", "move", "restart", "restart_function", "resume_rotation")
    assert {*changed, "soak"} <= done(state)
    assert [call.end.kind for step in changed for call in state.steps[step].calls] == ["reconciled"] * 5
    assert state.steps["move"].calls[0].intent.params["RemoveFromVersionId"] == NEW
    assert state.steps["resume_rotation"].calls[0].intent.params["RotateImmediately"] is False
    after = secret()
    assert after["RotationEnabled"]
    assert after["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert labels()["AWSCURRENT"] == OLD
    assert state.still_halted == ()
    assert answered()["status"] == "ok"


def test_a_sound_rotation_only_needs_the_service_to_read_it(rotated, tmp_path):
    """E-43: the label stays where it is; the plan must not go back to a password that no longer works."""
    before = labels()
    state = rehearse(rotated, ROTATED, tmp_path)
    assert not {"move", "clear_pending", "fresh", "set_password"} & done(state)
    assert labels() == before
    assert answered()["status"] == "ok"


def test_a_password_that_nobody_knows_is_made_anew(rotated, tmp_path):
    """E-43: whichever version is chosen, a rotation ends with one password in both places, and is off afterwards."""
    changes = {"version": {"answer": OLD}, "password": {"option": "fresh"}, "dependents": {"abort": "leave"}}
    lose_answers(rotated, "RotateSecret")
    rehearsal = Rehearsal(rotated, ROTATED, tmp_path, **changes)
    state = rehearsal.finish()
    assert (rehearsal.operator.troubles, state.ended) == ([], "aborted")
    assert {"move", "clear_pending", "fresh", "halt_rotation_again", "restart", "endpoint_try"} <= done(state)
    assert [call.end.kind for call in state.steps["fresh"].calls] == ["reconciled"]
    assert labels()["AWSCURRENT"] == state.steps["fresh"].captured["version"]
    assert not secret()["RotationEnabled"]
    assert answered()["status"] == "ok"
