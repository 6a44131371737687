"""`cockpit plans` as people and scripts use it: plain text within 80 columns, and exit codes that mean something."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from small_plan import SEEDS, SMALL_PLAN

from cockpit.cli.plans import command
from cockpit.config.paths import data_folder


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch, tmp_path):
    """Keep the tests away from a configuration of whoever runs them."""
    monkeypatch.delenv("COCKPIT_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)


def plans(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def shop(folder: Path, text: str = SMALL_PLAN) -> Path:
    path = folder / "plans" / "shop" / "restart.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_list_names_plans_and_what_is_refused():
    """The list says what each plan can do, and that manual account recovery does not exist on purpose."""
    result = plans("list")
    assert result.exit_code == 0
    assert "syncwell/plan-g-data-corruption" in result.output
    assert "LAST RESORT" in result.output
    assert "syncwell/manual-account-recovery: REFUSED" in result.output


def test_list_shows_a_broken_plan_beside_the_sound_ones(tmp_path):
    """A broken plan is listed with its problem, and the exit code says so."""
    shop(tmp_path, "id: shop/restart\n")
    result = plans("list", "--plans", tmp_path / "plans")
    assert result.exit_code == 1
    assert "BROKEN" in result.output
    assert "restart.yaml:1:1: title: is missing" in result.output
    assert "syncwell/plan-g-data-corruption" in result.output


@pytest.mark.parametrize("name", ["syncwell/plan-g-data-corruption", "plan-f-manual-backend-rollback"])
def test_show_prints_the_procedure_within_80_columns(name):
    """A whole plan can be read on a small terminal, except for single words that are longer."""
    result = plans("show", name)
    assert result.exit_code == 0
    for words in ("OBJECTIVES", "STEPS", "DRAFT, not in source", "not stated in source", "WHERE THIS PLAN DIFFERS"):
        assert words in result.output
    too_long = [line for line in result.output.splitlines() if len(line) > 80 and " " in line.strip()]
    assert too_long == []


def test_show_explains_the_refusal():
    """Asking for manual account recovery gives the reason and the answer for support (RQ-08)."""
    result = plans("show", "manual-account-recovery")
    assert result.exit_code == 1
    assert "must not be run from a plan" in result.output.replace("\n  ", " ")
    assert "Account recovery is not supported" in result.output


def test_show_of_an_unknown_plan_names_the_known_ones():
    """A wrong id is bad input, answered with what there is."""
    result = plans("show", "plan-z")
    assert result.exit_code == 2
    assert "There is no plan plan-z" in result.output
    assert "syncwell/plan-g-data-corruption" in result.output


def test_check_passes_the_cockpits_own_plans():
    """Every plan that comes with the cockpit passes every rule."""
    result = plans("check")
    assert (result.exit_code, result.output.strip().rpartition(": ")[2]) == (0, "no problems")


def test_check_compares_with_the_sources(tmp_path):
    """With the source documents, a text that claims to be verbatim must be."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "000.txt").write_text("\n".join(SEEDS["S0"]))
    path = shop(tmp_path, SMALL_PLAN.replace("The shop is open.", "Open!"))
    assert plans("check", path).exit_code == 0
    result = plans("check", path, "--seeds", seeds)
    assert result.exit_code == 1
    assert "is marked verbatim" in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "gone.yaml"), "There is no file or folder gone.yaml"),
        (("check", "--seeds", "gone", "."), "cannot be read"),
        (("check", "."), "There is no plan file"),
        (("list", "--plans", "gone"), "gone is not a folder"),
    ],
)
def test_bad_input_is_told_in_a_sentence(arguments, words):
    """Wrong paths end with exit code 2 and a sentence, never a traceback."""
    result = plans(*arguments)
    assert result.exit_code == 2
    assert words in result.output
    assert "Traceback" not in result.output


def test_a_configuration_names_more_plans(tmp_path, monkeypatch):
    """Plans of the configuration's folders are found, relative to the configuration file."""
    shop(tmp_path)
    config = tmp_path / "cockpit.toml"
    config.write_text('plans = ["plans"]\n[environments.x]\nkind = "drill"\nregions = ["us-east-1"]\n')
    monkeypatch.setenv("COCKPIT_CONFIG", str(config))
    assert "shop/restart" in plans("list").output


def test_a_piece_is_checked_with_its_plans(tmp_path):
    """Somebody who has changed a piece would be told that it lacks everything a plan has."""
    result = plans("check", data_folder("plans") / "pieces" / "fence-table.yaml")
    assert result.exit_code == 2
    assert "is a piece: it is checked with the plans that include it." in " ".join(result.output.split())


def test_every_piece_is_included_somewhere():
    """A piece that no plan includes is never checked."""
    files = list(data_folder("plans").rglob("*.yaml"))
    text = "\n".join(path.read_text() for path in files)
    pieces = {path.stem for path in files if path.parent.name == "pieces"}
    assert {name for name in pieces if f"include: {name}\n" not in text} == set()
