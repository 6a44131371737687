"""What a plan would do, step by step, without a run and without a single call: for ``--dry-run``. Pure."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from cockpit.engine.call_book import CallBook
from cockpit.engine.lenient import resolve_known
from cockpit.model.text import clean
from cockpit.plans.actions import ActionSpec
from cockpit.plans.actions.ask import AskSpec
from cockpit.plans.actions.aws import AwsSpec
from cockpit.plans.actions.checklist import ChecklistSpec
from cockpit.plans.actions.decide import DecideSpec
from cockpit.plans.actions.http import HttpSpec
from cockpit.plans.actions.shell import ShellSpec
from cockpit.plans.actions.wait import WaitSpec
from cockpit.plans.probe import Read
from cockpit.plans.schema import Step

# Actions that find out at run time which calls are needed.
_AT_RUN_TIME = {
    "restore_point": "reads the restorable window, deployments, alarms, logs and write counts; the operator chooses "
    "a second",
    "prove_halt": "reads metrics until nothing has been written for long enough",
    "carry_settings": "compares the restored table with its source and applies what is missing; each call is shown and "
    "confirmed before it is sent",
    "spot_check": "reads the known items from both tables; the operator judges each",
    "approve": "the operator types a phrase",
    "post_status": "the operator edits and posts the status text",
    "notify": "the operator tells somebody",
}


@dataclass(frozen=True, slots=True)
class OutlinedCall:
    """One call or program. `purpose` says what for, as a verb: ``does``, ``reads first``, ``proves it by``."""

    purpose: str
    command: str
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutlinedStep:
    """One step with everything it would call. `words` stands for what is known only at run time."""

    step: Step
    calls: tuple[OutlinedCall, ...]
    words: str = ""


class Outliner:
    """Outlines the steps of one plan over what is known before the run: inputs, scope, names."""

    def __init__(self, context: Mapping[str, JsonValue], region: str, book: CallBook) -> None:
        self._context = context
        self._region = region
        self._book = book

    def outline(self, step: Step) -> OutlinedStep:
        """Return what the step would do, with placeholders for values that are known only at run time."""
        calls = self._calls(step.action)
        if step.verify is not None:
            calls.append(self._read("proves it by", step.verify))
        return OutlinedStep(step, tuple(calls), _AT_RUN_TIME.get(step.action.kind, ""))

    def _calls(self, spec: ActionSpec) -> list[OutlinedCall]:
        found: list[OutlinedCall] = []
        if isinstance(spec, AwsSpec):
            found.append(self._call("does", spec.call, spec.params, spec.region))
            if spec.reconcile is not None:
                found.append(self._read("if the answer is lost, looks at", spec.reconcile))
        elif isinstance(spec, WaitSpec):
            found.append(self._read("repeats", spec))
        elif isinstance(spec, ChecklistSpec | DecideSpec):
            found += [self._read("reads first", read) for read in spec.reads.values()]
        elif isinstance(spec, AskSpec) and spec.discovered is not None:
            found.append(self._read("reads first", spec.discovered))
            if spec.discovered.detail is not None:
                found.append(self._read("reads of each", spec.discovered.detail))
        elif isinstance(spec, ShellSpec):
            words = resolve_known(list(spec.argv), self._context)
            argv = [clean(word) for word in words.value] if isinstance(words.value, list) else []
            found.append(OutlinedCall(f"runs on {spec.host}", shlex.join(argv), words.gaps))
        elif isinstance(spec, HttpSpec):
            at = f" at {spec.connect_to}" if spec.connect_to else ""
            url = resolve_known(spec.url + at, self._context)
            found.append(OutlinedCall("looks at", clean(url.value), url.gaps))
        return found

    def _read(self, purpose: str, read: Read) -> OutlinedCall:
        return self._call(purpose, read.read, read.params, read.region)

    def _call(self, purpose: str, name: str, params: dict[str, JsonValue], region: str | None) -> OutlinedCall:
        service, _, operation = name.partition(":")
        where = resolve_known(region or self._region, self._context)
        filled = resolve_known(dict(params), self._context)
        values = filled.value if isinstance(filled.value, dict) else {}
        command = self._book.command_line(service, operation, str(where.value), values)
        return OutlinedCall(purpose, clean(command, 20_000), (*where.gaps, *filled.gaps))
