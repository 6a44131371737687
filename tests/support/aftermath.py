"""The simulated world after Plan G, asked by an ordinary client and on the simulator's truth pages."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from boto3.session import Session

from cockpit.engine.fold import fold_all
from cockpit.engine.journal_reading import read_journal
from cockpit.engine.state import RunState
from cockpit.sim.process import Simulator

TABLE = "SyncWellMetadata"


def the_only_run(state_folder: Path) -> RunState:
    """Read the one journal under a state folder, check its chain, and fold it."""
    (journal,) = state_folder.rglob("journal.jsonl")
    found = read_journal(journal)
    assert not found.problems
    state = fold_all(found.entries)
    assert state is not None
    return state


class Aftermath:
    """What became of the service. Each `check` fails with what is wrong in the world, not on the screen."""

    def __init__(self, simulator: Simulator, state: RunState) -> None:
        self._simulator = simulator
        self._state = state
        self.restored = str(state.steps["restored_wait"].captured["table"])

    @staticmethod
    def client_of(simulator: Simulator, service: str) -> Any:
        """Return an ordinary client of the simulated AWS."""
        keys = {"aws_access_key_id": "simulated", "aws_secret_access_key": "simulated"}
        return Session(**keys, region_name=simulator.region).client(service, endpoint_url=simulator.endpoint)

    def client(self, service: str) -> Any:
        """Return an ordinary client of the simulated AWS."""
        return self.client_of(self._simulator, service)

    def check(self) -> None:
        """Check everything that Plan G promises."""
        assert self._state.ended == "finished"
        self.check_items()
        self.check_window()
        self.check_configuration()
        self.check_fleet()
        self.check_settings()

    def items(self, table: str, at: datetime) -> list[Any]:
        """Return what the simulator knows to have been in a table at the end of a second."""
        answer = self._simulator.get_json(f"/_cockpit/truth/items?table={table}&at={at:%Y-%m-%dT%H:%M:%S}Z")
        found: list[Any] = answer["items"]
        return found

    def check_items(self) -> None:
        """The restored table began with exactly the items of the chosen second."""
        assert self._state.loss is not None
        chosen, redirected = self._state.loss.start, self._state.steps["redirect_deploy"].started_at
        assert redirected is not None
        good = self.items(TABLE, chosen)
        assert len(good) > 100
        assert self.items(self.restored, redirected) == good
        assert self.items(TABLE, redirected) != good

    def check_window(self) -> None:
        """The window shown is the truth, to the second and the write."""
        loss = self._state.loss
        assert loss is not None
        assert loss.writes is not None
        truth = self._simulator.get_json("/_cockpit/truth")["tables"][TABLE]["writes"]
        times = [datetime.fromisoformat(write["time"]).replace(microsecond=0) for write in truth]
        lost = [time for time in times if time > loss.start]
        assert (loss.end, loss.writes.at_least, loss.writes.at_most) == (max(lost), len(lost), len(lost))

    def check_configuration(self) -> None:
        """The live configuration names the restored table, in normal operation, watched by its alarms again."""
        appconfig = self.client("appconfig")
        application = appconfig.list_applications()["Items"][0]["Id"]
        environment = appconfig.list_environments(ApplicationId=application)["Items"][0]
        profile = appconfig.list_configuration_profiles(ApplicationId=application)["Items"][0]["Id"]
        live = appconfig.list_deployments(ApplicationId=application, EnvironmentId=environment["Id"])["Items"]
        latest = max(live, key=lambda each: each["DeploymentNumber"])
        content = appconfig.get_hosted_configuration_version(
            ApplicationId=application,
            ConfigurationProfileId=profile,
            VersionNumber=int(latest["ConfigurationVersion"]),
        )["Content"].read()
        assert latest["State"] == "COMPLETE"
        assert json.loads(content) == {
            "DynamoDBTableName": self.restored,
            "MaintenanceMode": False,
            "MaxSyncsPerUser": 25,
        }
        assert environment["Monitors"]

    def check_fleet(self) -> None:
        """The fleet is back at its old size on the sound version, with scaling on."""
        service = self.client("ecs").describe_services(cluster="syncwell", services=["syncwell-worker"])["services"][0]
        scaling = self.client("application-autoscaling")
        target = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]
        assert self._state.steps["workers_start"].calls[0].intent.params["desiredCount"] == 4
        assert service["desiredCount"] >= 4, "scaling may add workers for the jobs that have piled up"
        assert (target["MinCapacity"], target["MaxCapacity"]) == (4, 12)
        assert not any(target["SuspendedState"].values())
        primary = [each["taskDefinition"] for each in service["taskSets"] if each["status"] == "PRIMARY"]
        assert [each.rpartition("/")[2] for each in primary] == ["syncwell-worker:2"]

    def check_settings(self) -> None:
        """The restored table has the settings of the old one, and the old one keeps its fence."""
        dynamodb = self.client("dynamodb")
        old, new = (dynamodb.describe_table(TableName=name)["Table"] for name in (TABLE, self.restored))
        backups = dynamodb.describe_continuous_backups(TableName=self.restored)["ContinuousBackupsDescription"]
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        assert new["DeletionProtectionEnabled"]
        assert new["StreamSpecification"] == old["StreamSpecification"]
        for read in (
            lambda name, _arn: dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
            lambda _name, arn: sorted(
                (tag["Key"], tag["Value"]) for tag in dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
            ),
        ):
            assert read(self.restored, new["TableArn"]) == read(TABLE, old["TableArn"])
        assert "Deny" in dynamodb.get_resource_policy(ResourceArn=old["TableArn"])["Policy"]
        assert [halt.name for halt in self._state.still_halted] == ["fence_fence"]
