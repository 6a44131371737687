"""Rules on the sources: words that claim to be the source's are, and every correction is explained."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from cockpit.plans.base import PlanModel
from cockpit.plans.lint.findings import Finding, Subject
from cockpit.plans.lint.walk import parts_of

_LINES = re.compile(r"(S[0-4]):(\d+)(?:-(\d+))?")
_CORRECTION = re.compile(r"E-\d+|\+\d+")


def read_seeds(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """Return the source documents of a folder by key: its text files, in order of name, are S0, S1 and so on.

    Raises:
        OSError: the folder or a file cannot be read.
        UnicodeDecodeError: a file is not UTF-8.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix in (".txt", ".md"))
    return {f"S{index}": tuple(path.read_text("utf-8").split("\n")) for index, path in enumerate(files)}


def verbatim(subject: Subject) -> Iterator[Finding]:
    """A text marked ``verbatim`` stands byte for byte in one of the source lines it cites."""
    for number, text in enumerate(subject.plan.communications.texts):
        if text.basis != "verbatim":
            continue
        cited = [line for reference in text.source for line in _cited(subject, reference)]
        if not any(_LINES.match(reference) for reference in text.source):
            yield Finding(("communications", "texts", number, "source"), "a verbatim text must cite its lines")
        elif subject.seeds is not None and text.text not in "\n".join(cited):
            words = f"is marked verbatim, but is not in {', '.join(text.source)}"
            yield Finding(("communications", "texts", number, "text"), words)


def lines_exist(subject: Subject) -> Iterator[Finding]:
    """Cited lines exist in the source documents, wherever the plan cites them."""
    if subject.seeds is None:
        return
    for path, part, _ in parts_of(subject.plan, PlanModel):
        references = getattr(part, "source", ())
        for number, reference in enumerate(references if isinstance(references, tuple) else ()):
            if isinstance(reference, str) and _LINES.fullmatch(reference) and not _has_text(subject, reference):
                yield Finding((*path, "source", number), f"{reference} is no line with text in the sources")
    for number, source in enumerate(subject.plan.source):
        for lines in re.findall(r"\d+(?:-\d+)?", source.lines):
            if not _has_text(subject, f"{source.document}:{lines}"):
                words = f"{source.document}:{lines} is no line with text in the sources"
                yield Finding(("source", number, "lines"), words)


def _has_text(subject: Subject, reference: str) -> bool:
    return any(line.strip() for line in _cited(subject, reference))


def deviations_explained(subject: Subject) -> Iterator[Finding]:
    """Every deviation names its correction, and every correction a step rests on is explained once."""
    explained = [deviation.id for deviation in subject.plan.deviations]
    for number, name in enumerate(explained):
        if not _CORRECTION.fullmatch(name):
            yield Finding(("deviations", number, "id"), f"{name} is no correction (E-nn or +n)")
        if name in explained[:number]:
            yield Finding(("deviations", number, "id"), f"{name} is explained twice")
    missing: dict[str, int] = {}
    for index, step in enumerate(subject.plan.steps):
        for name in step.source:
            if name.startswith("E-") and name not in explained:
                missing.setdefault(name, index)
    for name, index in missing.items():
        yield Finding(("steps", index, "source"), f"{name} is cited, but not explained in deviations")


def _cited(subject: Subject, reference: str) -> tuple[str, ...]:
    match = _LINES.fullmatch(reference)
    if match is None or subject.seeds is None:
        return ()
    lines = subject.seeds.get(match[1], ())
    first, last = int(match[2]), int(match[3] or match[2])
    return lines[first - 1 : last] if last <= len(lines) else ()
