"""The plan that restores PropIE's table, from start to end against the simulated outage, and where it refuses."""

import boto3
import pytest

from cockpit.config.paths import data_folder
from cockpit.plans.catalogue import load_plan
from cockpit.plans.expressions import resolve_condition
from cockpit.sim.process import start_simulator
from support.rehearsal import Rehearsal, rehearse

pytestmark = pytest.mark.simulator

PLAN = "propie/dynamodb-rollback"
TABLE = "prop-ie-production-data"
APP = {"appId": "dvr67866lzlo17"}
SITE = {**APP, "branchName": "production"}
GOOD = "a91c33e05f7d48b2c6e0935d1f8a72b4c0e6d519"


def use(simulator, patch):
    for name, value in simulator.environ.items():
        patch.setenv(name, value)
    return simulator


def items(simulator, table, at):
    """Return what was in a table at the end of a second, as the simulator knows it."""
    return simulator.get_json(f"/_cockpit/truth/items?table={table}&at={at:%Y-%m-%dT%H:%M:%S}Z")["items"]


def writes(simulator, table):
    return simulator.get_json(f"/_cockpit/truth?table={table}")["tables"][table]["writes"]


def test_the_good_data_are_back_and_both_ways_lead_to_them(tmp_path, monkeypatch):
    """After the plan agents and visitors write to a table with exactly the items of the chosen second, nothing else."""
    with start_simulator("propie-data-rollback", speed=480) as simulator:
        use(simulator, monkeypatch)
        state = rehearse(simulator, PLAN, tmp_path)
        restored = str(state.steps["restored_wait"].captured["table"])
        dynamodb, amplify = boto3.client("dynamodb"), boto3.client("amplify")

        # The data of the second before the faulty build was deployed; the loss is what was written after it.
        chosen = state.loss.start
        before = writes(simulator, TABLE)
        assert all(write["good"] for write in before if write["time"] < f"{chosen:%Y-%m-%dT%H:%M:%S}")
        swapped = state.steps["point_api"].started_at
        assert items(simulator, restored, swapped) == items(simulator, TABLE, chosen)
        assert items(simulator, restored, swapped) != items(simulator, TABLE, swapped)
        lost = [write for write in before if write["time"] > f"{chosen:%Y-%m-%dT%H:%M:%S}.999999"]
        assert state.loss.writes.at_least <= len(lost) <= state.loss.writes.at_most

        # Both ways lead to the restored table, by sound code, and the old one gets nothing.
        truth = simulator.get_json("/_cockpit/truth/application")
        assert truth == {"api": restored, "site": {"job": 4, "commit": GOOD, "table": restored}}
        assert {write["writer"] for write in writes(simulator, restored)} == {"appsync/updateProperty", "site/a91c33e"}
        assert all(write["good"] for write in writes(simulator, restored))
        fenced = state.steps["fence_deny"].calls[0].end_at
        assert not [write for write in before if write["time"] > fenced.isoformat()]

        # The table is what the old one was: key, recovery, time to live, protection, tags; without the fence.
        old, new = (dynamodb.describe_table(TableName=name)["Table"] for name in (TABLE, restored))
        assert new["SSEDescription"]["KMSMasterKeyArn"] == old["SSEDescription"]["KMSMasterKeyArn"]
        assert old["DeletionProtectionEnabled"]
        assert new["DeletionProtectionEnabled"]
        recovery = dynamodb.describe_continuous_backups(TableName=restored)["ContinuousBackupsDescription"]
        assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        ttl = dynamodb.describe_time_to_live(TableName=restored)["TimeToLiveDescription"]
        assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expiresAt"}
        with pytest.raises(dynamodb.exceptions.ClientError, match="PolicyNotFound"):
            dynamodb.get_resource_policy(ResourceArn=new["TableArn"])
        assert [halt.name for halt in state.still_halted] == ["fence_fence"]

        # Nothing else of the application has changed.
        assert amplify.get_branch(**SITE)["branch"]["environmentVariables"] == {
            "DATA_TABLE_NAME": restored,
            "SHOW_MORTGAGES": "true",
        }
        assert set(amplify.get_app(**APP)["app"]["environmentVariables"]) == {"CONTACT_EMAIL", "MAPS_STYLE"}
        assert boto3.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"] == []


def test_the_swap_can_be_taken_back(tmp_path, monkeypatch):
    """An abort with undo before the site is built leaves the old table in use, by both ways, as it was before."""
    short = tmp_path / "short.yaml"
    long = data_folder("scenarios") / "propie-data-rollback.yaml"
    short.write_text(f"title: A short restore\nbased_on: {long}\nrestore_takes: PT6M\n")
    with start_simulator(short, speed=480) as simulator:
        use(simulator, monkeypatch)
        rehearsal = Rehearsal(simulator, PLAN, tmp_path, good={"abort": "undo"})
        state = rehearsal.finish()
        assert (rehearsal.operator.troubles, state.ended, state.still_halted) == ([], "aborted", ())
        assert state.steps["point_api"].calls, "the API was pointed at the restored table in between"
        truth = simulator.get_json("/_cockpit/truth/application")
        assert (truth["api"], truth["site"]["table"]) == (TABLE, TABLE)
        variables = boto3.client("amplify").get_branch(**SITE)["branch"]["environmentVariables"]
        assert variables == {"DATA_TABLE_NAME": TABLE, "SHOW_MORTGAGES": "true"}
        for role in ("prop-ie-production-appsync-data", "prop-ie-production-site"):
            assert boto3.client("iam").list_role_policies(RoleName=role)["PolicyNames"] == ["table"]
        begun = state.last_at.isoformat()
        assert [write for write in writes(simulator, TABLE) if write["time"] > begun], "people can save again"


@pytest.fixture(scope="module")
def world():
    """One world whose preflights are asked about things that do not fit; the tests change nothing in it."""
    patch = pytest.MonkeyPatch()
    with start_simulator("propie-data-rollback", speed=60) as simulator:
        yield use(simulator, patch)
    patch.undo()


def refused(simulator, folder, **inputs):
    """Run with other inputs until the preflight refuses; return what it says."""
    rehearsal = Rehearsal(simulator, PLAN, folder, inputs=inputs)
    state = rehearsal.finish()
    assert state.ended == "refused"
    assert not any(step.calls for step in state.steps.values())
    return " ".join(rehearsal.operator.troubles)


def make_api(name, sources):
    """Make an API with data sources that use the table."""
    appsync = boto3.client("appsync")
    api_id = appsync.create_graphql_api(name=name, authenticationType="API_KEY")["graphqlApi"]["apiId"]
    for source in sources:
        appsync.create_data_source(
            apiId=api_id,
            name=source,
            type="AMAZON_DYNAMODB",
            serviceRoleArn="arn:aws:iam::123456789012:role/prop-ie-production-appsync-data",
            dynamodbConfig={"tableName": TABLE, "awsRegion": "us-east-1"},
        )


def test_an_api_that_is_not_the_only_one_of_its_name_is_refused(world, tmp_path):
    """The wrong one of two APIs would be pointed at the restored table, and the right one forgotten."""
    make_api("twin", ["One"])
    make_api("twin", [])
    assert "or more than one" in refused(world, tmp_path, api="twin")


@pytest.mark.parametrize("sources", [[], ["One", "Two"]], ids=["none", "two"])
def test_an_api_without_one_data_source_for_the_table_is_refused(world, tmp_path, sources):
    """E-35: a second data source would go on writing to the damaged table."""
    make_api(f"with-{len(sources)}", sources)
    assert "No data source of the API uses the table, or several do" in refused(
        world, tmp_path, api=f"with-{len(sources)}"
    )


def test_e77_an_app_that_does_not_exist_is_refused(world, tmp_path):
    """E-77: a wrong or unset app id must not be found out in the middle of the swap."""
    assert "There is no such app" in refused(world, tmp_path, app_id="d0000000000000")


def test_a_variable_that_does_not_name_the_table_is_refused(world, tmp_path):
    """E-35: a site that finds its table in another way would stay with the damaged one."""
    assert "Neither the branch nor the app has this variable" in refused(world, tmp_path, table_variable="MAPS_STYLE")


@pytest.mark.parametrize(("name", "fine"), [("MAPS_STYLE", True), ("MAPS_TOKEN", False), ("DB_PASSWORD", False)])
def test_variables_that_look_like_secrets_are_told(name, fine):
    """E-35: the whole map is sent, so it stands in the run's journal for ever."""
    checks = load_plan(data_folder("plans") / f"{PLAN}.yaml").preflight
    check = next(check for check in checks if check.id == "secrets")
    context = {
        "preflight": {"app": {"variables": {"CONTACT": "x"}}},
        "answer": {"branch": {"environmentVariables": {name: "x"}}},
    }
    assert (bool(resolve_condition(check.expect, context)), check.blocking) == (fine, False)


def test_a_table_without_recovery_is_refused(world, tmp_path):
    """There is nothing that could be restored."""
    boto3.client("dynamodb").create_table(
        TableName="plain",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert "has no point-in-time recovery" in refused(world, tmp_path, table="plain")


def test_a_build_under_way_is_refused(world, tmp_path):
    """It would be served in the middle of the rollback, whatever it brings."""
    amplify = boto3.client("amplify")
    amplify.create_branch(**APP, branchName="busy", environmentVariables={"DATA_TABLE_NAME": TABLE})
    for _ in range(20):
        amplify.start_job(**APP, branchName="busy", jobType="RELEASE", commitId=GOOD)
    assert "A job of the branch is running" in refused(world, tmp_path, branch="busy")


def test_e80_a_lesser_way_ends_the_run_before_anything_changes(world, tmp_path):
    """E-80: whoever can reverse the bad writes alone must not restore the whole table."""
    rehearsal = Rehearsal(world, PLAN, tmp_path, nothing_less={"option": "in_place"})
    state = rehearsal.finish()
    assert not any(step.calls for step in state.steps.values())
    assert "fence_deny" not in state.steps
