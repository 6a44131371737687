"""``cockpit plans coverage``: which procedures of a ledger there are plans for. Reads files only; no network."""

import json
import sys
from pathlib import Path

import click

from cockpit.cli.plan_folders import all_folders, folders_option

PROBLEMS = 1


@click.command("coverage")
@click.argument("names", nargs=-1, metavar="[PROCEDURE]...")
@click.option(
    "--ledger", "path", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The ledger of procedures."
)
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
@folders_option
@click.option("--strict", is_flag=True, help="Exit code 1 if a plan leaves out a step or an error of its procedure.")
def command(*, names: tuple[str, ...], path: Path, folders: tuple[Path, ...], as_json: bool, strict: bool) -> None:
    """Tell which procedures of the ledger are covered, which of their steps, and by which step of a plan.

    Without a PROCEDURE all there are. Exit code: 0; 1 with --strict if something is left out; 2 for bad input.
    """
    from cockpit.cli.driving import fail
    from cockpit.plans.catalogue import find_plans
    from cockpit.plans.coverage import coverage, loose_errors
    from cockpit.plans.coverage_report import coverage_json, coverage_lines
    from cockpit.plans.document import DocumentError
    from cockpit.plans.ledger import read_ledger

    try:
        ledger = read_ledger(path)
    except DocumentError as error:
        fail(str(error))
    known = {procedure.id for procedure in ledger.procedures}
    for name in names:
        if name not in known:
            fail(f"{path} has no procedure {name}.")
    plans = [loaded.plan for loaded in find_plans(all_folders(folders)) if loaded.plan is not None]
    found = [each for each in coverage(ledger, plans) if not names or each.procedure.id in names]
    loose = () if names else loose_errors(ledger, plans)
    click.echo(
        json.dumps(coverage_json(found, loose), indent=2) if as_json else "\n".join(coverage_lines(found, loose))
    )
    left_out = any(each.plan is not None and not each.is_whole for each in found)
    sys.exit(PROBLEMS if strict and left_out else 0)
