"""The plans there are: every file of the plan folders, sound or broken."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from cockpit.plans.refused import refusal_of
from cockpit.plans.schema import Plan
from cockpit.plans.yaml_document import Document, DocumentError, Problem, read_document, validate_document

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class LoadedPlan:
    """One plan file as found. A broken one has no plan but problems: it must not hide the sound ones.

    Attributes:
        digest: `plan_digest` of the plan; empty if there is none.
        document: the parsed file, to find the line of a field; None if it could not be parsed.
    """

    path: Path
    plan: Plan | None
    problems: tuple[Problem, ...] = ()
    digest: str = ""
    document: Document | None = None


def load_plan(path: Path) -> Plan:
    """Read one plan file.

    Raises:
        DocumentError: it is no sound plan, or stands for a procedure that must not be run (RQ-08).
    """
    loaded = read_plan(path)
    if loaded.plan is None:
        raise DocumentError(loaded.problems)
    return loaded.plan


def read_plan(path: Path) -> LoadedPlan:
    """Read one plan file; what is wrong with it is in `problems`."""
    try:
        document = read_document(path)
    except DocumentError as error:
        return LoadedPlan(path, None, error.problems)
    refused = refusal_of(document.data)
    if refused is not None:
        return LoadedPlan(path, None, (document.problem(("id",), refused.refusal),), document=document)
    try:
        plan = validate_document(document, Plan)
    except DocumentError as error:
        return LoadedPlan(path, None, error.problems, document=document)
    return LoadedPlan(path, plan, (), plan_digest(plan), document)


def find_plans(folders: Iterable[Path]) -> tuple[LoadedPlan, ...]:
    """Read every plan file in the folders, sorted by name within each.

    A plan of an earlier folder takes the place of one with the same id in a later folder: that is how a team replaces
    a plan that comes with the cockpit. Two with one id in the same folder are a problem of the second.
    """
    taken: dict[str, Path] = {}
    found: list[LoadedPlan] = []
    for folder in folders:
        files = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
        here: dict[str, Path] = {}
        for loaded in map(read_plan, files):
            if loaded.plan is None:
                found.append(loaded)
            elif loaded.plan.id in here:
                found.append(_duplicate(loaded, here[loaded.plan.id]))
            elif loaded.plan.id not in taken:
                here[loaded.plan.id] = loaded.path
                found.append(loaded)
        taken |= here
    return tuple(found)


def plan_digest(plan: Plan) -> str:
    """Return the SHA-256 of the plan's canonical JSON, as 64 hexadecimal digits: what a run was started with."""
    canonical = json.dumps(plan.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _duplicate(loaded: LoadedPlan, first: Path) -> LoadedPlan:
    words = f"the id is taken by {first.name} in the same folder"
    problem = (
        loaded.document.problem(("id",), words) if loaded.document else Problem(str(loaded.path), 0, 0, "id", words)
    )
    return replace(loaded, plan=None, digest="", problems=(problem,))
