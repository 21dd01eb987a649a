"""``python -m prunewidgets grade DIR|FILES -o marks.csv``: marks for what was handed in."""

import sys
from collections import Counter
from pathlib import Path

from ..utils.progress_bar import progress
from .chapter import Chapter, chapter
from .marking import Mark, mark
from .marks import Marks, plain
from .submission import Submission, Unreadable, chapter_of, submissions

SECONDS = 60.0


def main(paths: list[str], file: str, seconds: float = SECONDS) -> int:
    """Mark submissions, write the table, and print how many exercises were right.

    Args:
        paths: notebooks, or folders of them.
        file: name of the CSV file. Marks in it stay; only what is new or has changed is marked.
        seconds: most time for a cell of a student's.

    Returns:
        The exit status: 0; 1 if nothing could be marked, which one printed line explains; 130 after Ctrl-C.
    """
    try:
        marks = Marks(Path(file))
        handed_in = submissions(paths)
        grade(handed_in, marks, seconds)
    except KeyboardInterrupt:
        print(f"Stopped. Finished marks are in {file}; the same command goes on.", file=sys.stderr)
        return 130
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(summary(marks, file))
    return 0


def grade(handed_in: list[Submission], marks: Marks, seconds: float = SECONDS) -> None:
    """Mark each submission that has no mark yet.

    Raises:
        ValueError: no notebook calls a check, so the chapter is not known.
    """
    numbers = Counter(number for each in handed_in if (number := _chapter(each)))
    if not numbers:
        raise ValueError("None of these notebooks has an exercise of a chapter.")
    usual = numbers.most_common(1)[0][0]
    read: dict[str, Chapter] = {}
    for each in progress(handed_in, unit="notebook"):
        digest = each.digest
        if marks.has(each.student, digest):
            continue
        number = _chapter(each) or usual
        if number not in read:
            read[number] = chapter(number)
        marks.add(each.student, number, each.file, digest, marked(read[number], each, seconds))


def marked(chapter: Chapter, handed_in: Submission, seconds: float) -> list[Mark]:
    """Return the marks of one submission; what cannot be read or run gets rows that say so."""
    try:
        return mark(chapter, handed_in.cells(), seconds)
    except Unreadable as error:
        why = str(error)
    except (OSError, RuntimeError, ValueError) as error:  # no kernel, a full disk
        why = f"could not be run: {error}"
    return [Mark(exercise.name, error=why) for exercise in chapter.exercises]


def _chapter(handed_in: Submission) -> str | None:
    try:
        number = chapter_of(handed_in.cells())
        return number if number and chapter(number) else None
    except (Unreadable, ValueError):
        return None


def summary(marks: Marks, file: str) -> str:
    """Return a line for each exercise: how many were right, and the mistakes made most often."""
    frame = marks.frame()
    lines = [f"{file}: {frame['student'].nunique()} students."]
    for (number, exercise), rows in frame.groupby(["chapter", "exercise"]):
        made = rows.loc[rows["mistake"] != "", "mistake"].value_counts().head(3)
        often = ", ".join(f"{name} {count}" for name, count in made.items())
        right = int(rows["passed"].astype(bool).sum())
        line = f"chapter {number}, {exercise}: {right} of {len(rows)} right"
        lines.append(plain(line + (f"; mistakes: {often}" if often else "")))
    files = frame.groupby(["student", "chapter"])["file"].nunique()
    lines += [
        plain(f"{student} has handed in {count} notebooks of chapter {number}; all are marked")
        for (student, number), count in files[files > 1].items()
    ]
    return "\n".join(lines)
