"""The table of marks: a row for each exercise of each submission, kept in a CSV file."""

import os
import re
from pathlib import Path

import pandas as pd

from ..utils.atomic_file import whole_file
from .marking import Mark

COLUMNS = [
    "student", "chapter", "exercise", "points", "of", "answered", "passed", "mistake", "hint", "error",
    "file", "notebook",
]  # fmt: skip
TEXTS = ["student", "chapter", "file", "notebook"]
"""Columns that stay text, though a student may be called 007, and a chapter 05."""
LONGEST = 300
CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


class Marks:
    """The marks so far, written to the file after each submission, so that an interrupted run can go on."""

    def __init__(self, path: Path) -> None:
        """Read what an earlier run has written.

        Raises:
            ValueError: the file has other columns: it is something else.
            OSError: there is no such folder, or nothing may be written there.
        """
        self.path = path
        self._rows = pd.DataFrame(columns=COLUMNS)
        folder = path.resolve().parent
        if not folder.is_dir():  # said before the work, not after it
            raise FileNotFoundError(f"There is no folder {path.parent}; make it first.")
        if not os.access(folder, os.W_OK):
            raise PermissionError(f"{folder} is read-only; name a file elsewhere with -o.")
        if path.exists() and path.stat().st_size:
            try:
                rows = pd.read_csv(path, dtype=dict.fromkeys(TEXTS, str), keep_default_na=False)
            except ValueError:  # of no text, or of rows that differ in length
                rows = None
            if rows is None or list(rows.columns) != COLUMNS:
                raise ValueError(f"{path} is not a table of marks; name another file with -o.")
            self._rows = rows

    def has(self, student: str, chapter: str, digest: str) -> bool:
        """Return whether this notebook of this student is marked already."""
        rows = self._rows
        found = (rows["student"] == plain(student)) & (rows["chapter"] == chapter)
        return bool(digest) and bool((found & (rows["notebook"] == digest)).any())

    def add(self, student: str, chapter: str, file: str, digest: str, marks: list[Mark]) -> None:
        """Put the marks of a notebook in place of earlier ones of the chapter, and write the table.

        Args:
            student: whose it is.
            chapter: its number.
            file: the notebook's name; "" if there is none, which a later notebook takes the place of.
            digest: changes with its content; "" if it is to be tried again.
            marks: one for each exercise.
        """
        student, file = plain(student), plain(file)
        new = [
            {
                "student": student,
                "chapter": chapter,
                "exercise": mark.exercise,
                "points": mark.points,
                "of": 1,
                "answered": mark.answered,
                "passed": mark.passed,
                "mistake": plain(mark.mistake),
                "hint": plain(mark.hint),
                "error": plain(mark.error),
                "file": file,
                "notebook": digest,
            }
            for mark in marks
        ]
        rows = self._rows
        same = (rows["student"] == student) & (rows["chapter"] == chapter)
        others = rows[~(same & rows["file"].isin([file, ""]))]
        added = pd.DataFrame(new, columns=COLUMNS)
        self._rows = pd.concat([others, added], ignore_index=True) if len(others) else added
        with whole_file(self.path) as temporary:
            # With the mark of UTF-8, without which Excel garbles names.
            self._rows.to_csv(temporary, index=False, encoding="utf-8-sig")

    def frame(self) -> pd.DataFrame:
        """Return a copy of the table."""
        return self._rows.copy()


def plain(text: str) -> str:
    """Return text of a submission as one line that terminals, spreadsheets and pages take for text."""
    text = text.encode("utf-8", errors="replace").decode()  # a file's name may be no UTF-8
    line = " ".join(CONTROL.sub(" ", text).split())
    line = line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
    return f"'{line}" if line.startswith(("=", "+", "-", "@")) else line
