"""Which action carries out which kind of step. A new kind is one line here."""

from typing import Any

from cockpit.engine.actions.approve import ApproveAction
from cockpit.engine.actions.ask import AskAction
from cockpit.engine.actions.aws import AwsAction
from cockpit.engine.actions.base import Action
from cockpit.engine.actions.carry_settings import CarrySettingsAction
from cockpit.engine.actions.checklist import ChecklistAction
from cockpit.engine.actions.decide import DecideAction
from cockpit.engine.actions.http import HttpAction
from cockpit.engine.actions.notify import NotifyAction
from cockpit.engine.actions.post_status import PostStatusAction
from cockpit.engine.actions.prove_halt import ProveHaltAction
from cockpit.engine.actions.restore_point import RestorePointAction
from cockpit.engine.actions.shell import ShellAction
from cockpit.engine.actions.spot_check import SpotCheckAction
from cockpit.engine.actions.wait import WaitAction

ACTIONS: dict[str, Action[Any]] = {
    "aws": AwsAction(),
    "wait": WaitAction(),
    "http": HttpAction(),
    "shell": ShellAction(),
    "checklist": ChecklistAction(),
    "ask": AskAction(),
    "decide": DecideAction(),
    "approve": ApproveAction(),
    "post_status": PostStatusAction(),
    "notify": NotifyAction(),
    "restore_point": RestorePointAction(),
    "prove_halt": ProveHaltAction(),
    "carry_settings": CarrySettingsAction(),
    "spot_check": SpotCheckAction(),
}
