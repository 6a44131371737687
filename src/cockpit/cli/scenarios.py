"""`cockpit scenarios`: what can be played."""

import click


@click.command(name="scenarios")
def command() -> None:
    """List the scenarios of the simulated AWS, one line each."""
    from cockpit.plans.document import DocumentError
    from cockpit.sim.scenario import find_scenarios, load_scenario

    broken = False
    paths = tuple(find_scenarios())
    width = max((len(path.stem) for path in paths), default=0)
    for path in paths:
        try:
            click.echo(f"{path.stem:<{width}}  {load_scenario(path).scenario.title}")
        except DocumentError as error:
            broken = True
            click.echo(str(error), err=True)
    if broken:
        raise SystemExit(2)
