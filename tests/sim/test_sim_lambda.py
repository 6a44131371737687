"""Lambda: versions that never change, aliases that share calls, and CodeDeploy that moves them."""

import json

import pytest

from cockpit.sim.lambda_load import LambdaLoad
from cockpit.sim.lambda_spec import LambdaCalls

FUNCTION, ALIAS = {"FunctionName": "orders"}, {"FunctionName": "orders", "Name": "PROD"}
APPLICATION = {"applicationName": "orders", "deploymentGroupName": "prod"}


@pytest.fixture
def orders(stage):
    """A function with versions 1 and 2, and the alias PROD at version 1."""
    client = stage.client("lambda")
    client.create_function(**FUNCTION, Role="arn:aws:iam::123456789012:role/x", Code={"ZipFile": b"one"})
    stage.go(10)
    client.publish_version(**FUNCTION, Description="one")
    publish(stage, b"two")
    client.create_alias(**ALIAS, FunctionVersion="1")
    return stage


def publish(stage, code):
    client = stage.client("lambda")
    client.update_function_code(**FUNCTION, ZipFile=code)
    stage.go(10)
    return client.publish_version(**FUNCTION)["Version"]


def routed(stage):
    found = stage.client("lambda").get_alias(**ALIAS)
    return found["FunctionVersion"], found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})


def weigh(stage, **weights):
    routing = {"AdditionalVersionWeights": {name[1:]: share for name, share in weights.items()}}
    return stage.client("lambda").update_alias(**ALIAS, RoutingConfig=routing)


def test_a_version_keeps_its_code_and_settings(orders):
    """A rollback would run today's code if a published version followed its function."""
    client = orders.client("lambda")
    first = client.get_function_configuration(**FUNCTION, Qualifier="1")
    client.update_function_configuration(**FUNCTION, Environment={"Variables": {"A": "1"}}, Timeout=9)
    orders.go(10)
    client.update_function_configuration(**FUNCTION, Environment={"Variables": {"B": "2"}})
    orders.go(10)
    latest = client.get_function_configuration(**FUNCTION)
    assert latest["Environment"]["Variables"] == {"B": "2"}, "an Environment replaces the whole old one"
    assert latest["Timeout"] == 9
    assert client.get_function_configuration(**FUNCTION, Qualifier="1") == first
    assert client.get_function_configuration(FunctionName="orders:PROD")["Version"] == "1"
    assert client.get_function(FunctionName=first["FunctionArn"])["Configuration"] == first


def test_nothing_new_is_published_if_nothing_has_changed(orders):
    """A drill that publishes twice would find a version that AWS does not make."""
    client = orders.client("lambda")
    assert client.publish_version(**FUNCTION)["Version"] == "2"
    assert publish(orders, b"three") == "3"


def test_a_function_cannot_be_changed_while_it_is_being_changed(orders):
    """A plan that changes twice in a row would work here and fail in AWS."""
    client = orders.client("lambda")
    client.update_function_configuration(**FUNCTION, Timeout=7)
    assert client.get_function_configuration(**FUNCTION)["LastUpdateStatus"] == "InProgress"
    assert orders.refusal("lambda", "update_function_code", **FUNCTION, ZipFile=b"x") == "ResourceConflictException"
    assert orders.refusal("lambda", "publish_version", **FUNCTION) == "ResourceConflictException"
    orders.go(10)
    assert client.get_function_configuration(**FUNCTION)["LastUpdateStatus"] == "Successful"


def test_versions_come_in_pages_of_fifty(orders):
    """The versions beyond the first page would be no candidates; their lists leave out the state, as AWS does."""
    for number in range(3, 61):
        assert publish(orders, f"code {number}".encode()) == str(number)
    client = orders.client("lambda")
    first = client.list_versions_by_function(**FUNCTION, MaxItems=100)
    assert [each["Version"] for each in first["Versions"]] == ["$LATEST", *map(str, range(1, 50))]
    assert "State" not in first["Versions"][1]
    second = client.list_versions_by_function(**FUNCTION, Marker=first["NextMarker"])
    assert [each["Version"] for each in second["Versions"]] == [str(number) for number in range(50, 61)]
    assert "NextMarker" not in second
    wrong = orders.refusal("lambda", "list_versions_by_function", **FUNCTION, Marker="999")
    assert wrong == "InvalidParameterValueException"


def test_an_alias_keeps_what_an_update_does_not_mention(orders):
    """E-36 could not be shown: shares stay until they are taken away, and every change has a new revision."""
    client = orders.client("lambda")
    before = client.get_alias(**ALIAS)
    weighed = weigh(orders, v2=0.25)
    assert weighed["RoutingConfig"]["AdditionalVersionWeights"] == {"2": 0.25}
    assert weighed["RevisionId"] != before["RevisionId"]
    client.update_alias(**ALIAS, FunctionVersion="1")
    assert routed(orders) == ("1", {"2": 0.25})
    client.update_alias(**ALIAS, RoutingConfig={"AdditionalVersionWeights": {}})
    assert routed(orders) == ("1", {})
    weigh(orders, v2=0.25)
    client.update_alias(**ALIAS, RoutingConfig={})
    assert routed(orders) == ("1", {})
    assert client.list_aliases(**FUNCTION, FunctionVersion="2")["Aliases"] == []
    stale = orders.refusal("lambda", "update_alias", **ALIAS, Description="x", RevisionId=before["RevisionId"])
    assert stale == "PreconditionFailedException"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"FunctionVersion": "7"}, "ResourceNotFoundException"),
        ({"RoutingConfig": {"AdditionalVersionWeights": {"7": 0.5}}}, "ResourceNotFoundException"),
        ({"RoutingConfig": {"AdditionalVersionWeights": {"1": 0.5}}}, "InvalidParameterValueException"),
        ({"RoutingConfig": {"AdditionalVersionWeights": {"$LATEST": 0.5}}}, "InvalidParameterValueException"),
        ({"RoutingConfig": {"AdditionalVersionWeights": {"2": 1.5}}}, "InvalidParameterValueException"),
    ],
)
def test_an_alias_cannot_stand_for_what_is_not_there(orders, wanted, code):
    """An impossible alias would be accepted, and half of the calls go nowhere."""
    assert orders.refusal("lambda", "update_alias", **ALIAS, **wanted) == code
    assert routed(orders) == ("1", {})


def test_a_version_in_use_cannot_be_deleted(orders):
    """A rollback target would vanish under the alias that stands for it, or gets its share."""
    weigh(orders, v2=0.1)
    for number in ("1", "2"):
        assert orders.refusal("lambda", "delete_function", **FUNCTION, Qualifier=number) == "ResourceConflictException"
    weigh(orders)
    orders.client("lambda").delete_function(**FUNCTION, Qualifier="2")
    gone = orders.refusal("lambda", "get_function_configuration", **FUNCTION, Qualifier="2")
    assert gone == "ResourceNotFoundException"
    assert publish(orders, b"three") == "3", "numbers are never used again"


def test_policies_belong_to_a_qualifier(orders):
    """A permission on a version would be taken for one on the alias (E-82)."""
    client = orders.client("lambda")
    permission = {"StatementId": "api", "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com"}
    client.add_permission(**FUNCTION, Qualifier="PROD", **permission)
    policy = json.loads(client.get_policy(**FUNCTION, Qualifier="PROD")["Policy"])
    assert [each["Sid"] for each in policy["Statement"]] == ["api"]
    assert orders.refusal("lambda", "get_policy", **FUNCTION, Qualifier="1") == "ResourceNotFoundException"
    again = orders.refusal("lambda", "add_permission", **FUNCTION, Qualifier="PROD", **permission)
    assert again == "ResourceConflictException"


def test_calls_follow_the_shares_and_are_counted_by_version(orders):
    """Metrics would not tell which version fails, or how many calls it gets."""
    faults = [{"version": "2", "errors": 0.5, "takes": "PT2S"}]
    spec = LambdaCalls.model_validate({"function": "orders", "alias": "PROD", "busy_since": "PT0S", "faults": faults})
    weigh(orders, v2=0.25)
    LambdaLoad(orders.simulation, spec, orders.clock.now())
    orders.go(3600)
    assert counted(orders, "Invocations") == counted(orders, "Invocations", Resource="orders:PROD")
    by_version = {
        number: counted(orders, "Invocations", Resource="orders:PROD", ExecutedVersion=number) for number in ("1", "2")
    }
    assert sum(by_version.values()) == counted(orders, "Invocations")
    assert by_version["2"] / sum(by_version.values()) == pytest.approx(0.25, abs=0.03)
    failed = counted(orders, "Errors", Resource="orders:PROD", ExecutedVersion="2")
    assert failed / by_version["2"] == pytest.approx(0.5, abs=0.05)
    assert counted(orders, "Errors", Resource="orders:PROD", ExecutedVersion="1") == 0


def counted(stage, metric, **more):
    dimensions = [{"Name": name, "Value": value} for name, value in {"FunctionName": "orders", **more}.items()]
    metric = {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": dimensions}
    query = {"Id": "x", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Sum"}}
    end = stage.clock.now()
    answer = stage.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query], StartTime=end.replace(year=2025), EndTime=end
    )
    return sum(answer["MetricDataResults"][0]["Values"])


def deploy(stage, **params):
    """Let CodeDeploy move the alias from version 1 to version 2; return the deployment's id."""
    codedeploy = stage.client("codedeploy")
    codedeploy.create_application(applicationName="orders", computePlatform="Lambda")
    codedeploy.create_deployment_group(
        **APPLICATION, serviceRoleArn="arn:aws:iam::123456789012:role/x", **params.pop("group", {})
    )
    properties = {"Name": "orders", "Alias": "PROD", "CurrentVersion": "1", "TargetVersion": "2"}
    spec = {"version": 0.0, "Resources": [{"orders": {"Type": "AWS::Lambda::Function", "Properties": properties}}]}
    config = "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(spec)}}
    wanted = {**APPLICATION, "deploymentConfigName": config, "revision": revision, **params}
    return codedeploy.create_deployment(**wanted)["deploymentId"]


def target(stage, deployment):
    codedeploy = stage.client("codedeploy")
    ids = codedeploy.list_deployment_targets(deploymentId=deployment)["targetIds"]
    answer = codedeploy.batch_get_deployment_targets(deploymentId=deployment, targetIds=ids)
    return answer["deploymentTargets"][0]["lambdaTarget"]


def test_codedeploy_shifts_an_alias_step_by_step(orders):
    """The alias, the target and the deployment must tell one story, or the wrong thing is stopped."""
    deployment = deploy(orders)
    orders.go(150)
    assert routed(orders) == ("1", {"2": 0.3})
    seen = target(orders, deployment)
    assert seen["targetId"] == "orders"
    assert seen["lambdaFunctionInfo"] == {
        "functionName": "orders",
        "functionAlias": "PROD",
        "currentVersion": "1",
        "targetVersion": "2",
        "targetVersionWeight": 30.0,
    }
    assert orders.deployment(deployment)["computePlatform"] == "Lambda"
    orders.go(600)
    assert routed(orders) == ("2", {})
    assert orders.deployment(deployment)["status"] == "Succeeded"


def test_codedeploy_overwrites_what_is_put_there_by_hand(orders):
    """E-36 could not be shown: a rollback by hand holds until the deployment's next step."""
    deploy(orders)
    orders.go(90)
    weigh(orders)
    assert routed(orders) == ("1", {})
    orders.go(60)
    assert routed(orders) == ("1", {"2": 0.3})


@pytest.mark.parametrize(("roll_back", "left"), [(True, {}), (False, {"2": 0.2})])
def test_a_stop_gives_the_calls_back_only_with_rollback(orders, roll_back, left):
    """A stop without rollback leaves the faulty version its share; taking it for a rollback would be wrong."""
    deployment = deploy(orders)
    orders.go(90)
    orders.client("codedeploy").stop_deployment(deploymentId=deployment, autoRollbackEnabled=roll_back)
    orders.go(600)
    stopped = orders.deployment(deployment)
    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    assert routed(orders) == ("1", left)
    assert ("rollbackInfo" in stopped) == roll_back
    if roll_back:
        rollback = stopped["rollbackInfo"]["rollbackDeploymentId"]
        assert orders.deployment(rollback)["status"] == "Succeeded"
        assert target(orders, rollback)["lambdaFunctionInfo"]["targetVersion"] == "1"


def test_an_alarm_stops_a_deployment_to_lambda_as_any_other(orders):
    """The automatic rollback of the source's table (S3:225-242) would not be seen."""
    orders.create_alarm("orders-errors")
    orders.measure(0, "orders-errors")
    alarms = {"enabled": True, "alarms": [{"name": "orders-errors"}]}
    back = {"enabled": True, "events": ["DEPLOYMENT_STOP_ON_ALARM"]}
    deployment = deploy(orders, group={"alarmConfiguration": alarms, "autoRollbackConfiguration": back})
    orders.go(90)
    orders.measure(5, "orders-errors")
    orders.go(60)
    assert orders.deployment(deployment)["errorInformation"]["code"] == "ALARM_ACTIVE"
    assert routed(orders) == ("1", {})


def test_a_deployment_whose_alias_stands_elsewhere_fails(orders):
    """A release made for another state of the alias would be shifted as if nothing were wrong."""
    orders.client("lambda").update_alias(**ALIAS, FunctionVersion="2")
    deployment = deploy(orders)
    orders.go(30)
    failed = orders.deployment(deployment)
    assert (failed["status"], failed["errorInformation"]["code"]) == ("Failed", "INVALID_LAMBDA_CONFIGURATION")
    assert routed(orders) == ("2", {})


def test_an_http_api_leads_to_its_alias(orders):
    """The plan's look at the API would prove nothing about the function."""
    gateway, client = orders.client("apigatewayv2"), orders.client("lambda")
    api = gateway.create_api(Name="orders", ProtocolType="HTTP")["ApiId"]
    uri = client.get_alias(**ALIAS)["AliasArn"]
    integration = gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=uri)
    lead = f"integrations/{integration['IntegrationId']}"
    gateway.create_route(ApiId=api, RouteKey="GET /health", Target=lead)
    page = orders.simulation.pages["/_aws/execute-api/"]
    assert page(f"/_aws/execute-api/{api}/health")[0] == 500, "API Gateway may not call the alias"
    permission = {"StatementId": "api", "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com"}
    client.add_permission(**FUNCTION, Qualifier="PROD", **permission)
    assert page(f"/_aws/execute-api/{api}/health")[0] == 200
    assert page(f"/_aws/execute-api/{api}/other")[0] == 404
    assert [each["ApiId"] for each in gateway.get_apis()["Items"]] == [api]
    assert gateway.get_api(ApiId=api)["ApiEndpoint"].endswith(f"/_aws/execute-api/{api}")
    assert orders.refusal("apigatewayv2", "get_api", ApiId="nothing") == "NotFoundException"


def test_what_is_not_simulated_says_so(orders):
    """A call that is only pretended to work would be trusted."""
    refused = orders.refusal("lambda", "put_function_concurrency", **FUNCTION, ReservedConcurrentExecutions=0)
    assert refused == "NotSimulated"
