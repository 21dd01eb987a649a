"""Numbers of a student's own: a cell such as `ex1-numbers` gets one of the choices in its metadata.

The cell has the standard tag "parameters"; `choices` beside it has {name: values}. What each student got is
recorded in a table, which marks are given by: the cell in the notebook may have been changed since.
"""

import csv
import json
import random
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..utils.atomic_file import whole_file
from .chapter import Cell, Chapter, exercises
from .statements import statements

TABLE = "numbers.csv"
COLUMNS = ["student", "chapter", "name", "value"]


def choices(chapter: Chapter) -> dict[str, list[Any]]:
    """Return {name: values} of all numbers of a chapter that may vary; most chapters have none."""
    cells = json.loads(chapter.path.read_text(encoding="utf-8"))["cells"]
    tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    return {name: values for cell in tagged for name, values in cell["metadata"]["choices"].items()}


def drawn(chapter: Chapter, student: str) -> dict[str, Any]:
    """Return {name: value} for a student: by chance, but for the same name always the same."""
    chance = random.Random(f"{chapter.number} {_normal(student)}")
    return {name: chance.choice(values) for name, values in choices(chapter).items()}


def with_numbers(chapter: Chapter, numbers: dict[str, Any]) -> Chapter:
    """Return a chapter with these numbers in its cells and in the calls of its checks."""
    cells = list(chapter.cells)
    for place, cell in enumerate(cells):
        if cell.id.endswith("-numbers"):
            source = cell.source
            for name, value in numbers.items():
                source = re.sub(rf"(?m)^{name} = .*?(?=  #|$)", f"{name} = {value!r}", source)
            cells[place] = replace(cell, source=source)
    return replace(chapter, cells=tuple(cells), exercises=exercises(tuple(cells)))


def has_others(chapter: Chapter, handed_in: list[Cell]) -> bool:
    """Return whether a notebook has other numbers than the chapter."""
    given = {cell.id: statements(cell.source) for cell in chapter.cells if cell.id.endswith("-numbers")}
    try:
        theirs = {cell.id: statements(cell.source) for cell in handed_in if cell.id in given}
    except SyntaxError:
        return True
    return any(
        [part.shape for part in parts] != [part.shape for part in given[id]] for id, parts in theirs.items()
    )


def students(file: Path) -> list[str]:
    """Return the names in a CSV file: its column `student`, or else the first of each line.

    Raises:
        OSError: the file cannot be read.
        ValueError: it has no names, one of them twice, or one that cannot be a folder's.
    """
    rows = [[entry.strip() for entry in row] for row in _rows_of(file)]
    rows = [row for row in rows if any(row)]
    column = rows[0].index("student") if rows and "student" in rows[0] else None
    names = [row[column] for row in rows[1:]] if column is not None else [row[0] for row in rows]
    if not names:
        raise ValueError(f"{file} has no names; write one a line.")
    for name in names:
        if not name or name.startswith(".") or re.search(r'[/\\:*?"<>|\x00-\x1f]', name):
            raise ValueError(f"{file}: {name!r} cannot be the name of a folder.")
    known = [_normal(name).casefold() for name in names]
    for name in names:
        if known.count(_normal(name).casefold()) > 1:
            raise ValueError(f"{file} has {name!r} twice; a folder is for one student.")
    return names


class Numbers:
    """The table of what was handed out, kept in a CSV file: a row for each number of each student."""

    def __init__(self, path: Path) -> None:
        """Read the table, if there is one.

        Raises:
            ValueError: the file is something else.
        """
        self.path = path
        self._rows: list[dict[str, str]] = []
        if path.exists():
            first, *rows = _rows_of(path) or [[]]
            if first != COLUMNS:
                raise ValueError(f"{path} is not a table of numbers, such as assign writes.")
            for line, row in enumerate(rows, 2):
                try:
                    self._rows.append(dict(zip(COLUMNS, row, strict=True)))
                    json.loads(row[-1])
                except ValueError:
                    raise ValueError(f"{path}, row {line}: {', '.join(row)!r:.80} is no number.") from None

    def of(self, student: str, chapter: str) -> dict[str, Any]:
        """Return {name: value} of what a student got; nothing if that was nothing."""
        return {
            row["name"]: json.loads(row["value"])
            for row in self._rows
            if _normal(row["student"]) == _normal(student) and row["chapter"] == chapter
        }

    def add(self, student: str, chapter: str, numbers: dict[str, Any]) -> None:
        """Add what a student gets; `write` writes it."""
        self._rows += [
            dict(zip(COLUMNS, (student, chapter, name, json.dumps(value)), strict=True))
            for name, value in numbers.items()
        ]

    def write(self) -> None:
        """Write the table."""
        with whole_file(self.path) as temporary:
            # With the mark of UTF-8, without which Excel garbles names.
            with open(temporary, "w", newline="", encoding="utf-8-sig") as opened:
                writer = csv.DictWriter(opened, COLUMNS)
                writer.writeheader()
                writer.writerows(self._rows)


def _rows_of(file: Path) -> list[list[str]]:
    try:
        with open(file, newline="", encoding="utf-8-sig") as opened:  # spreadsheets begin UTF-8 with a mark
            return list(csv.reader(opened))
    except (UnicodeDecodeError, csv.Error):
        raise ValueError(f"{file} is not a CSV file in UTF-8; save it as “CSV UTF-8”.") from None


def _normal(name: str) -> str:
    """Return a name as one sequence of characters: macOS stores é as two."""
    return unicodedata.normalize("NFC", name)
