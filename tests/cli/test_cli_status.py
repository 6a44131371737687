"""`cockpit status`, as a user calls it."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cockpit.sim.process import start_simulator
from support.broken_endpoints import BrokenEndpoint, answer

JSON_TYPE = "Content-Type: application/x-amz-json-1.0\r\n"


@pytest.fixture(scope="module")
def outage():
    """The simulated outage, shared: nothing here changes it."""
    with start_simulator("syncwell-corruption") as simulator:
        yield simulator


@pytest.fixture
def status(tmp_path):
    """Run the command in an empty folder, with ordinary AWS settings only."""

    def run(*arguments, **settings):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COCKPIT_"))}
        environ = kept | {
            "HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path),
            "AWS_ACCESS_KEY_ID": "AKIA1",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_EC2_METADATA_DISABLED": "true",
            **settings,
        }
        command = [sys.executable, "-m", "cockpit", "status", *arguments]
        environ = {name: value for name, value in environ.items() if value is not None}
        return subprocess.run(
            command, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def _closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.simulator
def test_an_outage_in_plain_text(status, outage):
    """The firing alarms, the latest deployment and the restorable window, within 80 columns, exit 1."""
    done = status(**outage.environ)
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    assert "account 123456789012" in done.stdout
    assert "READ-ONLY" in done.stdout
    assert "syncwell-config-overwrites" in done.stdout
    assert "syncwell-backend/syncwell-worker" in done.stdout
    assert "SyncWellMetadata: " in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.simulator
def test_only_reads_reach_the_endpoint(status, outage):
    """Whatever it sends is in the published policy."""
    status(**outage.environ)
    watch = json.loads((Path(__file__).resolve().parents[2] / "docs" / "watch-policy.json").read_text())
    allowed = set(watch["Statement"][0]["Action"])
    assert set(outage.get_json("/_cockpit/calls")["counts"]) <= allowed


@pytest.mark.simulator
def test_json_is_what_the_documentation_says(status, outage):
    """Scripts read this: the members, the verdict and the exit code."""
    done = status("--json", **outage.environ)
    told = json.loads(done.stdout)
    assert (told["format"], told["verdict"], told["exit_code"], done.returncode) == (1, "firing", 1, 1)
    assert set(told) == {"format", "environment", "kind", "at", "verdict", "exit_code", "identity", "regions"}
    region = told["regions"]["us-east-1"]
    assert set(region) == {"alarms", "deployments", "restores"}
    assert {"value", "fetched_at", "fault"} == set(region["alarms"])
    assert region["alarms"]["value"][0]["state"] == "ALARM"
    assert region["restores"]["value"]["tables"][0]["table"] == "SyncWellMetadata"
    assert told["identity"]["value"]["account"] == "123456789012"


@pytest.mark.simulator
def test_another_region_is_empty_and_well(status, outage):
    """--region looks elsewhere; nothing there is nothing wrong."""
    done = status("--json", "--region", "eu-west-1", **outage.environ)
    assert list(json.loads(done.stdout)["regions"]) == ["eu-west-1"]
    assert done.returncode == 0, done.stdout


@pytest.mark.simulator
def test_configured_environment(status, outage, tmp_path):
    """A cockpit.toml in the folder names the environment and narrows what is watched."""
    (tmp_path / "cockpit.toml").write_text(
        '[environments.shop]\nkind = "staging"\nregions = ["us-east-1"]\n'
        '[environments.shop.watch]\nalarms = ["nothing-*"]\napplications = ["none"]\n'
    )
    done = status(**outage.environ)
    assert done.stdout.startswith("shop (staging)"), done.stderr
    assert "ALARMS       none" in done.stdout
    assert done.returncode == 0


def test_unreachable_endpoint_is_said_and_exits_2(status):
    """Nothing could be read: words, not a traceback."""
    done = status(AWS_ENDPOINT_URL=_closed_port(), AWS_REGION="us-east-1")
    assert done.returncode == 2
    assert done.stdout.count("COULD NOT BE READ") == 4
    assert "no connection to http://127.0.0.1" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_missing_credentials_name_the_command(status):
    """Not signed in: the remedy is on the screen."""
    done = status(
        "--json",
        AWS_ACCESS_KEY_ID=None,
        AWS_SECRET_ACCESS_KEY=None,
        AWS_ENDPOINT_URL=_closed_port(),
        AWS_REGION="us-east-1",
    )
    told = json.loads(done.stdout)
    assert (told["verdict"], done.returncode) == ("unread", 2)
    fault = told["regions"]["us-east-1"]["alarms"]["fault"]
    assert fault["kind"] == "credentials"
    assert "aws sso login" in fault["remedy"]


def test_a_sign_in_page_is_not_all_well(status):
    """A proxy that answers everything with a page must never show as "no alarms"."""
    page = answer("200 OK", b"<html>Please sign in</html>", "Content-Type: text/html\r\n")
    with BrokenEndpoint(page) as endpoint:
        done = status(AWS_ENDPOINT_URL=endpoint.url, AWS_REGION="us-east-1")
    assert done.returncode == 2
    assert done.stdout.count("COULD NOT BE READ") == 3


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        ((), {}, "Set AWS_REGION"),
        (("--env", "prod"), {"AWS_REGION": "us-east-1"}, "no cockpit.toml"),
        (("--config", "absent.toml"), {"AWS_REGION": "us-east-1"}, "absent.toml: the configuration cannot be read"),
        ((), {"AWS_REGION": "us-east-1", "COCKPIT_CLOCK": "soon"}, "COCKPIT_CLOCK must look like"),
        (("--nonsense",), {"AWS_REGION": "us-east-1"}, "No such option"),
    ],
)
def test_bad_input_exits_2_with_a_sentence(status, arguments, settings, words):
    """Bad input: what was expected, no traceback."""
    done = status(*arguments, **settings)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_no_heavy_import(tmp_path):
    """Start-up budget: neither Textual nor pydantic nor aiohttp nor rich is loaded to print a status."""
    code = (
        "import sys\n"
        "from cockpit.cli.main import main\n"
        "try:\n    main(['status'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'textual', 'pydantic', 'aiohttp', 'aiobotocore', 'rich', 'moto'} & set(sys.modules)\n"
        "print('HEAVY', sorted(heavy), file=sys.stderr)\n"
    )
    environ = os.environ | {"AWS_ENDPOINT_URL": _closed_port(), "AWS_REGION": "us-east-1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert "HEAVY []" in done.stderr
