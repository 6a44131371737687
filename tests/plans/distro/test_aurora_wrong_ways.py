"""What the source says about restoring Aurora, done to the letter in the simulator: it goes wrong."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from cockpit.sim.scenario import load_scenario
from support.play import Play

HOST = "/distro/prod/database/host"
WRONG = "distro-wrong-answers"


@pytest.fixture
def story():
    return Play("distro-bad-migration")


def cluster(story: Play, name: str) -> dict[str, Any]:
    return dict(story.client("rds").describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0])


def migrated_at(story: Play) -> datetime:
    """Return when the migration began."""
    writes = story.simulation.truth["truth/database"]({"cluster": "distro"})["tables"]["schema_migrations"]
    return datetime.fromisoformat(writes[0]["applied_at"])


def restore(story: Play, to: datetime | None, *, instances: int = 1, explicitly: bool = True) -> str:
    """Restore to a second, or the latest one, as far as the cluster is then there; return its identifier."""
    rds, source = story.client("rds"), cluster(story, "distro")
    settings = {
        "VpcSecurityGroupIds": [each["VpcSecurityGroupId"] for each in source["VpcSecurityGroups"]],
        "DBClusterParameterGroupName": source["DBClusterParameterGroup"],
        "DBSubnetGroupName": source["DBSubnetGroup"],
    }
    rds.restore_db_cluster_to_point_in_time(
        SourceDBClusterIdentifier="distro",
        DBClusterIdentifier="back",
        **({"RestoreToTime": to} if to else {"UseLatestRestorableTime": True}),
        **(settings if explicitly else {}),
    )
    story.go(20)
    for number in range(instances):
        rds.create_db_instance(
            DBInstanceIdentifier=f"back-{number}",
            DBClusterIdentifier="back",
            DBInstanceClass="db.r6g.large",
            Engine="aurora-postgresql",
        )
    story.go(10)
    return "back"


def point_and_restart(story: Play, name: str) -> None:
    """Update the connection string and restart the services, as steps 4 and 6 of the source say."""
    story.client("ssm").put_parameter(Name=HOST, Value=cluster(story, name)["Endpoint"], Overwrite=True)
    for service in ("core-api", "royalties"):
        story.client("ecs").update_service(cluster="distro", service=service, forceNewDeployment=True)
    story.go(10)


def users_of(story: Play, name: str) -> int:
    """Return how many tasks are connected to a cluster."""
    tasks = story.simulation.truth["truth/database"]({})["tasks"]
    return sum(task["cluster"] == name for task in tasks)


def wrong_rows(story: Play, name: str) -> int:
    """Return how many payouts of a cluster have no amount."""
    rows = story.simulation.truth["truth/database"]({"cluster": name})["tables"]["payouts"]
    return sum(row["amount_cents"] is None for row in rows)


def writes_after(story: Play, name: str, moment: datetime) -> int:
    writes = story.simulation.truth["truth/database"]({"cluster": name})["writes"]
    return sum(datetime.fromisoformat(write["time"]) > moment for write in writes)


def test_e13_a_restored_cluster_serves_nobody(story):
    """E-13: available, with an endpoint, and nobody can connect: it has no instance."""
    restore(story, migrated_at(story) - timedelta(seconds=2), instances=0)
    found = cluster(story, "back")
    assert (found["Status"], found["DBClusterMembers"]) == ("available", [])
    point_and_restart(story, "back")
    assert (users_of(story, "back"), users_of(story, "distro")) == (0, 0)
    assert story.alarm("distro-database-errors") == "ALARM"


def test_e13_without_its_settings_a_restored_cluster_lets_nobody_in(story):
    """E-13: the documented command names no groups: default ones are set, and connections time out."""
    restore(story, migrated_at(story) - timedelta(seconds=2), explicitly=False)
    found, source = cluster(story, "back"), cluster(story, "distro")
    for name in ("VpcSecurityGroups", "DBClusterParameterGroup", "DBSubnetGroup", "DeletionProtection", "TagList"):
        assert found[name] != source[name], name
    point_and_restart(story, "back")
    assert users_of(story, "back") == 0
    log = story.client("logs").filter_log_events(logGroupName="/distro/core-api", filterPattern='"timed out"')
    assert log["events"]


def test_e12_services_that_are_switched_before_validation_serve_the_damage(story):
    """E-12: with a second that is too late, users see the damage on the new cluster; a check would have shown it."""
    restore(story, migrated_at(story) + timedelta(minutes=2))
    assert wrong_rows(story, "back") > 0, "what validation would have found before the switch"
    point_and_restart(story, "back")
    assert users_of(story, "back") == 5
    story.go(10)
    assert story.alarm(WRONG) == "ALARM"


def test_e12_writers_that_are_not_stopped_lose_what_they_write_meanwhile(story):
    """E-12: until the switch services write to the damaged cluster; the restored one has none of it."""
    to = migrated_at(story) - timedelta(seconds=2)
    begun = story.clock.now()
    restore(story, to)
    lost_by_waiting = writes_after(story, "distro", begun)
    assert lost_by_waiting > 300
    assert writes_after(story, "back", to) == 0


def test_e14_the_newest_restorable_second_contains_the_damage(story):
    """E-14: "5-minute backup intervals" is how far the newest second is behind; restored to it, nothing is repaired."""
    restore(story, None)
    assert wrong_rows(story, "back") == wrong_rows(story, "distro") > 0
    assert writes_after(story, "distro", migrated_at(story) - timedelta(seconds=2)) > 1000, "not minimal"


def test_e64_e78_the_release_migrates_the_restored_database_again(story):
    """E-64, E-78: restarted before their code is rolled back, the services damage the restored data at once."""
    restore(story, migrated_at(story) - timedelta(seconds=2))
    assert wrong_rows(story, "back") == 0
    point_and_restart(story, "back")
    assert wrong_rows(story, "back") > 0

    story.client("ecs").update_service(cluster="distro", service="core-api", desiredCount=0)
    story.go(2)
    story.client("rds").delete_db_instance(DBInstanceIdentifier="back-0")
    story.go(5)
    story.client("rds").delete_db_cluster(DBClusterIdentifier="back", SkipFinalSnapshot=True)
    story.go(5)
    restore(story, migrated_at(story) - timedelta(seconds=2))
    story.client("ssm").put_parameter(Name=HOST, Value=cluster(story, "back")["Endpoint"], Overwrite=True)
    story.client("ecs").update_service(cluster="distro", service="core-api", taskDefinition="core-api:1")
    story.client("ecs").update_service(cluster="distro", service="core-api", desiredCount=3)  # as the plan does
    story.go(10)
    assert (users_of(story, "back"), wrong_rows(story, "back")) == (5, 0)


def test_e03_workers_come_back_unless_their_scaling_is_suspended(story):
    """E-03: stopped by their count alone, the workers write again after some minutes."""
    ecs, scaling = story.client("ecs"), story.client("application-autoscaling")
    ecs.update_service(cluster="distro", service="royalties", desiredCount=0)
    story.go(10)
    assert ecs.describe_services(cluster="distro", services=["royalties"])["services"][0]["runningCount"] == 2

    scaling.register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId="service/distro/royalties",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=0,
        SuspendedState={
            "DynamicScalingInSuspended": True,
            "DynamicScalingOutSuspended": True,
            "ScheduledScalingSuspended": True,
        },
    )  # as the plan does
    ecs.update_service(cluster="distro", service="royalties", desiredCount=0)
    story.go(10)
    assert ecs.describe_services(cluster="distro", services=["royalties"])["services"][0]["runningCount"] == 0


def test_the_validation_query_tells_damaged_rows_from_sound_ones(story):
    """What the decision rests on: the example query of the scenario finds wrong rows before, none after the restore."""
    story.client("rds").enable_http_endpoint(ResourceArn=cluster(story, "distro")["DBClusterArn"])
    restore(story, migrated_at(story) - timedelta(seconds=2))
    story.client("rds").enable_http_endpoint(ResourceArn=cluster(story, "back")["DBClusterArn"])
    names = load_scenario("distro-bad-migration").environment.names["distro"]

    def wrong(name: str) -> int:
        answer = story.client("rds-data").execute_statement(
            resourceArn=cluster(story, name)["DBClusterArn"],
            secretArn=str(names["readonly_secret"]),
            sql=str(names["validation_sql"]),
            formatRecordsAs="JSON",
        )
        return sum(row["wrong"] for row in json.loads(answer["formattedRecords"]))

    assert wrong("distro") > 0
    assert wrong("back") == 0
