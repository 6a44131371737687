"""Plan A's calls of Terraform: the stand-in of the other tests and the real program, where there is one, agree."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cockpit.config.paths import data_folder
from cockpit.plans.actions.shell import ShellSpec
from cockpit.plans.catalogue import load_plan
from cockpit.plans.expressions import resolve, resolve_condition

STAND_IN = Path(__file__).parents[2] / "support" / "terraform"
TABLE = "SyncWellMetadata-restored-1"
# What the stand-in's folder says in its own way, without any provider: none can be had without a network.
CODE = """
terraform {
  backend "local" {}
}
variable "region" {}
variable "metadata_table" { default = "" }
variable "worker_count" { default = 4 }
resource "terraform_data" "worker" { input = "${var.region} ${var.metadata_table} ${var.worker_count}" }
"""


@pytest.fixture(params=["stand-in", "real"])
def terraform(request, tmp_path, monkeypatch):
    """A folder of code, with the stand-in or the real program on the way."""
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    if request.param == "stand-in":
        shutil.copytree(STAND_IN / "syncwell", tmp_path, dirs_exist_ok=True)
        monkeypatch.setenv("PATH", f"{STAND_IN / 'bin'}:{os.environ['PATH']}")
        return tmp_path
    if shutil.which("terraform") is None:
        pytest.skip("there is no terraform on this machine")
    (tmp_path / "main.tf").write_text(CODE)
    (tmp_path / "us-west-2.s3.tfbackend").write_text('path = "here.tfstate"\n')
    return tmp_path


@pytest.fixture
def call(terraform):
    """Return what makes one of the plan's calls: its specification, exit status and outputs."""
    plan = load_plan(data_folder("plans") / "syncwell" / "plan-a-regional-outage.yaml")
    names = {
        "inputs": {
            "terraform_backend": "us-west-2.s3.tfbackend",
            "region_variable": "region",
            "table_variable": "metadata_table",
            "count_variable": "worker_count",
            "table": "SyncWellMetadata",
        },
        "steps": {"name_table": {"table": TABLE}},
        "scope": {"region": "us-west-2"},
        "run": {"id": "20260131T030000Z-plan-a-0000"},
    }

    def made(step, **changes):
        spec = plan.step(step).action
        assert isinstance(spec, ShellSpec)
        argv = [str(resolve(word, {**names, "inputs": {**names["inputs"], **changes}})) for word in spec.argv]
        return spec, names, subprocess.run(argv, cwd=terraform, capture_output=True, text=True, check=False)

    return made


def test_the_plans_calls_give_what_the_plan_reads(call):
    """An option that Terraform does not know, or an answer of another form, would show in the middle of an outage."""
    assert call("terraform_init")[2].returncode == 0
    spec, _, planned = call("terraform_plan")
    assert planned.returncode == 0, planned.stderr
    assert re.search(spec.expect_output, planned.stdout)
    spec, names, shown = call("check_plan")
    assert resolve_condition(spec.expect, {**names, "answer": json.loads(shown.stdout)})
    assert json.loads(shown.stdout)["resource_changes"][0]["change"]["actions"] == ["create"]


def test_a_variable_that_the_code_lacks_stops_it(call):
    """Code that cannot be told the table's name would make a table of its own (ledger E-24)."""
    assert call("terraform_init")[2].returncode == 0
    planned = call("terraform_plan", table_variable="no_such_variable")[2]
    assert planned.returncode == 1
    assert "Value for undeclared variable" in planned.stderr


@pytest.mark.parametrize("terraform", ["real"], indirect=True)
def test_what_is_applied_is_the_plan_that_was_shown(terraform, call):
    """A second apply of the code, instead of the plan file, could do something that nobody has seen."""
    assert call("terraform_init")[2].returncode == 0
    assert call("terraform_plan")[2].returncode == 0
    (terraform / "main.tf").write_text(CODE + 'resource "terraform_data" "later" {}\n')
    applied = call("terraform_apply")[2]
    assert applied.returncode == 0, applied.stderr
    assert "Resources: 1 added" in applied.stdout
    (terraform / "main.tf").write_text(CODE)
    spec, _, planned = call("terraform_plan")
    assert "No changes" in planned.stdout
    assert re.search(spec.expect_output, planned.stdout)
