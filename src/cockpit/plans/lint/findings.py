"""What a rule gets and what it gives."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.plans.lint.ports import OperationCatalogue
from cockpit.plans.schema import Plan

FieldPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule found: the field, as written in the file, and what is wrong with it, in words."""

    path: FieldPath
    message: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked, and by which knowledge.

    Attributes:
        path: the plan's file.
        seeds: the source documents by key (``S0``): their lines without line ends. None: texts are not compared.
    """

    plan: Plan
    path: Path
    catalogue: OperationCatalogue
    seeds: Mapping[str, tuple[str, ...]] | None = field(default=None)


Rule = Callable[[Subject], Iterator[Finding]]
