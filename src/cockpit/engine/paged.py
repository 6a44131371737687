"""Reading every page of a list with ready parameters."""

from pydantic import JsonValue

from cockpit.engine.actions.base import StepContext

JsonObject = dict[str, JsonValue]

MOST_PAGES = 500


async def read_pages(
    context: StepContext,
    service: str,
    operation: str,
    params: dict[str, JsonValue],
    *,
    cursor: str = "NextToken",
    answer_cursor: str = "",
    most: int = MOST_PAGES,
) -> list[JsonObject]:
    """Return the answers of all pages, at most `most` of them.

    Args:
        context: the step's context.
        service: service as botocore names it.
        operation: its operation.
        params: parameters of the first page; they are not filled, so foreign text in them stays text.
        cursor: name of the parameter that asks for the next page.
        answer_cursor: its name in the answer, if it differs.
        most: pages read at most.

    Raises:
        ReadFailed: a page gave no answer.
    """
    pages: list[JsonObject] = []
    following: JsonValue = None
    while len(pages) < most:
        page = await context.call_read(service, operation, params if not following else {**params, cursor: following})
        pages.append(page)
        following = page.get(answer_cursor or cursor)
        if not following:
            break
    return pages
