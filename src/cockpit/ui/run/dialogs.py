"""The dialog for each kind of prompt. A new kind of prompt is one module and one line here."""

from collections.abc import Callable
from typing import Any

from cockpit.ui.run.desk import Asked, Desk
from cockpit.ui.run.prompts.approve import ApproveDialog
from cockpit.ui.run.prompts.base import PromptDialog
from cockpit.ui.run.prompts.checklist import ChecklistDialog
from cockpit.ui.run.prompts.choice import ChoiceDialog
from cockpit.ui.run.prompts.confirm import ConfirmDialog
from cockpit.ui.run.prompts.notify import NotifyDialog
from cockpit.ui.run.prompts.status import StatusDialog
from cockpit.ui.run.prompts.text_value import TextDialog
from cockpit.ui.run.prompts.trouble import TroubleDialog
from cockpit.ui.run.restore_point import RestorePointDialog

# The prompt's type is Any because each dialog takes the class it is filed under.
DIALOGS: dict[str, Callable[[Desk, Asked, Any], PromptDialog]] = {
    "confirm": ConfirmDialog,
    "choice": ChoiceDialog,
    "text": TextDialog,
    "checklist": ChecklistDialog,
    "approve": ApproveDialog,
    "restore_point": RestorePointDialog,
    "status": StatusDialog,
    "notify": NotifyDialog,
    "trouble": TroubleDialog,
}


def dialog_for(desk: Desk, asked: Asked) -> PromptDialog:
    """Return the dialog that asks this question."""
    return DIALOGS[asked.prompt.kind](desk, asked, asked.prompt)
