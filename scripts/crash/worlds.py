"""What the world must be like after a run: beside what is compared with the undisturbed run, for some plans."""

import time
from collections.abc import Iterator
from datetime import datetime

from cockpit.engine.state import RunState
from support import terraform_standin
from support.aftermath import TABLE, Aftermath
from support.halting_plan import Workers
from support.place import Place

_GROUP = {"applicationName": "syncwell-backend", "deploymentGroupName": "syncwell-worker"}
_PREPARED_WITHIN = 120.0  # real seconds
_SOUND = "syncwell-worker:2"


class _PlanG(Aftermath):
    """What Plan G promises, on a story that grows old while programs die."""

    def check_window(self) -> None:
        """Check the count to hold the truth, and the end to lie between the last write and the halting call's answer.

        CloudWatch keeps counts by the second for three hours, then by the minute: what programs that die again and
        again count at last is a span. Where nobody has written for ten minutes before the halt, the answer to the
        halting call is the end.
        """
        loss, halted = self._state.loss, max(self._halting_answers(), default=None)
        truth = self._simulator.get_json("/_cockpit/truth")["tables"][TABLE]["writes"]
        times = [datetime.fromisoformat(write["time"]).replace(microsecond=0) for write in truth]
        if loss is None or loss.writes is None or halted is None:
            raise AssertionError("no loss was measured")
        lost = [time for time in times if time > loss.start]
        if not loss.writes.at_least <= len(lost) <= loss.writes.at_most:
            raise AssertionError(f"{loss.writes} writes shown as lost, {len(lost)} are")
        if not max(lost) <= loss.end <= halted:
            raise AssertionError(f"the window ends at {loss.end}; last write {max(lost)}, halt known at {halted}")

    def _halting_answers(self) -> Iterator[datetime]:
        """Yield when the calls that end writes were known to have taken effect."""
        for step in self._state.plan.steps:
            calls = self._state.steps[step.id].calls if step.stops_writes and step.id in self._state.steps else ()
            yield from (call.end_at for call in calls if call.took_effect and call.end_at is not None)


def restored(place: Place, state: RunState) -> None:
    """Check everything that Plan G promises."""
    _PlanG(place.simulator, state).check()


def untouched(place: Place, _state: RunState) -> None:
    """Check that Plan G, taken back, has left the service as it was: workers, scaling, fence, alarms' watch."""
    ecs, scaling, dynamodb, appconfig = (
        Aftermath.client_of(place.simulator, name)
        for name in ("ecs", "application-autoscaling", "dynamodb", "appconfig")
    )
    service = ecs.describe_services(cluster="syncwell", services=["syncwell-worker"])["services"][0]
    target = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]
    arn = dynamodb.describe_table(TableName=TABLE)["Table"]["TableArn"]
    if service["desiredCount"] < 4:
        raise AssertionError(f"the service is at {service['desiredCount']}")
    if (target["MinCapacity"], target["MaxCapacity"]) != (4, 12) or any(target["SuspendedState"].values()):
        raise AssertionError(f"scaling is {target}")
    try:
        fence = dynamodb.get_resource_policy(ResourceArn=arn)["Policy"]
    except dynamodb.exceptions.PolicyNotFoundException:
        fence = ""
    if "Deny" in fence:
        raise AssertionError(f"the table is still fenced: {fence}")
    application = appconfig.list_applications()["Items"][0]["Id"]
    if not appconfig.list_environments(ApplicationId=application)["Items"][0]["Monitors"]:
        raise AssertionError("no alarm watches the configuration")


def sound_version(place: Place, _state: RunState) -> None:
    """Check that the sound version alone has the traffic and the tasks, and that no deployment is open."""
    described = Aftermath.client_of(place.simulator, "ecs").describe_services(
        cluster="syncwell", services=["syncwell-worker"]
    )
    sets = [
        (each["status"], each["taskDefinition"].rpartition("/")[2]) for each in described["services"][0]["taskSets"]
    ]
    if sets != [("PRIMARY", _SOUND)]:
        raise AssertionError(f"task sets are {sets}")
    codedeploy = Aftermath.client_of(place.simulator, "codedeploy")
    if still := codedeploy.list_deployments(**_GROUP, includeOnlyStatuses=["Created", "InProgress"])["deployments"]:
        raise AssertionError(f"deployments are still open: {still}")


def ready(place: Place) -> None:
    """Give SyncWell's workers the size they have in the scenario."""
    Workers(place.simulator).put_back()


def halted_by_bo(place: Place, state: RunState) -> None:
    """Check that the workers are halted, and that Bo, to whom the run was handed over, drove it to its end."""
    _workers_are(place, (0, 0))
    if state.operator != "Bo":
        raise AssertionError(f"{state.operator} drove the run to its end")


def put_back(place: Place, _state: RunState) -> None:
    """Check that what was halted has been put back."""
    _workers_are(place, (4, 4))


def _workers_are(place: Place, wanted: tuple[int, int]) -> None:
    found = Workers(place.simulator).now()
    if found != wanted:
        raise AssertionError(f"desired count and minimum are {found} instead of {wanted}")


def with_terraform(place: Place) -> None:
    """Let programs find a stand-in for Terraform, and a folder of code for it."""
    environment, _ = terraform_standin.with_terraform(place.simulator, place.scenario, place.folder)
    place.configure(environment)


def when_the_deployment_is_over(place: Place) -> None:
    """Wait until the faulty deployment of SyncWell has come to its end."""
    codedeploy = Aftermath.client_of(place.simulator, "codedeploy")
    deadline = time.monotonic() + _PREPARED_WITHIN
    while codedeploy.list_deployments(**_GROUP, includeOnlyStatuses=["InProgress"])["deployments"]:
        if time.monotonic() > deadline:
            raise TimeoutError("the faulty deployment did not come to its end")
        time.sleep(0.1)
