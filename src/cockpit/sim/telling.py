"""Tells a scenario: puts every event in its place in time, and lets the past happen."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import JsonValue

from cockpit.plans.expressions import ExpressionError, resolve
from cockpit.sim.alarms import AlarmBook
from cockpit.sim.application import Application
from cockpit.sim.fault_book import FaultBook
from cockpit.sim.fault_rule import FaultRule
from cockpit.sim.front_door import FrontDoor
from cockpit.sim.lambda_load import LambdaLoad
from cockpit.sim.lost_regions import LostRegions
from cockpit.sim.propie_application import Propie
from cockpit.sim.rds_clients import DatabaseClients
from cockpit.sim.rds_model import RdsModel
from cockpit.sim.scenario import LoadedScenario, PlacedEvent, RegionGone
from cockpit.sim.secrets_rotation import Rotations
from cockpit.sim.secrets_users import SecretUsers
from cockpit.sim.simulation import Simulation
from cockpit.sim.tables import Tables


def tell(simulation: Simulation, loaded: LoadedScenario) -> datetime:
    """Set the stage and let everything happen that happened before now; return the time of the opening.

    The opening is the last whole minute, so that the same seed gives the same story to the second.

    Raises:
        DocumentError: an event of the past cannot happen; says which line and why.
    """
    world = simulation.world
    opening = world.clock.now().replace(second=0, microsecond=0)
    scenario = loaded.scenario
    if scenario.restore_takes is not None:
        simulation.parts[Tables].restore_takes = scenario.restore_takes
        simulation.parts[RdsModel].restore_takes = scenario.restore_takes
    saved: dict[str, JsonValue] = {}
    for placed in loaded.events:
        _schedule(simulation, loaded, placed, opening, saved)
    if scenario.application is not None:
        names = loaded.environment.names.get("syncwell", {})
        Application(simulation, scenario.application, scenario.faults, names, opening)
        simulation.parts[FrontDoor].use_names(names)
    if scenario.propie is not None:
        Propie(simulation, scenario.propie, loaded.environment.names.get("propie", {}), opening)
    if scenario.database_clients:
        DatabaseClients(simulation, scenario.database_clients, scenario.migrations, opening)
    for function in scenario.rotation_functions:
        simulation.parts[Rotations].functions[function.function] = function
    for user in scenario.secret_users:
        SecretUsers(simulation, user, opening)
    for calls in scenario.lambda_calls:
        LambdaLoad(simulation, calls, opening)
    if scenario.quiet_alarms:
        world.at(opening - timedelta(days=30), lambda: _add_quiet_alarms(simulation, scenario.quiet_alarms))
    world.catch_up()
    return opening


def _schedule(
    simulation: Simulation,
    loaded: LoadedScenario,
    placed: PlacedEvent,
    opening: datetime,
    saved: dict[str, JsonValue],
) -> None:
    event = placed.event
    fault = event.fault
    if fault is not None:
        book: FaultBook = simulation.parts[FaultBook]
        simulation.world.at(opening + event.at, lambda: _go_wrong(book, fault, event.lasts))
        return
    gone = event.gone
    if gone is not None:
        simulation.world.at(opening + event.at, lambda: _go_down(simulation, gone))
        return
    service, _, operation = (event.call or "").partition(":")
    region = event.region or loaded.scenario.region or loaded.environment.regions[0]

    def happen() -> None:
        try:
            client = simulation.client(service, region)
            answer = getattr(client, _method(client, operation))(**_params(event.params, saved, opening))
        except (BotoCoreError, ClientError, AttributeError, ExpressionError, LookupError) as error:
            raise placed.problem(str(error)) from error
        if event.save is not None:
            saved[event.save] = _plain(answer)

    simulation.world.at(opening + event.at, happen)


def _go_wrong(book: FaultBook, fault: FaultRule, lasts: timedelta | None) -> None:
    book.add(fault, lasts)


def _go_down(simulation: Simulation, gone: RegionGone) -> None:
    simulation.parts[LostRegions].lose(gone.region, gone.spares)
    rule = FaultRule(kind=gone.kind, region=gone.region, spares=gone.spares)
    _go_wrong(simulation.parts[FaultBook], rule, None)


def _method(client: Any, operation: str) -> str:
    for method, name in client.meta.method_to_api_mapping.items():
        if name == operation:
            return str(method)
    raise LookupError(f"the service has no operation {operation}")


def _params(params: dict[str, JsonValue], saved: dict[str, JsonValue], opening: datetime) -> dict[str, Any]:
    """Fill in saved answers, and the time of the opening for texts that want a date."""
    filled = resolve(params, {**saved, "opening": opening.isoformat()})
    return filled if isinstance(filled, dict) else {}


def _plain(value: Any) -> JsonValue:
    """Return an answer as JSON; what has no JSON form becomes text."""
    if isinstance(value, dict):
        return {str(name): _plain(member) for name, member in value.items() if name != "ResponseMetadata"}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value if value is None or isinstance(value, bool | int | float | str) else re.sub(r"\s+", " ", str(value))


def _add_quiet_alarms(simulation: Simulation, count: int) -> None:
    """Add alarms on a metric that never has data."""
    book = simulation.alarms
    if not isinstance(book, AlarmBook):
        return
    for number in range(count):
        settings = {
            "AlarmName": f"quiet-{number:05}",
            "AlarmDescription": "Never fires.",
            "ActionsEnabled": True,
            "Namespace": "Quiet",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "Unit", "Value": str(number)}],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 3,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        }
        book.put(simulation.region, settings)
