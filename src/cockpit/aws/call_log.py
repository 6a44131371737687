"""The calls made, newest last: what `@` shows and what the cost of watching is counted from."""

from collections import Counter, deque
from threading import Lock

from cockpit.aws.port import CallRecord


class CallLog:
    """Keeps the last calls and counts all. Safe from any thread; one log may serve several gateways."""

    def __init__(self, keep: int = 1000) -> None:
        self._lock = Lock()
        self._calls: deque[CallRecord] = deque(maxlen=keep)
        self._counts: Counter[str] = Counter()

    def add(self, call: CallRecord) -> None:
        """Append one call."""
        with self._lock:
            self._calls.append(call)
            self._counts[f"{call.service}:{call.operation}"] += 1

    def calls(self) -> tuple[CallRecord, ...]:
        """Return the calls that are kept, oldest first."""
        with self._lock:
            return tuple(self._calls)

    def counts(self) -> dict[str, int]:
        """Return how often each ``service:Operation`` was called since the start."""
        with self._lock:
            return dict(self._counts)
