"""Looking at known items in both tables."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from cockpit.engine import pace
from cockpit.engine.actions.spot_check import SpotCheckAction
from cockpit.engine.commands import TickOff
from cockpit.engine.item_words import ITEM_LIMIT, side_by_side
from cockpit.engine.prompts import ChecklistPrompt
from cockpit.model.effect import Outcome
from cockpit.plans.actions.spot_check import SpotCheckSpec
from support.action_bench import Bench, ScriptedPort, a_plan, denied


@pytest.fixture(autouse=True)
def _no_real_waiting(monkeypatch):
    """The bench's clock moves by itself: nothing is gained by waiting for the floor of real seconds."""
    monkeypatch.setattr(pace, "FLOOR", 0)


ANN: dict[str, JsonValue] = {"pk": {"S": "USER#ann"}, "sk": {"S": "CONFIG"}}
BOB: dict[str, JsonValue] = {"pk": {"S": "USER#bob"}, "sk": {"S": "CONFIG"}}


def tables() -> ScriptedPort:
    """Return two tables: Ann's configuration is damaged in the old one, Bob's is the same in both."""
    items = {
        ("Old", "USER#ann"): {**ANN, "targets": {"L": []}, "rate": {"N": "5"}},
        ("New", "USER#ann"): {**ANN, "targets": {"L": [{"S": "drive\x1b[2J"}]}, "rate": {"N": "5"}},
        ("Old", "USER#bob"): {**BOB, "rate": {"N": "7"}},
        ("New", "USER#bob"): {**BOB, "rate": {"N": "7"}},
    }

    def item(params: dict[str, Any]) -> dict[str, JsonValue]:
        found = items.get((params["TableName"], params["Key"]["pk"]["S"]))
        return {"Item": found} if found else {}

    def scan(params: dict[str, Any]) -> dict[str, JsonValue]:
        assert params["TableName"] == "New"
        return {"Count": 3} if params.get("ExclusiveStartKey") else {"Count": 2000, "LastEvaluatedKey": ANN}

    return ScriptedPort(
        {
            ("dynamodb", "GetItem"): item,
            ("dynamodb", "Scan"): scan,
            ("dynamodb", "DescribeTable"): {"Table": {"ItemCount": 1990}},
        }
    )


def bench(answers: list[dict[str, bool | str]], **spec: Any) -> Bench:
    """Return a bench whose operator ticks off as given, prompt by prompt."""
    wanted = {"source_table": "Old", "restored_table": "New", "keys": [ANN, BOB], **spec}
    people = [lambda _, items=items: TickOff("step", 1, items) for items in answers]
    return Bench(a_plan({"spot_check": wanted}), port=tables(), people=people)


async def perform(context: Bench):
    """Carry out the bench's step."""
    assert isinstance(context.step.action, SpotCheckSpec)
    return await SpotCheckAction().perform(context, context.step.action)


def evidence(context: Bench) -> list[str]:
    """Return what the operator judges by."""
    asked = context.prompts[0]
    assert isinstance(asked, ChecklistPrompt)
    return [item.evidence for item in asked.items]


ALL: dict[str, bool | str] = {"item_1": True, "item_2": True, "count": True}


async def test_damage_shows_side_by_side():
    """The operator must see what differs, not two dumps; foreign escapes must not reach the terminal."""
    context = bench([ALL])
    await perform(context)
    first, second, count = evidence(context)
    assert first == 'targets: source [] \u2192 restored ["drive\\u001b[2J"]'
    assert second == "the same in both: rate=7"
    assert count == "2003 items counted; Old had 1990 when AWS last counted (up to six hours ago)"


async def test_it_is_done_only_when_each_is_judged():
    """An item that nobody looked at must not pass; a reason lets one stay open, and is kept."""
    context = bench([{"item_1": True}, {"item_1": True, "item_2": "  ", "count": True}, {**ALL, "item_2": "left us"}])
    result = await perform(context)
    assert len(context.prompts) == 3
    assert result.outcome is Outcome.DONE
    assert list((result.captured["left_open"] or {}).values()) == ["left us"]
    assert result.captured["looked_at"] == ["USER#ann / CONFIG", "USER#bob / CONFIG"]


async def test_what_cannot_be_read_is_evidence_too():
    """A denied read is shown for the operator to judge; it does not look like an absent item."""
    context = bench([ALL])
    context.port.answers["dynamodb", "GetItem"] = denied("dynamodb:GetItem")
    context.port.answers["dynamodb", "Scan"] = denied("dynamodb:Scan")
    await perform(context)
    assert evidence(context)[0] == "Old could not be read: not allowed: dynamodb:GetItem"
    assert evidence(context)[2].startswith("could not be counted")


async def test_restored_items_are_shown_alone_without_a_source():
    """When the source's region is down its table cannot be asked, and the restored data must be judged all the same."""
    context = bench([ALL], source_table=None)
    await perform(context)
    assert evidence(context) == ['rate=5, targets=["drive\\u001b[2J"]', "rate=7", "2003 items counted"]


async def test_nothing_to_look_at_fails():
    """An empty list of accounts must not count as a validation."""
    result = await perform(bench([], keys=[], count=False))
    assert (result.outcome, "name known accounts" in result.reason) == (Outcome.FAILED, True)


attributes = st.dictionaries(
    st.text(max_size=60), st.fixed_dictionaries({"S": st.text(max_size=300)}), max_size=30
).map(dict)


@given(attributes, attributes)
def test_any_content_is_shown_harmlessly_and_short(source, restored):
    """Item contents come from users: no control character, no endless line."""
    words = side_by_side({}, source, restored)
    assert len(words) <= ITEM_LIMIT
    assert words.isprintable() or all(char >= " " for char in words)
