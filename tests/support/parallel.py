"""Small plans with parallel branches over ECS services, the scripted world they act on, and an operator."""

import asyncio
from typing import Any

from hypothesis import strategies as st

from cockpit.aws.port import AwsAnswer, Permit
from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.driven_run import DrivenRun
from cockpit.engine.state import RunState
from cockpit.plans.schema import Plan
from support.engine_rig import Rig, ScriptedPort, make_plan, until

PATIENCE = 20.0


class ServicePort(ScriptedPort):
    """ECS services by name, all at 0 tasks wanted. Services in `starting` never run; calls for those `held` hang."""

    def __init__(self) -> None:
        super().__init__()
        self.desired: dict[str, int] = {}
        self.starting: set[str] = set()
        self.held: set[str] = set()
        self.sent: list[tuple[str, int]] = []
        self.reads["ecs:DescribeServices"] = self._described

    def _described(self, params: dict[str, Any]) -> dict[str, Any]:
        name = params["services"][0]
        desired = self.desired.get(name, 0)
        return {"services": [{"desiredCount": desired, "runningCount": 0 if name in self.starting else desired}]}

    async def mutate(self, permit: Permit, params: Any) -> AwsAnswer:
        """Scale a service."""
        name = params["service"]
        while name in self.held:  # noqa: ASYNC110 - the test, in another thread, ends it
            await asyncio.sleep(0.002)
        self.sent.append((name, params["desiredCount"]))
        self.desired[name] = params["desiredCount"]
        return await super().mutate(permit, params)


def scale(step: str, *, branch: str | None = None, to: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a step that scales the service of its own name, and knows its way back."""
    return {
        "id": step,
        "branch": branch,
        "effect": "mutate",
        "aws": _scaled(step, to),
        "undo": {"words": "Scale it down", "aws": _scaled(step, 0)},
        **changes,
    }


def _scaled(service: str, to: int) -> dict[str, Any]:
    return {
        "call": "ecs:UpdateService",
        "params": {"cluster": "shop", "service": service, "desiredCount": to},
        "reconcile": {
            "how": "declared",
            "read": "ecs:DescribeServices",
            "params": {"cluster": "shop", "services": [service]},
            "done_when": f"answer.services[0].desiredCount == `{to}`",
            "unchanged_when": "answer.services[0].desiredCount == before.desired",
            "capture": {"desired": "answer.services[0].desiredCount"},
        },
    }


def wait_for(step: str, service: str, *, branch: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return a step that waits until a service runs, for a thousand hours if need be."""
    probe = {
        "read": "ecs:DescribeServices",
        "params": {"cluster": "shop", "services": [service]},
        "until": "answer.services[0].runningCount > `0`",
        "timeout": "PT1000H",
    }
    return {"id": step, "branch": branch, "wait": probe, **changes}


def look(step: str, *, branch: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return a step that the operator ticks off."""
    return {"id": step, "branch": branch, "checklist": {"items": [{"id": "seen", "text": "Seen?"}]}, **changes}


def branch(name: str, *after: str, budget: str | None = None) -> dict[str, Any]:
    """Return a branch of the group ``rebuild``."""
    return {"id": name, "title": name.capitalize(), "group": "rebuild", "after": after, "budget": budget}


def two_branches(*, budget: str | None = None, **of_login: Any) -> Plan:
    """Return a plan of a step, two branches, a third after the first of them, and the join."""
    return make_plan(
        look("before"),
        scale("database", branch="data"),
        wait_for("ready", "database", branch="data"),
        scale("login", branch="identity", **of_login),
        look("tried", branch="identity"),
        scale("shop", branch="front"),
        look("after"),
        branches=[branch("data", budget=budget), branch("identity"), branch("front", "data")],
    )


@st.composite
def graphs(draw: st.DrawFn) -> Plan:
    """Return a plan of two to five branches of one to three steps; each comes after some of those written before it."""
    names = [f"b{number}" for number in range(draw(st.integers(2, 5)))]
    befores = [draw(st.sets(st.sampled_from(names[:n]))) if n else set() for n in range(len(names))]
    sizes = [draw(st.integers(1, 3)) for _ in names]
    steps = [scale(f"{name}_s{n}", branch=name) for name, size in zip(names, sizes, strict=True) for n in range(size)]
    return make_plan(
        look("first"),
        *steps,
        look("join"),
        branches=[branch(name, *sorted(before)) for name, before in zip(names, befores, strict=True)],
    )


def service_rig(folder: Any) -> Rig:
    """Return a rig whose AWS has services."""
    rig = Rig(folder)
    port = ServicePort()
    port.reads = {**rig.port.reads, **port.reads}
    rig.port = port
    return rig


def asks(run: DrivenRun, step: str) -> p.Prompt:
    """Wait until that step asks, and return its prompt."""

    def found() -> p.Prompt | None:
        state = run.state()
        return state.prompt if state.now_step == step else None

    prompt: p.Prompt = until(found)
    return prompt


def say_yes(run: DrivenRun, step: str) -> None:
    """Wait until that step asks, and answer as wished."""
    answer_plainly(run, run.state().steps[step].attempt if asks(run, step) else 0)


def answer_plainly(run: DrivenRun, attempt: int) -> None:
    """Answer the open prompt: confirm, tick off, choose the first, try again what surely did not happen."""
    state = run.state()
    step, prompt = state.now_step, state.prompt
    if isinstance(prompt, p.ConfirmPrompt):
        run.send(c.Confirm(step, attempt, typed=prompt.type_this))
    elif isinstance(prompt, p.ChecklistPrompt):
        run.send(c.TickOff(step, attempt, items={item.id: True for item in prompt.items}))
    elif isinstance(prompt, p.ChoicePrompt):
        run.send(c.Answer(step, attempt, value=prompt.choices[0].value))
    elif isinstance(prompt, p.TroublePrompt) and "retry" in prompt.ways:
        run.send(c.SolveTrouble(step, attempt, way="retry"))
    else:
        raise AssertionError(f"{step} asks {prompt}")


def to_the_end(run: DrivenRun) -> RunState:
    """Answer whatever is asked, until the run has ended."""
    answered = -1

    def goes_on() -> bool:
        nonlocal answered
        prompted = [entry for entry in run.entries() if entry.record.kind == "prompted"]
        state = run.state()
        if state.prompt is not None and prompted and prompted[-1].seq > answered:
            answered = prompted[-1].seq
            answer_plainly(run, state.steps[state.now_step].attempt)
        return bool(state.ended)

    until(goes_on, PATIENCE)
    assert run.wait(10)
    return run.state()
