"""`cockpit plans coverage`: what a ledger of procedures has that no plan does."""

import json

import pytest
from click.testing import CliRunner
from small_plan import SMALL_PLAN

from cockpit.cli.plans import command

LEDGER = """\
# A ledger

## Shops

### P: shop/restart (S0:1-9; see S4:3,5)
* **Objective:** back soon, see E-07.

| # | Step | Seed | Action | Implementation |
|---|---|---|---|---|
| +1 | Look first | S0:1 | wait·R | `ecs:DescribeServices` |
| 1 | **Stop** it with `a \\| b` | S0:1 | aws·M | `ecs:UpdateService` |
| 2 | Tell everybody | S0:2-3, S4:3 | status·M | text |
| 3 | Look into it | S0:8 | manual·R | report |

### R: shop/contacts (S0:40)
| a | b |
|---|---|
| x | y |

### P: shop/close (S0:1, 20) — for good
| # | Step | Seed | Action | Implementation |
|---|---|---|---|---|
| 1 | Stop it | S0:1 | aws·M | x |
| 2 | Lock the door | S0:20 | manual·M | x |

# 4. Errors
* **E-03 Stop is not enough.** *Seed:* S0:1. *True:* it starts again.
* **E-05 Nobody is told in `time * two`.** *Seed:* S0:2 says so.
* **E-07 Soon is never.** *Plan:* say when.
* **E-99 The door has no lock.** *Plan:* buy one.
"""
AFTERWARDS = 'post_incident: ["Look into it (S0:8)."]\n'


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch, tmp_path):
    """Keep the tests away from a configuration of whoever runs them."""
    monkeypatch.delenv("COCKPIT_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)


def coverage(tmp_path, *words, ledger=LEDGER, plan=SMALL_PLAN):
    """Run the command over a ledger and one plan beside the cockpit's own."""
    (tmp_path / "ledger.md").write_text(ledger)
    (tmp_path / "plans" / "shop").mkdir(parents=True, exist_ok=True)
    (tmp_path / "plans" / "shop" / "restart.yaml").write_text(plan)
    words = ("coverage", "--ledger", str(tmp_path / "ledger.md"), "--plans", str(tmp_path / "plans"), *words)
    return CliRunner().invoke(command, words)


def test_it_tells_what_is_covered_and_by_which_step(tmp_path):
    """Nobody could say which procedures of the documents have a plan, and what the plans leave out."""
    result = coverage(tmp_path, plan=SMALL_PLAN + AFTERWARDS)
    assert result.exit_code == 0
    assert "\n1 of 2 procedures\n" in result.output
    shown = result.output.partition("shop/restart\n")[2].splitlines()
    assert shown[:9] == [
        "  3 of 4 steps, 1 of 3 errors of the sources explained",
        "  +1  Look first                          NOT COVERED",
        "  1   Stop it with `a | b`                stop, start",
        "  2   Tell everybody                      tell",
        "  3   Look into it                        post_incident",
        "  explained: E-03",
        "  NOT EXPLAINED: E-05 Nobody is told in `time * two`",
        "  NOT EXPLAINED: E-07 Soon is never",
        "",
    ]
    assert "  shop/close: 2 steps; 1 of them in shop/restart" in result.output
    assert "  E-99 The door has no lock: none" in result.output
    assert all(len(line) <= 80 for line in result.output.splitlines())


def test_the_same_as_json(tmp_path):
    """A script could not follow how the coverage grows."""
    found = json.loads(coverage(tmp_path, "--json", "shop/restart").output)
    assert (found["procedures"], found["with_a_plan"]) == (1, 1)
    (procedure,) = found["found"]
    assert procedure["steps"][1] == {
        "ref": "1",
        "words": "Stop it with `a | b`",
        "lines": ["S0:1"],
        "by": ["stop", "start"],
    }
    assert (procedure["errors_explained"], procedure["errors_not_explained"][0]["id"]) == (["E-03"], "E-05")


def test_strict_fails_only_for_what_a_plan_leaves_out(tmp_path):
    """A check in a pipeline would pass plans with holes, or fail for procedures nobody has begun."""
    assert coverage(tmp_path, "--strict").exit_code == 1
    assert coverage(tmp_path, "--strict", "shop/close").exit_code == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            ("### P: shop/restart (S0:1-9; see S4:3,5)", "### P: Restart the shop"),
            "ledger.md:5:1: expected `### P: system/",
        ),
        (("(S0:1-9; see S4:3,5)", ""), "ledger.md:5:1: shop/restart names no source lines"),
        (
            ("| 3 | Look into it | S0:8 | manual·R | report |", "| 3 | Look into it |"),
            "ledger.md:13:1: step 3 of shop/restart",
        ),
        (("| 3 | Look", "| 2 | Look"), "ledger.md:13:1: step 2 of shop/restart stands here a second time"),
        (("| 3 | Look", "| three | Look"), "ledger.md:13:1: expected a step row that begins with its number"),
        (("shop/close", "shop/restart"), "ledger.md:20:1: shop/restart stands here a second time; first on line 5"),
        (
            ("| 1 | Stop it | S0:1 | aws·M | x |\n| 2 | Lock the door | S0:20 | manual·M | x |\n", ""),
            "shop/close has no step",
        ),
        (("### P:", "### Q:"), "no procedure: expected headings `### P: system/name (S0:1-20)`"),
    ],
    ids=["heading", "lines", "cells", "twice", "number", "id twice", "no table", "none"],
)
def test_a_bad_ledger_is_refused_with_the_line(tmp_path, change, words):
    """A row that is not understood would silently count as covered, or not at all."""
    result = coverage(tmp_path, ledger=LEDGER.replace(*change))
    assert result.exit_code == 2
    assert words in result.output


@pytest.mark.parametrize(("words", "said"), [(("shop/nothing",), "has no procedure shop/nothing"), ((), "")])
def test_bad_input_ends_with_2(tmp_path, words, said):
    """A mistyped name or file would look like an empty ledger."""
    if words:
        result = coverage(tmp_path, *words)
    else:
        result = CliRunner().invoke(command, ["coverage", "--ledger", str(tmp_path / "none.md")])
        said = "none.md: cannot be read: No such file or directory"
    assert result.exit_code == 2
    assert said in result.output
