"""``shell``: a program on a host, as an argument vector."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from cockpit.plans.base import Expression, Name, Template
from cockpit.plans.patience import Patience


class ShellSpec(Patience):
    """One program. Values travel as whole arguments or environment variables, never spliced into a shell line.

    A program that only reads (``effect: read``) may be run again and again, as `Patience` says, until it is as wanted.

    Attributes:
        argv: the program and its arguments; each is one word, whatever an expression yields.
        host: ``local``, or a host of the environment in cockpit.toml, reached by the system's ssh.
        cwd: the folder it runs in.
        stdin: what the program reads on standard input: fixed text without expressions, such as SQL for psql; values go
            in as arguments (``-v name={{ … }}``), which psql quotes (``:"name"``, ``:'name'``).
        env: added to a minimal environment (PATH, HOME, LANG) and what cockpit.toml gives the host; a template that is
            one whole expression may give a map of texts.
        timeout: after this the program is ended and the step fails.
        target: what it acts on, by name: shown, and typed to confirm where the step is destructive.
        expect_exit: exit codes that mean done.
        expect_output: regular expression that standard output must contain.
        answer: what expressions see of standard output as ``answer``: the text without the blanks around it, a list of
            its lines without empty ones, or the value of the JSON it holds.
        expect: expression over ``answer`` that must be true.
        otherwise: what to tell the operator if `expect` is not.
        capture: values kept as ``steps.<id>.<name>``: expressions over ``answer``.
        capture_output: keep the cleaned output as ``steps.<id>.output``.
        proves_halt: its success proves that nothing writes any more: the end of the data-loss window rests on it.
        private: the output may hold secrets: it is read for the expressions above, and then removed; nothing else of it
            is shown or kept.
    """

    kind: Literal["shell"] = "shell"
    argv: tuple[Template, ...] = Field(min_length=1)
    host: Template = "local"
    cwd: Template
    stdin: str = ""
    env: dict[str, Template] | Template = Field(default_factory=dict)
    timeout: timedelta
    target: Template = ""
    expect_exit: tuple[int, ...] = (0,)
    expect_output: str | None = None
    answer: Literal["text", "lines", "json"] = "text"
    expect: Expression | None = None
    otherwise: Template = ""
    capture: dict[Name, Expression] = Field(default_factory=dict)
    capture_output: bool = False
    private: bool = False
    proves_halt: bool = False

    @model_validator(mode="after")
    def _keeps_its_word(self) -> Self:
        if self.private and self.capture_output:
            raise ValueError("private and capture_output contradict each other")
        return self
