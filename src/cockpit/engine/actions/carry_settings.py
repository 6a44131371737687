"""``carry_settings``: compare a restored table with its source, and give it what the restore dropped (E-05)."""

import json
from collections.abc import Sequence
from datetime import timedelta

from pydantic import JsonValue, ValidationError

from cockpit.aws.parse import structure, structures, text
from cockpit.aws.port import ReadFailed
from cockpit.engine.actions.base import Result, StepContext, Verdict
from cockpit.engine.pace import pause
from cockpit.engine.prompts import PlannedCall
from cockpit.engine.reconcile import CONSISTENCY, lost_at
from cockpit.engine.records import Intent
from cockpit.engine.table_differences import Difference, differences, left_for_people
from cockpit.engine.table_settings import AlarmList, TableSettings, declared_settings, read_settings
from cockpit.model.effect import Outcome
from cockpit.model.reading import FaultKind
from cockpit.model.text import clean, duration
from cockpit.plans.actions.carry_settings import CarrySettingsSpec, DeclaredSettings
from cockpit.plans.expressions import ExpressionError
from cockpit.plans.functions import FENCE_SID

_PAUSE = 5.0  # seconds between looks: time to live, tags and policies show up late
_PATIENCE = timedelta(minutes=10)  # for the table to take a change, and for all of them to be seen


class CarrySettingsAction:
    """Shows every call with before and after, makes them one by one after one confirmation, compares again."""

    async def perform(self, context: StepContext, spec: CarrySettingsSpec) -> Result:
        """Carry out the step; after a crash only what is still missing is done."""
        source, restored, missing = await self._compare(context, spec)
        people = list[JsonValue](left_for_people(source, restored))
        for number, line in enumerate(people, 1):
            context.observe(f"left for people {number}", str(line))
        if not missing:
            return Result(captured={"applied": [], "left_for_people": people})
        calls = [self._call(context, difference) for difference in missing]
        await context.confirm(calls, [difference.words for difference in missing])
        for difference, call in zip(missing, calls, strict=True):
            await context.mutate(call, before={"setting": difference.setting, "value": difference.before})
            context.observe(difference.setting, difference.words, ok=True)
            if difference.operation == "UpdateTable" and not context.dry:
                await _until_active(context, restored.table)
        captured: dict[str, JsonValue] = {
            "applied": [difference.words for difference in missing],
            "left_for_people": people,
        }
        remaining = [] if context.dry else await self._until_equal(context, spec)
        if remaining:
            words = "; ".join(difference.words for difference in remaining)
            reason = f"{restored.table} still lacks after {duration(_PATIENCE)}: {words}. Retry compares again."
            return Result(Outcome.FAILED, captured, reason)
        return Result(captured=captured)

    async def reconcile(self, context: StepContext, spec: CarrySettingsSpec, intent: Intent) -> Verdict | None:
        """Compare again: a call that is no longer needed took effect; one still needed after a while did not."""
        sent = (intent.service, intent.operation, intent.params)
        while True:
            looked_at = context.clock.now()
            _, _, missing = await self._compare(context, spec)
            still = next((each for each in missing if (each.service, each.operation, each.params) == sent), None)
            if still is None:
                return Verdict("happened", (f"the table shows what {intent.operation} was to set",))
            waited = (looked_at - lost_at(context, intent)).total_seconds()
            if waited >= CONSISTENCY:
                words = f"still different {waited:.0f} s after its answer was given up: {still.words}"
                return Verdict("not_happened", (words,))
            await pause(context.clock, _PAUSE)

    async def _compare(
        self, context: StepContext, spec: CarrySettingsSpec
    ) -> tuple[TableSettings, TableSettings, list[Difference]]:
        alarms = AlarmList()
        source = await _source_settings(context, spec, alarms)
        restored = await _restored_settings(context, source, str(context.resolve(spec.restored_table)), alarms)
        return source, restored, differences(source, restored, _policy(context, spec))

    async def _until_equal(self, context: StepContext, spec: CarrySettingsSpec) -> Sequence[Difference]:
        until = context.clock.now() + _PATIENCE
        while True:
            _, _, remaining = await self._compare(context, spec)
            if not remaining or context.clock.now() >= until:
                return remaining
            context.observe("still different", ", ".join(difference.setting for difference in remaining), ok=None)
            await pause(context.clock, _PAUSE)

    @staticmethod
    def _call(context: StepContext, difference: Difference) -> PlannedCall:
        target = f"{difference.setting} of the restored table"
        return context.plan_call(difference.service, difference.operation, difference.params, target=target)


def _policy(context: StepContext, spec: CarrySettingsSpec) -> str:
    """Return the policy from before the fence as JSON text; empty if the table had none.

    A fence that an earlier run left behind is taken out: it must not follow the data.
    """
    if spec.policy is None:
        return ""
    try:
        found = context.resolve(spec.policy)
        document = json.loads(found) if isinstance(found, str) else found
    except (ExpressionError, ValueError):
        return ""  # no value: the table had no policy before the fence
    if not isinstance(document, dict):
        return ""
    kept = [statement for statement in structures(document, "Statement") if statement.get("Sid") != FENCE_SID]
    return json.dumps({**document, "Statement": kept}) if kept else ""


async def _source_settings(context: StepContext, spec: CarrySettingsSpec, alarms: AlarmList) -> TableSettings:
    """Read the source's settings, or take them as they were declared.

    Raises:
        ExpressionError: what was declared is no such settings.
        ReadFailed: the source could not be read.
    """
    table = str(context.resolve(spec.source_table))
    declared = context.resolve(spec.declared) if spec.declared is not None else None
    if declared is None:
        return await read_settings(context, table, alarms)
    try:
        settings = DeclaredSettings.model_validate(declared)
    except ValidationError as error:
        words = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise ExpressionError(spec.declared or "", f"gives no settings of a table: {clean(words, 300)}") from error
    return declared_settings(table, settings)


async def _restored_settings(
    context: StepContext, source: TableSettings, table: str, alarms: AlarmList
) -> TableSettings:
    """Read the restored table; in a dry run, where there is none yet, take it as bare as a restore leaves it."""
    try:
        return await read_settings(context, table, alarms)
    except ReadFailed as failure:
        if not context.dry or failure.fault.kind not in (FaultKind.NOT_FOUND, FaultKind.REJECTED):
            raise
    arn = source.arn.rpartition("/")[0] + f"/{table}"
    return TableSettings(table=table, arn=arn)


async def _until_active(context: StepContext, table: str) -> None:
    """Wait until the table takes the next change: UpdateTable leaves it UPDATING for a while."""
    until = context.clock.now() + _PATIENCE
    while context.clock.now() < until:
        answer = await context.call_read("dynamodb", "DescribeTable", {"TableName": table})
        if text(structure(answer, "Table"), "TableStatus") == "ACTIVE":
            return
        await pause(context.clock, _PAUSE)
