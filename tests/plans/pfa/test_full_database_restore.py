"""The full database restore of PFA Vanguard with PostgreSQL's own tools."""

import pytest

from support.pfa.stage import TOKEN
from support.rehearsal import rehearse

pytestmark = pytest.mark.simulator

PLAN = "pfa/full-database-restore"
DAMAGE = """
update pfa_records set category = '' where id % 3 = 0;
insert into pfa_records values (13, 'org-rio', 'PFA-13', 'Equipment', now());
"""


@pytest.mark.parametrize("world", ["pfa-corrupt-database"], indirect=True)
def test_the_chosen_backup_is_what_the_application_uses(world, tmp_path):
    """The application runs on the sound rows of the chosen backup; the damaged database and a dump of it are kept."""
    vanguard = world.vanguard
    vanguard.deploy("v3.0.0")
    vanguard.sql(DAMAGE)
    state = rehearse(world.simulator, PLAN, tmp_path, world.environment)
    assert vanguard.get("/health/db") == (200, "3.0.0", {"status": "healthy"})
    assert len(vanguard.get("/api/pfa-data?organizationId=org-rio", TOKEN)[2]) == 6
    assert vanguard.sql("select count(*), count(*) filter (where category = '') from pfa_records") == "12|0"
