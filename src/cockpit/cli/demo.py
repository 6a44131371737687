"""`cockpit demo`: open the cockpit in the middle of a simulated outage."""

import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cockpit.config.schema import Environment
    from cockpit.sim.process import Simulator
    from cockpit.ui.session import CockpitSession

DEFAULT_SCENARIO = "syncwell-corruption"
ENVIRONMENT = "demo"
HINT = "A simulated outage, nothing here is real. Press p for the plans that match."
HINTS = {
    "syncwell-corruption": "A simulated outage, nothing here is real. Press p, choose Plan G.",
    "syncwell-bad-canary": "A simulated outage, nothing here is real. Press p, choose Plan F.",
    "syncwell-region-gone": "A simulated outage, nothing here is real. Press p, choose Plan A.",
}
EXTRA_MISSING = (
    "The simulated AWS is an extra that is not installed. Install it with: pip install 'incident-cockpit[demo]'"
)


@click.command("demo")
@click.option("--scenario", default=DEFAULT_SCENARIO, show_default=True, metavar="NAME|FILE", help="The story.")
@click.option(
    "--speed",
    default=10.0,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="Seconds of the story per second.",
)
@click.option("--seed", default=1, show_default=True, metavar="N", help="Same seed, same story.")
@click.option("--keep", is_flag=True, help="Keep the simulated AWS after quitting, until Ctrl-C.")
def command(*, scenario: str, speed: float, seed: int, keep: bool) -> None:
    """Open the cockpit on a simulated AWS. Nothing leaves this machine; runs are kept apart from real ones."""
    if find_spec("moto") is None or find_spec("flask") is None:
        click.echo(EXTRA_MISSING, err=True)
        sys.exit(2)
    from cockpit.ui.launch import launch

    demo = _Demo(scenario, speed, seed)
    try:
        code = launch(demo.open, title=f"◆ DEMO {scenario}")
        if keep and code == 0:
            demo.linger()
    finally:
        demo.stop()
    sys.exit(code)


def _with_programs_at(environment: "Environment", simulator: "Simulator") -> "Environment":
    """Let programs that plans run on this machine reach the simulated AWS, and never the operator's own."""
    from cockpit.config.schema import Host

    hosts = {"local": Host(), **environment.hosts}
    here = {name: host for name, host in hosts.items() if not host.destination}
    led = {name: host.model_copy(update={"env": {**simulator.environ, **host.env}}) for name, host in here.items()}
    return environment.model_copy(update={"hosts": {**hosts, **led}})


class _Demo:
    """A simulator and the session over it."""

    def __init__(self, scenario: str, speed: float, seed: int) -> None:
        self._scenario = scenario
        self._speed = speed
        self._seed = seed
        self._simulator: Simulator | None = None

    def open(self) -> "CockpitSession":
        """Start the simulator and open the scenario's environment; called in a thread after the first paint."""
        from cockpit.config.paths import demo_folder
        from cockpit.plans.document import DocumentError
        from cockpit.sim.process import SimulatorFailed, start_simulator
        from cockpit.sim.scenario import load_scenario
        from cockpit.ui.opening import open_environment
        from cockpit.ui.session import CannotOpen

        try:
            environment = load_scenario(self._scenario).environment
            self._simulator = simulator = start_simulator(self._scenario, speed=self._speed, seed=self._seed)
        except (DocumentError, SimulatorFailed, OSError) as problem:
            raise CannotOpen(str(problem)) from problem
        # The ordinary settings of ordinary AWS clients: the cockpit does not know that this AWS is simulated.
        for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"):
            os.environ.pop(name, None)
        os.environ.update(simulator.environ)
        return open_environment(
            ENVIRONMENT,
            _with_programs_at(environment, simulator),
            simulator.clock,
            demo=True,
            runs_folder=demo_folder(f"{simulator.clock.now():%Y%m%dT%H%M%SZ}-{simulator.pid}"),
            hint=HINTS.get(self._scenario, HINT),
        )

    def linger(self) -> None:
        """Keep the simulator for other clients until Ctrl-C."""
        if self._simulator is None:
            return
        for name, value in self._simulator.environ.items():
            if value:
                click.echo(f"export {name}={value}")
        click.echo("The simulated AWS goes on; Ctrl-C ends it.")
        try:
            import signal

            signal.pause()
        except KeyboardInterrupt:
            click.echo()

    def stop(self) -> None:
        """End the simulator."""
        if self._simulator is not None:
            self._simulator.stop()
