"""Finds the pieces and plans that an include names, in folders of plans; each file is read once."""

from pathlib import Path

from cockpit.plans.composing import WrittenFile
from cockpit.plans.written import Piece, PlanFile
from cockpit.plans.yaml_document import read_document, validate_document

PIECES = "pieces"
"""The folder of a plan folder that holds pieces; its files are no plans of their own."""


class FolderLibrary:
    """Pieces and plans of several folders; of two with one name the earlier folder's counts."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders
        self._found: dict[str, WrittenFile | None] = {}

    def find(self, name: str) -> WrittenFile | None:
        """Return the piece (``halt-ecs-fleet``) or plan (``distro/aurora-pitr``) of that name; None if there is none.

        Raises:
            DocumentError: there is one, but it is broken.
        """
        if name not in self._found:
            self._found[name] = self._read(name)
        return self._found[name]

    def _read(self, name: str) -> WrittenFile | None:
        is_plan = "/" in name
        for folder in self._folders:
            path = folder / f"{name}.yaml" if is_plan else folder / PIECES / f"{name}.yaml"
            if path.is_file():
                return read_written(path, PlanFile if is_plan else Piece)
        return None


def read_written(path: Path, model: type[PlanFile] | type[Piece]) -> WrittenFile:
    """Read one file as a plan or a piece.

    Raises:
        DocumentError: it is none.
    """
    document = read_document(path)
    return WrittenFile(validate_document(document, model), document)
