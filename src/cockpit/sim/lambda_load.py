"""Calls that go through an alias to its versions, by the alias's shares, and the metrics Lambda makes of them."""

from collections import defaultdict
from datetime import datetime, timedelta
from http import HTTPStatus

from pydantic import JsonValue

from cockpit.sim.lambda_model import Function, LambdaModel
from cockpit.sim.lambda_spec import LambdaCalls, VersionFault
from cockpit.sim.metrics import MINUTE, Bucket, MetricKey, MetricStore
from cockpit.sim.simulation import Simulation

NAMESPACE = "AWS/Lambda"
EVERY = timedelta(seconds=10)
Calls = dict[str, list[tuple[bool, float]]]
"""Version → its calls: whether each failed, and how long it took (milliseconds)."""


class LambdaLoad:
    """Users who call one alias of one function, evenly through the day."""

    def __init__(self, simulation: Simulation, spec: LambdaCalls, opening: datetime) -> None:
        self._simulation = simulation
        self._world = simulation.world
        self._model: LambdaModel = simulation.parts[LambdaModel]
        self._spec = spec
        self._faults = {fault.version: fault for fault in spec.faults}
        self._chance = self._world.random(f"lambda/{spec.function}:{spec.alias}")
        self._due = 0.0
        self._world.at(opening + spec.busy_since, self._call)
        self._model.callers[simulation.region, spec.function, spec.alias] = self._answer

    def _call(self) -> None:
        """Make the calls of the next seconds, and come again."""
        self._due += self._spec.calls_a_minute * (EVERY / timedelta(minutes=1))
        count = int(self._due)
        self._due -= count
        function = self._model.find(self._simulation.region, self._spec.function)
        if function is not None and self._spec.alias in function.aliases:
            calls: Calls = defaultdict(list)
            for _ in range(count):
                version, failed, took = self._one(function)
                calls[version].append((failed, took))
            for version, made in calls.items():
                self._measure(version, made)
        self._world.at(self._world.now() + EVERY, self._call)

    def _one(self, function: Function) -> tuple[str, bool, float]:
        """Make one call; return the version it went to, whether it failed, and its milliseconds."""
        version = function.alias(self._spec.alias).pick(self._chance)
        fault = self._faults.get(version, VersionFault(version=version))
        usual = (fault.takes or self._spec.takes) / timedelta(milliseconds=1)
        return version, self._chance.random() < fault.errors, usual * self._chance.uniform(0.7, 1.4)

    def _measure(self, version: str, made: list[tuple[bool, float]]) -> None:
        """Count the calls by function, by alias, and by alias and executed version, as Lambda does."""
        store = self._simulation.metrics
        if not isinstance(store, MetricStore):
            return
        values = {
            "Invocations": [1.0] * len(made),
            "Errors": [float(failed) for failed, _ in made],
            "Throttles": [0.0] * len(made),
            "Duration": [took for _, took in made],
        }
        function = ("FunctionName", self._spec.function)
        resource = ("Resource", f"{self._spec.function}:{self._spec.alias}")
        executed = ("ExecutedVersion", version)
        now = self._world.now().timestamp()
        for name, numbers in values.items():
            part = Bucket(len(numbers), sum(numbers), min(numbers), max(numbers), numbers)
            for dimensions in ((function,), (function, resource), (executed, function, resource)):
                key = MetricKey(self._simulation.region, NAMESPACE, name, dimensions)
                store.bucket(key, now, MINUTE).merge(part)
                store.on_data(key)

    def _answer(self) -> tuple[int, JsonValue]:
        """Answer one more caller, who wants to see what the function says; the call counts as any other."""
        function = self._model.find(self._simulation.region, self._spec.function)
        if function is None or self._spec.alias not in function.aliases:
            return HTTPStatus.INTERNAL_SERVER_ERROR, {"message": "Internal Server Error"}
        version, failed, took = self._one(function)
        self._measure(version, [(failed, took)])
        if failed:
            return HTTPStatus.INTERNAL_SERVER_ERROR, {"message": "Internal Server Error"}
        return HTTPStatus.OK, {"status": "ok", "version": version}
