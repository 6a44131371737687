"""`cockpit sim`: the simulated AWS in the foreground."""

import shlex

import click


@click.command(name="sim")
@click.argument("scenario", default="syncwell-corruption")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; 0 takes any free one.")
@click.option(
    "--speed", type=click.FloatRange(0, 10_000, min_open=True), default=1.0, help="Seconds of the story per second."
)
@click.option("--seed", type=int, default=1, help="Same seed, same story.")
def command(scenario: str, port: int, speed: float, seed: int) -> None:
    """Run a SCENARIO (a name or a file) on a simulated AWS until Ctrl-C, and say how to reach it."""
    from cockpit.sim.process import SimulatorFailed, start_simulator

    click.echo("Starting the simulated AWS ...", err=True)
    try:
        simulator = start_simulator(scenario, speed, seed, port)
    except SimulatorFailed as failure:
        click.echo(str(failure), err=True)
        raise SystemExit(2) from None
    with simulator:
        click.echo(f"# {scenario} on 127.0.0.1; Ctrl-C ends it. In another shell:")
        for name, value in simulator.environ.items():
            if value:
                click.echo(f"export {name}={shlex.quote(value)}")
        click.echo(f"# Not AWS, for comparing with the truth: {simulator.endpoint}/_cockpit/truth and /_cockpit/calls")
        try:
            simulator.wait()
        except KeyboardInterrupt:
            click.echo("\nThe simulated AWS has ended.", err=True)
