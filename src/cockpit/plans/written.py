"""Plan files as people write them: steps, included procedures and branches. `composing` makes a `Plan` of them."""

from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, JsonValue, StringConstraints, Tag, model_validator

from cockpit.plans.base import Expression, Name, PlanModel, SourceRef, Template
from cockpit.plans.schema import Cost, Deviation, Halt, PlanHead, PlanInput, Preflight, StatusText, Step

PieceName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
"""The name of a piece: its file's, without the ending."""

IncludedName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)?$")]
"""A piece by its name, or another plan by its id."""


NamePattern = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\*?$", max_length=60)]
"""A step's id, or the beginning of several with ``*`` after it: ``closing_*``."""


class Adapted(PlanModel):
    """What an including procedure changes of one included step. Sources and halts are added; all conditions count."""

    title: str | None = None
    why: str | None = None
    documented: timedelta | None = None
    cost: Cost | None = None
    skippable: bool | None = None
    source: tuple[SourceRef, ...] = ()
    when: Expression | None = None
    halts: tuple[Halt, ...] = ()
    point_of_no_return: bool | None = None
    stops_writes: bool | None = None
    reopens_writes: bool | None = None


class Include(PlanModel):
    """Another procedure's steps at this place, with their own preflight, texts, locks and deviations.

    Attributes:
        include: what is included.
        id: goes before the ids of its steps: its ``stop`` becomes ``<id>_stop``; likewise preflights, phases, halts.
        title: heading on screen; None: the included procedure's title.
        when: condition of each of its steps, beside the step's own.
        source: lines that each of its steps carries out here.
        given: values of its inputs: JSON with templates that see what the including procedure sees. Written ``with``.
        without: ids of its steps that are left out; one that ends in ``*`` stands for all that begin so.
        adapt: changes by the ids of its steps.
        restored_by: for values it halts and does not put back itself: the including procedure's step that does.
    """

    include: IncludedName
    id: Name
    title: str | None = None
    when: Expression | None = None
    source: tuple[SourceRef, ...] = ()
    given: dict[Name, JsonValue] = Field(default_factory=dict, alias="with")
    without: tuple[NamePattern, ...] = ()
    adapt: dict[Name, Adapted] = Field(default_factory=dict)
    restored_by: dict[Name, Name] = Field(default_factory=dict)


def _sequential(element: Any) -> str:
    is_include = isinstance(element, Include) or (isinstance(element, dict) and "include" in element)
    return Include.__name__ if is_include else Step.__name__


def _any(element: Any) -> str:
    is_parallel = isinstance(element, Parallel) or (isinstance(element, dict) and "parallel" in element)
    return Parallel.__name__ if is_parallel else _sequential(element)


Sequential = Annotated[Annotated[Step, Tag("Step")] | Annotated[Include, Tag("Include")], Discriminator(_sequential)]
"""One entry of a list of steps that are done in order."""


class WrittenBranch(PlanModel):
    """One of several branches that run side by side; the fields are those of `schema.Branch`."""

    id: Name
    title: str
    after: tuple[Name, ...] = ()
    budget: timedelta | None = None
    source: tuple[SourceRef, ...] = ()
    steps: tuple[Sequential, ...] = Field(min_length=1)


class Parallel(PlanModel):
    """Branches that run side by side. What follows waits for all of them."""

    parallel: Name
    branches: tuple[WrittenBranch, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _after_what_stands_before(self) -> Self:
        seen: set[str] = set()
        for branch in self.branches:
            for name in branch.after:
                if name not in seen:
                    raise ValueError(f"branch {branch.id} comes after {name}, which is no branch written before it")
            if branch.id in seen:
                raise ValueError(f"two branches are called {branch.id}")
            seen.add(branch.id)
        return self


Element = Annotated[
    Annotated[Step, Tag("Step")] | Annotated[Include, Tag("Include")] | Annotated[Parallel, Tag("Parallel")],
    Discriminator(_any),
]
"""One entry of a plan's list of steps."""


class Piece(PlanModel):
    """A part that several procedures have in common, written once: ``plans/pieces/<name>.yaml``."""

    piece: PieceName
    title: str
    inputs: dict[Name, PlanInput] = Field(default_factory=dict)
    targets: tuple[str, ...] = ()
    locks: tuple[Template, ...] = ()
    preflight: tuple[Preflight, ...] = ()
    texts: tuple[StatusText, ...] = ()
    steps: tuple[Sequential, ...] = ()
    may_stay_halted: tuple[str, ...] = ()
    deviations: tuple[Deviation, ...] = ()


class PlanFile(PlanHead):
    """A plan as written."""

    steps: tuple[Element, ...] = Field(min_length=1)
