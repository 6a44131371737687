"""A folder with a `cockpit.toml` for a scenario, and the environment variables that programs run with."""

import json
from pathlib import Path
from typing import Any

from cockpit.config.schema import Environment
from cockpit.sim.process import Simulator
from cockpit.sim.scenario import load_scenario

READS = ("Describe", "List", "Get", "Batch", "Filter", "Simulate")


def toml(value: Any) -> str:
    """Return a value as TOML writes it on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return json.dumps(value)


class Place:
    """Where a program under test runs.

    Attributes:
        folder: working folder with the configuration; its environment is called ``rehearsal``.
        scenario: what the simulator plays.
        environ: what to add to the environment variables.
        state_folder: where runs are kept.
    """

    def __init__(self, folder: Path, simulator: Simulator, scenario: str) -> None:
        self.folder = folder
        self.simulator = simulator
        self.state_folder = folder / "state"
        self.environ = {**simulator.environ, "COCKPIT_STATE_DIR": str(self.state_folder)}
        self.scenario = scenario
        self.configure(load_scenario(scenario).environment)

    def configure(self, environment: Environment) -> None:
        """Write the configuration, with one environment."""
        hosts = {name: {"env": host.env} for name, host in environment.hosts.items()}
        (self.folder / "cockpit.toml").write_text(
            f'[environments.rehearsal]\nkind = "demo"\naccount = "{environment.account}"\n'
            f"regions = {toml(list(environment.regions))}\nnames = {toml(environment.names)}\nhosts = {toml(hosts)}\n"
        )

    def mutations(self) -> dict[str, int]:
        """Return how often each operation that is no read reached the endpoint."""
        counts = self.simulator.get_json("/_cockpit/calls")["counts"]
        return {name: count for name, count in counts.items() if not name.partition(":")[2].startswith(READS)}
