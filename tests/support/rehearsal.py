"""A plan run by the real engine against a simulated outage, with nobody at it: its answers come from `answers/`."""

from functools import cache
from pathlib import Path
from typing import Any

from cockpit.aws.gateway import Gateway
from cockpit.config.paths import data_folder
from cockpit.config.schema import Environment
from cockpit.engine.answers import Answers, load_answers, misfits
from cockpit.engine.driver import start_run
from cockpit.engine.state import RunState
from cockpit.engine.unattended import Unattended
from cockpit.plans.actions.shell import ShellSpec
from cockpit.plans.called import called_by
from cockpit.plans.catalogue import load_plan
from cockpit.plans.schema import Plan
from cockpit.sim.process import Simulator
from cockpit.sim.scenario import load_scenario

OF_EVERY_RUN = {"sts:GetCallerIdentity", "iam:GetRole", "iam:SimulatePrincipalPolicy"}
PATIENCE = 60.0  # real seconds in which something must happen
ANSWERS = Path(__file__).parents[2] / "answers"


def read_answers(name: str) -> tuple[Plan, Answers]:
    """Return the answers of that name, ``syncwell/plan-g-data-corruption``, and the plan they are for."""
    path = ANSWERS / f"{name}.yaml"
    plan_id = next(
        (line.partition(":")[2].strip() for line in path.read_text().splitlines() if line.startswith("plan:")), name
    )
    plan = _plan(plan_id)
    return plan, load_answers(path, plan)


@cache
def _plan(plan_id: str) -> Plan:
    return load_plan(data_folder("plans") / f"{plan_id}.yaml")


class Rehearsal:
    """One run. Its AWS is whatever the environment variables name; `simulator` gives its clock.

    Attributes:
        run: the driven run; close it.
        operator: who answers: what went wrong is in its `troubles`.
    """

    def __init__(
        self,
        simulator: Simulator,
        answers: str,
        folder: Path,
        environment: Environment | None = None,
        **changes: dict[str, Any],
    ) -> None:
        """Start the run.

        Args:
            simulator: plays the scenario that the answers name.
            answers: name of the file in `answers/`.
            folder: for the run's journal.
            environment: instead of the scenario's.
            changes: by step id, fields of its answer that differ from the file; `inputs` changes those.
        """
        plan, given = read_answers(answers)
        environment = environment or load_scenario(given.scenario or "").environment
        data = given.model_dump(exclude_unset=True)
        inputs = {**given.inputs, **changes.pop("inputs", {})}
        steps = data.get("answers", {})
        self.answers = Answers.model_validate(
            {**data, "answers": {**steps, **{step: {**steps.get(step, {}), **new} for step, new in changes.items()}}}
        )
        assert misfits(self.answers, plan) == []
        self.run = start_run(
            plan=plan,
            environment_name="drill",
            environment=environment,
            region=environment.regions[0],
            operator="olga",
            inputs=inputs,
            mode="live",
            typed_environment="drill",
            clock=simulator.clock,
            make_port=lambda: Gateway(None, simulator.clock, account=environment.account),
            runs_folder=folder / "runs",
        )
        self.operator = Unattended(self.run, self.answers)

    def finish(self) -> RunState:
        """Answer everything; return the last state, whatever it is."""
        try:
            return self.operator.attend(PATIENCE)
        finally:
            self.run.close()


def rehearse(
    simulator: Simulator,
    answers: str,
    folder: Path,
    environment: Environment | None = None,
    **changes: dict[str, Any],
) -> RunState:
    """Run a plan to its end without trouble, every answer used; return the last state."""
    before = _calls(simulator)
    rehearsal = Rehearsal(simulator, answers, folder, environment, **changes)
    state = rehearsal.finish()
    assert (rehearsal.operator.troubles, state.ended, rehearsal.operator.unused()) == ([], "finished", ())
    assert _undeclared(state.plan, before, _calls(simulator)) == set(), "plans/called.py does not know of these calls"
    return state


def _calls(simulator: Simulator) -> dict[str, int]:
    counts: dict[str, int] = simulator.get_json("/_cockpit/calls")["counts"]
    return counts


def _undeclared(plan: Plan, before: dict[str, int], after: dict[str, int]) -> set[str]:
    """Return the calls of a run that the plan was not known to make: their permissions would not be asked for."""
    if any(isinstance(step.action, ShellSpec) for step in plan.steps):
        return set()  # what programs call of AWS is their own
    made = {name for name, count in after.items() if count > before.get(name, 0) and not name.endswith(":")}
    return made - {call.name for call in called_by(plan)} - OF_EVERY_RUN
