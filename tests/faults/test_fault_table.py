"""The fault tables of the documentation against the tests that they name."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "reliability.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)?(?:::(\w+))?(?:\[[^\]`]*\])?`")


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split(" | ")]


def rows() -> Iterator[list[str]]:
    """Yield every row of every table whose last column is for tests."""
    lines = TEXT.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("| ") and cells(line)[-1] == "test" and lines[number + 1].startswith("| --- |"):
            for row in lines[number + 2 :]:
                if not row.startswith("| "):
                    break
                yield cells(row)


def test_every_row_names_tests_that_exist():
    """A row without a test is a promise that nobody keeps."""
    found = list(rows())
    assert len(found) > 60
    before: list[str] = []
    for row in found:
        named: list[str] = before if row[-1] == "the same" else []
        file = ""
        for path, name in NAMED.findall(row[-1]):
            file = path or file
            assert file, row
            text = (ROOT / file).read_text()
            if name:
                assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), (file, name)
                named.append(name)
        assert named, f"no test is named: {row}"
        before = named


def test_every_table_of_faults_has_a_column_for_tests():
    """A table that names no tests would pass for one whose tests all exist."""
    heads = [
        cells(line)
        for line, rule in zip(TEXT.splitlines(), TEXT.splitlines()[1:], strict=False)
        if line.startswith("| ") and rule.startswith("| --- |")
    ]
    without = [head for head in heads if head[-1] != "test"]
    assert all(head[0] == "run" for head in without), f"only the counts of the crash matrix need none: {without}"
