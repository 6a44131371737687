"""A folder of Terraform code whose `terraform` is the stand-in, on the way of a host of the environment."""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from cockpit.config.schema import Environment, Host
from cockpit.sim.process import Simulator
from cockpit.sim.scenario import load_scenario

_HERE = Path(__file__).parent / "terraform"


@dataclass(frozen=True, slots=True)
class Terraform:
    """The stand-in's folder, and the list of what it was called with."""

    folder: Path
    log: Path

    @property
    def calls(self) -> list[list[str]]:
        """Return the argument vectors of all calls, in order."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


def with_terraform(simulator: Simulator, scenario: str, folder: Path) -> tuple[Environment, Terraform]:
    """Return a scenario's environment with a Terraform folder of its own, and that folder."""
    code = folder / "terraform"
    shutil.copytree(_HERE / "syncwell", code, dirs_exist_ok=True)
    terraform = Terraform(code, folder / "terraform-calls.jsonl")
    environment = load_scenario(scenario).environment
    env = {
        "PATH": f"{_HERE / 'bin'}:{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": simulator.endpoint,
        "STANDIN_LOG": str(terraform.log),
    }
    names = {**environment.names["syncwell"], "terraform_folder": str(code)}
    changed = {"names": {"syncwell": names}, "hosts": {"local": Host(env=env)}}
    return environment.model_copy(update=changed), terraform
