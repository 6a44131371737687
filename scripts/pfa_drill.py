"""A rehearsal of the PFA plans at a terminal: a real host on this machine, a simulated AWS beside it, and the cockpit.

    .venv/bin/python scripts/pfa_drill.py quick-rollback
    .venv/bin/python scripts/pfa_drill.py --speed 30 full-database-restore
    .venv/bin/python scripts/pfa_drill.py quick-rollback status          # in lines, not on the screens

Everything is gone again when the cockpit ends. Needs what `scripts/test_servers.sh` installs.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.pfa.outages import OUTAGES  # noqa: E402 - the application is part of the tests
from support.pfa.tools import Cluster  # noqa: E402
from support.pfa.world import World, world_of  # noqa: E402

ENVIRONMENT = "drill"
SCENARIOS = {"quick-rollback": "pfa-bad-release", "full-database-restore": "pfa-corrupt-database"}


def main() -> int:
    """Set the stage, open the cockpit, and clear up."""
    parser = argparse.ArgumentParser(description="Rehearse a PFA plan with the real tools.")
    parser.add_argument("plan", choices=SCENARIOS)
    parser.add_argument("--speed", type=float, default=10.0, help="seconds of the story per second")
    parser.add_argument("words", nargs=argparse.REMAINDER, help="arguments of `cockpit`; without any, its screens")
    options = parser.parse_args()
    for ended_by in (signal.SIGHUP, signal.SIGTERM):  # a closed terminal must not leave servers behind
        signal.signal(ended_by, lambda *_: sys.exit(1))
    print("Setting up PostgreSQL, the application, its releases and a simulated AWS ...", flush=True)
    with rehearsal(options.plan, options.speed) as environ:
        command = [str(Path(sys.executable).with_name("cockpit")), *options.words]
        return subprocess.run(command, env={**os.environ, **environ}, check=False).returncode


@contextmanager
def rehearsal(plan: str, speed: float) -> Iterator[dict[str, str]]:
    """Set the stage for a plan; yield what to add to the environment variables of the cockpit."""
    with Cluster() as cluster, world_of(SCENARIOS[plan], cluster, speed) as world:
        OUTAGES[plan](world.vanguard)
        with tempfile.TemporaryDirectory() as folder:
            yield {
                **world.simulator.environ,
                "COCKPIT_CONFIG": str(_configuration(world, Path(folder))),
                "COCKPIT_STATE_DIR": folder,
                "PYTHON_KEYRING_BACKEND": "support.pfa.world.Drawer",  # the API's token
                "PYTHONPATH": str(ROOT / "tests"),
            }


def _configuration(world: World, folder: Path) -> Path:
    """Write the configuration of a drill on this machine."""
    names, env = world.environment.names["pfa"], world.environment.hosts["pfa"].env
    lines = [
        f"[environments.{ENVIRONMENT}]",
        'kind = "drill"',
        f'account = "{world.environment.account}"',
        'regions = ["us-east-1"]',
        f"[environments.{ENVIRONMENT}.names.pfa]",
        *(f'{name} = "{value}"' for name, value in names.items()),
        f"[environments.{ENVIRONMENT}.hosts.pfa.env]",
        *(f'{name} = "{value}"' for name, value in env.items()),
    ]
    file = folder / "cockpit.toml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


if __name__ == "__main__":
    sys.exit(main())
