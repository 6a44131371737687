"""The feeds of one environment, in a thread and event loop of their own.

A stalled screen cannot stop them, and a slow endpoint cannot stop a screen.
"""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from typing import Any, TypeVar

from cockpit.aws.call_log import CallLog
from cockpit.aws.port import AwsPort, CallRecord, ReadFailed
from cockpit.aws.threads import DetachedThreads
from cockpit.feeds import details
from cockpit.feeds.place import Place
from cockpit.feeds.readings import Cell, attempt
from cockpit.feeds.schedule import Schedule
from cockpit.feeds.snapshot import Snapshot, empty_snapshot
from cockpit.feeds.sweeps import read_identity, sweeps_of
from cockpit.model.alarm import Alarm, AlarmTransition, Series
from cockpit.model.clock import Clock
from cockpit.model.deployment import Deployment
from cockpit.model.reading import Fault, FaultKind, Reading
from cockpit.model.restore import TableRestore
from cockpit.model.text import clean

T = TypeVar("T")
Listener = Callable[[Snapshot], None]
MakePort = Callable[[CallLog], AwsPort]

IDENTITY_SECONDS = 300.0


class FeedHub:
    """Watches one environment and tells listeners what changed.

    Every method may be called from any thread and returns at once, `stop` excepted.
    """

    def __init__(
        self,
        environment_name: str,
        environment: Place,
        clock: Clock,
        make_port: MakePort,
        *,
        log: CallLog | None = None,
    ) -> None:
        """Prepare the feeds; nothing is read before `start`.

        Args:
            environment_name: for words on the screen only.
            environment: where to look and at what.
            clock: the time stamped on readings and used in queries; pauses between sweeps are real seconds.
            make_port: makes the connection to AWS; called in the hub's thread, so that its imports happen there
                (`cockpit.feeds.connect.connector` makes one).
            log: list of calls to append to; its own if None.
        """
        self.environment_name = environment_name
        self.environment = environment
        self._clock = clock
        self._make_port = make_port
        self._log = log or CallLog()
        self._lock = threading.Lock()
        self._snapshot = empty_snapshot(environment.regions)
        self._listeners: list[Listener] = []
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running = threading.Event()
        self._stopping: asyncio.Event | None = None
        self._port: asyncio.Future[AwsPort] | None = None
        self._wakers: list[asyncio.Event] = []

    def start(self) -> None:
        """Begin to watch. A second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="feeds", daemon=True)
            self._thread.start()

    def stop(self, timeout: float = 3.0) -> bool:
        """End all sweeps and close the connections; wait at most `timeout` seconds. Tells whether all ended in time."""
        thread = self._thread
        if thread is None:
            return True
        if self._running.wait(timeout) and self._loop is not None and self._stopping is not None:
            with contextlib.suppress(RuntimeError):  # the loop ended by itself
                self._loop.call_soon_threadsafe(self._stopping.set)
        thread.join(timeout)
        return not thread.is_alive()

    def snapshot(self) -> Snapshot:
        """Return the latest readings."""
        return self._snapshot

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` whenever a value or a fault changed. Returns the way out.

        It is called from the hub's thread and must not block. A sweep that saw nothing new only moves the times of its
        reading: take those from `snapshot()` when the clock ticks.
        """
        with self._lock:
            self._listeners.append(listener)

        def leave() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return leave

    def refresh(self) -> None:
        """Begin every sweep now instead of after its pause."""
        loop = self._loop
        if self._running.is_set() and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake_all)

    def ask(self, question: Callable[[AwsPort], Coroutine[Any, Any, T]]) -> "Future[T]":
        """Run a coroutine over the hub's connection, in the hub's loop.

        The future raises what the coroutine raises (`ReadFailed` carries words for people), or CancelledError once the
        hub has stopped.
        """
        self.start()
        self._running.wait()
        if self._loop is None or self._loop.is_closed():
            return _cancelled()
        answer = self._answer(question)
        try:
            return asyncio.run_coroutine_threadsafe(answer, self._loop)
        except RuntimeError:
            answer.close()
            return _cancelled()

    def alarm_history(self, alarm: Alarm) -> "Future[tuple[AlarmTransition, ...]]":
        """Read the alarm's last hundred history entries, newest first."""
        return self.ask(lambda port: details.alarm_history(port, alarm))

    def alarm_series(self, alarm: Alarm) -> "Future[Series | None]":
        """Read the datapoints of the alarm's metric of the last three hours; None for composites and metric math."""
        return self.ask(lambda port: details.alarm_series(port, alarm, self._clock.now()))

    def deployment_detail(self, deployment: Deployment) -> "Future[Deployment]":
        """Read the deployment anew, with its targets: lifecycle events and traffic."""
        return self.ask(lambda port: details.deployment_detail(port, deployment))

    def restore_history(self, region: str) -> tuple[TableRestore, ...]:
        """Return restores of the region that are over, newest first, as the latest sweep saw them.

        AWS does not say when a restore ended; durations are only known of runs the cockpit made itself.
        """
        board = self._snapshot.restores[region].value
        over = [restore for restore in board.restores if not restore.in_progress] if board else []
        return tuple(over)

    def calls(self) -> tuple[CallRecord, ...]:
        """Return the last calls, oldest first."""
        return self._log.calls()

    @property
    def log(self) -> CallLog:
        """Return the list of calls, to share it with other connections to the same environment."""
        return self._log

    def _work(self) -> None:
        asyncio.run(self._live())

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(DetachedThreads())
        self._stopping = asyncio.Event()
        self._port = self._loop.create_future()
        self._running.set()
        try:
            port = self._make_port(self._log)
        except Exception as error:  # noqa: BLE001 - told in every pane; the screen itself lives on
            await self._live_without(error)
            return
        self._port.set_result(port)
        tasks = [asyncio.create_task(work) for work in self._works(port)]
        try:
            await self._stopping.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await port.close()

    async def _live_without(self, error: Exception) -> None:
        """Say in every pane why there is no connection, and wait for the end."""
        fault = Fault(FaultKind.REJECTED, f"No connection to AWS could be made: {clean(error, 300)}")
        at, blank = self._clock.now(), empty_snapshot(self.environment.regions)
        failed: Reading[Any] = Reading().failed(fault, at)
        by_region = dict.fromkeys(blank.alarms, failed)
        self._snapshot = Snapshot(failed, by_region, by_region, by_region)
        self._tell(self._snapshot)
        if self._port is not None and self._stopping is not None:
            self._port.set_exception(ReadFailed(fault))
            self._port.exception()  # nobody may ask: then it is not an error that nobody took it
            await self._stopping.wait()

    def _works(self, port: AwsPort) -> list[Coroutine[Any, Any, None]]:
        place, clock = self.environment, self._clock
        every = place.watch.every.total_seconds()
        works = [self._watch(_identity_cell(), lambda: read_identity(port, place), IDENTITY_SECONDS)]
        for region in place.regions:
            sweeps = sweeps_of(port, place, region, clock)
            works.append(self._watch(_alarms_cell(region), sweeps.alarms, every))
            works.append(self._watch(_deployments_cell(region), sweeps.deployments, every))
            works.append(self._watch(_restores_cell(region), sweeps.restores, every))
        return works

    async def _watch(self, cell: Cell[T], sweep: Callable[[], Awaitable[T]], every: float) -> None:
        schedule = Schedule(every, after_fault=self.environment.watch.every.total_seconds())
        waker = asyncio.Event()
        self._wakers.append(waker)
        while True:
            began = asyncio.get_running_loop().time()
            reading, changed = await attempt(cell.get(self._snapshot), sweep, self._clock)
            self._put(cell, reading, tell=changed)
            pause = schedule.pause_after(reading.fault, asyncio.get_running_loop().time() - began)
            try:
                await asyncio.wait_for(waker.wait(), pause)
            except TimeoutError:
                continue
            waker.clear()

    def _put(self, cell: Cell[T], reading: Reading[T], *, tell: bool) -> None:
        with self._lock:
            self._snapshot = snapshot = cell.put(self._snapshot, reading)
        if tell:
            self._tell(snapshot)

    def _tell(self, snapshot: Snapshot) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            with contextlib.suppress(Exception):  # a listener's mistake must not end the watching
                listener(snapshot)

    def _wake_all(self) -> None:
        for waker in self._wakers:
            waker.set()

    async def _answer(self, question: Callable[[AwsPort], Coroutine[Any, Any, T]]) -> T:
        if self._port is None:
            raise CancelledError
        return await question(await asyncio.shield(self._port))


def _cancelled() -> "Future[Any]":
    future: Future[Any] = Future()
    future.cancel()
    return future


def _identity_cell() -> Cell[Any]:
    return Cell(lambda snapshot: snapshot.identity, lambda snapshot, reading: replace(snapshot, identity=reading))


def _alarms_cell(region: str) -> Cell[Any]:
    return Cell(
        lambda snapshot: snapshot.alarms[region],
        lambda snapshot, reading: replace(snapshot, alarms={**snapshot.alarms, region: reading}),
    )


def _deployments_cell(region: str) -> Cell[Any]:
    return Cell(
        lambda snapshot: snapshot.deployments[region],
        lambda snapshot, reading: replace(snapshot, deployments={**snapshot.deployments, region: reading}),
    )


def _restores_cell(region: str) -> Cell[Any]:
    return Cell(
        lambda snapshot: snapshot.restores[region],
        lambda snapshot, reading: replace(snapshot, restores={**snapshot.restores, region: reading}),
    )
