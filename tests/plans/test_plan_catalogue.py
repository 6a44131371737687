"""Plans are found, broken ones do not hide sound ones, and what must not be a plan is refused."""

from pathlib import Path

import pytest
from small_plan import SMALL_PLAN

from cockpit.config.paths import data_folder
from cockpit.plans.catalogue import find_plans, load_plan, plan_digest
from cockpit.plans.document import DocumentError


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_broken_plan_is_a_value(tmp_path):
    """One broken file leaves the others usable, and tells its problems."""
    write(tmp_path, "shop/restart.yaml", SMALL_PLAN)
    write(tmp_path, "shop/zzz.yaml", "id: [\n")
    sound, broken = find_plans([tmp_path])
    assert sound.plan is not None
    assert broken.plan is None
    assert broken.problems


def test_an_earlier_folder_replaces_a_plan(tmp_path):
    """A team's own plan takes the place of the one with the same id that comes with the cockpit."""
    write(tmp_path / "ours", "shop/restart.yaml", SMALL_PLAN.replace("Restart the shop", "Ours"))
    write(tmp_path / "theirs", "shop/restart.yaml", SMALL_PLAN)
    found = find_plans([tmp_path / "ours", tmp_path / "theirs"])
    assert [loaded.plan.title for loaded in found if loaded.plan] == ["Ours"]


def test_two_plans_of_one_id_in_a_folder_are_a_problem(tmp_path):
    """Nobody has to guess which of two files with one id runs."""
    write(tmp_path, "shop/a.yaml", SMALL_PLAN)
    write(tmp_path, "shop/b.yaml", SMALL_PLAN)
    first, second = find_plans([tmp_path])
    assert first.plan is not None
    assert second.plan is None
    assert "taken by a.yaml" in second.problems[0].message


def test_the_digest_is_of_the_content(tmp_path):
    """Comments and layout do not change the digest; any value does."""
    plan = load_plan(write(tmp_path, "a.yaml", SMALL_PLAN))
    same = load_plan(write(tmp_path, "b.yaml", "# note\n" + SMALL_PLAN))
    other = load_plan(write(tmp_path, "c.yaml", SMALL_PLAN.replace("desiredCount: 0", "desiredCount: 1")))
    assert plan_digest(plan) == plan_digest(same)
    assert plan_digest(plan) != plan_digest(other)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: shop/restart", "id: syncwell/manual-account-recovery"),
        ("title: Restart the shop", "title: Account recovery for a locked-out user"),
        ("title: Restart the shop", "title: Recover a lost account"),
        ("words: The shop hangs.", "words: Migrate user data from one identity to another."),
        ("title: Stop it", "title: Account migration"),
        ("id: stop\n", "id: account_recovery\n"),
    ],
)
def test_manual_account_recovery_is_refused(tmp_path, old, new):
    """No plan may do by hand what the source forbids, whatever it is called (RQ-08)."""
    assert old in SMALL_PLAN
    with pytest.raises(DocumentError, match=r"must not be run from a plan \(S1:107-121\)"):
        load_plan(write(tmp_path, "x.yaml", SMALL_PLAN.replace(old, new, 1)))


def test_talking_of_accounts_is_no_account_recovery(tmp_path):
    """Plans may speak of user accounts, recovery and migrations."""
    words = "Known-good user accounts show whether the data was restored; no migration runs."
    assert load_plan(write(tmp_path, "x.yaml", SMALL_PLAN.replace("The shop hangs.", words)))


def test_the_cockpits_own_plans_load():
    """Every plan that comes with the cockpit is sound."""
    found = find_plans([data_folder("plans")])
    assert {loaded.plan.id for loaded in found if loaded.plan} >= {
        "syncwell/plan-g-data-corruption",
        "syncwell/plan-f-canary-auto-rollback",
        "syncwell/plan-f-manual-backend-rollback",
    }
    assert [problem for loaded in found for problem in loaded.problems] == []
