"""Reads that a checklist or a decision makes first, so that a person judges by facts."""

import asyncio
from collections.abc import Mapping

from pydantic import JsonValue

from cockpit.aws.port import ReadFailed
from cockpit.engine.actions.base import StepContext
from cockpit.plans.expressions import ExpressionError
from cockpit.plans.probe import Read


async def make_reads(context: StepContext, reads: Mapping[str, Read]) -> dict[str, JsonValue]:
    """Make the reads side by side and return ``{"reads": {name: answer}}``.

    What cannot be read is observed, and shows as a gap in the texts.
    """

    async def one(name: str, read: Read) -> dict[str, JsonValue]:
        try:
            return {name: await context.read(read)}
        except ReadFailed as failure:
            context.observe(name, f"could not be read: {failure.fault.message} {failure.fault.remedy}", ok=None)
        except ExpressionError as error:
            context.observe(name, f"could not be read: {error}", ok=None)
        return {}

    answers: dict[str, JsonValue] = {}
    for answer in await asyncio.gather(*(one(name, read) for name, read in reads.items())):
        answers.update(answer)
    return {"reads": answers}
