"""The scenarios: what they tell, and that the application behaves as SyncWell does."""

import json
from datetime import datetime, timedelta

import pytest
from stage import Checked, HandClock

from cockpit.sim.scenario import find_scenarios, load_scenario
from cockpit.sim.server import build
from cockpit.sim.telling import tell

TABLE, REGION = "SyncWellMetadata", "us-east-1"
ARN = f"arn:aws:dynamodb:{REGION}:123456789012:table/{TABLE}"


class Play:
    """A scenario in this process, under a clock moved by hand."""

    def __init__(self, name, seed=1, offset=0.0):
        self.clock = HandClock()
        self.clock.time += timedelta(seconds=offset)
        self.simulation, _ = build(self.clock, seed)
        self.opening = tell(self.simulation, load_scenario(name))

    def client(self, service):
        return Checked(self.simulation.client(service, REGION))

    def go(self, seconds):
        self.clock.time += timedelta(seconds=seconds)
        self.simulation.world.catch_up()

    def writes(self, table=TABLE):
        return self.simulation.truth["truth"]({"table": table})["tables"][table]["writes"]

    def alarm(self, name):
        return self.simulation.alarms.state(name, REGION)

    def deployment(self):
        codedeploy = self.client("codedeploy")
        newest = codedeploy.list_deployments()["deployments"][0]
        return codedeploy.get_deployment(deploymentId=newest)["deploymentInfo"]

    def halt(self):
        """Stop every writer as Plan G does: scaling suspended, fleet to 0, a fence on the table."""
        flags = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
        self.scaling(dict.fromkeys(flags, True))
        self.client("ecs").update_service(cluster="syncwell", service="syncwell-worker", desiredCount=0)
        actions = [f"dynamodb:{name}" for name in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")]
        deny = {"Effect": "Deny", "Principal": "*", "Action": actions, "Resource": ARN}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
        self.client("dynamodb").put_resource_policy(ResourceArn=ARN, Policy=policy)

    def scaling(self, flags):
        self.client("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId="service/syncwell/syncwell-worker",
            ScalableDimension="ecs:service:DesiredCount",
            SuspendedState=flags,
        )

    def deploy_configuration(self, **changes):
        """Deploy the live configuration with changes, all at once, and wait until it is everywhere."""
        appconfig = self.client("appconfig")
        application = appconfig.list_applications()["Items"][0]["Id"]
        environment = appconfig.list_environments(ApplicationId=application)["Items"][0]["Id"]
        profile = appconfig.list_configuration_profiles(ApplicationId=application)["Items"][0]["Id"]
        strategies = appconfig.list_deployment_strategies()["Items"]
        strategy = next(each["Id"] for each in strategies if each["Name"] == "syncwell-all-at-once")
        live = json.loads(self.simulation.current_configuration("syncwell", "prod", "runtime"))
        version = appconfig.create_hosted_configuration_version(
            ApplicationId=application,
            ConfigurationProfileId=profile,
            Content=json.dumps({**live, **changes}).encode(),
            ContentType="application/json",
        )["VersionNumber"]
        appconfig.update_environment(ApplicationId=application, EnvironmentId=environment, Monitors=[])
        appconfig.start_deployment(
            ApplicationId=application,
            EnvironmentId=environment,
            ConfigurationProfileId=profile,
            ConfigurationVersion=str(version),
            DeploymentStrategyId=strategy,
        )
        self.go(180)


def seconds(write):
    return datetime.fromisoformat(write["time"])


def test_every_scenario_is_listed_and_can_be_told():
    """A scenario that comes with the cockpit would not start."""
    names = [path.stem for path in find_scenarios()]
    assert {"syncwell-corruption", "syncwell-worst-day"} <= set(names)
    for name in names:
        assert load_scenario(name).scenario.title


def test_the_same_seed_tells_the_same_story_whenever_it_is_told():
    """A drill could not be repeated, and its times not compared."""
    stories = []
    for offset in (0.0, 41.5):
        play = Play("syncwell-corruption", offset=offset)
        told = [
            (write["key"], write["good"], (seconds(write) - play.opening).total_seconds())
            for write in play.writes()
            if seconds(write) <= play.opening
        ]
        stories.append(told)
    assert stories[0] == stories[1]
    other = Play("syncwell-corruption", seed=2)
    assert [(write["key"], write["good"]) for write in other.writes()[:1000]] != [
        (key, good) for key, good, _ in stories[0][:1000]
    ]


@pytest.fixture(scope="module")
def opened():
    """The corruption at the moment at which the operator looks; tests with this only read."""
    return Play("syncwell-corruption")


def test_the_damage_begins_with_the_deployment_and_shows_in_alarms(opened):
    """The story would not hold together: cause, damage, alarms, in this order."""
    deployment = opened.deployment()
    bad = [write for write in opened.writes() if not write["good"]]
    assert deployment["status"] == "Succeeded"
    assert deployment["startTime"] < seconds(bad[0]) < deployment["startTime"] + timedelta(minutes=10)
    assert len(bad) > 50
    good_after = [write for write in opened.writes() if write["good"] and seconds(write) > seconds(bad[0])]
    assert len(good_after) > 5 * len(bad)
    for name in ("syncwell-config-overwrites", "syncwell-support-tickets", "syncwell-user-data"):
        assert opened.alarm(name) == "ALARM"
    assert opened.alarm("syncwell-sync-errors") == "OK"
    overwrites = opened.client("cloudwatch").describe_alarms(AlarmNames=["syncwell-config-overwrites"])
    assert overwrites["MetricAlarms"][0]["StateTransitionedTimestamp"] > seconds(bad[0])


def test_known_good_accounts_were_good_and_are_damaged(opened):
    """The spot check would compare nothing."""
    names = load_scenario("syncwell-corruption").environment.names["syncwell"]
    dynamodb = opened.client("dynamodb")
    before = opened.deployment()["startTime"].isoformat()
    then = opened.simulation.truth["truth/items"]({"table": TABLE, "at": before})["items"]
    assert len(names["known_good_accounts"]) == 3
    for key in names["known_good_accounts"]:
        assert dynamodb.get_item(TableName=TABLE, Key=key)["Item"]["syncs"] == {"L": []}
        assert next(item for item in then if item["pk"] == key["pk"])["syncs"]["L"]


def test_the_log_tells_of_every_overwriting(opened):
    """The log onset on the timeline would be missing or wrong."""
    bad = [write for write in opened.writes() if not write["good"]]
    logs, events, token = opened.client("logs"), [], {}
    while True:
        page = logs.filter_log_events(
            logGroupName="/syncwell/worker", filterPattern='"CONFIG_OVERWRITTEN"', limit=50, **token
        )
        events += page["events"]
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert len(events) == len(bad)
    assert abs(events[0]["timestamp"] / 1000 - seconds(bad[0]).timestamp()) < 0.01


def test_insights_finds_the_first_line(opened):
    """The evidence of step 1 could not be asked for."""
    logs, now = opened.client("logs"), int(opened.clock.now().timestamp())
    query = "fields @timestamp, @message | filter @message like /CONFIG_OVERWRITTEN/ | sort @timestamp asc | limit 1"
    started = logs.start_query(logGroupName="/syncwell/worker", startTime=now - 7200, endTime=now, queryString=query)
    assert logs.get_query_results(queryId=started["queryId"])["status"] == "Running"
    opened.go(3)
    answer = logs.get_query_results(queryId=started["queryId"])
    (row,) = answer["results"]
    first = next(write for write in opened.writes() if not write["good"])
    assert row[0]["value"] == seconds(first).strftime("%Y-%m-%d %H:%M:%S.") + f"{seconds(first).microsecond // 1000:03}"


def test_halting_stops_every_write_and_the_metric_counts_what_truth_counts():
    """The data-loss window's count, and the proof of the halt, would be wrong."""
    play = Play("syncwell-corruption")
    play.halt()
    halted = play.clock.now()
    play.go(600)
    writes = play.writes()
    assert seconds(writes[-1]) <= halted
    start = play.deployment()["startTime"].replace(microsecond=0)
    metric = {
        "Namespace": "SyncWell",
        "MetricName": "ConfigWrites",
        "Dimensions": [{"Name": "TableName", "Value": TABLE}],
    }
    answer = play.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "w", "MetricStat": {"Metric": metric, "Period": 1, "Stat": "Sum"}}],
        StartTime=start + timedelta(seconds=1),
        EndTime=play.clock.now(),
    )
    lost = [write for write in writes if seconds(write) >= start + timedelta(seconds=1)]
    assert sum(answer["MetricDataResults"][0]["Values"]) == len(lost) > 500
    assert play.client("ecs").list_tasks(cluster="syncwell", serviceName="syncwell-worker")["taskArns"] == []
    assert play.alarm("syncwell-sync-errors") == "INSUFFICIENT_DATA"  # which rolls an AppConfig deployment back (E-11)


def test_without_suspended_scaling_the_fleet_comes_back():
    """The trap of ledger E-03 would not be in the drill."""
    play = Play("syncwell-corruption")
    play.client("ecs").update_service(cluster="syncwell", service="syncwell-worker", desiredCount=0)
    play.go(600)
    service = play.client("ecs").describe_services(cluster="syncwell", services=["syncwell-worker"])["services"][0]
    assert service["runningCount"] >= 4


def test_maintenance_mode_stops_edits_but_not_workers():
    """The maintenance flag would do nothing, or too much."""
    play = Play("syncwell-corruption")
    play.deploy_configuration(MaintenanceMode=True)
    before = len(play.writes())
    play.go(300)
    writers = {write["writer"] for write in play.writes()[before:]}
    assert writers
    assert "api" not in writers


def test_tasks_read_the_tables_name_only_when_they_start():
    """The trap of ledger E-10 would not be in the drill: a new configuration alone repoints nothing."""
    play = Play("syncwell-corruption")
    dynamodb = play.client("dynamodb")
    before = play.deployment()["startTime"] - timedelta(seconds=1)
    dynamodb.restore_table_to_point_in_time(SourceTableName=TABLE, TargetTableName="Restored", RestoreDateTime=before)
    play.go(30 * 60)
    assert len(dynamodb.scan(TableName="Restored")["Items"]) == 403
    play.deploy_configuration(DynamoDBTableName="Restored")
    play.go(120)
    old = len(play.writes())
    assert play.writes("Restored")  # the API asks every half minute
    play.go(120)
    assert len(play.writes()) > old
    play.halt()
    play.go(120)
    flags = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
    play.client("ecs").update_service(cluster="syncwell", service="syncwell-worker", desiredCount=4)
    play.scaling(dict.fromkeys(flags, False))
    old = len(play.writes())
    play.go(300)
    assert len(play.writes()) == old
    assert any(write["writer"] != "api" for write in play.writes("Restored"))
    assert {task["table"] for task in play.simulation.truth["truth/application"]({})["tasks"]} == {"Restored"}


def test_the_bad_canary_is_rolled_back_by_codedeploy():
    """Plan F's automatic half would have nothing to watch."""
    play = Play("syncwell-bad-canary")
    assert play.deployment()["status"] == "InProgress"
    assert play.alarm("syncwell-sync-errors") == "OK"
    play.go(300)
    rollback = play.deployment()
    assert rollback["creator"] == "codeDeployRollback"
    play.go(900)
    assert play.deployment()["status"] == "Succeeded"
    assert play.alarm("syncwell-sync-errors") == "OK"


def test_the_bad_release_goes_on_unless_somebody_stops_it():
    """Plan F's manual half would have nothing to do."""
    play = Play("syncwell-bad-release")
    assert (play.deployment()["status"], play.alarm("syncwell-sync-errors")) == ("InProgress", "ALARM")
    play.go(1800)
    deployment = play.deployment()
    assert (deployment["status"], deployment["creator"]) == ("Succeeded", "user")
    assert play.alarm("syncwell-sync-errors") == "ALARM"
