"""The matrix as a table in Markdown."""

from collections import Counter
from collections.abc import Mapping, Sequence

from crash.results import ChainResult
from crash.verdicts import Undisturbed

_HEAD = (
    "| run | boundaries | killed at | calls | killed inside: never carried out / answer lost / again while finding out "
    "| programs killed | unknown, then found: happened / not happened | asked the operator | wrong |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def table(results: Mapping[str, Sequence[ChainResult]], undisturbed: Mapping[str, Undisturbed]) -> str:
    """Return one row for each subject."""
    return "\n".join([_HEAD, *(_row(name, results.get(name, ()), known) for name, known in undisturbed.items())])


def never_came_again(results: Sequence[ChainResult], known: Undisturbed) -> list[str]:
    """Return the boundaries of the undisturbed run that no chain came to."""
    hit = _hit(results, "records")
    return [boundary.name for boundary in known.boundaries if boundary.name not in hit]


def _row(name: str, results: Sequence[ChainResult], known: Undisturbed) -> str:
    unknown: Counter[str] = Counter()
    for result in results:
        unknown.update(result.unknown)
    happened = sum(number for words, number in unknown.items() if words.startswith("happened"))
    missing = sum(number for words, number in unknown.items() if words.startswith("not_happened"))
    asked = sum(number for words, number in unknown.items() if words.endswith("operator"))
    inside = " / ".join(str(len(_hit(results, kind))) for kind in ("before", "after", "relapse"))
    at = len({boundary.name for boundary in known.boundaries} & _hit(results, "records"))
    deaths = sum(result.deaths for result in results)
    wrong = sum(bool(result.failures) for result in results)
    return (
        f"| {name} | {len(known.boundaries)} | {at} | {len(known.calls)} | {inside} | {deaths} "
        f"| {happened} / {missing} | {asked} | {wrong} |"
    )


def _hit(results: Sequence[ChainResult], kind: str) -> set[str]:
    return {name for result in results if result.kind == kind for name in result.killed_at}
