"""Rules on patterns: a regular expression that is none would fail in the middle of a run."""

import re
from collections.abc import Iterator

from cockpit.plans.actions.ask import AskSpec
from cockpit.plans.actions.http import HttpSpec
from cockpit.plans.actions.shell import ShellSpec
from cockpit.plans.lint.findings import FieldPath, Finding, Subject
from cockpit.plans.lint.walk import parts_of


def patterns(subject: Subject) -> Iterator[Finding]:
    """Every regular expression is one."""
    for path, text in _patterns(subject):
        try:
            re.compile(text)
        except re.error as error:
            yield Finding(path, f"is no regular expression: {error}")


def _patterns(subject: Subject) -> Iterator[tuple[FieldPath, str]]:
    for path, ask, _ in parts_of(subject.plan, AskSpec):
        yield (*path, "pattern"), ask.pattern or ""
    for path, shell, _ in parts_of(subject.plan, ShellSpec):
        yield (*path, "expect_output"), shell.expect_output or ""
    for path, http, _ in parts_of(subject.plan, HttpSpec):
        yield (*path, "expect_body"), http.expect_body or ""
        yield from (((*path, "expect_headers", name), pattern) for name, pattern in http.expect_headers.items())
