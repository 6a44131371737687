"""One run from its start over a violent death to its end, with everything that can be seen of it from outside."""

import os
import signal
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cockpit.engine.journal_reading import JOURNAL, ReadResult, read_journal
from cockpit.sim.process import Simulator, start_simulator
from crash.cells import AtRecord, Cell, InCall
from crash.subjects import Subject
from crash.witness import Witness
from support.line_operator import LineOperator
from support.place import Place

MORTAL = Path(__file__).with_name("mortal.py")
_LONGEST = 200.0  # real seconds for one program
_LOOK = 0.02
_NOTHING_DONE = "Start it anew"


@dataclass(slots=True)
class Journey:
    """What was seen.

    Attributes:
        code: exit code of the program that was to die; -9 if it died.
        remains: the journal as the dead program left it.
        at_death: the same, read.
        finished: the journal at the end; `finishing_code` and `shown` belong to the program that wrote its end.
        anew: the run could not be resumed because it had not begun; another one was started.
        calls: the endpoint's own log.
        wrong_world: what is wrong in the world afterwards; empty if nothing.
    """

    code: int = 0
    remains: bytes = b""
    at_death: ReadResult | None = None
    left_alone: bytes = b""
    finished: ReadResult | None = None
    final: bytes = b""
    finishing_code: int = 0
    shown: list[str] = field(default_factory=list)
    anew: bool = False
    calls: list[dict[str, Any]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    wrong_world: str = ""
    complaints: str = ""
    seconds: float = 0.0


def travel(subject: Subject, cell: Cell | None, seed: int, folder: Path) -> Journey:
    """Run the plan; without a cell undisturbed, else killed there, taken up again by a new process, and finished.

    Raises:
        AssertionError: a program asked what no rule answers, or did not come to its end.
    """
    began = time.monotonic()
    journey = Journey()
    with start_simulator(subject.scenario, subject.speed_for(cell), seed) as simulator:
        place = Place(folder, simulator, subject.scenario)
        subject.prepare(simulator)
        witness = Witness(simulator, place.state_folder)
        journey.code = _first_life(subject, cell, place, witness)
        journal = next(iter(place.state_folder.rglob(JOURNAL)), None)
        if journal is None:
            raise AssertionError("no run was started: " + "\n".join(witness.transcript[-20:]))
        journey.remains, journey.at_death = journal.read_bytes(), read_journal(journal)
        if journey.code == -signal.SIGKILL:
            journal = _second_life(subject, place, witness, journal, journey)
        else:
            journey.shown, journey.finishing_code = witness.transcript, journey.code
        journey.final, journey.finished = journal.read_bytes(), read_journal(journal)
        journey.calls = simulator.get_json("/_cockpit/calls")["calls"]
        journey.troubles = witness.troubles
        journey.wrong_world = _world(subject, simulator, journey.finished)
        journey.complaints = simulator.complaints()
    journey.seconds = time.monotonic() - began
    return journey


def _first_life(subject: Subject, cell: Cell | None, place: Place, witness: Witness) -> int:
    program = (str(MORTAL), str(cell.seq)) if isinstance(cell, AtRecord) else ("-m", "cockpit")
    over = threading.Event()
    if isinstance(cell, InCall):
        order = {"service": cell.service, "operation": cell.operation, "nth": cell.nth, "effect": cell.effect}
        place.simulator.post_json("/_cockpit/hold", order)
    operator = LineOperator(["run", subject.plan], place.environ, place.folder, witness.rules, program)
    if isinstance(cell, InCall):
        threading.Thread(
            target=_kill_when_held, args=(place.simulator, operator.process.pid, over), daemon=True
        ).start()
    try:
        return _finished(operator, witness)
    finally:
        over.set()


def _kill_when_held(simulator: Simulator, pid: int, over: threading.Event) -> None:
    while not over.wait(_LOOK):
        if any(hold["held"] for hold in simulator.get_json("/_cockpit/hold")):
            os.kill(pid, signal.SIGKILL)
            return


def _second_life(subject: Subject, place: Place, witness: Witness, journal: Path, journey: Journey) -> Path:
    """Take the run up again as the operator would; return the journal that came to an end."""
    state = journey.at_death.state if journey.at_death else None
    if state is not None and state.ended:
        journey.shown = witness.transcript
        return journal
    resume = ["runs", "resume", journal.parent.name]
    journey.finishing_code = _finished(LineOperator(resume, place.environ, place.folder, witness.rules), witness)
    if any(_NOTHING_DONE in line for line in witness.transcript):
        journey.anew, journey.left_alone = True, journal.read_bytes()
        before = journal.parent
        again = LineOperator(["run", subject.plan], place.environ, place.folder, witness.rules)
        journey.finishing_code = _finished(again, witness)
        (journal,) = (each for each in place.state_folder.rglob(JOURNAL) if each.parent != before)
    journey.shown = witness.transcript
    return journal


def _finished(operator: LineOperator, witness: Witness) -> int:
    try:
        return operator.run(_LONGEST)
    finally:
        if operator.process.poll() is None:
            operator.process.kill()
        witness.transcript = operator.transcript


def _world(subject: Subject, simulator: Simulator, finished: ReadResult) -> str:
    if finished.state is None:
        return "there is no run"
    try:
        subject.world(simulator, finished.state)
    except (AssertionError, LookupError) as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{last.name}: {type(error).__name__}: {error or last.line}"
    return ""
