"""Plan files are read strictly, and every problem is told where it is."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from cockpit.plans.document import DocumentError, Problem
from cockpit.plans.yaml_document import load_model, read_document


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    wait: timedelta = timedelta(0)


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    parts: tuple[Part, ...] = ()


def problems_of(tmp_path: Path, text: str | bytes) -> tuple[Problem, ...]:
    path = tmp_path / "file.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(DocumentError) as caught:
        load_model(path, Whole)
    return caught.value.problems


def test_loads_a_sound_file(tmp_path):
    """A sound file becomes its model; durations and YAML 1.2 words are read as meant."""
    path = tmp_path / "file.yaml"
    path.write_text("title: no\nparts:\n  - {name: '1', wait: PT5M}\n")
    assert load_model(path, Whole) == Whole(title="no", parts=(Part(name="1", wait=timedelta(minutes=5)),))


def test_every_problem_is_told_with_its_line(tmp_path):
    """All problems come at once, each with line, column and field as written in the file."""
    found = problems_of(tmp_path, "titel: x\nparts:\n  - name: a\n    wait: soon\n  - wait: PT1M\n")
    assert [(p.line, p.column, p.field) for p in found] == [
        (1, 1, "titel"),
        (1, 1, "title"),
        (4, 5, "parts[0].wait"),
        (5, 5, "parts[1].name"),
    ]
    assert "is not a field" in found[0].message
    assert found[1].message == "is missing"
    assert "PT5M" in found[2].message
    assert "'soon'" in found[2].message


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("title: a\ntitle: b\n", 2, "written twice; first on line 1"),
        ("title: &a x\n", 1, "anchors and aliases are not allowed"),
        ("title: !!python/object:os.system x\n", 1, "tag"),
        ("title: x\nparts: [\n", 3, "not valid YAML"),
        ("title: x\n\tparts: []\n", 2, "not valid YAML"),
        ("title: 5\n", 1, "put quotes around it"),
        ('title: "a\\e[31mb"\n', 1, "control, direction or invisible"),
        ("title: a\u202eb\n", 1, "control, direction or invisible"),
        ("title: x\nparts: {name: a}\n", 2, "expected a list"),
        ("", 1, "the file is empty"),
        ("- a\n", 1, "expected a map"),
        ("? [a]\n: b\n", 1, "a key must be plain text"),
    ],
)
def test_refuses_with_the_line(tmp_path, text, line, words):
    """What is outside the subset is refused, with its line and what was expected."""
    found = problems_of(tmp_path, text)
    assert [problem.line for problem in found if words in problem.message] == [line], found


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"title: \xff\xfe\n", "not UTF-8"),
        (b"title: " + b"x" * 1_000_001, "larger than"),
        (b"title: " + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_refuses_what_is_no_text_file(tmp_path, raw, words):
    """Wrong encodings, huge and bottomless files end in a sentence, not in a traceback."""
    assert words in problems_of(tmp_path, raw)[0].message


def test_a_missing_file_is_a_problem(tmp_path):
    """A file that cannot be opened is told by name."""
    with pytest.raises(DocumentError, match=r"gone\.yaml: cannot be read: No such file"):
        load_model(tmp_path / "gone.yaml", Whole)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(tmp_path_factory, raw):
    """Whatever stands in a file, reading it gives data or problems."""
    path = tmp_path_factory.mktemp("any") / "file.yaml"
    path.write_bytes(raw)
    problems: tuple[Problem, ...] = ()
    try:
        read_document(path)
    except DocumentError as error:
        problems = error.problems
    assert all(str(problem).startswith(str(path)) for problem in problems)
