"""Wrong way, right way: what the document says goes wrong with the real tools, and the plans' steps hold."""

import asyncio
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from cockpit.config.paths import data_folder
from cockpit.model.effect import Outcome
from cockpit.plans.actions.notify import NotifySpec
from cockpit.plans.catalogue import load_plan
from support.pfa.stage import BACKEND, TAGS, TOKEN
from support.pfa.world import World, world_of
from support.plan_step import perform

pytestmark = pytest.mark.simulator

QUICK, RESTORE = "pfa/quick-rollback", "pfa/full-database-restore"
SITE = "pfavanguard-frontend"


@pytest.fixture(scope="module")
def world(cluster, token):
    """Release 4 runs; release 3 is built beside it."""
    with world_of("pfa-bad-release", cluster) as made:
        made.vanguard.deploy("v4.0.0")
        made.vanguard.wait_for(lambda: made.vanguard.get("/health")[0] == 500)
        yield made


async def step(world: World, name: str, folder: Path, plan: str = QUICK, **steps):
    """Carry out a step of a plan on the world's host."""
    inputs = {name: steps.pop(name) for name in ("recorded",) if name in steps}
    return await perform(plan, name, world.environment, folder, inputs=inputs, steps=steps)


def tool(world: World, *words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a program as the document has it; it may fail."""
    environ = {**os.environ, **world.vanguard.environ, **env}
    folder = cwd or world.vanguard.root
    return subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, timeout=20, check=False)


def without_patience(plan: str, name: str) -> Any:
    """Return the action of a plan's step, made to look once."""
    action = load_plan(data_folder("plans") / f"{plan}.yaml").step(name).action
    return action.model_copy(update={"within": timedelta(0)})


def visit(address: str) -> int:
    """Return the status that a visitor of the site gets."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - the simulator's http address
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@contextmanager
def console(world: World, database: str) -> Iterator[subprocess.Popen[bytes]]:
    """Let somebody sit at a console of a database."""
    environ = {**os.environ, **postgres(world, "pfa"), "PGAPPNAME": "somebodys-console"}
    words = [str(shutil.which("psql")), "-X", "-d", database, "-c", "select pg_sleep(60)"]
    with subprocess.Popen(words, env=environ, stderr=subprocess.PIPE) as session:
        connected = "select datname from pg_stat_activity where application_name = 'somebodys-console'"
        world.vanguard.wait_for(lambda: world.vanguard.cluster.super(connected) == database)
        try:
            yield session
        finally:
            session.kill()


def postgres(world: World, role: str = "pfa_admin") -> dict[str, str]:
    """Return the settings with which PostgreSQL's tools find the server."""
    cluster = world.vanguard.cluster
    return {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(cluster.port),
        "PGUSER": role,
        "PGPASSFILE": str(world.vanguard.root / "shared" / "pgpass"),
    }


def database_of(world: World) -> dict[str, object]:
    """Return what the step host_database finds."""
    return {"name": world.vanguard.database, "env": postgres(world)}


async def test_e52_the_prisma_address_is_not_for_psql(world, tmp_path):
    """E-52: psql refuses ?schema=public; the plan reads host, port and name, and no password."""
    address = (world.vanguard.root / "shared" / ".env").read_text().partition('DATABASE_URL="')[2].partition('"')[0]
    refused = tool(world, "psql", "-X", "-c", "select 1", address)
    assert refused.returncode != 0
    assert 'invalid URI query parameter: "schema"' in refused.stderr
    found = await step(world, "host_database", tmp_path)
    assert found.captured["name"] == world.vanguard.database
    assert world.vanguard.cluster.password not in str(found.captured)
    asked = await step(world, "before_count", tmp_path, host_database=found.captured, host_since={"time": "2026-01-01"})
    assert asked.outcome is Outcome.DONE, asked.reason


async def test_e53_logs_without_nostream_never_end(world, tmp_path):
    """E-53: the document's pm2 logs streams for ever; the plan's step ends with the lines."""
    wrong = await asyncio.create_subprocess_exec(
        "pm2", "logs", BACKEND, "--err", "--lines", "50",
        env={**os.environ, **world.vanguard.environ}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert wrong.stdout is not None
    await asyncio.wait_for(wrong.stdout.readline(), 20)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(wrong.wait(), 1.5)
    wrong.kill()
    right = await step(world, "backend_logs", tmp_path)
    assert (right.outcome, "error" in str(right.captured["output"])) == (Outcome.DONE, True)


async def test_e58_a_plain_restart_keeps_the_old_environment(world, tmp_path):
    """E-58: after pm2 restart the backend still runs in development; the plan's start gives it production's."""
    vanguard = world.vanguard
    tool(world, "pm2", "delete", BACKEND)
    tool(world, "pm2", "start", "ecosystem.config.js", "--only", BACKEND, cwd=vanguard.root / "current")
    tool(world, "pm2", "restart", BACKEND)
    assert vanguard.process(BACKEND)["NODE_ENV"] == "development"
    assert (await step(world, "start", tmp_path)).outcome is Outcome.DONE
    assert (await step(world, "backend_online", tmp_path)).outcome is Outcome.DONE
    assert vanguard.process(BACKEND)["NODE_ENV"] == "production"


async def test_e68_tags_sorted_as_text(world, tmp_path):
    """E-68: the end of the document's list is the bad release's candidate, and v3.10.0 comes before v3.9.0."""
    lines = world.vanguard.git("tag", "-l", "v*").split()
    assert lines[-1] == "v4.0.0-rc.1"
    assert lines.index("v3.10.0") < lines.index("v3.9.0")
    found = (await step(world, "tags", tmp_path)).captured["all"]
    assert [each["tag"] for each in found] == list(reversed(TAGS))


async def test_e69_curl_calls_an_error_a_success(world, tmp_path):
    """E-69: curl ends with 0 on a status 500; the plan's look fails, and says what it saw."""
    curl = shutil.which("curl")
    assert curl, "This test needs curl: as root run scripts/test_servers.sh, or install it."
    world.vanguard.wait_for(lambda: world.vanguard.get("/health")[0] == 500)
    asked = tool(world, curl, "--silent", f"{world.environment.names['pfa']['api_url']}/health")
    assert (asked.returncode, "unhealthy" in asked.stdout) == (0, True)
    once = without_patience(QUICK, "backend_healthy")
    looked = await perform(QUICK, "backend_healthy", world.environment, tmp_path, action=once)
    assert (looked.outcome, "answered 500: 200 was expected" in looked.reason) == (Outcome.FAILED, True)


async def test_e54_an_empty_build_with_delete_wipes_the_site(world, tmp_path):
    """E-54: aws s3 sync --delete from an empty dist/ takes the site away; the plan finds the empty build before."""
    empty = world.vanguard.root / "releases" / "empty"
    (empty / "dist").mkdir(parents=True)
    (empty / "backend" / "dist").mkdir(parents=True)
    found = await step(world, "files", tmp_path, target={"answer": "empty"})
    assert (found.outcome, "Only these files are there" in found.reason) == (Outcome.FAILED, True)
    wiped = tool(world, "aws", "s3", "sync", "dist/", f"s3://{SITE}/", "--delete", cwd=empty)
    assert wiped.returncode == 0, wiped.stderr
    assert "Contents" not in boto3.client("s3").list_objects_v2(Bucket=SITE)
    distribution = str(world.environment.names["pfa"]["distribution"])
    batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "wrong way"}
    cloudfront = boto3.client("cloudfront")
    made = cloudfront.create_invalidation(DistributionId=distribution, InvalidationBatch=batch)["Invalidation"]
    assert visit(world.site_url) == 200, "until CloudFront has forgotten the page, nobody sees that it is gone"
    world.vanguard.wait_for(
        lambda: (
            cloudfront.get_invalidation(DistributionId=distribution, Id=made["Id"])["Invalidation"]["Status"]
            == "Completed"
        )
    )
    assert visit(world.site_url) == 403


def test_e71_the_documents_timer_is_no_command(world):
    """E-71: $(timer) is empty, and nobody notices; a run's journal has the times of every step."""
    logged = tool(world, "sh", "-c", 'echo "completed - Duration: $(timer) - Ticket: INCIDENT-1"')
    assert (logged.returncode, logged.stdout) == (0, "completed - Duration:  - Ticket: INCIDENT-1\n")


@pytest.mark.parametrize("plan", [QUICK, RESTORE])
def test_e86_damaged_letters_are_not_posted(plan):
    """E-86: the document's emoji came through the wrong encoding; nothing a plan posts or sends has such letters."""
    loaded = load_plan(data_folder("plans") / f"{plan}.yaml")
    sent = [each.action.text for each in loaded.steps if isinstance(each.action, NotifySpec)]
    words = [text.text for text in loaded.communications.texts] + sent
    assert any("\N{LARGE RED CIRCLE}" in text for text in sent)
    for text in words:
        assert not {"ð", "Ÿ", "â", "œ"} & set(text)


async def test_e48_createdb_without_a_name_makes_one_and_dropdb_takes_another(world, cluster):
    """E-48: an empty variable makes a database named after the user; another variable than the URL hits another one."""
    environ = postgres(world)
    assert tool(world, "sh", "-c", "dropdb $DATABASE_NAME", **environ).returncode != 0
    made = tool(world, "sh", "-c", "createdb --maintenance-db=postgres $DATABASE_NAME", **environ)
    assert (made.returncode, environ["PGUSER"] in cluster.databases()) == (0, True)
    tool(world, "dropdb", environ["PGUSER"], **environ)
    cluster.super(f"create database other owner {cluster.user}")
    address = f"postgresql://127.0.0.1:{cluster.port}/{world.vanguard.database}"
    dropped = tool(world, "sh", "-c", "dropdb $DATABASE_NAME", DATABASE_URL=address, DATABASE_NAME="other", **environ)
    assert (dropped.returncode, "other" in cluster.databases()) == (0, False)
    # The plan has no dropdb, and every name in it is made of the application's own.
    plan = load_plan(data_folder("plans") / f"{RESTORE}.yaml")
    programs = {each.action.argv[0] for each in plan.steps if each.action.kind == "shell"}
    assert "dropdb" not in programs
    created = plan.step("create").action.argv[-1]
    assert created == "{{ steps.present.new_name }}"


async def test_e48_psql_goes_on_after_errors(world, cluster, tmp_path):
    """E-48: a damaged backup is half restored with exit status 0; the plan's restore fails and leaves nothing."""
    folder = world.vanguard.root / "shared" / "run-1"
    folder.mkdir()
    (folder / "backup.sql").write_text(
        "create table a (n int);\ninsert into a values (1), ('x');\ncreate table b ();\n"
    )
    for name in ("wrong", "right"):
        cluster.super(f"create database {world.vanguard.database}_{name} owner {cluster.user}")
    wrong, right = f"{world.vanguard.database}_wrong", f"{world.vanguard.database}_right"
    done = tool(world, "psql", "-X", "-q", "-d", wrong, "-f", str(folder / "backup.sql"), **postgres(world))
    tables = "select count(*) from pg_tables where schemaname = 'public'"
    assert (done.returncode, cluster.super(tables, wrong)) == (0, "2")
    known = {"host_database": database_of(world), "present": {"new_name": right}}
    restored = await step(world, "restore", tmp_path, RESTORE, **known)
    assert (restored.outcome, cluster.super(tables, right)) == (Outcome.FAILED, "0")
    assert "invalid input syntax" in restored.reason


async def test_e48_open_sessions_block_and_are_named(world, cluster, tmp_path):
    """E-48: dropdb fails while anybody is connected; the plan says who, and its close ends what is left."""
    name = f"{world.vanguard.database}_open"
    cluster.super(f"create database {name} owner {cluster.user}")
    with console(world, name) as session:
        blocked = tool(world, "dropdb", name, **postgres(world))
        assert "is being accessed by other users" in blocked.stderr
        known = {"host_database": {"name": name, "env": postgres(world)}}
        once = without_patience(RESTORE, "nobody")
        seen = await perform(RESTORE, "nobody", world.environment, tmp_path, steps=known, action=once)
        assert (seen.outcome, "pfa somebodys-console" in seen.reason) == (Outcome.FAILED, True)
        assert (await step(world, "close", tmp_path, RESTORE, **known)).outcome is Outcome.DONE
        assert session.wait(10) != 0
        assert tool(world, "psql", "-X", "-d", name, "-c", "select 1", **postgres(world)).returncode != 0


async def test_e67_installing_in_the_live_tree_breaks_what_runs(world, tmp_path):
    """E-67: checkout and npm ci in the tree that runs break its next request; a release built beside does not."""
    vanguard = world.vanguard
    tool(world, "pm2", "restart", BACKEND)  # so that nothing of it is loaded yet
    data = "/api/pfa-data?organizationId=org-rio"
    vanguard.wait_for(lambda: vanguard.get("/health")[0] == 500)
    vanguard.build("v3.0.0")
    assert vanguard.get(data, TOKEN)[0] == 200, "built beside: it goes on"
    tool(world, "pm2", "restart", BACKEND)
    vanguard.wait_for(lambda: vanguard.get("/health")[0] == 500)
    live = vanguard.root / "releases" / "v4.0.0"
    checkout = tool(world, "git", "checkout", "--quiet", "--detach", "v3.0.0", cwd=live)
    assert checkout.returncode == 0, checkout.stderr
    assert tool(world, "npm", "ci", cwd=live / "backend").returncode == 0
    status, _, answer = vanguard.get(data, TOKEN)
    assert (status, "pfa-sync" in answer["error"]) == (500, True)
    # The development packages a build needs are missing where NODE_ENV is production; the plan asks for them.
    beside = vanguard.root / "releases" / "v3.0.0"
    assert tool(world, "npm", "ci", cwd=beside, NODE_ENV="production").returncode == 0
    assert "pfa-build" in tool(world, "npm", "run", "build", cwd=beside).stderr
    there = {"target": {"answer": "v3.0.0"}, "built": {"exit": 1}}
    for name in ("frontend_packages", "frontend_build"):
        done = await step(world, name, tmp_path, **there)
        assert done.outcome is Outcome.DONE, done.reason
