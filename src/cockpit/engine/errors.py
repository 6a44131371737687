"""What can go wrong in the engine itself, as sentences for people.

EngineError
├── JournalError      the journal cannot be written, or its records make no sense
│   └── JournalLocked another process drives the run
└── StartRefused      a run is not started or resumed, and nothing was changed
"""


class EngineError(Exception):
    """Base of the engine's own errors."""


class JournalError(EngineError):
    """The journal cannot be written, or holds records in an impossible order."""


class JournalLocked(JournalError):
    """Another process drives this run."""


class StartRefused(EngineError):
    """The run was not started or resumed; `problems` says why, one sentence each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
