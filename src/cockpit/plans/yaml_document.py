"""YAML files read into pydantic models, with every problem named by file, line and what was expected."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from cockpit.model.text import clean
from cockpit.plans.document import Document, DocumentError, Path_, Problem
from cockpit.plans.known_fields import instead_of
from cockpit.plans.validation_words import expected_words
from cockpit.plans.yaml_text import parse_yaml

SIZE_LIMIT = 1_000_000  # bytes; a procedure of this size is a mistake, and parsing it would only cost time

T = TypeVar("T", bound=BaseModel)


def read_document(path: Path) -> Document:
    """Read and parse a file. The document is shared with whoever reads the same file: nobody may change it.

    Raises:
        DocumentError: it cannot be read, is too large, is not UTF-8, or is not of the YAML subset.
    """
    return _parsed(str(path), _read_text(path))


@lru_cache(maxsize=128)  # plans share pieces
def _parsed(file: str, text: str) -> Document:
    return parse_yaml(file, text)


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
