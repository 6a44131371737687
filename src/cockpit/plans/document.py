"""A file as data: its values, where each of them stands, and what is wrong with it."""

from dataclasses import dataclass, field

from pydantic import JsonValue

from cockpit.model.text import clean

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file, and where. `line` and `column` count from 1; 0 means the file as a whole.

    Attributes:
        field: path of the field as written in the file, for example ``steps[3].aws.call``; empty for the file.
        message: what is wrong and what was expected, in words.
    """

    file: str
    line: int
    column: int
    field: str
    message: str

    def __str__(self) -> str:
        """Return the problem as one line, in the form that editors jump to."""
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.field}: {self.message}" if self.field else f"{where}: {self.message}"


class DocumentError(Exception):
    """A file could not be read into its model. `problems` holds all of them, in the order of the file."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(slots=True)
class Document:
    """A parsed file: its data, and where each key and value stands (line and column from 1)."""

    file: str
    data: JsonValue = None
    keys: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    values: dict[Path_, tuple[int, int]] = field(default_factory=dict)

    def locate(self, path: Path_) -> tuple[int, int]:
        """Return where a field stands; where it is missing, where its nearest parent does."""
        while path and path not in self.values:
            path = path[:-1]
        return self.keys.get(path) or self.values.get(path) or (0, 0)

    def problem(self, path: Path_, message: str) -> Problem:
        """Return a problem at that field."""
        line, column = self.locate(path)
        return Problem(self.file, line, column, dotted(path), message)


def dotted(path: Path_) -> str:
    """Return a path as people write it: ``steps[3].aws.call``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{clean(part, 80)}"
    return text
