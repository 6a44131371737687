"""All pages of a read, merged."""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

from typing import TYPE_CHECKING, Any

from botocore import xform_name

if TYPE_CHECKING:
    from pydantic import JsonValue


async def read_pages(client: Any, operation: str, params: dict[str, JsonValue]) -> dict[str, Any]:
    """Return one answer with the lists (and sums) of all pages; a plain read where the service has no pages."""
    method = xform_name(operation)
    if not client.can_paginate(method):
        answer: dict[str, Any] = await getattr(client, method)(**params)
        return answer
    merged: dict[str, Any] = await client.get_paginator(method).paginate(**params).build_full_result()
    return merged
