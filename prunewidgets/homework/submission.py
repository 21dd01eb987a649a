"""A notebook that was handed in, read as leniently as possible."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .chapter import Cell

MOST_BYTES = 500_000_000
CALL = re.compile(r"checks\.chapter_(\w+?)\.\w+\(")


class Unreadable(ValueError):
    """The file is not a notebook with cells; the message says why."""


@dataclass(frozen=True)
class Submission:
    """A file that was handed in, or a student's folder without one.

    Attributes:
        student: who, from the names of file and folder.
        path: of the file, or of the folder.
        file: the file's name as the table has it; "" for a folder.
    """

    student: str
    path: Path
    file: str

    @property
    def digest(self) -> str:
        """Twelve hex digits that change with the file's content; "" if it cannot be read."""
        try:
            return hashlib.sha256(self.path.read_bytes()).hexdigest()[:12]
        except OSError:
            return ""

    def cells(self) -> list[Cell]:
        """Return the cells; one without an id has "".

        Raises:
            Unreadable: it is no notebook, or has no cells.
        """
        if self.path.is_dir():
            raise Unreadable("there is no notebook in the folder")
        try:
            if self.path.stat().st_size > MOST_BYTES:
                raise Unreadable(f"larger than {MOST_BYTES // 1_000_000} MB")
            raw = self.path.read_bytes()
            content = json.loads(raw.decode(json.detect_encoding(raw), errors="replace"))
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError):
            raise Unreadable("not a notebook: the file is not JSON") from None
        cells = content.get("cells") if isinstance(content, dict) else None
        found = [_cell(cell) for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []
        if not found:
            raise Unreadable("not a notebook: it has no cells")
        return found


def _cell(cell: dict[str, Any]) -> Cell:
    metadata = cell.get("metadata")
    names = [
        cell.get("id"),
        metadata.get("id") if isinstance(metadata, dict) else None,
    ]  # Colab has the second
    id = next((name for name in names if isinstance(name, str)), "")
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    whole = text.encode("utf-8", errors="replace").decode()  # half a character, which JSON can hold, is "?"
    return Cell(id, cell.get("cell_type") == "code", whole)


def chapter_of(cells: list[Cell]) -> str | None:
    """Return the number of the chapter whose checks a notebook calls most; None if it calls none."""
    found = [number for cell in cells if cell.is_code for number in CALL.findall(cell.source)]
    return max(sorted(set(found)), key=found.count) if found else None


def submissions(paths: list[str]) -> list[Submission]:
    """Return what was handed in: files, and all notebooks in folders.

    Within a folder, a notebook in a folder of its own (`handed_in/anna/05_….ipynb`) belongs to the student
    whom that names; otherwise the file's name, without its ending, is the student's. A student may have
    several notebooks; a folder without any is a submission too. Where students in two of the paths are called
    alike, the path is part of their names.

    Raises:
        FileNotFoundError: there is no such file or folder, or no notebook in it.
    """
    found: dict[Path, tuple[str, str]] = {}  # the path it was found in, and whose it is
    for name in paths:
        path = Path(name)
        if path.is_dir():
            for inside, student in _inside(path):
                found.setdefault(inside, (name, student))
        elif path.exists():
            found.setdefault(path, (path.parent.as_posix(), path.stem))
        else:
            raise FileNotFoundError(f"There is no file or folder {path}.")
    places: dict[str, set[str]] = {}
    for place, student in found.values():
        places.setdefault(student, set()).add(place)
    return [
        Submission(
            student if len(places[student]) == 1 else f"{place}/{student}",
            path,
            "" if path.is_dir() else path.name,
        )
        for path, (place, student) in found.items()
    ]


def _inside(folder: Path) -> list[tuple[Path, str]]:
    """Return the notebooks in a folder, and the folders in it without one, each with the student's name."""
    files = [file for file in sorted(folder.rglob("*.ipynb")) if not _hidden(file.relative_to(folder))]
    if not files:
        raise FileNotFoundError(f"There is no notebook in {folder}.")
    rooms = [(file, file.parent.relative_to(folder).as_posix()) for file in files]
    found = [(file, file.stem if room == "." else room) for file, room in rooms]
    for each in sorted(folder.iterdir()):
        empty = each.is_dir() and not any(file.is_relative_to(each) for file in files)
        if empty and not _hidden(Path(each.name)):
            found.append((each, each.name))
    return found


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
