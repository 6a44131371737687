"""``spot_check``: known items in the source and the restored table, side by side, judged by the operator (S0:120)."""

from pydantic import JsonValue

from cockpit.aws.parse import number, structure
from cockpit.aws.port import ReadFailed
from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.actions.sends_nothing import SendsNothing
from cockpit.engine.commands import TickOff
from cockpit.engine.item_words import content, key_words, side_by_side
from cockpit.engine.pace import pause
from cockpit.engine.prompts import CheckItem, ChecklistPrompt
from cockpit.model.effect import Outcome
from cockpit.model.reading import FaultKind
from cockpit.model.text import clean
from cockpit.plans.actions.spot_check import SpotCheckSpec

MOST_ITEMS = 20
_PAGE = 2000  # items in one page of the count
_PAUSE = 0.2  # seconds between pages, so that the count does not eat the table's capacity
_PATIENCE = 120.0  # seconds after which the count stops where it is

Key = dict[str, JsonValue]


class SpotCheckAction(SendsNothing):
    """Reads the items, shows them as a checklist, and is done when each is ticked or left open with a reason."""

    async def perform(self, context: StepContext, spec: SpotCheckSpec) -> Result:
        """Carry out the step; it only reads."""
        source = str(context.resolve(spec.source_table)) if spec.source_table is not None else None
        restored = str(context.resolve(spec.restored_table))
        keys = _keys(context, spec)
        items = [await self._item(context, source, restored, number, key) for number, key in enumerate(keys, 1)]
        if spec.count:
            items.append(await self._count(context, source, restored))
        if not items:
            return Result(Outcome.FAILED, reason="No item is named and no count is wanted: name known accounts.")
        prompt = ChecklistPrompt(items=tuple(items))
        while True:
            command = await context.ask(prompt)
            ticked = command.items if isinstance(command, TickOff) else {}
            open_items = [item for item in items if not _judged(ticked.get(item.id))]
            if not open_items:
                break
            words = ", ".join(item.text for item in open_items)
            context.observe("not judged yet", f"tick off or give a reason: {words}", ok=False)
        reasons: dict[str, JsonValue] = {
            item.text: clean(ticked[item.id]) for item in items if isinstance(ticked.get(item.id), str)
        }
        captured: dict[str, JsonValue] = {
            "looked_at": [key_words(key) for key in keys],
            "left_open": reasons,
            "evidence": {item.text: item.evidence for item in items},
        }
        return Result(captured=captured)

    async def _item(self, context: StepContext, source: str | None, restored: str, number: int, key: Key) -> CheckItem:
        before = await self._get(context, source, key) if source is not None else None
        after = await self._get(context, restored, key)
        evidence = before if isinstance(before, str) else after if isinstance(after, str) else ""
        if isinstance(after, dict) and not isinstance(before, str):
            evidence = content(key, after) if before is None else side_by_side(key, before, after)
        words = f"{key_words(key)} is as it should be in the restored table"
        return CheckItem(id=f"item_{number}", text=words, evidence=evidence)

    @staticmethod
    async def _get(context: StepContext, table: str, key: Key) -> Key | str:
        """Return the item ({} if there is none), or words for why it could not be read."""
        wanted: Key = {"TableName": table, "Key": key, "ConsistentRead": True}
        try:
            return structure(await context.call_read("dynamodb", "GetItem", wanted), "Item")
        except ReadFailed as failure:
            if failure.fault.kind in (FaultKind.DENIED, FaultKind.NOT_FOUND, FaultKind.REJECTED):
                return f"{table} could not be read: {failure.fault.message}"
            raise

    async def _count(self, context: StepContext, source: str | None, restored: str) -> CheckItem:
        text = f"The number of items in {restored} is plausible"
        try:
            counted, complete = await _scan_count(context, restored)
            described = await context.call_read("dynamodb", "DescribeTable", {"TableName": source}) if source else {}
        except ReadFailed as failure:
            return CheckItem(id="count", text=text, evidence=f"could not be counted: {failure.fault.message}")
        words = f"{counted} items counted" if complete else f"at least {counted} items: the count was stopped"
        old = number(structure(described, "Table"), "ItemCount")
        if old is not None:
            words += f"; {source} had {old:.0f} when AWS last counted (up to six hours ago)"
        return CheckItem(id="count", text=text, evidence=words)


async def _scan_count(context: StepContext, table: str) -> tuple[int, bool]:
    """Return how many items the table holds, and whether that is all of them."""
    wanted: Key = {"TableName": table, "Select": "COUNT", "Limit": _PAGE}
    counted, begun = 0, context.clock.now()
    while True:
        page = await context.call_read("dynamodb", "Scan", wanted)
        counted += int(number(page, "Count") or 0)
        following = page.get("LastEvaluatedKey")
        if not following:
            return counted, True
        if (context.clock.now() - begun).total_seconds() > _PATIENCE:
            return counted, False
        wanted["ExclusiveStartKey"] = following
        await pause(context.clock, _PAUSE)


def _keys(context: StepContext, spec: SpotCheckSpec) -> list[Key]:
    found = context.resolve(spec.keys)
    return [key for key in found if isinstance(key, dict)][:MOST_ITEMS] if isinstance(found, list) else []


def _judged(answer: bool | str | None) -> bool:
    """Tell whether an item is ticked, or left open with a reason."""
    return answer is True or (isinstance(answer, str) and bool(answer.strip()))
