"""A notebook that was handed in, read as leniently as possible."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .chapter import Cell

MOST_BYTES = 50_000_000
CALL = re.compile(r"checks\.chapter_(\w+?)\.\w+\(")


class Unreadable(ValueError):
    """The file is not a notebook with cells; the message says why."""


@dataclass(frozen=True)
class Submission:
    """A file that was handed in.

    Attributes:
        student: who, from the names of file and folder.
        path: of the file.
    """

    student: str
    path: Path

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
        try:
            if self.path.stat().st_size > MOST_BYTES:
                raise Unreadable(f"larger than {MOST_BYTES // 1_000_000} MB")
            content = json.loads(self.path.read_bytes().decode("utf-8-sig"))
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
    return Cell(id, cell.get("cell_type") == "code", "".join(line for line in lines if isinstance(line, str)))


def chapter_of(cells: list[Cell]) -> str | None:
    """Return the number of the chapter whose checks a notebook calls most; None if it calls none."""
    found = [number for cell in cells if cell.is_code for number in CALL.findall(cell.source)]
    return max(sorted(set(found)), key=found.count) if found else None


def submissions(paths: list[str]) -> list[Submission]:
    """Return what was handed in: files, and all notebooks in folders.

    In a folder, a notebook two levels down (`marks/anna/05_….ipynb`) belongs to the student that its folder
    names; otherwise its own name, without the ending, is the student's. Where two would be called alike,
    both are called by their path.

    Raises:
        FileNotFoundError: there is no such file or folder, or no notebook in it.
    """
    found: list[tuple[str, Path]] = []
    for name in paths:
        path = Path(name)
        if path.is_dir():
            inside = [file for file in sorted(path.rglob("*.ipynb")) if not _hidden(file.relative_to(path))]
            if not inside:
                raise FileNotFoundError(f"There is no notebook in {path}.")
            for file in inside:
                parts = file.relative_to(path).parts
                found.append((parts[0] if len(parts) > 1 else file.stem, file))
        elif path.exists():
            found.append((path.stem, path))
        else:
            raise FileNotFoundError(f"There is no file or folder {path}.")
    names = [student for student, _ in found]
    return [Submission(s if names.count(s) == 1 else path.as_posix(), path) for s, path in found]


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
