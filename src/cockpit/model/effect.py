"""What a step may do to the world, and how a step ended."""

from enum import StrEnum


class Effect(StrEnum):
    """What carrying out a step does to the world."""

    READ = "read"
    MUTATE = "mutate"  # changes something, and can be undone
    DESTRUCTIVE = "destructive"  # cannot be undone: the resource's name has to be typed


class Outcome(StrEnum):
    """How a step ended. `UNKNOWN` is never turned into another outcome without evidence."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
