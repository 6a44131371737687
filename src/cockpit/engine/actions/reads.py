"""Reads that a checklist or a decision makes first, so that a person judges by facts."""

from collections.abc import Mapping

from pydantic import JsonValue

from cockpit.aws.port import ReadFailed
from cockpit.engine.actions.base import StepContext
from cockpit.plans.expressions import ExpressionError
from cockpit.plans.probe import Read


async def make_reads(context: StepContext, reads: Mapping[str, Read]) -> dict[str, JsonValue]:
    """Return ``{"reads": {name: answer}}``. What cannot be read is observed, and shows as a gap in the texts."""
    answers: dict[str, JsonValue] = {}
    for name, read in reads.items():
        try:
            answers[name] = await context.read(read)
        except ReadFailed as failure:
            context.observe(name, f"could not be read: {failure.fault.message} {failure.fault.remedy}", ok=None)
        except ExpressionError as error:
            context.observe(name, f"could not be read: {error}", ok=None)
    return {"reads": answers}
