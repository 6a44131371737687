"""YAML files read into pydantic models, with every problem named by file, line and what was expected.

The subset is YAML 1.2's core: maps with text keys, lists, text, whole and decimal numbers, true, false, null. Tags,
anchors and aliases are refused: nobody should have to expand a procedure in the head, and no object is ever built.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from cockpit.model.text import clean, clean_block
from cockpit.plans.known_fields import instead_of
from cockpit.plans.validation_words import expected_words

SIZE_LIMIT = 1_000_000  # bytes; a procedure of this size is a mistake, and parsing it would only cost time

T = TypeVar("T", bound=BaseModel)
Path_ = tuple[str | int, ...]
_CORE = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(_CORE + name for name in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp"))
_WHOLE = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file, and where. `line` and `column` count from 1; 0 means the file as a whole.

    Attributes:
        field: path of the field as written in the file, for example ``steps[3].aws.call``; empty for the file.
        message: what is wrong and what was expected, in words.
    """

    file: str
    line: int
    column: int
    field: str
    message: str

    def __str__(self) -> str:
        """Return the problem as one line, in the form that editors jump to."""
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.field}: {self.message}" if self.field else f"{where}: {self.message}"


class DocumentError(Exception):
    """A file could not be read into its model. `problems` holds all of them, in the order of the file."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(slots=True)
class Document:
    """A parsed file: its data, and where each key and value stands (line and column from 1)."""

    file: str
    data: JsonValue = None
    keys: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    values: dict[Path_, tuple[int, int]] = field(default_factory=dict)

    def locate(self, path: Path_) -> tuple[int, int]:
        """Return where a field stands; where it is missing, where its nearest parent does."""
        while path and path not in self.values:
            path = path[:-1]
        return self.keys.get(path) or self.values.get(path) or (0, 0)

    def problem(self, path: Path_, message: str) -> Problem:
        """Return a problem at that field."""
        line, column = self.locate(path)
        return Problem(self.file, line, column, dotted(path), message)


def dotted(path: Path_) -> str:
    """Return a path as people write it: ``steps[3].aws.call``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{clean(part, 80)}"
    return text


def read_document(path: Path) -> Document:
    """Read and parse a file. The document is shared with whoever reads the same file: nobody may change it.

    Raises:
        DocumentError: it cannot be read, is too large, is not UTF-8, or is not of the YAML subset.
    """
    return _parsed(str(path), _read_text(path))


@lru_cache(maxsize=128)  # parsing takes most of the time of loading plans, and plans share pieces
def _parsed(file: str, text: str) -> Document:
    document = Document(file)
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        words = clean(f"not valid YAML: {error.problem or error.context or error}", 300)
        raise DocumentError((Problem(document.file, line, column, "", words),)) from None
    except (YAMLError, ValueError) as error:
        raise DocumentError((Problem(document.file, 0, 0, "", clean(f"not valid YAML: {error}", 300)),)) from None
    except RecursionError:
        raise DocumentError((Problem(document.file, 0, 0, "", "nested too deeply to be a procedure"),)) from None
    if node is None:
        raise DocumentError((Problem(document.file, 1, 1, "", "the file is empty"),))
    problems: list[Problem] = []
    document.data = _build(node, (), document, problems)
    if problems:
        raise DocumentError(tuple(problems))
    return document


def load_model(path: Path, model: type[T]) -> T:
    """Read a YAML file into a pydantic model.

    Raises:
        DocumentError: with every problem found, each with file, line, column, field and what was expected.
    """
    return validate_document(read_document(path), model)


def validate_document(document: Document, model: type[T]) -> T:
    """Validate a parsed file as that model.

    Raises:
        DocumentError: with every problem pydantic found, in the order of the file.
    """
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        found = []
        for detail in error.errors(include_url=False):
            path = _written_path(document, detail["loc"], missing=detail["type"] == "missing")
            words = expected_words(detail)
            if detail["type"] == "extra_forbidden":
                words += instead_of(model, detail["loc"])
            found.append(document.problem(path, clean(words, 500)))
        unique = sorted(dict.fromkeys(found), key=lambda problem: (problem.line, problem.column, problem.field))
        raise DocumentError(tuple(unique)) from None


def _read_text(path: Path) -> str:
    file = str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        words = f"cannot be read: {error.strerror or error}"
        raise DocumentError((Problem(file, 0, 0, "", words),)) from None
    if len(raw) > SIZE_LIMIT:
        words = f"larger than {SIZE_LIMIT:,} bytes"
        raise DocumentError((Problem(file, 0, 0, "", words),))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DocumentError((Problem(file, line, 1, "", "not UTF-8 text"),)) from None


def _build(node: Node, path: Path_, document: Document, problems: list[Problem]) -> JsonValue:
    """Return the plain value of a node, noting where it and its parts stand."""
    here = (node.start_mark.line + 1, node.start_mark.column + 1)
    document.values[path] = here
    if node.anchor:
        problems.append(
            Problem(document.file, *here, dotted(path), "anchors and aliases are not allowed: write it out")
        )
        return None
    if str(node.tag) not in _PLAIN_TAGS:
        problems.append(Problem(document.file, *here, dotted(path), f"the tag {clean(node.tag, 60)} is not allowed"))
        return None
    if isinstance(node, MappingNode):
        return _build_map(node, path, document, problems)
    if isinstance(node, SequenceNode):
        return [_build(item, (*path, index), document, problems) for index, item in enumerate(node.value)]
    return _build_scalar(node, here, path, document, problems)


def _build_map(node: MappingNode, path: Path_, document: Document, problems: list[Problem]) -> JsonValue:
    data: dict[str, JsonValue] = {}
    for key_node, value_node in node.value:
        here = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if not isinstance(key_node, ScalarNode) or str(key_node.tag) == _CORE + "merge":
            problems.append(Problem(document.file, *here, dotted(path), "a key must be plain text"))
            continue
        key = str(key_node.value)
        inner = (*path, key)
        if _is_hostile(key):
            problems.append(Problem(document.file, *here, dotted(inner), "a key must be plain text"))
        if key in data:
            first = document.keys[inner][0]
            problems.append(Problem(document.file, *here, dotted(inner), f"written twice; first on line {first}"))
            continue
        document.keys[inner] = here
        data[key] = _build(value_node, inner, document, problems)
    return data


def _build_scalar(
    node: Node, here: tuple[int, int], path: Path_, document: Document, problems: list[Problem]
) -> JsonValue:
    text, tag = str(node.value), str(node.tag)
    if tag == _CORE + "null":
        return None
    if tag == _CORE + "bool":
        return text.lower() == "true"
    try:
        if tag == _CORE + "int" and _WHOLE.fullmatch(text):
            return int(text.lstrip("+"), 0) if text.startswith(("0o", "0x")) else int(text)
        if tag == _CORE + "float" and "n" not in text.lower():
            return float(text)
    except ValueError:
        problems.append(Problem(document.file, *here, dotted(path), "a number too long to be meant"))
        return None
    if _is_hostile(text):
        words = "holds control, direction or invisible characters, which could hide or repaint what is shown"
        problems.append(Problem(document.file, *here, dotted(path), words))
    return text


def _is_hostile(text: str) -> bool:
    """Tell whether a text holds what must not reach a terminal; `clean_block` marks or drops it."""
    shown = clean_block(text, limit=len(text) + 1)
    return "\x1b" in text or "\x9b" in text or shown.count("\ufffd") > text.count("\ufffd")


def _written_path(document: Document, loc: tuple[int | str, ...], *, missing: bool) -> Path_:
    """Map pydantic's location to the file: tags of unions and the moved ``action`` key are not written there."""
    path: list[str | int] = []
    data = document.data
    for position, part in enumerate(loc):
        if isinstance(data, Mapping) and part in data:
            data = data[str(part)]
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        elif not (missing and position == len(loc) - 1):
            continue
        path.append(part)
    return tuple(path)
