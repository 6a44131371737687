"""What the source says about recovering everything, done to the letter in the simulator: it goes wrong."""

from typing import Any

import pytest

from support.play import Play

ADDRESS = "/distro/prod/services/address"


@pytest.fixture(scope="module")
def story():
    """One world for all: each test breaks another component of it."""
    return Play("distro-total-failure")


def users(story: Play) -> list[Any]:
    return list(story.simulation.truth["truth/database"]({})["tasks"])


def test_e75_services_started_by_priority_have_no_database(story):
    """E-75: the API shares the second place with the site, not the database's end: it starts, and reaches nothing."""
    story.client("rds").restore_db_cluster_to_point_in_time(
        SourceDBClusterIdentifier="distro", DBClusterIdentifier="back", UseLatestRestorableTime=True
    )
    endpoint = story.client("rds").describe_db_clusters(DBClusterIdentifier="back")["DBClusters"][0]["Endpoint"]
    story.client("ssm").put_parameter(Name="/distro/prod/database/host", Value=endpoint, Overwrite=True)
    story.client("ecs").update_service(
        cluster="distro", service="core-api", taskDefinition="core-api:1", forceNewDeployment=True
    )
    story.go(8)
    assert {task["cluster"] for task in users(story) if task["service"] == "core-api"} == {""}
    assert story.alarm("distro-database-errors") == "ALARM"


def test_e42_a_parameter_that_is_put_back_does_not_reach_readers_of_its_label(story):
    """E-42: the documented command succeeds, and whoever reads the label goes on getting the wrong address."""
    ssm = story.client("ssm")
    written = ssm.put_parameter(Name=ADDRESS, Value="services.distro.internal", Overwrite=True)["Version"]

    def by_label() -> str:
        history = ssm.get_parameter_history(Name=ADDRESS)["Parameters"]
        return str(next(each["Value"] for each in history if "live" in each["Labels"]))

    assert by_label() == "localhost"
    ssm.label_parameter_version(Name=ADDRESS, ParameterVersion=written, Labels=["live"])  # as the plan does
    assert by_label() == "services.distro.internal"


def test_e29_a_release_of_the_site_builds_the_newest_commit(story):
    """E-29: whatever build was meant, a new release takes the latest commit; the old job is started again by its id."""
    amplify = story.client("amplify")
    app = amplify.list_apps()["apps"][0]["appId"]
    where = {"appId": app, "branchName": "main"}

    def built(**params: str) -> str:
        job = amplify.start_job(**where, **params)["jobSummary"]["jobId"]
        story.go(10)
        return str(amplify.get_job(**where, jobId=job)["job"]["summary"]["commitId"])

    assert built(jobType="RELEASE").startswith("e25b90f")
    assert built(jobType="RETRY", jobId="1").startswith("7d0c5ea")  # as the plan does
