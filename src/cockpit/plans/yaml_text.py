"""The YAML of plan files, read event by event into data with places.

The subset is YAML 1.2's core: maps with text keys, lists, text, whole and decimal numbers, true, false, null. Tags,
anchors and aliases are refused: nobody should have to expand a procedure in the head, and no object is ever built.
Plain scalars are resolved here by the core schema, because PyYAML knows YAML 1.1 alone, where "no" and "12:30" are
neither text nor times.
"""

import re
from collections.abc import Iterator

import yaml
from pydantic import JsonValue
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from cockpit.model.text import clean, clean_block
from cockpit.plans.document import Document, DocumentError, Path_, Problem, dotted

DEEPEST = 100  # levels; far deeper than any procedure, far from what recursion can do

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_WHOLE = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader  # its pure form is right, and ten times slower


def parse_yaml(file: str, text: str) -> Document:
    """Return the data of a text; `file` is what problems call it.

    Raises:
        DocumentError: it is not of the YAML subset.
    """
    reader = _Reader(file, text)
    try:
        document = reader.read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        words = clean(f"not valid YAML: {error.problem or error.context or error}", 300)
        raise DocumentError((Problem(file, line, column, "", words),)) from None
    except yaml.YAMLError as error:
        raise DocumentError((Problem(file, 0, 0, "", clean(f"not valid YAML: {error}", 300)),)) from None
    if reader.problems:
        raise DocumentError(tuple(reader.problems))
    return document


class _Reader:
    """Builds the document of one text; what it refuses is in `problems`."""

    def __init__(self, file: str, text: str) -> None:
        self.problems: list[Problem] = []
        self._document = Document(file)
        self._events: Iterator[Event] = yaml.parse(text, Loader=_LOADER)

    def read(self) -> Document:
        """Return the only document there is.

        Raises:
            DocumentError: there is none, or it is nested too deeply.
            yaml.YAMLError: the text is no YAML.
        """
        next(self._events)  # the start of the stream
        start = next(self._events)
        if not isinstance(start, DocumentStartEvent):
            raise DocumentError((Problem(self._document.file, 1, 1, "", "the file is empty"),))
        self._document.data = self._value(next(self._events), ())
        next(self._events)  # the end of the document
        if isinstance(another := next(self._events), DocumentStartEvent):
            self._refuse(another, (), "a second document in one file")
        return self._document

    def _value(self, event: Event, path: Path_) -> JsonValue:
        """Return the value that an event begins, noting where it and its parts stand."""
        if len(path) > DEEPEST:
            raise DocumentError((Problem(self._document.file, 0, 0, "", "nested too deeply to be a procedure"),))
        self._document.values[path] = _here(event)
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            self._refuse(event, path, "anchors and aliases are not allowed: write it out")
        elif isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag:
            self._refuse(event, path, f"the tag {clean(event.tag, 60)} is not allowed")
        if isinstance(event, MappingStartEvent):
            return self._map(path)
        if isinstance(event, SequenceStartEvent):
            return self._list(path)
        return self._scalar(event, path) if isinstance(event, ScalarEvent) else None

    def _list(self, path: Path_) -> JsonValue:
        found: list[JsonValue] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            found.append(self._value(event, (*path, len(found))))
        return found

    def _map(self, path: Path_) -> JsonValue:
        found: dict[str, JsonValue] = {}
        while not isinstance(key := next(self._events), MappingEndEvent):
            if isinstance(key, ScalarEvent) and not key.tag and not key.anchor and not _is_merge(key):
                self._entry(found, key, path)
            else:
                self._refuse(key, path, "a key must be plain text")
                self._value(key, (*path, ""))
                self._value(next(self._events), (*path, ""))
        return found

    def _entry(self, found: dict[str, JsonValue], key: ScalarEvent, path: Path_) -> None:
        name, inner = str(key.value), (*path, str(key.value))
        if _is_hostile(name):
            self._refuse(key, inner, "a key must be plain text")
        if name in found:
            first = self._document.keys[inner][0]
            self._refuse(key, inner, f"written twice; first on line {first}")
            self._value(next(self._events), (*path, ""))
            return
        self._document.keys[inner] = _here(key)
        found[name] = self._value(next(self._events), inner)

    def _scalar(self, event: ScalarEvent, path: Path_) -> JsonValue:
        text = str(event.value)
        plain = event.implicit[0]
        if plain and text in _NULL:
            return None
        if plain and text in _BOOLEANS:
            return _BOOLEANS[text]
        try:
            if plain and _WHOLE.fullmatch(text):
                return int(text, 0) if text.startswith(("0o", "0x")) else int(text)
            if plain and _DECIMAL.fullmatch(text):
                return float(text)
        except ValueError:
            self._refuse(event, path, "a number too long to be meant")
            return None
        if _is_hostile(text):
            words = "holds control, direction or invisible characters, which could hide or repaint what is shown"
            self._refuse(event, path, words)
        return text

    def _refuse(self, event: Event, path: Path_, words: str) -> None:
        self.problems.append(Problem(self._document.file, *_here(event), dotted(path), words))


def _here(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _is_merge(key: ScalarEvent) -> bool:
    return bool(key.implicit[0]) and key.value == "<<"


def _is_hostile(text: str) -> bool:
    """Tell whether a text holds what must not reach a terminal; `clean_block` marks or drops it."""
    shown = clean_block(text, limit=len(text) + 1)
    return "\x1b" in text or "\x9b" in text or shown.count("\ufffd") > text.count("\ufffd")
