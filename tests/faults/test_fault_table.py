"""The fault table of the documentation against the tests that it names."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_row_names_tests_that_exist():
    """A row without a test is a promise that nobody keeps."""
    lines = (ROOT / "docs" / "reliability.md").read_text().splitlines()
    tables = [line for line in lines if line.startswith("| ") and not re.match(r"\|[ -]+\|", line)]
    last = [[cell.strip() for cell in line.strip("| ").split(" | ")][-1] for line in tables]
    rows = [cell for cell in last if "tests/" in cell]
    assert len(rows) >= 20
    for row in rows:
        text = ""
        for file, name in re.findall(r"`(tests/[\w/]+\.py)?(?:::(\w+))?[^`]*`", row):
            text = (ROOT / file).read_text() if file else text
            assert text, row
            assert not name or re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), name
