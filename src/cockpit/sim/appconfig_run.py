"""What an AppConfig deployment does in time: grows, bakes, completes, or is rolled back (AWS-FACTS 6)."""

from collections.abc import Callable
from datetime import timedelta

from cockpit.sim.appconfig_model import AppConfigModel, Deployment, Environment, Version
from cockpit.sim.errors import AwsError
from cockpit.sim.story import Story, tell

POLL_SECONDS = 5.0
FIRST_SECONDS = 2.0
ROLLBACK_SECONDS = 5.0
REVERT_WITHIN = timedelta(hours=72)

AlarmState = Callable[[str, str], str | None]


class _RollBack(Exception):
    """The deployment must be undone.

    Attributes:
        by: USER or CLOUDWATCH_ALARM.
    """

    def __init__(self, by: str, words: str) -> None:
        super().__init__(words)
        self.by = by


class Runner:
    """Runs deployments.

    Attributes:
        alarm_state: (alarm name, region) → state; None if there is no such alarm.
    """

    def __init__(self, model: AppConfigModel, alarm_state: AlarmState) -> None:
        self._world = model.world
        self._alarm_state = alarm_state

    def start(self, environment: Environment, deployment: Deployment) -> None:
        """Let a new deployment run."""
        environment.state = "DEPLOYING"
        self._log(deployment, "DEPLOYMENT_STARTED", "USER", "Deployment started")
        tell(self._world, self._run(environment, deployment))

    def stop(self, environment: Environment, deployment: Deployment, *, allow_revert: bool) -> None:
        """Roll a running deployment back; with `allow_revert` also one that bakes, or is complete for at most 72 h.

        Raises:
            AwsError: its state does not allow it.
        """
        if deployment.state == "DEPLOYING" or (deployment.state == "BAKING" and allow_revert):
            deployment.stop_asked = True
            self._roll_back(environment, deployment, "USER", "Rollback initiated by StopDeployment")
        elif deployment.state == "COMPLETE" and allow_revert:
            self._revert(environment, deployment)
        else:
            message = f"Deployment {deployment.number} is {deployment.state} and cannot be stopped"
            hint = "" if allow_revert else " without AllowRevert"
            raise AwsError("BadRequestException", f"{message}{hint}.")

    def _run(self, environment: Environment, deployment: Deployment) -> Story:
        try:
            yield from self._grow(environment, deployment)
            yield from self._bake(environment, deployment)
        except _RollBack as why:
            self._roll_back(environment, deployment, why.by, str(why))
        else:
            if not deployment.stop_asked:
                self._complete(environment, deployment)

    def _grow(self, environment: Environment, deployment: Deployment) -> Story:
        yield from self._wait(environment, deployment, FIRST_SECONDS)
        steps = deployment.strategy.steps()
        for percent in steps:
            if deployment.stop_asked:
                return
            deployment.percent = percent
            words = f"Configuration available to {percent:.2f}% of clients"
            self._log(deployment, "PERCENTAGE_UPDATED", "APPCONFIG", words)
            yield from self._wait(environment, deployment, deployment.strategy.duration * 60 / len(steps))

    def _bake(self, environment: Environment, deployment: Deployment) -> Story:
        if deployment.stop_asked or not deployment.strategy.bake:
            return
        deployment.state = "BAKING"
        words = f"Deployment bake time started for {deployment.strategy.bake} minutes"
        self._log(deployment, "BAKE_TIME_STARTED", "APPCONFIG", words)
        yield from self._wait(environment, deployment, deployment.strategy.bake * 60)

    def _complete(self, environment: Environment, deployment: Deployment) -> None:
        deployment.state, deployment.completed_at = "COMPLETE", self._world.now()
        environment.state = "READY_FOR_DEPLOYMENT"
        environment.live[deployment.profile.profile_id] = deployment.version
        self._log(deployment, "DEPLOYMENT_COMPLETED", "APPCONFIG", "Deployment completed")

    def _roll_back(self, environment: Environment, deployment: Deployment, by: str, words: str) -> None:
        deployment.state = environment.state = "ROLLING_BACK"
        self._log(deployment, "ROLLBACK_STARTED", by, words)
        tell(self._world, self._end_rollback(environment, deployment, by))

    def _end_rollback(self, environment: Environment, deployment: Deployment, by: str) -> Story:
        yield ROLLBACK_SECONDS
        deployment.state, deployment.percent, deployment.completed_at = "ROLLED_BACK", 0.0, self._world.now()
        environment.state = "ROLLED_BACK"
        self._log(deployment, "ROLLBACK_COMPLETED", by, "Rollback completed")

    def _revert(self, environment: Environment, deployment: Deployment) -> None:
        now = self._world.now()
        if now - (deployment.completed_at or now) > REVERT_WITHIN:
            message = f"Deployment {deployment.number} completed more than 72 hours ago and cannot be reverted."
            raise AwsError("BadRequestException", message)
        if environment.live.get(deployment.profile.profile_id) is not deployment.version or environment.running:
            message = f"Deployment {deployment.number} is not the latest of its configuration profile."
            raise AwsError("BadRequestException", message)
        deployment.state, environment.state = "REVERTED", "REVERTED"
        _set_live(environment, deployment.profile.profile_id, deployment.previous)
        self._log(deployment, "REVERT_COMPLETED", "USER", "Revert completed")

    def _wait(self, environment: Environment, deployment: Deployment, seconds: float) -> Story:
        """Wait, but not longer than the deployment may go on: look for a stop and at the monitors every few seconds."""
        end = self._world.now() + timedelta(seconds=seconds)
        while not deployment.stop_asked:
            for region, name in environment.monitored():
                state = self._alarm_state(name, region)
                if state in ("ALARM", "INSUFFICIENT_DATA"):
                    raise _RollBack("CLOUDWATCH_ALARM", f"Rollback initiated: the alarm {name} is in state {state}")
            left = (end - self._world.now()).total_seconds()
            if left <= 0:
                return
            yield min(left, POLL_SECONDS)

    def _log(self, deployment: Deployment, kind: str, by: str, words: str) -> None:
        deployment.events.insert(0, (self._world.now(), kind, by, words))


def _set_live(environment: Environment, profile_id: str, version: Version | None) -> None:
    if version is None:
        environment.live.pop(profile_id, None)
    else:
        environment.live[profile_id] = version
