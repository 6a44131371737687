"""Rules of composite alarms: ALARM(x), OK(x), INSUFFICIENT_DATA(x), TRUE, FALSE, AND, OR, NOT, brackets."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cockpit.sim.errors import AwsError

_TOKEN = re.compile(
    r"""\s*(?:(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"(?P<quoted>[^"]+)"|'(?P<single>[^']+)'|(?P<bare>[^\s()"']+))\s*\)"""
    r"""|(?P<word>AND|OR|NOT|TRUE|FALSE)\b|(?P<bracket>[()]))""",
    re.IGNORECASE,
)

StateOf = Callable[[str], str | None]
Test = Callable[[StateOf], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed rule.

    Attributes:
        alarms: names of the alarms it looks at (the last part, where an ARN was given).
    """

    alarms: tuple[str, ...]
    holds: Test


def parse_rule(text: str) -> Rule:
    """Parse a composite alarm's rule.

    Raises:
        AwsError: the rule cannot be read.
    """
    parser = _Parser(text)
    holds = parser.either()
    if parser.tokens:
        raise _unreadable(text)
    return Rule(tuple(dict.fromkeys(parser.names)), holds)


class _Parser:
    """Recursive descent: OR binds weakest, NOT strongest."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.names: list[str] = []

    def either(self) -> Test:
        parts = [self.both()]
        while self._next_is("OR"):
            parts.append(self.both())
        return lambda states: any(part(states) for part in parts)

    def both(self) -> Test:
        parts = [self.single()]
        while self._next_is("AND"):
            parts.append(self.single())
        return lambda states: all(part(states) for part in parts)

    def single(self) -> Test:
        kind, name = self.tokens.pop(0) if self.tokens else ("", "")
        if kind == "NOT":
            inner = self.single()
            return lambda states: not inner(states)
        if kind == "(":
            inner = self.either()
            if not self._next_is(")"):
                raise _unreadable(self.text)
            return inner
        if kind in ("TRUE", "FALSE"):
            return lambda _: kind == "TRUE"
        if kind in ("ALARM", "OK", "INSUFFICIENT_DATA"):
            self.names.append(name)
            return lambda states: states(name) == kind
        raise _unreadable(self.text)

    def _next_is(self, kind: str) -> bool:
        """Take the next token if it is of that kind."""
        if self.tokens and self.tokens[0][0] == kind:
            self.tokens.pop(0)
            return True
        return False


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, alarm name)."""
    position = 0
    stripped = text.rstrip()
    while position < len(stripped):
        match = _TOKEN.match(stripped, position)
        if match is None:
            raise _unreadable(text)
        position = match.end()
        if match["state"]:
            name = match["quoted"] or match["single"] or match["bare"]
            yield match["state"].upper(), name.rpartition(":alarm:")[2]
        else:
            yield (match["word"] or match["bracket"]).upper(), ""


def _unreadable(text: str) -> AwsError:
    return AwsError("ValidationError", f"AlarmRule must not contain invalid syntax: {text}")
