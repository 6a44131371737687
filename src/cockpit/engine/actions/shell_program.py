"""The program of a shell step: its words filled, its host found, and what it wrote judged."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from cockpit.config.schema import Host
from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.prompts import PlannedCall
from cockpit.engine.shell_job import Job, JobView, Order
from cockpit.engine.shell_line import SshLine
from cockpit.engine.shell_local import LocalJob
from cockpit.engine.shell_remote import RemoteJob
from cockpit.model.effect import Effect, Outcome
from cockpit.model.text import clean, clean_block
from cockpit.plans.actions.shell import ShellSpec
from cockpit.plans.expressions import ExpressionError, evaluate, fill_text, resolve_condition, segments

LOCAL = "local"
_OUTPUT_LIMIT = 4000  # characters of output kept in the journal


class Unfit(Exception):
    """The program is not to be started as asked; the text says why."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is run, and where."""

    spec: ShellSpec
    host_name: str
    host: Host
    order: Order
    target: str

    @property
    def is_remote(self) -> bool:
        """Tell whether it runs on another machine."""
        return bool(self.host.destination)

    def call(self, context: StepContext) -> PlannedCall:
        """Return it as it is shown and journaled; the command is quoted for a POSIX shell."""
        argv, cwd = self.order.argv, self.order.cwd
        command = f"cd {shlex.quote(cwd)} && {shlex.join(argv)}"
        if self.order.stdin:
            command += f" <<< {shlex.quote(self.order.stdin.strip())}"
        if self.is_remote:
            command = f"ssh {self.host.destination} {shlex.quote(command)}"
        return PlannedCall(
            service="shell",
            operation=clean(Path(argv[0]).name, 60),
            region=context.scope.region,
            account=context.scope.account,
            params={"argv": list[JsonValue](argv), "cwd": cwd, "host": self.host_name, **self._input()},
            command=clean(command),
            target=clean(self.target) or (f"host {self.host_name}" if self.is_remote else "this machine"),
        )

    def _input(self) -> dict[str, JsonValue]:
        return {"stdin": self.order.stdin} if self.order.stdin else {}


def program_of(context: StepContext, spec: ShellSpec) -> Program:
    """Fill the step's words and find its host.

    Raises:
        Unfit: no such host, or a value would be taken for an option.
        ExpressionError: a value is missing or empty.
    """
    name, host = _host(context, spec)
    argv = tuple(str(context.resolve(word)) for word in spec.argv)
    if (option := _hidden_option(spec, argv)) is not None:
        raise Unfit(f"A value begins with a dash and would be taken for an option: {clean(option, 200)!r}.")
    if "=" in argv[0] or any("\0" in word for word in argv):
        raise Unfit(f"{clean(argv[0], 200)!r} cannot be a program's name, or a word holds a zero byte.")
    order = Order(
        argv,
        str(context.resolve(spec.cwd)),
        {**host.env, **_environment(context, spec)},
        spec.timeout.total_seconds(),
        spec.stdin,
    )
    return Program(spec, name, host, order, str(context.resolve(spec.target)) if spec.target else "")


def job_of(context: StepContext, spec: ShellSpec, attempt: int) -> Job:
    """Return the job of an attempt of the step.

    Raises:
        Unfit: no such host.
    """
    name, host = _host(context, spec)
    if not host.destination:
        return LocalJob(context.folder / f"shell-{attempt}")
    name_there = f"{context.state().run_id}-{context.step.id}-{attempt}"
    return RemoteJob(SshLine(name, host), name_there, keep=context.step.effect is not Effect.READ)


def judge(context: StepContext, program: Program, view: JobView) -> Result:
    """Say whether a program that has ended did what the plan expects of it, and keep what the plan wants kept."""
    spec, captured = program.spec, dict[str, JsonValue]({"exit": view.exit})
    if spec.capture_output:
        captured["output"] = clean_block(view.output, _OUTPUT_LIMIT)
    if problem := _wrong_end(spec, view):
        return Result(Outcome.FAILED, captured, problem)
    try:
        names = context.names({"answer": _answer(spec, view.output)})
        if spec.expect is not None and not resolve_condition(spec.expect, names):
            hint = fill_text(spec.otherwise, names).text
            return Result(Outcome.FAILED, captured, clean(f"not true: {spec.expect}. {hint}".strip(), 600))
        captured |= {key: evaluate(source, names) for key, source in spec.capture.items()}
    except ExpressionError as error:
        return Result(Outcome.FAILED, captured, clean(error, 300))
    except ValueError:
        return Result(Outcome.FAILED, captured, f"its output is not JSON{_ending(spec, view.output)}")
    return Result(captured=captured)


def _wrong_end(spec: ShellSpec, view: JobView) -> str:
    """Return what is not as wanted of its end and its words; empty if all is well."""
    if view.error:
        return clean(view.error)
    if view.exit not in spec.expect_exit:
        said = "(not shown)" if spec.private else clean(view.complaint[-400:] or view.output[-400:])
        return f"exit status {view.exit}: {said}"
    if spec.expect_output is not None and not re.search(spec.expect_output, view.output):
        return f"the output does not contain {clean(spec.expect_output, 100)}{_ending(spec, view.output)}"
    return ""


def _ending(spec: ShellSpec, output: str) -> str:
    return "" if spec.private else f"; it ends {clean(output[-200:])!r}"


def _answer(spec: ShellSpec, output: str) -> JsonValue:
    if spec.answer == "json":
        return _json(output)
    if spec.answer == "lines":
        return [line.strip() for line in output.splitlines() if line.strip()]
    return output.strip()


def _json(output: str) -> JsonValue:
    """Return the JSON of an output; tools may say something before it, as pm2 does when it starts its daemon."""
    found: JsonValue
    try:
        found = json.loads(output)
    except ValueError:
        found = json.loads(output.strip().rpartition("\n")[2])
    return found


def _host(context: StepContext, spec: ShellSpec) -> tuple[str, Host]:
    name = str(context.resolve(spec.host))
    host = context.hosts.get(name, Host() if name == LOCAL else None)
    if host is None:
        known = ", ".join([LOCAL, *context.hosts])
        place = f"[environments.{context.scope.environment}.hosts.{clean(name, 60)}]"
        raise Unfit(f"There is no host {clean(name, 60)} (known: {known}): add {place} to cockpit.toml.")
    return name, host


def _environment(context: StepContext, spec: ShellSpec) -> dict[str, str]:
    """Return the variables the plan gives, filled.

    Raises:
        Unfit: an expression that should give a map gives something else, or no name for a variable.
    """
    wanted = context.resolve(spec.env if isinstance(spec.env, str) else dict[str, JsonValue](spec.env))
    if not isinstance(wanted, dict) or not all(re.fullmatch(r"[A-Za-z_]\w*", name) for name in wanted):
        raise Unfit(f"env gives no map of environment variables: {clean(wanted, 100)!r}.")
    return {name: str(value) for name, value in wanted.items()}


def _hidden_option(spec: ShellSpec, argv: tuple[str, ...]) -> str | None:
    """Return a word that begins with a dash although the plan's author wrote none there: a value, not an option."""
    for template, word in zip(spec.argv, argv, strict=True):
        if word.startswith("-") and segments(template)[0].is_expression:
            return word
    return None
