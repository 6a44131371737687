"""The closed union of action specs. A new action is one file here, one line below, and one file in engine/actions."""

from typing import Annotated, Any

from pydantic import Field

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
from cockpit.plans.actions.restore_point import RestorePointSpec
from cockpit.plans.actions.shell import ShellSpec
from cockpit.plans.actions.spot_check import SpotCheckSpec
from cockpit.plans.actions.wait import WaitSpec

ActionSpec = Annotated[
    AwsSpec
    | WaitSpec
    | HttpSpec
    | ShellSpec
    | ChecklistSpec
    | AskSpec
    | DecideSpec
    | ApproveSpec
    | PostStatusSpec
    | NotifySpec
    | RestorePointSpec
    | ProveHaltSpec
    | CarrySettingsSpec
    | SpotCheckSpec,
    Field(discriminator="kind"),
]

ACTION_KEYS = (
    "aws",
    "wait",
    "http",
    "shell",
    "checklist",
    "ask",
    "decide",
    "approve",
    "post_status",
    "notify",
    "restore_point",
    "prove_halt",
    "carry_settings",
    "spot_check",
)


def move_action_key(data: Any) -> Any:
    """Turn ``{"id": …, "aws": {…}}`` into ``{"id": …, "action": {"kind": "aws", …}}`` before validation.

    Raises:
        ValueError: more than one action key.
    """
    if not isinstance(data, dict):
        return data
    found = [key for key in ACTION_KEYS if key in data]
    if len(found) > 1:
        message = f"one action only, not {' and '.join(found)}"
        raise ValueError(message)
    if not found or not isinstance(data[found[0]], dict):
        return data
    rest = {key: value for key, value in data.items() if key != found[0]}
    return {**rest, "action": {"kind": found[0], **data[found[0]]}}
