"""One read of a plan: filled, made once, and what counts as an answer to it."""

import asyncio
from collections.abc import Mapping

from pydantic import JsonValue

from cockpit.aws.port import AwsPort, ReadFailed
from cockpit.model.reading import FaultKind
from cockpit.plans.expressions import resolve
from cockpit.plans.probe import Read

UNREACHABLE_AFTER = 8.0  # real seconds; a region that lives answers within one
_NO_ANSWER = (FaultKind.UNREACHABLE, FaultKind.SERVICE)


async def make_read(port: AwsPort, read: Read, context: Mapping[str, JsonValue], region: str) -> dict[str, JsonValue]:
    """Fill a read and make it once. What the plan says means "there is none" gives an empty answer.

    Args:
        port: the connection.
        read: the read.
        context: what its expressions see.
        region: the run's region, for a read that names none.

    Raises:
        ExpressionError: a parameter has no value.
        ReadFailed: no answer.
    """
    service, _, operation = read.read.partition(":")
    where = str(resolve(read.region, context)) if read.region else region
    params = resolve(dict(read.params), context)
    filled = params if isinstance(params, dict) else {}
    may_be_gone = read.unreachable is not None
    try:
        async with asyncio.timeout(UNREACHABLE_AFTER if may_be_gone else None):
            return (await port.read(service, operation, where, filled, pages=read.pages)).body
    except TimeoutError:
        if not may_be_gone:
            raise
    except ReadFailed as failure:
        absent = failure.fault.code != "" and failure.fault.code in read.absent
        if not absent and not (may_be_gone and failure.fault.kind in _NO_ANSWER):
            raise
    return {}
