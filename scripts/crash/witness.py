"""The operator's judgement of an unknown outcome: looks at the endpoint's log, as one would at CloudTrail."""

import re
from pathlib import Path

from cockpit.engine.journal_reading import JOURNAL, read_journal
from cockpit.engine.records import Acked, Intent, Reconciled
from cockpit.sim.process import Simulator
from support.line_operator import Rule

_PATIENCE = 5  # troubles in one life; more is a run that does not get on
_UNKNOWN = re.compile(r"Nobody knows whether (\S+):(\S+) took effect")
NOT_SENT = "The call did not take effect. Sending it again needs a new confirmation."
OVERTAKEN = ("DeploymentIsNotInReadyStateException", "DeploymentAlreadyCompletedException")
"""AWS's words for a deployment that has come to its end by itself meanwhile: the step is skipped."""


class Witness:
    """Answers trouble prompts.

    Attributes:
        transcript: what the latest program showed.
        troubles: every trouble prompt, in one line each.
    """

    def __init__(self, simulator: Simulator, state_folder: Path) -> None:
        self._simulator = simulator
        self._state_folder = state_folder
        self.transcript: list[str] = []
        self.troubles: list[str] = []

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the rules for a `LineOperator`."""
        return ((r"\? Way", self._way),)

    def _way(self, recent: str) -> str:
        shown = " ".join(recent.rpartition("TROUBLE: ")[2].split())
        self.troubles.append(shown)
        if len(self.troubles) > _PATIENCE:
            raise AssertionError(f"trouble over trouble: {self.troubles}")
        unknown = _UNKNOWN.search(shown)
        if unknown is None and any(words in shown for words in OVERTAKEN):
            return "skip the deployment has come to its end by itself"
        if unknown is None:
            return "retry"
        if self._took_effect(*unknown.groups()):
            return "happened the log of the endpoint shows that it was carried out"
        return "not_happened the log of the endpoint does not show it"

    def _took_effect(self, service: str, operation: str) -> bool:
        """Tell whether the endpoint carried out more calls of the operation than the journal knows to have happened."""
        calls = self._simulator.get_json("/_cockpit/calls")["calls"]
        carried_out = sum(
            (call["service"], call["operation"]) == (service, operation) and 200 <= call["status"] < 300
            for call in calls
        )
        known = 0
        for journal in self._state_folder.rglob(JOURNAL):
            entries = [entry.record for entry in read_journal(journal).entries]
            ours = {
                (record.step, record.attempt, record.call)
                for record in entries
                if isinstance(record, Intent) and (record.service, record.operation) == (service, operation)
            }
            known += sum(
                (record.step, record.attempt, record.call) in ours
                and (isinstance(record, Acked) or record.verdict == "happened")
                for record in entries
                if isinstance(record, Acked | Reconciled)
            )
        return carried_out > known
