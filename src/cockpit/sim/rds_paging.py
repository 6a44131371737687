"""RDS's way of listing: markers, and filters by name."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from cockpit.sim.errors import AwsError
from cockpit.sim.whole_service import page

T = TypeVar("T")

FEWEST, MOST = 20, 100


def marked_page(items: Sequence[T], params: dict[str, Any]) -> tuple[list[T], dict[str, str]]:
    """Return one page of items and the answer's Marker, if there is more.

    Raises:
        AwsError: the page size is not 20 to 100, or no earlier page gave that marker.
    """
    size = int(params.get("MaxRecords") or MOST)
    if not FEWEST <= size <= MOST:
        raise AwsError("InvalidParameterValue", f"Invalid value {size} for MaxRecords. Must be between 20 and 100.")
    shown, marker = page(items, params.get("Marker"), size, "InvalidParameterValue")
    return shown, {"Marker": marker} if marker else {}


def selected(params: dict[str, Any], known: dict[str, Callable[[T], str]]) -> Callable[[T], bool]:
    """Return a test for the filters of a call; `known` are the filters that there are.

    Raises:
        AwsError: there is no such filter.
    """
    filters = {each["Name"]: each["Values"] for each in params.get("Filters") or ()}
    for name in filters:
        if name not in known:
            raise AwsError("InvalidParameterValue", f"Unrecognized filter name: {name}")
    return lambda item: all(known[name](item) in _short(values) for name, values in filters.items())


def _short(values: list[str]) -> set[str]:
    """Return names; filters take ARNs as well."""
    return {value.rpartition(":")[2] for value in values}
