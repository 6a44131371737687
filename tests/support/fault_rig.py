"""Small plans by the real engine and gateway against a simulator whose answers go wrong."""

from pathlib import Path
from typing import Any, Self

from cockpit.aws.gateway import Gateway
from cockpit.config.schema import Environment
from cockpit.engine.driven_run import DrivenRun
from cockpit.engine.driver import start_run
from cockpit.plans.schema import Plan
from cockpit.sim.process import Simulator
from support.engine_rig import ENVIRONMENT, REGION, answer, make_plan, prompt_of, records, until

Step = dict[str, Any]

TABLE: Step = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


class SimulatedRun:
    """Starts one run; a context manager that lets go of it."""

    def __init__(self, simulator: Simulator, folder: Path) -> None:
        self._simulator = simulator
        self._folder = folder / "runs"
        self.run: DrivenRun | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.run is not None:
            self.run.close()

    def start(
        self,
        plan: Plan | list[Step],
        *,
        environment: Environment = ENVIRONMENT,
        region: str = REGION,
        profile: str | None = None,
    ) -> DrivenRun:
        """Start a live run."""
        clock = self._simulator.clock
        self.run = start_run(
            plan=plan if isinstance(plan, Plan) else make_plan(*plan),
            environment_name="shop-drill",
            environment=environment,
            region=region,
            operator="ada",
            inputs={},
            mode="live",
            typed_environment="shop-drill",
            clock=clock,
            make_port=lambda: Gateway(profile, clock, account=environment.account),
            runs_folder=self._folder,
        )
        return self.run


def answered(run: DrivenRun, prompt: type[Any], command: type[Any], **fields: Any) -> Any:
    """Wait for a prompt, answer it, wait until the answer is taken, and return the prompt."""
    found = prompt_of(run, prompt)
    before = len(records(run, "answered"))
    answer(run, command, **fields)
    until(lambda: len(records(run, "answered")) > before)
    return found


def observed(run: DrivenRun) -> str:
    """Return everything that was observed so far, as one text."""
    return "\n".join(record.text for record in records(run, "observed"))


def creating(identity: str, table: str) -> Step:
    """Return a step that creates a table, looks for it by name if the answer is lost, and proves it."""
    described: Step = {"read": "dynamodb:DescribeTable", "params": {"TableName": table}}
    name = "answer.Table.TableName"
    return {
        "id": identity,
        "effect": "mutate",
        "aws": {
            "call": "dynamodb:CreateTable",
            "params": {"TableName": table, **TABLE},
            "capture": {"table": "answer.TableDescription.TableName"},
            "reconcile": {"how": "name", **described, "done_when": name, "capture": {"table": name}},
        },
        "verify": {**described, "until": "answer.Table.TableStatus == 'ACTIVE'"},
    }


def waiting(identity: str, table: str, timeout: str = "PT24H") -> Step:
    """Return a step that waits until a table is there; an empty answer would end it at once."""
    return {
        "id": identity,
        "wait": {
            "read": "dynamodb:DescribeTable",
            "params": {"TableName": table},
            "until": "answer.Table.TableStatus == 'ACTIVE'",
            "fail_when": "!(answer.Table)",
            "timeout": timeout,
        },
    }
