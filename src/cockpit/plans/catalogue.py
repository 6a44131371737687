"""The plans there are: every file of the plan folders, sound or broken."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from cockpit.plans.composing import Library, Origins, WrittenFile, compose
from cockpit.plans.document import DocumentError, Problem
from cockpit.plans.library import PIECES, FolderLibrary
from cockpit.plans.refused import refusal_of
from cockpit.plans.schema import Plan
from cockpit.plans.written import PlanFile
from cockpit.plans.yaml_document import read_document, validate_document

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class LoadedPlan:
    """One plan file as found. A broken one has no plan but problems: it must not hide the sound ones.

    Attributes:
        digest: `plan_digest` of the plan; empty if there is none.
        origins: finds the file and line of a field of the plan; None if there is no plan.
    """

    path: Path
    plan: Plan | None
    problems: tuple[Problem, ...] = ()
    digest: str = ""
    origins: Origins | None = None


def load_plan(path: Path, folders: tuple[Path, ...] = ()) -> Plan:
    """Read one plan file; `folders` are plan folders in which what it includes is looked for beside its own.

    Raises:
        DocumentError: it is no sound plan, or stands for a procedure that must not be run (RQ-08).
    """
    loaded = read_plan(path, folders)
    if loaded.plan is None:
        raise DocumentError(loaded.problems)
    return loaded.plan


def read_plan(path: Path, folders: tuple[Path, ...] = ()) -> LoadedPlan:
    """Read one plan file; what is wrong with it is in `problems`. The arguments are those of `load_plan`."""
    return _read_plan(path, FolderLibrary((path.resolve().parent.parent, *folders)))


def _read_plan(path: Path, library: Library) -> LoadedPlan:
    try:
        document = read_document(path)
        refused = refusal_of(document.data)
        if refused is not None:
            return LoadedPlan(path, None, (document.problem(("id",), refused.refusal),))
        plan, origins = compose(WrittenFile(validate_document(document, PlanFile), document), library)
    except DocumentError as error:
        return LoadedPlan(path, None, error.problems)
    return LoadedPlan(path, plan, (), plan_digest(plan), origins)


def find_plans(folders: Iterable[Path], library: tuple[Path, ...] = ()) -> tuple[LoadedPlan, ...]:
    """Read every plan file in the folders, sorted by name within each.

    A plan of an earlier folder takes the place of one with the same id in a later folder: that is how a team replaces
    a plan that comes with the cockpit. Two with one id in the same folder are a problem of the second.
    What plans include is looked for in their own folder, in the later ones, and in those of `library`.
    """
    taken: dict[str, Path] = {}
    found: list[LoadedPlan] = []
    everywhere = tuple(folders)
    for number, folder in enumerate(everywhere):
        libraries: dict[Path, FolderLibrary] = {}
        here: dict[str, Path] = {}
        for path in _plan_files(folder):
            root = path.resolve().parent.parent
            known = libraries.setdefault(root, FolderLibrary((root, *everywhere[number:], *library)))
            loaded = _read_plan(path, known)
            if loaded.plan is None:
                found.append(loaded)
            elif loaded.plan.id in here:
                found.append(_duplicate(loaded, here[loaded.plan.id]))
            elif loaded.plan.id not in taken:
                here[loaded.plan.id] = loaded.path
                found.append(loaded)
        taken |= here
    return tuple(found)


def plans_named(name: str, folders: Iterable[Path]) -> tuple[LoadedPlan, ...]:
    """Read the plans whose file says that they are called so: by id, or by the part of it after the system.

    Reading all plans to find one takes seconds once there are many. A plan of an earlier folder takes the place of one
    with the same id in a later folder, as in `find_plans`.
    """
    everywhere = tuple(folders)
    found: dict[str, LoadedPlan] = {}
    paths = (path for folder in everywhere for path in _plan_files(folder) if path.stem == name.rpartition("/")[2])
    for path in paths:
        loaded = read_plan(path, everywhere)
        if loaded.plan is not None and name in (loaded.plan.id, loaded.plan.id.rpartition("/")[2]):
            found.setdefault(loaded.plan.id, loaded)
    return tuple(found.values())


def plan_digest(plan: Plan) -> str:
    """Return the SHA-256 of the plan's canonical JSON, as 64 hexadecimal digits: what a run was started with."""
    canonical = json.dumps(plan.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def digest_now(plan_id: str, folders: Iterable[Path]) -> str:
    """Return `plan_digest` of the plan as the files have it now; empty if there is none of that id, or it is broken."""
    everywhere = tuple(folders)
    found = (folder / f"{plan_id}{suffix}" for folder in everywhere for suffix in SUFFIXES)
    path = next((path for path in found if path.is_file()), None)
    return read_plan(path, everywhere).digest if path is not None else ""


def _plan_files(folder: Path) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    return sorted(path for path in files if path.relative_to(folder).parts[0] != PIECES)


def _duplicate(loaded: LoadedPlan, first: Path) -> LoadedPlan:
    words = f"the id is taken by {first.name} in the same folder"
    problem = loaded.origins.problem(("id",), words) if loaded.origins else Problem(str(loaded.path), 0, 0, "id", words)
    return replace(loaded, plan=None, digest="", problems=(problem,))
