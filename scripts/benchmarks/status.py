"""`cockpit status` against the `aws` command, both on the same simulated AWS."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.row import Row, ratio_row, seconds
from cockpit.sim.process import start_simulator

ROOT = Path(__file__).parents[2]
AWS = ROOT / ".venv-bench" / "bin" / "aws"

PLAIN = """
import asyncio
from aiobotocore.session import get_session

async def deployments(client):
    ids = (await client.list_deployments())["deployments"]
    return await client.batch_get_deployments(deploymentIds=ids[:25])

async def tables(client):
    name = (await client.list_tables())["TableNames"][0]
    reads = client.describe_table(TableName=name), client.describe_continuous_backups(TableName=name)
    return await asyncio.gather(*reads)

async def main():
    session = get_session()
    async with (
        session.create_client("cloudwatch") as cloudwatch,
        session.create_client("codedeploy") as codedeploy,
        session.create_client("dynamodb") as dynamodb,
    ):
        await asyncio.gather(cloudwatch.describe_alarms(), deployments(codedeploy), tables(dynamodb))

asyncio.run(main())
"""


def measure() -> Iterator[Row]:
    """Yield the three ratios of the design's first budget."""
    install_aws()
    with start_simulator("syncwell-corruption") as simulator:
        environ = {**os.environ, **simulator.environ}

        def run(argv: Sequence[str]) -> str:
            done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
            if done.returncode not in (0, 1):
                raise SystemExit(f"{argv}: exit {done.returncode}\n{done.stderr}")
            return done.stdout

        ids = json.loads(run([str(AWS), "deploy", "list-deployments"]))["deployments"]
        reads = (
            ("cloudwatch", "describe-alarms"),
            ("deploy", "list-deployments"),
            ("deploy", "batch-get-deployments", "--deployment-ids", *ids[:25]),
            ("dynamodb", "list-tables"),
            ("dynamodb", "describe-table", "--table-name", "SyncWellMetadata"),
            ("dynamodb", "describe-continuous-backups", "--table-name", "SyncWellMetadata"),
        )
        status = seconds(lambda: run([sys.executable, "-m", "cockpit", "status"]))
        plain = seconds(lambda: run([sys.executable, "-c", PLAIN]))
        one = seconds(lambda: run([str(AWS), *reads[0]]))
        six = seconds(lambda: [run([str(AWS), *read]) for read in reads], times=3)
    yield ratio_row("cockpit status / six reads by the aws command", status, six, 0.15)
    yield ratio_row("cockpit status / one aws cloudwatch describe-alarms", status, one, 0.9)
    yield Row(
        "a plain aiobotocore script with the same reads", f"{plain / six:.2f} x of the six ({plain * 1000:.0f} ms)"
    )


def install_aws() -> None:
    """Install the `aws` command from its lock into an environment of its own, once."""
    if AWS.exists():
        return
    subprocess.run([sys.executable, "-m", "venv", str(ROOT / ".venv-bench")], check=True)
    pip = [str(AWS.with_name("python")), "-m", "pip", "--quiet", "install", "--require-hashes", "--no-deps"]
    subprocess.run([*pip, "--requirement", str(ROOT / "requirements-bench.lock")], check=True)
