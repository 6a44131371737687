"""The quick rollback of PFA Vanguard with the real tools: pm2, git, npm, PostgreSQL, aws."""

import urllib.request

import boto3
import pytest

from support.pfa.stage import BACKEND, TOKEN, WORKER
from support.rehearsal import rehearse

pytestmark = pytest.mark.simulator

PLAN = "pfa/quick-rollback"


def page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read().decode()


@pytest.mark.parametrize("world", ["pfa-bad-release"], indirect=True)
def test_release_3_runs_again_and_what_is_stranded_is_said(world, tmp_path):
    """After the rollback release 3 answers everywhere, nothing writes to PEMS, and the stranded rows are counted."""
    vanguard = world.vanguard
    vanguard.deploy("v4.0.0")
    vanguard.sql("insert into pfa_write_queue (payload) select '{}' from generate_series(1, 40)")
    state = rehearse(world.simulator, PLAN, tmp_path, world.environment)
    assert vanguard.get("/health") == (200, "3.0.0", {"status": "healthy"})
    assert vanguard.get("/api/pfa-data?organizationId=org-rio", TOKEN)[0] == 200
    assert (vanguard.root / "current").readlink().name == "v3.0.0"
    assert vanguard.process(BACKEND)["NODE_ENV"] == "production"
    assert [vanguard.process(WORKER)[key] for key in ("pid", "status")] == [0, "stopped"]
    assert 'content="3.0.0"' in page(world.site_url)
