"""The full database restore of PFA Vanguard with PostgreSQL's own tools."""

import stat
from pathlib import Path

import boto3
import pytest

from cockpit.engine.prompts import TroublePrompt
from cockpit.engine.records import Prompted
from support.pfa.stage import BACKEND, TOKEN
from support.pfa.world import World, world_of
from support.rehearsal import Rehearsal, rehearse
from support.remote_host import RemoteHost

pytestmark = pytest.mark.simulator

PLAN = "pfa/full-database-restore"
SCENARIO = "pfa-corrupt-database"
DAMAGE = """
update pfa_records set category = '' where id % 3 = 0;
insert into pfa_records values (13, 'org-rio', 'PFA-13', 'Equipment', now());
"""
COUNTS = "select count(*), count(*) filter (where category = '') from pfa_records"


@pytest.fixture(scope="module")
def damaged(cluster, token):
    """Release 3 runs on a database of which every third record is damaged; tests that do not swap it leave it so."""
    with world_of(SCENARIO, cluster) as made:
        made.vanguard.deploy("v3.0.0")
        made.vanguard.sql(DAMAGE)
        yield made


def databases(world: World) -> set[str]:
    """Return the host's databases; without the times in their names, which differ from run to run."""
    names = (name for name in world.vanguard.cluster.databases() if name.startswith(world.vanguard.database))
    return {name.rpartition("_")[0] if name != world.vanguard.database else name for name in names}


def run_until_trouble(world: World, folder: Path, **changes):
    """Run the plan until a step is in trouble; return its prompts, its state, and the trouble."""
    rehearsal = Rehearsal(world.simulator, PLAN, folder, world.environment, **changes)
    state = rehearsal.finish()
    assert state.ended == "aborted"
    prompts = [each.record for each in rehearsal.run.entries() if isinstance(each.record, Prompted)]
    trouble = next(record for record in prompts if isinstance(record.prompt, TroublePrompt))
    return prompts, state, f"{trouble.step}: {trouble.prompt.message}"


def test_e66_the_name_of_todays_backup_says_nothing(damaged):
    """E-66: the document's ls | grep is content with the newest backup, which holds the damage."""
    listed = damaged.vanguard.tool("aws", "s3", "ls", "s3://pfavanguard-backups/")
    latest = max(line.split()[-1] for line in listed.splitlines())
    body = boto3.client("s3").get_object(Bucket="pfavanguard-backups", Key=latest)["Body"].read().decode()
    assert "PFA-3\t\t" in body, "the category of every third record is empty in it"


def test_settings_without_a_database_stop_the_plan_before_it_begins(damaged, tmp_path):
    """RQ-24, E-48: no name, no database: createdb without one would make a database named after the user."""
    settings = damaged.vanguard.root / "shared" / ".env"
    good = settings.read_text()
    settings.write_text(good.replace("DATABASE_URL", "DATABASE_ADDRESS"))
    try:
        _, state, trouble = run_until_trouble(damaged, tmp_path)
    finally:
        settings.write_text(good)
    assert trouble.startswith("host_database: ")
    assert not any(step.calls for step in state.steps.values())
    assert databases(damaged) == {damaged.vanguard.database}


def test_a_restored_database_that_is_not_as_recorded_is_not_used(damaged, tmp_path):
    """E-48, E-51: the count does not fit: the damaged database stays in use, undo starts the application again."""
    vanguard = damaged.vanguard
    changes = {"inputs": {"recorded": 500}, "restored": {"trouble": "undo"}}
    prompts, state, trouble = run_until_trouble(damaged, tmp_path, **changes)
    assert "12 records; 500 were recorded" in trouble
    assert databases(damaged) == {vanguard.database, f"{vanguard.database}_restored"}
    assert vanguard.sql(COUNTS) == "13|4", "nothing was given up"
    vanguard.wait_for(lambda: vanguard.get("/health/db")[0] == 200)

    # E-66: the backups from after the damage, and the empty one, could not be chosen; the newest before it came first.
    choices = next(record.prompt.choices for record in prompts if record.step == "backup")
    assert [bool(choice.refused) for choice in choices] == [True, True, False, False]
    assert state.steps["backup"].captured["answer"] == choices[2].value


def test_the_swap_can_be_taken_back(damaged, tmp_path):
    """If the application is not well on the restored database, both names go back, and sessions are let in again."""
    vanguard = damaged.vanguard
    changes = {"backend_signed_in": {"trouble": "undo"}, "inputs": {"token": "nobody-put-it-there"}}
    _, state, trouble = run_until_trouble(damaged, tmp_path, **changes)
    assert trouble.startswith("backend_signed_in: There is no token")
    assert state.steps["swap"].outcome == "done"
    assert databases(damaged) == {vanguard.database, f"{vanguard.database}_restored"}
    assert vanguard.sql(COUNTS) == "13|4"
    vanguard.wait_for(lambda: vanguard.get("/health/db") == (200, "3.0.0", {"status": "healthy"}))
    assert vanguard.process(BACKEND)["status"] == "online"


def test_the_chosen_backup_is_what_the_application_uses(damaged, tmp_path):
    """Over ssh: the application runs on the chosen backup's sound rows; the damaged database and a dump are kept."""
    vanguard = damaged.vanguard
    with RemoteHost(tmp_path, vanguard.environ) as remote:
        there = damaged.environment.model_copy(update={"hosts": {"pfa": remote.host}})
        state = rehearse(damaged.simulator, PLAN, tmp_path, there)
        programs = {path.name.rpartition("-")[0].rpartition("-")[2] for path in remote.jobs.glob("*-1")}
    assert programs == {"stop_backend", "folder", "create", "restore", "close", "swap", "start"}, "reads leave nothing"

    # Under the application's name there are the backup's rows, all sound; with the same owner.
    assert vanguard.get("/health/db") == (200, "3.0.0", {"status": "healthy"})
    assert len(vanguard.get("/api/pfa-data?organizationId=org-rio", TOKEN)[2]) == 6
    assert vanguard.sql(COUNTS) == "12|0"
    owner = "select pg_get_userbyid(datdba) from pg_database where datname = current_database()"
    assert vanguard.cluster.super(owner, vanguard.database) == vanguard.cluster.user

    # Nothing was dropped (RQ-06): the damaged database is there, closed to everybody, and so is a dump of it.
    kept = str(state.steps["present"].captured["old_name"])
    closed = vanguard.cluster.super("select datname from pg_database where not datallowconn").split()
    assert kept in closed
    folder = vanguard.root / "shared" / state.run_id
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700, "dumps hold personal data (E-66)"
    assert "pfa_records" in vanguard.tool("pg_restore", "--list", str(folder / "damaged.dump"))

    # Two people accepted the window, measured from the chosen backup to the proven end of writes, with the rows in it.
    assert state.halt_proven
    assert state.halted_at is not None
    assert state.loss is not None
    assert (state.loss.end, state.loss.writes.at_most, state.loss.exceeds_rpo) == (state.halted_at, 1, False)
    assert state.loss.start.isoformat() == str(state.steps["object"].captured["time"]).replace("Z", "+00:00")
    accepted = state.steps["accept"]
    assert accepted.captured == {"approved_by": "olga", "second_person": "D. Base"}
    assert accepted.ended_at < state.steps["swap"].started_at
    assert accepted.started_at > state.steps["restored"].ended_at, "proven before anything is given up (E-48)"
    assert state.still_halted == ()
    assert state.posted[0].text == "Emergency maintenance in progress"
