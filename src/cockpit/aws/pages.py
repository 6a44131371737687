"""All pages of a read, merged."""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import PaginationError

if TYPE_CHECKING:
    from pydantic import JsonValue


_TOKENS = ("NextToken", "nextToken")


async def read_pages(client: Any, operation: str, params: dict[str, JsonValue]) -> dict[str, Any]:
    """Return one answer with the lists (and sums) of all pages; a plain read where the service has no pages."""
    method = xform_name(operation)
    if client.can_paginate(method):
        merged: dict[str, Any] = await client.get_paginator(method).paginate(**params).build_full_result()
        return merged
    return await _by_token(client, operation, params)


async def _by_token(client: Any, operation: str, params: dict[str, JsonValue]) -> dict[str, Any]:
    """Follow the tokens of an operation that botocore has no paginator for (ListSecretVersionIds)."""
    send = getattr(client, xform_name(operation))
    members = client.meta.service_model.operation_model(operation).input_shape
    token = next((name for name in _TOKENS if members is not None and name in members.members), "")
    merged: dict[str, Any] = await send(**params)
    following = merged.pop(token, None)
    while following:
        page = await send(**{**params, token: following})
        before, following = following, page.pop(token, None)
        if following == before:
            raise PaginationError(message=f"The same next token was received twice: {following}")
        for name, value in page.items():
            merged[name] = [*merged.get(name, []), *value] if isinstance(value, list) else merged.get(name, value)
    return merged
