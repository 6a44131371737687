"""What a CodeDeploy deployment to Lambda does in time: it moves an alias from one version to another, in steps.

Chosen where AWS's documentation leaves it open: the alias must stand for the AppSpec's CurrentVersion when the
deployment begins. From then on CodeDeploy writes it at every step without comparing, so whatever somebody else has put
there in between is overwritten (E-36). A stop without rollback leaves the shares as they are.
"""

from cockpit.sim.codedeploy_model import AliasShift, CodeDeployModel, Deployment
from cockpit.sim.codedeploy_run import ALL, EVENT_SECONDS, QUEUE_SECONDS, AlarmState, Ended, Runner
from cockpit.sim.errors import AwsError
from cockpit.sim.lambda_model import Alias, Function, LambdaModel
from cockpit.sim.story import Story

_EVENTS = ("BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic")


class LambdaRunner(Runner):
    """Runs deployments to Lambda."""

    def __init__(self, model: CodeDeployModel, functions: LambdaModel, alarm_state: AlarmState) -> None:
        super().__init__(model, alarm_state)
        self._functions = functions

    def refresh(self, deployment: Deployment) -> None:
        """Do nothing: what a deployment knows of its alias is what it has written itself."""

    def _event_names(self, deployment: Deployment) -> list[str]:
        del deployment
        return list(_EVENTS)

    def _deploy(self, deployment: Deployment) -> Story:
        yield from self._wait(deployment, QUEUE_SECONDS)
        self._begin(deployment)
        shift = self._shift(deployment)
        deployment.shift = shift
        _, alias = self._alias(deployment, shift)
        if alias.version != shift.current or alias.weights:
            message = f"The alias {shift.alias} does not point to the current version {shift.current} of the AppSpec."
            raise Ended("Failed", "INVALID_LAMBDA_CONFIGURATION", message, "DEPLOYMENT_FAILURE")
        yield from self._brief(deployment, "BeforeAllowTraffic")
        routing = self._model.routings[deployment.routing_name]
        with self._under_way(deployment, "AllowTraffic"):
            for percent in routing.steps():
                self._write(deployment, shift, percent)
                yield from self._wait(deployment, EVENT_SECONDS if percent == ALL else routing.minutes * 60)
        yield from self._brief(deployment, "AfterAllowTraffic")

    def _give_back(self, rollback: Deployment, original: Deployment) -> Story:
        yield QUEUE_SECONDS
        self._begin(rollback)
        there = self._shift(original)
        rollback.shift = AliasShift(there.function, there.alias, there.target, there.current)
        for name in _EVENTS:
            with self._under_way(rollback, name):
                yield EVENT_SECONDS
                if name == "AllowTraffic":
                    self._write(rollback, rollback.shift, ALL)

    def _write(self, deployment: Deployment, shift: AliasShift, percent: int) -> None:
        """Give the target version its share; at 100 % the alias stands for it alone."""
        function, alias = self._alias(deployment, shift)
        version, weights = (shift.target, {}) if percent == ALL else (shift.current, {shift.target: percent / ALL})
        try:
            self._functions.point(function, alias, version, weights)
        except AwsError as error:
            raise Ended("Failed", "INVALID_LAMBDA_FUNCTION", str(error), "DEPLOYMENT_FAILURE") from error
        deployment.shifted_percent = float(percent)

    def _alias(self, deployment: Deployment, shift: AliasShift) -> tuple[Function, Alias]:
        function = self._functions.find(deployment.region, shift.function)
        alias = function.aliases.get(shift.alias) if function else None
        if function is None or alias is None or shift.target not in function.versions:
            message = f"The Lambda function {shift.function} has no alias {shift.alias}, or no version {shift.target}."
            raise Ended("Failed", "INVALID_LAMBDA_FUNCTION", message, "DEPLOYMENT_FAILURE")
        return function, alias

    def _shift(self, deployment: Deployment) -> AliasShift:
        shift = deployment.revision.shift if deployment.revision else None
        if shift is None:
            message = "The revision names no Lambda function."
            raise Ended("Failed", "INVALID_REVISION", message, "DEPLOYMENT_FAILURE")
        return shift
