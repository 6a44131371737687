"""Threads that nobody waits for at the end.

Name resolution and other blocking calls run in threads. On a bad line one of them may hang for half a minute, and
Python's own pool joins its threads before the program may end: the operator would sit before a dead screen.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class DetachedThreads(ThreadPoolExecutor):
    """One daemon thread for each piece of work. An event loop takes it as its default executor."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Begin the work in a thread of its own."""
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - it belongs to who waits for the future
                future.set_exception(error)
            else:
                future.set_result(result)

        threading.Thread(target=work, name="aws", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go: what still runs ends with the program."""
