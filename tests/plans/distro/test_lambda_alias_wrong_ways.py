"""What the source says about rolling a function back, done to the letter in the simulator: it goes wrong."""

import json

import pytest

from support.play import Play, refusal

ALIAS = {"FunctionName": "orders", "Name": "PROD"}


def play(variant=""):
    return Play(f"distro-bad-lambda{variant}")


def alias(story):
    found = story.client("lambda").get_alias(**ALIAS)
    return found["FunctionVersion"], found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})


def calls(story, version, minutes):
    """Return how many calls through the alias a version got in the last minutes."""
    return story.total(
        "AWS/Lambda", "Invocations", minutes, FunctionName="orders", Resource="orders:PROD", ExecutedVersion=version
    )


def test_e36_pointing_the_alias_back_leaves_the_faulty_version_its_share():
    """E-36: the documented command succeeds, changes nothing, and a quarter of the calls goes on to fail."""
    story = play("-by-hand")
    story.client("lambda").update_alias(**ALIAS, FunctionVersion="4")
    story.go(15)
    assert alias(story) == ("4", {"6": 0.25})
    assert calls(story, "6", 10) > 200
    assert story.alarm("orders-errors") == "ALARM"

    story.client("lambda").update_alias(
        **ALIAS, FunctionVersion="4", RoutingConfig={"AdditionalVersionWeights": {}}
    )  # as the plan does
    story.go(15)
    assert calls(story, "6", 10) == 0
    assert story.alarm("orders-errors") == "OK"


def test_e36_an_alias_moved_by_hand_is_moved_again_by_codedeploy():
    """E-36: ten minutes after the rollback seemed done, the faulty version gets more calls than before."""
    story = play()
    before = alias(story)
    story.client("lambda").update_alias(**ALIAS, FunctionVersion="4", RoutingConfig={"AdditionalVersionWeights": {}})
    assert alias(story) == ("4", {})
    story.go(10)
    assert alias(story) == ("4", {"6": pytest.approx(before[1]["6"] + 0.1)})
    story.go(90)
    assert alias(story) == ("6", {})


def test_e36_two_people_overwrite_each_other_unless_the_revision_is_compared():
    """E-36: without RevisionId the second of two rollbacks wins silently; with it, it is refused."""
    story = play("-everywhere")
    client = story.client("lambda")
    seen = client.get_alias(**ALIAS)["RevisionId"]
    client.update_alias(**ALIAS, FunctionVersion="4", RevisionId=seen)
    late = {**ALIAS, "FunctionVersion": "1"}
    assert refusal(client.update_alias, **late, RevisionId=seen) == "PreconditionFailedException"
    assert alias(story) == ("4", {})
    client.update_alias(**late)  # as the source has it
    assert alias(story) == ("1", {})


def test_e37_a_release_that_is_over_cannot_be_stopped():
    """E-37: the documented command for the blue/green rollback is refused, and nothing goes back."""
    story = play("-everywhere")
    codedeploy = story.client("codedeploy")
    release = codedeploy.list_deployments()["deployments"][0]
    refused = refusal(codedeploy.stop_deployment, deploymentId=release, autoRollbackEnabled=True)
    assert refused == "DeploymentAlreadyCompletedException"
    assert alias(story) == ("6", {})


def test_e61_a_count_of_errors_is_no_percentage():
    """E-61: an alarm as the source writes it (Errors, threshold 5) fires where fewer than 5 % of the calls fail."""
    story = play("-by-hand")
    client = story.client("lambda")
    client.update_alias(**ALIAS, RoutingConfig={"AdditionalVersionWeights": {"6": 0.06}})
    story.client("cloudwatch").put_metric_alarm(
        AlarmName="as-documented",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": "orders"}],
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=5,
        ComparisonOperator="GreaterThanThreshold",
    )
    story.go(20)
    failed = story.total("AWS/Lambda", "Errors", 5, FunctionName="orders")
    made = story.total("AWS/Lambda", "Invocations", 5, FunctionName="orders")
    assert failed / made < 0.05
    assert failed > 5
    assert story.alarm("as-documented") == "ALARM"


def test_e62_an_alarm_alone_rolls_nothing_back():
    """E-62: the source's alarms fire and fire, and the release goes on to the last caller."""
    story = play()
    assert story.alarm("orders-errors") == "ALARM"
    story.go(90)
    assert story.alarm("orders-errors") == "ALARM"
    assert alias(story) == ("6", {})


def test_e82_the_version_before_need_not_exist():
    """E-82: the version below the faulty one was deleted; the documented command is refused in the middle of it."""
    story = play("-everywhere")
    client = story.client("lambda")
    assert refusal(client.update_alias, **ALIAS, FunctionVersion="5") == "ResourceNotFoundException"
    existing = [each["Version"] for each in client.list_versions_by_function(FunctionName="orders")["Versions"]]
    assert existing == ["$LATEST", "1", "2", "3", "4", "6"]


def test_e82_without_its_permission_the_api_answers_errors_whatever_the_alias_stands_for():
    """E-82: the alias is right and the API still fails, if the permission to call the alias is gone."""
    story = play("-everywhere")
    client = story.client("lambda")
    client.update_alias(**ALIAS, FunctionVersion="4")
    api = story.client("apigatewayv2").get_apis()["Items"][0]["ApiId"]
    page = next(iter(story.simulation.pages.values()))
    assert page(f"/_aws/execute-api/{api}/health") == (200, {"status": "ok", "version": "4"})
    policy = json.loads(client.get_policy(FunctionName="orders", Qualifier="PROD")["Policy"])
    client.remove_permission(FunctionName="orders", Qualifier="PROD", StatementId=policy["Statement"][0]["Sid"])
    assert page(f"/_aws/execute-api/{api}/health")[0] == 500
