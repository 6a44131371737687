"""Chains: what one run is killed at, one time after the other, each time taken up again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cockpit.engine.records import Entry, Intent
from crash.boundaries import Boundary

Effect = Literal["before", "after"]

ELSEWHERE = ("shell", "http")
"""Services of intents whose calls do not go to the endpoint of AWS: they cannot be held there."""

RELAPSES = 4
"""Deaths of a resumed program in a row, after its first, second … record: taken over, armed, unknown, found out."""


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """The `nth` mutation by one operation that a run sends."""

    service: str
    operation: str
    nth: int

    @property
    def name(self) -> str:
        """Return it in words."""
        return f"{self.service}:{self.operation} {self.nth}"


@dataclass(frozen=True, slots=True)
class AtRecords:
    """Killed the moment each of some boundaries is on disk."""

    name: str
    targets: tuple[Boundary, ...]


@dataclass(frozen=True, slots=True)
class InCalls:
    """Killed while each of some calls has arrived at the endpoint and is not answered.

    Attributes:
        effect: ``after``: it took effect and the answer is lost; ``before``: it never takes effect.
        relapses: how often the program that takes the run up is killed again while it finds out what became of it.
    """

    name: str
    targets: tuple[Call, ...]
    effect: Effect
    relapses: int = 0


@dataclass(frozen=True, slots=True)
class ByChance:
    """Killed so many times, each after a number of records drawn by lot: nothing need be known of the run before."""

    name: str
    seed: int
    deaths: int
    targets: tuple[()] = ()


Chain = AtRecords | InCalls | ByChance


def calls_of(entries: Sequence[Entry], since: str = "") -> list[Call]:
    """Return every mutation that a run sent to the endpoint, in order; with `since` from that kind of record on."""
    found: list[Call] = []
    counted: Counter[tuple[str, str]] = Counter()
    begun = not since
    for entry in entries:
        begun = begun or entry.record.kind == since
        if isinstance(entry.record, Intent) and entry.record.service not in ELSEWHERE:
            operation = (entry.record.service, entry.record.operation)
            counted[operation] += 1
            if begun:
                found.append(Call(*operation, counted[operation]))
    return found


def strides(boundaries: Sequence[Boundary], stride: int) -> list[Chain]:
    """Return chains that cover every boundary once, each killing at every `stride`-th: a run gets on between kills."""
    return [
        AtRecords(f"records, {first + 1} of {stride}", tuple(boundaries[first::stride]))
        for first in range(min(stride, len(boundaries)))
    ]


def in_calls(calls: Sequence[Call]) -> list[Chain]:
    """Return the chains over all calls: never carried out, answer lost, and dying again over the finding out."""
    if not calls:
        return []
    wanted = tuple(calls)
    return [
        InCalls("calls, never carried out", wanted, "before"),
        InCalls("calls, answer lost", wanted, "after"),
        InCalls("calls, again while finding out", wanted, "after", RELAPSES),
    ]


def halves(chain: Chain) -> tuple[Chain, Chain] | None:
    """Return a chain in two, to find out which of its kills does harm; None if it has only one."""
    middle = len(chain.targets) // 2
    if not middle:
        return None
    # The union of both classes has no common constructor for the type checker; `replace` keeps the class.
    return replace(chain, targets=chain.targets[:middle]), replace(chain, targets=chain.targets[middle:])
