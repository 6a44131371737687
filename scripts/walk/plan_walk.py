"""One plan from the watch screen to its end in a terminal, everything that was shown kept in a folder."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.engine.records import Prompted
from cockpit.plans.catalogue import load_plan
from crash.subjects import Subject
from support.screen_operator import ScreenOperator
from walk import complaints
from walk.film import Film, Frame
from walk.picture import draw
from walk.stage import stage_for

PLANS = Path(__file__).parents[2] / "plans"
_LISTED = 5
LONGEST = 1500.0  # real seconds for one plan


@dataclass(slots=True)
class Walked:
    """What came of it.

    Attributes:
        ended: how the run ended; else why it did not.
        complaints: what was wrong, with the numbers of the frames that showed it.
    """

    name: str
    frames: int = 0
    dialogs: int = 0
    seconds: float = 0.0
    ended: str = ""
    complaints: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Tell whether the run was finished and nothing was wrong."""
        return self.ended == "finished" and not self.complaints

    @property
    def line(self) -> str:
        """Return it in one line."""
        return (
            f"{self.name}: {self.ended}, {self.frames} frames, {self.dialogs} dialogs, "
            f"{self.seconds:.0f} s, {len(self.complaints)} complaints"
        )


class _Keeper:
    """Writes frames and pictures, and collects complaints."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._text = (folder / "frames.txt").open("w", encoding="utf-8")
        self._pictured: set[str] = set()
        self._found: dict[str, list[int]] = {}
        self._in_run = False
        self._latest: Frame | None = None

    def keep(self, frame: Frame) -> None:
        """Take a frame in."""
        self._latest = frame
        rule = "=" * len(frame.cells[0])
        self._text.write(f"{rule} {frame.number} at {frame.at:.1f} s\n{frame.text}\n")
        self._text.flush()
        self._in_run = self._in_run or any(line.startswith("LOSS ") for line in frame.lines[:6])
        for words in complaints.of_frame(frame, in_run=self._in_run):
            self._complain(words, frame)

    def question(self, asked: Prompted) -> None:
        """Look at a question whose dialog is in the latest frame."""
        frame = self._latest
        if frame is None:
            return
        for words in complaints.of_question(asked.prompt, frame):
            self._complain(f"{asked.step} {asked.prompt.kind}: {words}", frame)
        self.picture(f"{asked.prompt.kind}-{asked.step or 'preflight'}", of_kind=asked.prompt.kind)

    def picture(self, name: str, of_kind: str = "") -> None:
        """Draw the latest frame; with a kind only the first of that kind."""
        if self._latest is None or (of_kind and of_kind in self._pictured):
            return
        self._pictured.add(of_kind)
        draw(self._latest.cells, self._folder / name)

    def close(self) -> list[str]:
        """Close the files; return the complaints."""
        self._text.close()
        return [f"frame {_numbers(frames)}: {words}" for words, frames in self._found.items()]

    def _complain(self, words: str, frame: Frame) -> None:
        if words not in self._found:
            draw(frame.cells, self._folder / f"complaint-{frame.number}")
        self._found.setdefault(words, []).append(frame.number)


def _numbers(frames: list[int]) -> str:
    more = f" and {len(frames) - _LISTED} more" if len(frames) > _LISTED else ""
    return ", ".join(str(number) for number in frames[:_LISTED]) + more


def walk(subject: Subject, size: tuple[int, int], folder: Path) -> Walked:
    """Run a plan at a terminal of that size to its end; keep frames and pictures in the folder."""
    began = time.monotonic()
    keeper, walked = _Keeper(folder), Walked(subject.name)
    plan = load_plan(PLANS / f"{subject.plan}.yaml", (PLANS,))
    fields = [subject.answers.inputs.get(name) for name in plan.inputs]
    typed = [None if value is None else str(value) for value in fields]
    with stage_for(subject) as stage, Film(stage.argv, stage.environ, *size, taken=keeper.keep) as film:
        operator = ScreenOperator(film, stage.state_folder, subject.answers, at_dialog=keeper.question)
        try:
            film.wait(lambda text: "PLANS THAT MATCH" in text or "no plan matches" in text, timeout=60)
            film.settle()
            keeper.picture("watch")
            operator.start_plan(plan.title, stage.environment, typed)
            operator.finish(LONGEST)
            keeper.picture("ended")
            walked.ended = operator.run.state.ended if operator.run.state else ""
        except Exception as error:  # noqa: BLE001 - whatever stops a walk is that plan's result, not the others'
            walked.ended = f"STOPPED: {error}"
            keeper.picture("stopped")
        walked.frames, walked.dialogs = film.frames, len(operator.seen)
    walked.complaints = keeper.close()
    walked.seconds = time.monotonic() - began
    return walked
