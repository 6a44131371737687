"""Procedures that must not exist as a plan: the loader refuses them and says why (RQ-08, S1:107-121)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class RefusedProcedure:
    """A procedure that the source forbids.

    Attributes:
        why: the source's reason, quoted.
        answer: what support says to a user who asks for it.
        needs: what the source demands of a future tool that may do it.
    """

    id: str
    title: str
    source: str
    why: str
    answer: str
    needs: tuple[str, ...]
    patterns: tuple[str, ...]

    @property
    def refusal(self) -> str:
        """Return the sentence the loader gives."""
        return f'"{self.title}" must not be run from a plan ({self.source}): {self.why}'

    def is_meant_by(self, words: str) -> bool:
        """Tell whether words name this procedure or its purpose."""
        plain = re.sub(r"[\s_/-]+", " ", words.casefold())
        return any(re.search(pattern, plain) for pattern in self.patterns)


MANUAL_ACCOUNT_RECOVERY = RefusedProcedure(
    id="syncwell/manual-account-recovery",
    title="Manual account recovery",
    source="S1:107-121",
    why=(
        "migrating user data from one identity to another by hand is exceptionally high-risk, a prime vector for "
        "catastrophic human error, social engineering attacks and permanent data loss. It needs a dedicated, audited "
        "tool, not a procedure run by an engineer."
    ),
    answer=(
        "Account recovery is not supported. A user who permanently loses access to the sign-in provider loses access "
        "to the SyncWell data. This is a deliberate product decision (S1:111)."
    ),
    needs=(
        "the executing engineer re-authenticates with MFA (S1:116)",
        "a second authorized engineer approves, also with MFA (S1:117)",
        "the old data is only marked for deletion, for example for 30 days (S1:118)",
        "every step is logged to an immutable audit trail (S1:119)",
    ),
    patterns=(
        r"\baccount recover",
        r"\brecover(y|ing|s)?( of)?( (a|the|an|user|user s|users|lost|locked))* accounts?\b",
        r"\b(account|identity) (migration|merge|transfer|takeover|relink)",
        r"\b(migrat|mov|transfer|reassign)\w*( \w+){0,4} (from one|between|to another|to a new) (identit|account)",
    ),
)

REFUSED = (MANUAL_ACCOUNT_RECOVERY,)


def refusal_of(data: JsonValue) -> RefusedProcedure | None:
    """Return the forbidden procedure that raw plan data stands for by id, titles, trigger or steps; None if none."""
    for words in _purposes(data):
        for refused in REFUSED:
            if refused.is_meant_by(words):
                return refused
    return None


def _purposes(data: JsonValue) -> Iterator[str]:
    """Yield what a plan says it is for. Other texts may well mention what must not be done."""
    if not isinstance(data, dict):
        return
    trigger = data.get("trigger")
    yield from (str(data.get(key, "")) for key in ("id", "title", "expected_behaviour"))
    if isinstance(trigger, dict):
        yield str(trigger.get("words", ""))
    steps = data.get("steps")
    for step in steps if isinstance(steps, list) else []:
        if isinstance(step, dict):
            yield from (str(step.get(key, "")) for key in ("id", "title"))
