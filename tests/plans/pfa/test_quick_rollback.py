"""The quick rollback of PFA Vanguard with the real tools: pm2, git, npm, PostgreSQL, aws."""

import urllib.request
from pathlib import Path

import boto3
import pytest

from cockpit.engine.records import Prompted
from support.pfa.stage import BACKEND, MIGRATION, TOKEN, WORKER
from support.pfa.world import world_of
from support.rehearsal import Rehearsal, rehearse

pytestmark = pytest.mark.simulator

PLAN = "pfa/quick-rollback"
SITE = "pfavanguard-frontend"


def page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - the simulator's http address
        return answer.read().decode()


def everything_in(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def objects() -> set[str]:
    return {each["Key"] for each in boto3.client("s3").list_objects_v2(Bucket=SITE)["Contents"]}


@pytest.mark.parametrize("world", ["pfa-bad-release"], indirect=True)
def test_release_3_runs_again_and_what_is_stranded_is_said(world, tmp_path):
    """After the rollback release 3 answers everywhere, nothing writes to PEMS, and the stranded rows are counted."""
    vanguard = world.vanguard
    vanguard.deploy("v4.0.0")
    vanguard.sql("insert into pfa_write_queue (payload) select '{}' from generate_series(1, 60)")
    vanguard.wait_for(lambda: vanguard.pems.writes)
    state = rehearse(world.simulator, PLAN, tmp_path, world.environment)

    # Release 3 runs in production's environment, release 4 lies beside it, the worker stands still.
    assert vanguard.get("/health") == (200, "3.0.0", {"status": "healthy"})
    assert vanguard.get("/api/pfa-data?organizationId=org-rio", TOKEN)[0] == 200
    assert (vanguard.root / "current").readlink() == Path("releases/v3.0.0")
    assert (vanguard.root / "releases" / "v4.0.0" / "backend" / "dist" / "server.js").exists()
    assert vanguard.process(BACKEND)["NODE_ENV"] == "production"
    assert [vanguard.process(WORKER)[key] for key in ("pid", "status")] == [0, "stopped"]
    assert [halt.name for halt in state.still_halted] == ["worker_process"]

    # Visitors get its page; nothing was taken away from open tabs of either release (E-54).
    assert 'content="3.0.0"' in page(world.site_url)
    assert {"assets/app-30000000.js", "assets/app-40000000.js", "index.html"} < objects()
    soak = state.steps["soak"]
    assert (soak.ended_at - soak.started_at).total_seconds() >= 900

    # "Data loss: none" is false: what is stranded was counted, and agrees with the database and with PEMS (E-50).
    counted = state.steps["after_count"].captured
    told = vanguard.sql("select status, count(*) from pfa_write_queue group by 1").split()
    rows = dict(line.split("|") for line in told)
    found = [int(rows.get(status, 0)) for status in ("queued", "in_flight", "done")]
    assert [counted[name] for name in ("waiting", "in_flight", "arrived")] == found
    assert counted["waiting"] > 0
    assert len(vanguard.pems.writes) >= counted["arrived"] > 0

    # The database is as it was, migration and all: nothing is marked as rolled back (E-47).
    migrations = vanguard.sql("select migration_name from _prisma_migrations where rolled_back_at is null").split()
    assert MIGRATION in migrations

    # People were told before the rollback, in words that can be read (E-86).
    told = next(text for text in state.posted if text.phase == "initial")
    assert (told.text, told.at < state.steps["switch"].started_at) == ("Investigating - Rollback in progress", True)
    said = state.steps["tell_team"]
    assert said.ended_at < state.steps["switch"].started_at

    # No token and no password was written anywhere (E-70, E-52).
    kept = everything_in(tmp_path)
    assert TOKEN.encode() not in kept
    assert vanguard.cluster.password.encode() not in kept


def left(world, folder, **changes):
    """Run the plan until something is in trouble; return its state and what was in trouble."""
    rehearsal = Rehearsal(world.simulator, PLAN, folder, world.environment, **changes)
    state = rehearsal.finish()
    assert state.ended == "aborted"
    return rehearsal, state


def changed(state) -> list[str]:
    return [call.intent.step for step in state.steps.values() for call in step.calls]


@pytest.fixture(scope="module")
def quiet(cluster, token):
    """A host whose release 4 is there, with nothing running; release 3 is prepared by each test."""
    with world_of("pfa-bad-release", cluster) as made:
        (made.vanguard.root / "releases" / "v4.0.0").mkdir()
        (made.vanguard.root / "current").symlink_to("releases/v4.0.0")
        yield made


def test_a_live_tree_is_refused_before_anything_changes(quiet, tmp_path):
    """E-67: if current is no link, releases are rebuilt under the running process: the plan does not begin."""
    current = quiet.vanguard.root / "current"
    current.unlink()
    current.mkdir()
    try:
        rehearsal, state = left(quiet, tmp_path)
    finally:
        current.rmdir()
        current.symlink_to("releases/v4.0.0")
    assert changed(state) == []
    assert "host_deployed" in rehearsal.operator.troubles[0]


def test_another_accounts_credentials_are_refused_before_anything_changes(quiet, tmp_path):
    """RQ-12: the host's aws command would upload into another environment's bucket."""
    stranger = tmp_path / "bin" / "aws"
    stranger.parent.mkdir()
    stranger.write_text("#!/bin/sh\necho 999999999999\n")
    stranger.chmod(0o755)
    host = quiet.environment.hosts["pfa"]
    path = f"{stranger.parent}:{host.env['PATH']}"
    elsewhere = {"pfa": host.model_copy(update={"env": {**host.env, "PATH": path}})}
    environment = quiet.environment.model_copy(update={"hosts": elsewhere})
    rehearsal = Rehearsal(quiet.simulator, PLAN, tmp_path, environment)
    state = rehearsal.finish()
    assert (state.ended, changed(state)) == ("aborted", [])
    assert "belong to account 999999999999" in rehearsal.operator.troubles[0]


def test_an_empty_build_never_reaches_the_bucket(quiet, tmp_path):
    """E-54: a build that failed leaves an empty dist/; that is found before anything is switched or uploaded."""
    vanguard = quiet.vanguard
    before = objects()
    folder = vanguard.root / "releases" / "v3.0.0"
    for part in ("backend/dist", "dist"):
        (folder / part).mkdir(parents=True)
    for name in ("package.json", "backend/package.json"):
        (folder / name).write_text('{"version": "3.0.0"}')
    (folder / "RELEASE").touch()
    rehearsal, state = left(quiet, tmp_path)
    assert "files" in rehearsal.operator.troubles[0]
    assert changed(state) == [], "pm2 knew of no worker, the release lay there built: nothing had to be changed before"
    assert (vanguard.root / "current").readlink() == Path("releases/v4.0.0")
    assert objects() == before
    skipped = {"checkout", "backend_packages", "frontend_build"}
    outcomes = {state.steps[step].outcome.value for step in skipped}
    assert outcomes == {"skipped"}, "a built release is not built again (E-65)"

    # Releases were offered sorted as versions, with the running one and what is no release refused (E-68).
    entries = [each.record for each in rehearsal.run.entries() if isinstance(each.record, Prompted)]
    prompt = next(record.prompt for record in entries if record.step == "target")
    shown = [(choice.value, bool(choice.refused)) for choice in prompt.choices]
    assert shown == [
        ("v4.0.0", True),
        ("v4.0.0-rc.1", True),
        ("v3.10.0", False),
        ("v3.10.0-rc.1", True),
        ("v3.9.0", False),
        ("v3.0.0", False),
    ]
    assert prompt.choices[prompt.recommended].value == "v3.0.0"
