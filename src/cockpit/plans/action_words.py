"""What each kind of action does, as lines of text for 80 columns. A new kind is one function here. Pure."""

import json
from collections.abc import Iterator, Mapping
from functools import singledispatch

from pydantic import JsonValue

from cockpit.model.text import duration
from cockpit.plans.actions.approve import ApproveSpec
from cockpit.plans.actions.ask import AskSpec
from cockpit.plans.actions.aws import AwsSpec
from cockpit.plans.actions.carry_settings import CarrySettingsSpec
from cockpit.plans.actions.checklist import ChecklistSpec
from cockpit.plans.actions.decide import DecideSpec
from cockpit.plans.actions.http import HttpSpec
from cockpit.plans.actions.notify import NotifySpec
from cockpit.plans.actions.post_status import PostStatusSpec
from cockpit.plans.actions.prove_halt import ProveHaltSpec
from cockpit.plans.actions.restorable import OfRestorable
from cockpit.plans.actions.restore_point import RestorePointSpec
from cockpit.plans.actions.shell import ShellSpec
from cockpit.plans.actions.spot_check import SpotCheckSpec
from cockpit.plans.actions.wait import WaitSpec
from cockpit.plans.base import PlanModel
from cockpit.plans.listing import wrapped
from cockpit.plans.probe import Probe, Read

_INDENT = "    "


@singledispatch
def action_lines(spec: PlanModel) -> Iterator[str]:
    """Yield what an action does.

    Raises:
        TypeError: there are no words for that kind of action.
    """
    raise TypeError(type(spec).__name__)


@action_lines.register
def _aws(spec: AwsSpec) -> Iterator[str]:
    yield f"{_INDENT}calls {spec.call}"
    yield from _params(spec.params, indent=6)


@action_lines.register
def _wait(spec: WaitSpec) -> Iterator[str]:
    yield f"{_INDENT}waits"
    yield from probe_lines(spec, indent=6)


@action_lines.register
def _decide(spec: DecideSpec) -> Iterator[str]:
    yield from _said(f"asks: {spec.question}")
    for option in spec.options:
        end = " ENDS THE RUN." if option.stops else ""
        yield from wrapped(f"{option.label}.{end} {option.consequence}", indent=8, first="      - ")


@action_lines.register
def _ask(spec: AskSpec) -> Iterator[str]:
    yield from _said(f"asks: {spec.question}")
    for choice in spec.choices:
        yield from wrapped(choice, indent=8, first="      - ")
    if spec.among:
        yield from wrapped(f"choices from {spec.among.items}", indent=6, first=_INDENT)
    if spec.discovered:
        yield f"{_INDENT}choices from"
        yield from read_lines(spec.discovered, indent=6)


@action_lines.register
def _checklist(spec: ChecklistSpec) -> Iterator[str]:
    for item in spec.items:
        yield from wrapped(item.text, indent=8, first="    [ ] ")


@action_lines.register
def _post_status(spec: PostStatusSpec) -> Iterator[str]:
    yield f"{_INDENT}asks to post the status text of phase {spec.phase}"


@action_lines.register
def _approve(spec: ApproveSpec) -> Iterator[str]:
    second = " and the name of a second person" if spec.second_person else ""
    yield from _said(f"asks to type {spec.phrase}{second}: {spec.statement}")


@action_lines.register
def _notify(spec: NotifySpec) -> Iterator[str]:
    yield from _said(f"asks to tell {spec.to}: {spec.text}")


@action_lines.register
def _restore_point(spec: RestorePointSpec) -> Iterator[str]:
    yield from _said(f"asks for a second of {_name(spec)}, on a timeline of deployments, alarms, log and configuration")


@action_lines.register
def _prove_halt(spec: ProveHaltSpec) -> Iterator[str]:
    yield from _said(f"waits until nothing has been written to {_name(spec)} for {duration(spec.quiet)}")


def _name(spec: OfRestorable) -> str:
    return f"table {spec.table}" if spec.table else f"cluster {spec.cluster}"


@action_lines.register
def _carry_settings(spec: CarrySettingsSpec) -> Iterator[str]:
    declared = f" (as declared: {spec.declared})" if spec.declared else ""
    had = f"what {spec.source_table} has{declared} and a restore drops"
    yield from _said(f"gives {spec.restored_table} {had}; shows each call")


@action_lines.register
def _spot_check(spec: SpotCheckSpec) -> Iterator[str]:
    if spec.source_table is None:
        yield from _said(f"shows the items {plain(spec.keys)} of {spec.restored_table}")
        return
    yield from _said(
        f"shows the items {plain(spec.keys)} of {spec.source_table} and {spec.restored_table} side by side"
    )


@action_lines.register
def _shell(spec: ShellSpec) -> Iterator[str]:
    yield from _said(f"runs on {spec.host} in {spec.cwd}: {json.dumps(list(spec.argv))}")


@action_lines.register
def _http(spec: HttpSpec) -> Iterator[str]:
    at = f" at {spec.connect_to}" if spec.connect_to else ""
    yield from _said(f"GET {spec.url}{at}, expects {spec.expect_status}")


def read_lines(read: Read, indent: int) -> Iterator[str]:
    """Yield a read with its parameters."""
    where = f" in {read.region} (no answer is an answer)" if read.unreachable else ""
    yield f"{' ' * indent}reads {read.read}{' (all pages)' if read.pages else ''}{where}"
    yield from _params(read.params, indent + 2)


def probe_lines(probe: Probe, indent: int) -> Iterator[str]:
    """Yield a probe: what is read, and what is waited for."""
    yield from read_lines(probe, indent)
    yield from wrapped(f"until {probe.until}", indent=indent + 2, first=" " * indent)
    if probe.fail_when:
        yield from wrapped(f"fails when {probe.fail_when}", indent=indent + 2, first=" " * indent)
    hold = f", for {duration(probe.hold)} without a break" if probe.hold else ""
    yield f"{' ' * indent}looks every {duration(probe.every)}, for at most {duration(probe.timeout)}{hold}"


def plain(value: object) -> str:
    """Return a value as it stands in the plan: text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _params(params: Mapping[str, JsonValue], indent: int) -> Iterator[str]:
    for name, value in params.items():
        yield from wrapped(f"{name}: {plain(value)}", indent=indent + 2, first=" " * indent)


def _said(words: str) -> Iterator[str]:
    yield from wrapped(words, indent=6, first=_INDENT)
