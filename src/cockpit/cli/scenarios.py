"""`cockpit scenarios`: what can be played."""

import click


@click.command(name="scenarios")
def command() -> None:
    """List the scenarios of the simulated AWS, one line each."""
    from cockpit.plans.yaml_document import DocumentError
    from cockpit.sim.scenario import find_scenarios, load_scenario

    broken = False
    for path in find_scenarios():
        try:
            click.echo(f"{path.stem:<24} {load_scenario(path).scenario.title}")
        except DocumentError as error:
            broken = True
            click.echo(str(error), err=True)
    if broken:
        raise SystemExit(2)
