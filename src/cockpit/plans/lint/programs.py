"""Rules on programs: values never become code, and what says that it only reads runs nothing that changes."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath

from cockpit.model.effect import Effect
from cockpit.plans.actions.shell import ShellSpec
from cockpit.plans.expressions import expressions_in
from cockpit.plans.lint.findings import Finding, Subject
from cockpit.plans.lint.walk import parts_of

_INTERPRETERS = frozenset({"sh", "bash", "dash", "ksh", "zsh", "node", "perl", "psql", "python", "python3", "ruby"})
_CODE_FOLLOWS = frozenset({"-c", "-e", "-p", "--command", "--eval", "--print"})

# Programs that change something however they are called.
_CHANGES = frozenset(
    {
        *(
            "chmod",
            "chown",
            "cp",
            "createdb",
            "dd",
            "dropdb",
            "kill",
            "killall",
            "ln",
            "mkdir",
            "mv",
            "pkill",
            "reboot",
        ),
        *("rm", "rmdir", "rsync", "scp", "shutdown", "tee", "touch", "truncate"),
    }
)
# Programs with commands of their own: those that only read.
_READS = {
    "aws": ("describe-", "get-", "head-", "list-", "ls", "wait"),  # the command after the service
    "git": (
        *(
            "branch",
            "cat-file",
            "describe",
            "diff",
            "fetch",
            "for-each-ref",
            "log",
            "ls-files",
            "ls-remote",
            "merge-base",
        ),
        *("remote", "rev-list", "rev-parse", "show", "status", "tag"),
    ),
    "npm": ("--version", "ls", "list", "outdated", "view"),
    "pm2": ("describe", "info", "jlist", "list", "logs", "ls", "pid", "prettylist", "show", "status"),
    "systemctl": ("is-active", "is-enabled", "list-", "show", "status"),
    # init fetches what plan needs into the folder; it touches nothing that the files describe.
    "terraform": ("fmt", "graph", "init", "output", "plan", "providers", "show", "state", "validate", "version"),
}


def no_code_from_values(subject: Subject) -> Iterator[Finding]:
    """No value lands in a line that a shell or another interpreter runs: it could be anything."""
    for path, spec, _ in parts_of(subject.plan, ShellSpec):
        names = [PurePosixPath(word).name for word in spec.argv]
        if not _INTERPRETERS & set(names):
            continue
        for number, (flag, word) in enumerate(pairwise(spec.argv), 1):
            inline = [word] if _is_code_flag(flag) else []
            inline += [word] if word.startswith(tuple(f"{each}=" for each in _CODE_FOLLOWS)) else []
            if any(list(expressions_in(code)) for code in inline):
                words = "a value would become part of the code that is run: hand it over as an argument of its own"
                yield Finding((*path, "argv", number), words)


def effects_of_programs(subject: Subject) -> Iterator[Finding]:
    """A step that says it only reads runs no program that is known to change something."""
    for path, spec, step in parts_of(subject.plan, ShellSpec):
        if step is not None and step.effect is Effect.READ and (words := _changing(spec)):
            yield Finding(
                (*path, "argv"), f"{words} changes something: the step's effect must be mutate or destructive"
            )


def _is_code_flag(word: str) -> bool:
    """Tell whether code follows: ``-c``, also among other short options (``-lc``)."""
    is_cluster = word.startswith("-") and not word.startswith("--") and word.endswith("c")
    return word in _CODE_FOLLOWS or is_cluster


def _changing(spec: ShellSpec) -> str:
    """Return the program with its command, if it is known to change something; empty if not."""
    program = PurePosixPath(spec.argv[0]).name
    if program in _CHANGES:
        return program
    reads = _READS.get(program)
    if reads is None:
        return ""
    words = _without_options(program, spec.argv[1:])
    command = words[1:2] if program == "aws" else words[:1]
    if program == "aws" and words[:1] == ["s3"]:
        reads = ("ls",)
    if command and command[0].startswith(reads):
        return ""
    return " ".join([program, *words[: 2 if program == "aws" else 1]])


def _without_options(program: str, words: tuple[str, ...]) -> list[str]:
    """Return the words that are no options; git's first ones may have a value (``-c name=value``, ``-C folder``)."""
    values = {number + 1 for number, word in enumerate(words) if program == "git" and word in ("-c", "-C")}
    kept = (word for number, word in enumerate(words) if number not in values)
    return [word for word in kept if not word.startswith("-") or word == "--version"]
