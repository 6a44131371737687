"""Where one acts: environment, account, region, role."""

from dataclasses import dataclass
from enum import StrEnum


class EnvironmentKind(StrEnum):
    """How much an environment matters. Shown as a word and a glyph everywhere, never by colour alone."""

    PRODUCTION = "production"
    STAGING = "staging"
    DRILL = "drill"
    DEMO = "demo"

    @property
    def is_rehearsal(self) -> bool:
        """Tell whether runs here are kept apart from real ones."""
        return self in (EnvironmentKind.DRILL, EnvironmentKind.DEMO)


@dataclass(frozen=True, slots=True)
class Scope:
    """The place a run acts on, as STS confirmed it.

    Attributes:
        environment: the name from the configuration, for example ``prod``.
        kind: how much it matters.
        account: 12-digit AWS account id that STS reported.
        region: AWS region of the run.
        role: ARN of the caller that STS reported.
    """

    environment: str
    kind: EnvironmentKind
    account: str
    region: str
    role: str
