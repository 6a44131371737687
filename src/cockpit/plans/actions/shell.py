"""``shell``: a program on a host, as an argument vector."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from cockpit.plans.base import PlanModel, Template


class ShellSpec(PlanModel):
    """One program. Values travel as whole arguments or environment variables, never spliced into a shell line.

    Attributes:
        argv: the program and its arguments; each is one word, whatever an expression yields.
        cwd: the folder it runs in.
        env: added to a minimal environment (PATH, HOME, LANG).
        timeout: after this the program is ended and the step fails.
        expect_exit: exit codes that mean done.
        expect_output: regular expression that standard output must contain.
        capture_output: keep the cleaned output as ``steps.<id>.output``.
    """

    kind: Literal["shell"] = "shell"
    argv: tuple[Template, ...] = Field(min_length=1)
    host: str = "local"
    cwd: Template
    env: dict[str, Template] = Field(default_factory=dict)
    timeout: timedelta
    expect_exit: tuple[int, ...] = (0,)
    expect_output: str | None = None
    capture_output: bool = False
