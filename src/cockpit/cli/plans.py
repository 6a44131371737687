"""``cockpit plans``: list, show and check recovery plans. Reads files only; no network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cockpit.cli.plan_folders import all_folders, folders_option
from cockpit.cli.plans_coverage import command as coverage_command
from cockpit.cli.plans_iam import command as iam_command

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from cockpit.plans.catalogue import LoadedPlan

PROBLEMS, BAD_INPUT = 1, 2  # exit codes


@click.group(name="plans", short_help="List, show and check recovery plans.")
def command() -> None:
    """List, show and check recovery plans.

    Exit codes: 0 all well, 1 a plan has problems, 2 bad input.
    """


command.add_command(coverage_command)
command.add_command(iam_command)


@command.command(name="list")
@folders_option
def list_plans(folders: tuple[Path, ...]) -> None:
    """List every plan, also those that are broken or refused."""
    from cockpit.plans.listing import list_lines

    found = _found(folders)
    for line in list_lines(found):
        click.echo(line)
    sys.exit(PROBLEMS if any(loaded.plan is None for loaded in found) else 0)


@command.command(name="show")
@click.argument("plan_id", metavar="ID")
@folders_option
def show_plan(plan_id: str, folders: tuple[Path, ...]) -> None:
    """Print a whole procedure: steps, calls, texts, objectives, where it deviates from its source and why."""
    from cockpit.plans.catalogue import find_plans, plans_named
    from cockpit.plans.listing import refused_lines
    from cockpit.plans.refused import REFUSED
    from cockpit.plans.showing import plan_lines

    refused = next((procedure for procedure in REFUSED if plan_id in (procedure.id, procedure.id.split("/")[-1])), None)
    if refused is not None:
        click.echo("\n".join(refused_lines(refused)))
        sys.exit(PROBLEMS)
    everywhere = all_folders(folders)
    found = plans_named(plan_id, everywhere) or find_plans(everywhere)
    fitting = [loaded for loaded in found if loaded.plan and _is_called(loaded.plan.id, plan_id)]
    if len(fitting) != 1 or fitting[0].plan is None:
        _no_such_plan(plan_id, found, fitting)
    click.echo("\n".join(plan_lines(fitting[0].plan, str(fitting[0].path), fitting[0].digest)))


@command.command(name="check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--seeds", type=click.Path(path_type=Path), help="Folder of the source documents, to compare texts with.")
@folders_option
def check_plans(paths: tuple[Path, ...], seeds: Path | None, folders: tuple[Path, ...]) -> None:
    """Check plan files, or folders of them; without a PATH all plans there are. Needs no network."""
    from cockpit.aws.catalogue import shared_catalogue
    from cockpit.plans.lint import RULES, check_plan

    sources = _sources(seeds)
    found = _named(paths) if paths else _found(folders)
    problems = [problem for loaded in found for problem in check_plan(loaded, shared_catalogue(), sources)]
    for problem in problems:
        click.echo(str(problem), err=True)
    compared = "texts compared with the sources" if sources else "texts not compared (no --seeds)"
    words = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}" if problems else "no problems"
    click.echo(f"{len(found)} plan file{'s' if len(found) != 1 else ''}, {len(RULES)} rules, {compared}: {words}")
    sys.exit(PROBLEMS if problems else 0)


def _found(folders: tuple[Path, ...]) -> tuple[LoadedPlan, ...]:
    from cockpit.plans.catalogue import find_plans

    return find_plans(all_folders(folders))


def _named(paths: tuple[Path, ...]) -> tuple[LoadedPlan, ...]:
    from cockpit.config.paths import data_folder
    from cockpit.plans.catalogue import find_plans, read_plan
    from cockpit.plans.library import PIECES

    ours = (data_folder("plans"),)
    found: list[LoadedPlan] = []
    for path in paths:
        if path.is_dir():
            found.extend(find_plans([path], ours))
        elif path.parent.name == PIECES and path.exists():
            raise click.UsageError(f"{path} is a piece: it is checked with the plans that include it.")
        elif path.exists():
            found.append(read_plan(path, ours))
        else:
            raise click.UsageError(f"There is no file or folder {path}.")
    if not found:
        raise click.UsageError("There is no plan file (*.yaml, *.yml) in what was named.")
    return tuple(found)


def _sources(folder: Path | None) -> Mapping[str, tuple[str, ...]] | None:
    from cockpit.plans.lint.sources import read_seeds

    if folder is None:
        return None
    try:
        return read_seeds(folder)
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"The source documents in {folder} cannot be read: {error}.") from error


def _is_called(plan_id: str, wanted: str) -> bool:
    """Tell whether a plan is meant: by its id, or by the part after the system where that is enough."""
    return wanted in (plan_id, plan_id.partition("/")[2])


def _no_such_plan(wanted: str, found: tuple[LoadedPlan, ...], fitting: list[LoadedPlan]) -> NoReturn:
    if fitting:
        names = ", ".join(loaded.plan.id for loaded in fitting if loaded.plan)
        raise click.UsageError(f"{wanted} can be any of: {names}.")
    broken = [
        str(problem) for loaded in found if wanted.rpartition("/")[2] == loaded.path.stem for problem in loaded.problems
    ]
    if broken:
        click.echo("\n".join(broken), err=True)
        sys.exit(PROBLEMS)
    known = ", ".join(loaded.plan.id for loaded in found if loaded.plan)
    raise click.UsageError(f"There is no plan {wanted}. There are: {known}.")
