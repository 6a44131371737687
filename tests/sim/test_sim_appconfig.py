"""AppConfig: versions, deployments in time, and the ways back."""

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from cockpit.sim.appconfig_api import AppConfigApi, share_of
from cockpit.sim.appconfig_model import AppConfigModel, Strategy
from cockpit.sim.appconfig_run import Runner
from cockpit.sim.appconfig_session import SessionApi
from cockpit.sim.appconfig_setup import SetupApi


class Configured:
    """An application with environment, profile, and version 1 live."""

    def __init__(self, stage, monitors=()):
        self.stage = stage
        self.client = stage.client("appconfig")
        self.application = self.client.create_application(Name="syncwell")["Id"]
        where = {"ApplicationId": self.application}
        watched = [{"AlarmArn": arn} for arn in monitors]
        self.environment = self.client.create_environment(**where, Name="prod", Monitors=watched)["Id"]
        self.profile = self.client.create_configuration_profile(**where, Name="runtime", LocationUri="hosted")["Id"]
        self.strategy = self.client.create_deployment_strategy(
            Name="all-at-once", DeploymentDurationInMinutes=0, FinalBakeTimeInMinutes=1, GrowthFactor=100
        )["Id"]
        self.of_profile = {**where, "ConfigurationProfileId": self.profile}
        self.of_environment = {**where, "EnvironmentId": self.environment}
        self.write(b'{"table": "old"}')
        self.deploy(1)
        stage.go(120)
        self.write(b'{"table": "new"}')

    def write(self, content, **params):
        return self.client.create_hosted_configuration_version(
            **self.of_profile, Content=content, ContentType="application/json", **params
        )

    def deploy(self, version, strategy=None, **params):
        answer = self.client.start_deployment(
            **self.of_environment,
            ConfigurationProfileId=self.profile,
            ConfigurationVersion=str(version),
            DeploymentStrategyId=strategy or self.strategy,
            **params,
        )
        return {**self.of_environment, "DeploymentNumber": answer["DeploymentNumber"]}

    def live(self, target=""):
        return self.stage.simulation.current_configuration("syncwell", "prod", "runtime", target)


def refused(call, *args, **params):
    """Return the code of the error that a call must end in."""
    with pytest.raises(ClientError) as error:
        call(*args, **params)
    return error.value.response["Error"]["Code"]


def test_a_deployment_bakes_before_it_is_complete(stage):
    """The content is served while it bakes, but the deployment is not done: both must be told apart."""
    it = Configured(stage)
    deployment = it.deploy(2)
    assert it.client.get_deployment(**deployment)["State"] == "DEPLOYING"
    assert it.live() == b'{"table": "old"}'
    stage.go(5)
    baking = it.client.get_deployment(**deployment)
    assert (baking["State"], baking["PercentageComplete"]) == ("BAKING", 100.0)
    assert it.live() == b'{"table": "new"}'
    assert it.client.get_environment(**it.of_environment)["State"] == "DEPLOYING"
    stage.go(60)
    complete = it.client.get_deployment(**deployment)
    assert complete["State"] == "COMPLETE"
    assert complete["CompletedAt"] > complete["StartedAt"]
    happened = [event["EventType"] for event in complete["EventLog"]]
    assert happened == ["DEPLOYMENT_COMPLETED", "BAKE_TIME_STARTED", "PERCENTAGE_UPDATED", "DEPLOYMENT_STARTED"]
    assert it.client.get_environment(**it.of_environment)["State"] == "READY_FOR_DEPLOYMENT"


@pytest.mark.parametrize("errors", [5, None])
def test_a_monitor_that_fires_or_has_no_data_rolls_the_deployment_back(stage, errors):
    """With the fleet at 0 an alarm without data undoes the redirection (E-11)."""
    arn = stage.create_alarm()
    stage.measure(0)
    it = Configured(stage, [arn])
    deployment = it.deploy(2, "AppConfig.AllAtOnce")
    stage.go(60)
    assert it.live() == b'{"table": "new"}'
    if errors is None:
        stage.client("cloudwatch").set_alarm_state(
            AlarmName="syncwell-errors", StateValue="INSUFFICIENT_DATA", StateReason="no data"
        )
        stage.go(30)
    else:
        stage.measure(errors)
    rolled_back = it.client.get_deployment(**deployment)
    assert rolled_back["State"] == "ROLLED_BACK"
    assert rolled_back["EventLog"][0]["TriggeredBy"] == "CLOUDWATCH_ALARM"
    assert it.live() == b'{"table": "old"}'


def test_an_environment_without_monitors_is_not_rolled_back(stage):
    """Removing the monitors for the time of the recovery must work: UpdateEnvironment replaces them."""
    arn = stage.create_alarm()
    stage.measure(0)
    it = Configured(stage, [arn])
    stage.measure(5)
    assert it.client.update_environment(**it.of_environment, Monitors=[])["Monitors"] == []
    deployment = it.deploy(2)
    stage.go(120)
    assert it.client.get_deployment(**deployment)["State"] == "COMPLETE"
    it.client.update_environment(**it.of_environment, Monitors=[{"AlarmArn": arn}])
    assert it.client.get_environment(**it.of_environment)["Monitors"] == [{"AlarmArn": arn}]


def test_one_deployment_at_a_time_per_environment(stage):
    """Reconciling a lost answer relies on it (AWS-FACTS 1)."""
    it = Configured(stage)
    it.deploy(2)
    assert refused(it.deploy, 2) == "ConflictException"


def test_a_version_or_deployment_written_meanwhile_is_a_conflict(stage):
    """The locks are what keeps two operators from overwriting each other's configuration."""
    it = Configured(stage)
    assert refused(it.write, b"{}", LatestVersionNumber=1) == "ConflictException"
    assert it.write(b"{}", LatestVersionNumber=2)["VersionNumber"] == 3
    assert refused(it.deploy, 3, LatestDeploymentNumber=0) == "ConflictException"
    assert it.deploy(3, LatestDeploymentNumber=1)["DeploymentNumber"] == 2


def test_stopping_depends_on_the_state(stage):
    """In progress is rolled back; baking and complete ones only with AllowRevert; later than 72 hours never."""
    it = Configured(stage)
    growing = it.deploy(2, "AppConfig.Linear50PercentEvery30Seconds")
    stage.go(10)
    assert it.client.stop_deployment(**growing)["State"] == "ROLLING_BACK"
    stage.go(10)
    assert it.client.get_deployment(**growing)["State"] == "ROLLED_BACK"
    baking = it.deploy(2)
    stage.go(10)
    assert refused(it.client.stop_deployment, **baking) == "BadRequestException"
    it.client.stop_deployment(**baking, AllowRevert=True)
    stage.go(10)
    assert it.client.get_deployment(**baking)["State"] == "ROLLED_BACK"
    assert it.live() == b'{"table": "old"}'
    complete = it.deploy(2)
    stage.go(120)
    assert refused(it.client.stop_deployment, **complete) == "BadRequestException"
    assert it.client.stop_deployment(**complete, AllowRevert=True)["State"] == "REVERTED"
    assert it.live() == b'{"table": "old"}'
    old = it.deploy(2)
    stage.go(73 * 3600)
    assert refused(it.client.stop_deployment, **old, AllowRevert=True) == "BadRequestException"


def test_a_gradual_deployment_serves_old_and_new_side_by_side(stage):
    """Two tables in use together is what a gradual strategy would do to the redirection (E-11)."""
    it = Configured(stage)
    it.deploy(2, "AppConfig.Linear20PercentEvery6Minutes")
    stage.go(13 * 60)
    served = [it.live(f"task-{number}") for number in range(200)]
    assert 70 <= served.count(b'{"table": "new"}') <= 130, "about 60 percent of the targets"
    assert it.live() == b'{"table": "old"}'


def test_a_session_gets_content_once_and_again_when_it_changes(stage):
    """The data plane is how an application outside would see the redirection."""
    it = Configured(stage)
    data = stage.client("appconfigdata")
    token = data.start_configuration_session(
        ApplicationIdentifier="syncwell",
        EnvironmentIdentifier=it.environment,
        ConfigurationProfileIdentifier="runtime",
    )["InitialConfigurationToken"]
    first = data.get_latest_configuration(ConfigurationToken=token)
    assert first["Configuration"] == b'{"table": "old"}'
    assert stage.refusal("appconfigdata", "get_latest_configuration", ConfigurationToken=token) == "BadRequestException"
    same = data.get_latest_configuration(ConfigurationToken=first["NextPollConfigurationToken"])
    assert same["Configuration"] == b""
    it.deploy(2)
    stage.go(10)
    changed = data.get_latest_configuration(ConfigurationToken=same["NextPollConfigurationToken"])
    assert changed["Configuration"] == b'{"table": "new"}'


@pytest.mark.parametrize("content", [b"", b"plain", b"\x00\xff\xfe binary", '{"\u00e9": "\u2603"}'.encode()])
def test_contents_come_back_byte_for_byte(stage, content):
    """A configuration that is changed on the way would be deployed changed."""
    it = Configured(stage)
    number = it.write(content, Description="as written", VersionLabel="label-x")["VersionNumber"]
    found = it.client.get_hosted_configuration_version(**it.of_profile, VersionNumber=number)
    assert found["Content"] == content
    assert (found["Description"], found["VersionLabel"]) == ("as written", "label-x")


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("get_application", {"ApplicationId": "none"}),
        ("list_environments", {"ApplicationId": "none"}),
        ("get_deployment_strategy", {"DeploymentStrategyId": "none"}),
        ("get_deployment", {"ApplicationId": "none", "EnvironmentId": "none", "DeploymentNumber": 1}),
    ],
)
def test_what_is_not_there_is_refused_with_the_typed_error(stage, method, params):
    """A 5xx, or a wrong type, would be retried or misread."""
    assert stage.refusal("appconfig", method, **params) == "ResourceNotFoundException"


def test_what_is_not_simulated_says_so(stage):
    """Silence would be taken for success."""
    assert stage.refusal("appconfig", "list_extensions") == "NotSimulated"


def test_every_operation_answers_in_aws_shape(stage):
    """A misspelt or missing member would be dropped on the way and never seen."""
    it = Configured(stage)
    client, application = it.client, {"ApplicationId": it.application}
    client.list_applications()
    client.get_application(**application)
    assert client.list_environments(**application)["Items"][0]["Name"] == "prod"
    assert client.list_configuration_profiles(**application)["Items"][0]["Name"] == "runtime"
    client.get_configuration_profile(**it.of_profile)
    strategies = client.list_deployment_strategies()["Items"]
    assert [each["Name"] for each in strategies][0::4] == ["AppConfig.AllAtOnce", "all-at-once"]
    client.get_deployment_strategy(DeploymentStrategyId="AppConfig.AllAtOnce")
    first = client.list_hosted_configuration_versions(**it.of_profile, MaxResults=1)
    second = client.list_hosted_configuration_versions(**it.of_profile, MaxResults=1, NextToken=first["NextToken"])
    assert [page["Items"][0]["VersionNumber"] for page in (first, second)] == [2, 1]
    client.delete_hosted_configuration_version(**it.of_profile, VersionNumber=2)
    assert refused(it.deploy, 2) == "ResourceNotFoundException"
    summary = client.list_deployments(**it.of_environment)["Items"][0]
    assert (summary["State"], summary["ConfigurationVersion"]) == ("COMPLETE", "1")
    client.get_deployment(**it.of_environment, DeploymentNumber=1)
    client.stop_deployment(**it.of_environment, DeploymentNumber=1, AllowRevert=True)
    client.get_hosted_configuration_version(**it.of_profile, VersionNumber=1)
    client.get_environment(**it.of_environment)
    client.update_environment(**it.of_environment, Name="prod")
    model = stage.simulation.parts[AppConfigModel]
    handlers = {**SetupApi(model).handlers(), **AppConfigApi(model, Runner(model, lambda *_: None)).handlers()}
    assert client.called == set(handlers)
    assert set(SessionApi(model, share_of).handlers()) == {"StartConfigurationSession", "GetLatestConfiguration"}


@given(kind=st.sampled_from(["LINEAR", "EXPONENTIAL"]), growth=st.floats(1, 100))
def test_a_strategy_always_grows_to_all(kind, growth):
    """A strategy whose steps shrink or never end would hang a deployment."""
    steps = Strategy("id", "name", "", 10, kind, growth, 1).steps()
    assert steps == sorted(steps)
    assert steps[-1] == 100
    assert len(steps) <= 101


@given(target=st.text())
def test_a_target_always_has_its_place(target):
    """A place of 100 percent or more would never be served anything new."""
    assert 0 <= share_of(target) < 100
