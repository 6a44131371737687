"""An operator who runs a plan against the simulator: takes what is recommended, else the first that is possible."""

import queue
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from cockpit.aws.gateway import Gateway
from cockpit.config.paths import data_folder
from cockpit.config.schema import Environment
from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.driver import start_run
from cockpit.engine.state import RunState
from cockpit.plans.catalogue import load_plan
from cockpit.sim.process import Simulator

PATIENCE = 60.0  # real seconds in which something must happen


def syncwell() -> Environment:
    """Return the environment that SyncWell's scenarios are written for."""
    part = data_folder("scenarios") / "parts" / "syncwell-service.yaml"
    return Environment.model_validate(YAML(typ="safe").load(part.read_text())["environment"])


class Operator:
    """Answers prompts until the run ends or something is in trouble. `answers` are by step, instead of the habit."""

    def __init__(self, simulator: Simulator, plan: str, folder: Path, answers: dict[str, Any] | None = None) -> None:
        self.answers = answers or {}
        self.environment = syncwell()
        self.troubles: list[str] = []
        self._news: queue.Queue[RunState] = queue.Queue()
        self.run = start_run(
            plan=load_plan(data_folder("plans") / f"{plan}.yaml"),
            environment_name="drill",
            environment=self.environment,
            region="us-east-1",
            operator="olga",
            inputs={},
            mode="live",
            typed_environment="drill",
            clock=simulator.clock,
            make_port=lambda: Gateway(None, simulator.clock, account=self.environment.account),
            runs_folder=folder / "runs",
        )
        self.run.subscribe(lambda _entry, state: self._news.put(state))

    def finish(self) -> RunState:
        """Answer everything; returns the last state. Trouble ends the run: it is what a test wants to see."""
        state = self.run.state()
        answered: tuple[str, int, int] | None = None
        while not state.ended:
            if state.prompt is not None:
                step = state.steps[state.now_step]
                place = (step.step, step.attempt, sum(1 for e in self.run.entries() if e.record.kind == "prompted"))
                if place != answered:
                    answered = place
                    self.run.send(self._answer(step.step, step.attempt, state.prompt))
            state = self._news.get(timeout=PATIENCE)
        self.run.wait(PATIENCE)
        return self.run.state()

    def _answer(self, step: str, attempt: int, prompt: p.Prompt) -> c.Command:  # noqa: PLR0911 - one for each kind
        given = self.answers.get(step)
        if isinstance(prompt, p.ConfirmPrompt):
            return c.Confirm(step, attempt, typed=prompt.type_this)
        if isinstance(prompt, p.ChoicePrompt):
            possible = [choice for choice in prompt.choices if not choice.refused and not choice.stops]
            habit = prompt.choices[prompt.recommended] if prompt.recommended is not None else possible[0]
            return c.Answer(step, attempt, value=habit.value if given is None else given, reason="test")
        if isinstance(prompt, p.ChecklistPrompt):
            return c.TickOff(step, attempt, items={item.id: True for item in prompt.items})
        if isinstance(prompt, p.ApprovePrompt):
            return c.Approve(step, attempt, typed=prompt.phrase, second_person="otto")
        if isinstance(prompt, p.RestorePointPrompt):
            assert prompt.proposal is not None, prompt.gaps
            return c.ChooseRestorePoint(step, attempt, moment=prompt.proposal)
        if isinstance(prompt, p.StatusPrompt):
            return c.PostStatus(step, attempt, text=prompt.text, posted=True, where="status page")
        if isinstance(prompt, p.TroublePrompt):
            self.troubles.append(f"{step}: {prompt.message} {prompt.remedy} {prompt.evidence}")
            return c.SolveTrouble(step, attempt, way="abort", reason="test")
        return c.Answer(step, attempt, value="told by phone")
