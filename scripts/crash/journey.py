"""One run from its start over violent deaths to its end, with everything that can be seen of it from outside."""

import random
import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cockpit.engine.journal_reading import ReadResult, read_journal
from cockpit.sim.process import Simulator, start_simulator
from crash import doom
from crash.boundaries import Boundary, Pending, place_of
from crash.chains import AtRecords, ByChance, Call, Chain, InCalls
from crash.endpoint import Endpoint
from crash.operator import Operator
from crash.program import Program
from crash.subjects import Subject
from support.place import Place
from support.watched_run import WatchedRun

MOST_LIVES = 400
_NOTHING_DONE = "Start it anew"
_WATCHED_NOW = "From here it is only watched"


@dataclass(slots=True)
class Life:
    """One program.

    Attributes:
        argv: its arguments.
        code: its exit code; -9 if it was killed.
        died_at: where it was killed; None if nobody killed it.
        answer_lost: the call in which it was killed took effect.
        relapse: it was killed while it took the run up again.
        remains, at_death: the journal as it left it: its bytes, and its whole records. None if there was none yet.
        shown: what it printed.
    """

    argv: tuple[str, ...]
    code: int = 0
    died_at: Boundary | Call | None = None
    answer_lost: bool = False
    relapse: bool = False
    remains: bytes = b""
    at_death: ReadResult | None = None
    shown: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Journey:
    """What was seen.

    Attributes:
        left_alone: journals of runs that could not be taken up because they had not begun; others were started.
        final, finished: the journal at the end.
        calls: the endpoint's own log.
        wrong_world: what is wrong in the world afterwards; empty if nothing.
    """

    lives: list[Life] = field(default_factory=list)
    left_alone: list[bytes] = field(default_factory=list)
    finished: ReadResult = field(default_factory=lambda: ReadResult((), None, (), 0))
    final: bytes = b""
    calls: list[dict[str, Any]] = field(default_factory=list)
    wrong_world: str = ""
    complaints: str = ""
    seconds: float = 0.0

    @property
    def deaths(self) -> list[Life]:
        """Return the lives that ended by a kill, in order."""
        return [life for life in self.lives if life.code == -signal.SIGKILL]

    @property
    def killed_at(self) -> list[Boundary | Call]:
        """Return where it was killed, but for relapses."""
        return [life.died_at for life in self.deaths if life.died_at is not None and not life.relapse]


def travel(subject: Subject, chain: Chain | None, seed: int, folder: Path) -> Journey:
    """Run the plan; without a chain undisturbed, else killed there, each time taken up by a new process, to its end.

    Raises:
        AssertionError: a program asked what nobody can answer, or did not come to its end.
    """
    began = time.monotonic()
    with start_simulator(subject.scenario, subject.speed, seed) as simulator:
        place = Place(folder, simulator, subject.scenario)
        with subject.stage(place):
            subject.prepare(place)
            journey = _Traveller(subject, chain, place).travel()
            journey.wrong_world = _world(subject, place, journey.finished)
        journey.complaints = simulator.complaints()
    journey.seconds = time.monotonic() - began
    return journey


class _Traveller:
    """Leads one run through its lives."""

    def __init__(self, subject: Subject, chain: Chain | None, place: Place) -> None:
        self._subject = subject
        self._place = place
        self._run = WatchedRun(place.state_folder)
        self._endpoint = Endpoint(place.simulator)
        self._operator = Operator(self._endpoint, self._run, subject.answers, subject.instead)
        self._driver = ""
        self._records = list(chain.targets) if isinstance(chain, AtRecords) else []
        self._holds = _Holds(place.simulator, chain) if isinstance(chain, InCalls) else None
        self._relapses_left = 0
        self._drawn = _drawn(chain) if isinstance(chain, ByChance) else iter(())
        self._journey = Journey()

    def travel(self) -> Journey:
        journey = self._journey
        while (argv := self._next_argv()) is not None:
            if len(journey.lives) > MOST_LIVES:
                raise AssertionError(f"{MOST_LIVES} programs have not finished the run")
            life = self._live(argv)
            journey.lives.append(life)
            if life.at_death is None:
                raise AssertionError("no run was started: " + "\n".join(life.shown[-20:]))
            if any(_NOTHING_DONE in line for line in life.shown):
                journey.left_alone.append(life.remains)
        journey.calls = self._endpoint.calls()
        journey.final = journey.lives[-1].remains
        if self._run.path is not None:
            journey.finished = read_journal(self._run.path)
        return journey

    def _next_argv(self) -> tuple[str, ...] | None:
        """Return the command that a careful operator gives now; None: everything is done."""
        lives = self._journey.lives
        state = self._run.state
        if not lives or any(_NOTHING_DONE in line for line in lives[-1].shown):
            return ("run", self._subject.plan_in(self._place), *self._subject.given)
        if state is None:
            return None
        if state.ended and not (self._subject.puts_back and state.still_halted):
            return None
        if lives[-1].code != -signal.SIGKILL and not (state.handed_to or (state.ended and self._subject.puts_back)):
            return None  # it ended by itself without an end of the run: that is judged, not repeated
        if state.ended:
            return ("runs", "restore-halted", state.run_id)
        self._driver = state.handed_to or self._driver
        return ("runs", "resume", state.run_id, *(("--as", self._driver) if self._driver else ()))

    def _live(self, argv: tuple[str, ...]) -> Life:
        fate, relapse = self._fate()
        program = Program(argv, self._place.environ, self._place.folder, fate)
        try:
            self._operator.sit(program, lambda: self._is_held() or _only_watches(program))
        finally:
            program.end()
        self._run.read_on()
        watches = _only_watches(program)
        life = Life(argv, 0 if watches else program.code or 0, relapse=relapse, shown=program.said)
        if self._run.path is not None:
            # The records as they were read on, shared by all lives: each reading anew would keep them once more.
            life.remains, life.at_death = self._run.path.read_bytes(), ReadResult(self._run.entries, None, (), 0)
        if life.code == -signal.SIGKILL:
            self._note_death(life)
        return life

    def _fate(self) -> tuple[doom.Fate | None, bool]:
        """Return how the next program dies, and whether that is a relapse."""
        if self._relapses_left and self._holds is not None:
            self._relapses_left -= 1
            return doom.after(self._holds.relapses - self._relapses_left), True
        if (number := next(self._drawn, None)) is not None:
            return doom.after(number), True
        if not self._records:
            return None, False
        return doom.at(Pending(self._records, self._run.entries)), False

    def _is_held(self) -> bool:
        return self._holds is not None and self._holds.look()

    def _note_death(self, life: Life) -> None:
        if life.relapse or life.at_death is None:
            return
        if self._holds is not None:
            life.died_at, life.answer_lost = self._holds.take(), self._holds.effect == "after"
            self._relapses_left = self._holds.relapses
            return
        last = life.at_death.entries[-1].record
        found = next((each for each in self._records if each.place == place_of(last)), None)
        if found is not None:
            self._records.remove(found)
        life.died_at = found


def _drawn(chain: ByChance) -> Iterator[int]:
    """Yield after how many of its records each program dies: often soon, sometimes late."""
    chance = random.Random(chain.seed)  # noqa: S311 - a sample, not a secret
    for _ in range(chain.deaths):
        yield chance.randint(1, chance.choice((3, 8, 24)))


class _Holds:
    """The calls of a chain that the endpoint still has to hold."""

    def __init__(self, simulator: Simulator, chain: InCalls) -> None:
        self._simulator = simulator
        self.effect = chain.effect
        self._left: dict[tuple[str, str], list[Call]] = {}
        self._counted: Counter[tuple[str, str]] = Counter()
        self._orders: list[Call] = []
        self._done: set[int] = set()
        self.relapses = chain.relapses
        for call in chain.targets:
            self._left.setdefault((call.service, call.operation), []).append(call)
        for operation in self._left:
            self._order(operation, since=0)

    def _order(self, operation: tuple[str, str], since: int) -> None:
        """Have the next wanted call of an operation held; `since`: the number of the one held before."""
        if not self._left[operation]:
            return
        call = self._left[operation].pop(0)
        again = bool(since) and self.effect == "before"  # the one before arrives once more
        order = {
            "service": call.service,
            "operation": call.operation,
            "nth": call.nth - since + again,
            "effect": self.effect,
        }
        self._simulator.post_json("/_cockpit/hold", order)
        self._orders.append(call)

    def look(self) -> bool:
        """Tell whether a call is held now that was not before."""
        return len(self._done) < len(self._orders) and self._newly_held() is not None

    def take(self) -> Call | None:
        """Return the call that is held now, and have the next one of its operation held; None if none is."""
        number = self._newly_held()
        if number is None:
            return None
        self._done.add(number)
        call = self._orders[number]
        self._order((call.service, call.operation), since=call.nth)
        return call

    def _newly_held(self) -> int | None:
        holds = self._simulator.get_json("/_cockpit/hold")
        return next((n for n, hold in enumerate(holds) if hold["held"] and n not in self._done), None)


def _only_watches(program: Program) -> bool:
    """Tell whether the program has handed the run over: it drives no more, and would watch to the end."""
    return any(_WATCHED_NOW in line for line in program.said[-30:])


def _world(subject: Subject, place: Place, finished: ReadResult) -> str:
    if finished.state is None:
        return "there is no run"
    try:
        subject.world(place, finished.state)
    except (AssertionError, LookupError) as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{last.name}: {type(error).__name__}: {error or last.line}"
    return ""
