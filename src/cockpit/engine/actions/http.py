"""``http``: look at a URL and assert what it answers."""

import json
import re
from dataclasses import dataclass

import aiohttp
from pydantic import JsonValue
from yarl import URL

from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.actions.sends_nothing import SendsNothing
from cockpit.model.effect import Outcome
from cockpit.model.text import clean
from cockpit.plans.actions.http import HttpSpec
from cockpit.plans.expressions import ExpressionError, bare

_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class _Page:
    status: int
    location: str
    body: str


class HttpAction(SendsNothing):
    """Makes one GET request and follows no redirect: where it leads is for a person to judge."""

    async def perform(self, context: StepContext, spec: HttpSpec) -> Result:
        """Carry out the step; it only reads."""
        address = str(context.resolve(spec.url))
        headers = {name: str(context.resolve(value)) for name, value in spec.headers.items()}
        try:
            url = URL(address)
        except ValueError:
            return Result(Outcome.FAILED, reason=f"{clean(address, 200)} is not a URL; nothing was requested.")
        if url.scheme not in ("http", "https") or not url.host:
            return Result(Outcome.FAILED, reason=f"{clean(address, 200)} is no http address; nothing was requested.")
        shown = clean(str(url.with_user(None).with_query(None)), 200)
        try:
            page = await _get(url, headers, spec.timeout.total_seconds())
        except TimeoutError:
            reason = (
                f"{shown} did not answer within {spec.timeout.total_seconds():.0f} s. Retry, or look at the service."
            )
            return Result(Outcome.FAILED, reason=reason)
        except (aiohttp.ClientError, OSError) as error:
            return Result(Outcome.FAILED, reason=f"{shown} could not be reached: {clean(error, 300)}.")
        problem = _judge(context, spec, page)
        context.observe("http", f"{shown} answered {page.status}" + (f": {problem}" if problem else ""), ok=not problem)
        captured: dict[str, JsonValue] = {"status": page.status}
        if problem:
            return Result(Outcome.FAILED, captured, f"{shown} answered {page.status}: {problem}.")
        return Result(captured=captured)


async def _get(url: URL, headers: dict[str, str], seconds: float) -> _Page:
    limits = aiohttp.ClientTimeout(total=seconds)
    async with (
        aiohttp.ClientSession(timeout=limits, trust_env=True) as session,
        session.get(url, headers=headers, allow_redirects=False) as response,
    ):
        body = b""
        async for chunk in response.content.iter_chunked(65_536):
            body += chunk
            if len(body) > _MOST_BYTES:
                break
        location = response.headers.get("Location", "")
        return _Page(response.status, location, body[:_MOST_BYTES].decode("utf-8", "replace"))


def _judge(context: StepContext, spec: HttpSpec, page: _Page) -> str:
    """Return what is not as wanted, in words; empty if all is well."""
    if page.status != spec.expect_status:
        leads = f", it leads to {clean(page.location, 200)}" if page.location else ""
        return f"{spec.expect_status} was expected{leads}"
    if spec.expect_body is not None and not re.search(spec.expect_body, page.body):
        return f"the body does not contain {clean(spec.expect_body, 100)}; it begins {clean(page.body[:200])!r}"
    if spec.expect_json is None:
        return ""
    try:
        answer: JsonValue = json.loads(page.body)
    except ValueError:
        return f"the body is not JSON; it begins {clean(page.body[:200])!r}"
    try:
        holds = context.resolve("{{ " + bare(spec.expect_json) + " }}", {"answer": answer})
    except ExpressionError as error:
        return clean(error, 300)
    return "" if holds not in (False, [], {}) else f"not true: {clean(spec.expect_json, 200)}"
