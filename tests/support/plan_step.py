"""One step of a plan that comes with the cockpit, carried out by itself: what the steps before it found is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from cockpit.config.paths import data_folder
from cockpit.config.schema import Environment
from cockpit.engine.actions.base import Result
from cockpit.engine.actions.registry import ACTIONS
from cockpit.plans.base import PlanModel
from cockpit.plans.catalogue import load_plan
from cockpit.plans.schema import Step
from support.action_bench import ACCOUNT, Bench, a_plan


@dataclass
class PlanStep(Bench):
    """A bench for a plan's own step; expressions see `known`."""

    real: Step | None = None
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def step(self) -> Step:
        assert self.real is not None
        return self.real.model_copy(update={"id": "step"})

    def names(self, extra: Mapping[str, JsonValue] | None = None) -> dict[str, JsonValue]:
        return {**self.known, **(extra or {})}


async def perform(
    plan: str,
    step: str,
    environment: Environment,
    folder: Path,
    *,
    inputs: Mapping[str, Any] | None = None,
    steps: Mapping[str, Any] | None = None,
    action: PlanModel | None = None,
) -> Result:
    """Carry out a step of a plan, by their ids; its inputs are the environment's names and `inputs`.

    `action` takes the place of the step's own, for example with less patience.
    """
    real = load_plan(data_folder("plans") / f"{plan}.yaml").step(step)
    real = real if action is None else real.model_copy(update={"action": action})
    names = environment.names[plan.partition("/")[0]]
    context = PlanStep(
        a_plan({"shell": {"argv": ["true"], "cwd": "/", "timeout": "PT1M"}}, effect=real.effect.value),
        folder=folder / step,
        hosts=environment.hosts,
        real=real,
        known={
            "inputs": {**names, "organization": "org-rio", "token": "pfa-test-token", **(inputs or {})},
            "steps": dict(steps or {}),
            "scope": {"environment": "drill", "account": ACCOUNT, "region": "us-east-1"},
            "run": {"id": "run-1", "started_at": "2026-11-21T03:20:00Z"},
            "preflight": {},
        },
    )
    return await ACTIONS[real.action.kind].perform(context, real.action)
