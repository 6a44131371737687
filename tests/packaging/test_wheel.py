"""What `pip install` users get."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The wheel, built from this checkout and unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([*build, str(ROOT)], check=True)
    (wheel,) = folder.glob("*.whl")
    assert wheel.name.startswith("incident_cockpit-")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def run(unpacked, *words):
    """Run the unpacked program away from the checkout."""
    environ = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run(
        [sys.executable, "-m", "cockpit", *words],
        env=environ,
        cwd=unpacked,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_wheel_carries_every_plan_and_scenario(unpacked):
    """Users who install the package would have no plans, or a demo without a story."""
    for kind in ("plans", "scenarios"):
        ours = {path.relative_to(ROOT / kind) for path in (ROOT / kind).rglob("*.yaml")}
        theirs = {
            path.relative_to(unpacked / "cockpit" / "_data" / kind) for path in unpacked.rglob(f"{kind}/**/*.yaml")
        }
        assert ours == theirs


def test_the_installed_program_finds_them(unpacked):
    """The files would be in the wheel, but looked for elsewhere."""
    code, said = run(unpacked, "plans", "check")
    assert code == 0, said
    code, said = run(unpacked, "plans", "list")
    assert "syncwell/plan-g-data-corruption" in said
    assert run(unpacked, "scenarios")[0] == 0


def test_help_imports_no_screen_and_no_aws(unpacked):
    """Every command would start slowly, whatever it does (DESIGN 11)."""
    script = (
        "import sys; from click.testing import CliRunner; from cockpit.cli.main import main;"
        "CliRunner().invoke(main, ['--help']);"
        "print([name for name in ('textual', 'botocore', 'aiobotocore', 'moto', 'pydantic') if name in sys.modules])"
    )
    environ = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
