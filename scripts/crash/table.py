"""The matrix as a table in Markdown."""

from collections import Counter
from collections.abc import Sequence

from crash.matrix import CellResult
from crash.verdicts import Undisturbed

_HEAD = (
    "| outage | records | killed at a record | inside a call | unknown, then found: happened / not happened "
    "| asked the operator | wrong |\n| --- | --- | --- | --- | --- | --- | --- |"
)


def table(results: Sequence[CellResult], undisturbed: dict[str, Undisturbed]) -> str:
    """Return one row for each subject: how many cells were run, out of how many, and what they came to."""
    lines = [_HEAD]
    for name, learned in undisturbed.items():
        latest = {each.cell: each for each in results if each.subject == name}.values()
        at_record = [each for each in latest if each.cell.startswith("record-") and (each.died_at or each.failures)]
        in_call = [each for each in latest if each.cell.startswith("call-")]
        unknown: Counter[str] = Counter()
        for each in latest:
            unknown.update(each.unknown)
        happened = sum(number for words, number in unknown.items() if words.startswith("happened"))
        missing = sum(number for words, number in unknown.items() if words.startswith("not_happened"))
        asked = sum(number for words, number in unknown.items() if words.endswith("operator"))
        wrong = sum(bool(each.failures) for each in latest)
        lines.append(
            f"| {name} | {learned.records} | {len(at_record)} of {learned.records} "
            f"| {len(in_call)} of {2 * len(learned.calls)} | {happened} / {missing} | {asked} | {wrong} |"
        )
    return "\n".join(lines)
