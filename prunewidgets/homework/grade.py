"""``python -m prunewidgets grade DIR|FILES -o marks.csv``: marks for what was handed in."""

import contextlib
import sys
from collections import Counter, defaultdict
from pathlib import Path

from .. import workbook
from ..utils.progress_bar import progress
from .chapter import Chapter, chapter
from .individual import TABLE, Numbers, choices, has_others, with_numbers
from .marking import Mark
from .marks import Marks, plain
from .submission import Submission, Unreadable, chapter_of, submissions
from .together import Known, mark, marked_together

SECONDS = 60.0


class NotTheirs(Exception):
    """A submission could not be marked, for a reason that is not in the notebook; the message names it."""


def main(paths: list[str], file: str, seconds: float = SECONDS, numbers: str | None = None) -> int:
    """Mark submissions, write the table, and print how many exercises were right.

    Args:
        paths: notebooks, or folders of them.
        file: name of the CSV file. Marks in it stay; only what is new or has changed is marked.
        seconds: most time for a cell of a student's.
        numbers: the table of the numbers that each student got, if they got numbers of their own.

    Returns:
        The exit status: 0; 1 if nothing could be marked, which one printed line explains; 130 after Ctrl-C.
    """
    try:
        marks = Marks(Path(file))
        handed_in = submissions(paths)
        grade(handed_in, marks, seconds, handed_out(numbers))
    except KeyboardInterrupt:
        done = f"Finished marks are in {file}; the same command goes on."
        print("Stopped.", done if Path(file).exists() else "No notebook is marked yet.", file=sys.stderr)
        return 130
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(summary(marks, file))
    return 0


def handed_out(numbers: str | None) -> Numbers | None:
    """Return the table of this name, if there is a name.

    Raises:
        OSError: there is no such file.
        ValueError: it is something else.
    """
    if numbers is None:
        return None
    if not Path(numbers).exists():
        raise FileNotFoundError(f"There is no {numbers}; assign --individual writes it.")
    return Numbers(Path(numbers))


def grade(
    handed_in: list[Submission], marks: Marks, seconds: float = SECONDS, numbers: Numbers | None = None
) -> None:
    """Mark each submission that has no mark yet.

    Args:
        handed_in: the notebooks.
        marks: where the marks go.
        seconds: most time for a cell of a student's.
        numbers: what each student got; None if everybody has those of the chapter.

    Raises:
        ValueError: no notebook calls a check, so the chapter is not known; or some have numbers of their own,
            and there is no table of them.
    """
    found = [_chapter(each) for each in handed_in]
    named = Counter(number for number in found if number)
    if not named:
        raise ValueError("None of these notebooks has an exercise of a chapter.")
    usual = named.most_common(1)[0][0]
    of: defaultdict[str, list[Submission]] = defaultdict(list)
    for each, number in zip(handed_in, found, strict=True):
        of[number or usual].append(each)
    read = {number: chapter(number) for number in of}
    if numbers is None:
        for number, notebooks in of.items():
            _check_numbers(read[number], notebooks)
    known: dict[str, Known] = {}
    for number, each in progress([(n, each) for n in of for each in of[n]], unit="notebook"):
        digest = each.digest
        if not marks.has(each.student, number, digest):
            if number not in known:  # here, where the progress bar moves
                new = [other for other in of[number] if not marks.has(other.student, number, other.digest)]
                known[number] = known_of(read[number], new, seconds, numbers)
            try:
                points = marked(read[number], each, seconds, numbers, known[number])
            except NotTheirs as error:
                points, digest = errors(read[number], str(error)), ""  # tried again next time
            marks.add(each.student, number, each.file, digest, points)


def known_of(
    chapter: Chapter, handed_in: list[Submission], seconds: float, numbers: Numbers | None = None
) -> Known:
    """Return the marks of plain answers; none if there is nothing to gain or they cannot be run."""
    readable = []
    for each in handed_in:
        with contextlib.suppress(Unreadable, NotTheirs):
            readable.append((_as_given(chapter, each.student, numbers), each.cells()))
    try:
        return marked_together(chapter, readable if len(readable) > 1 else [], seconds)
    except (OSError, RuntimeError, ValueError):  # `marked` says why
        return marked_together(chapter, [], seconds)


def marked(
    chapter: Chapter,
    handed_in: Submission,
    seconds: float,
    numbers: Numbers | None = None,
    known: Known | None = None,
) -> list[Mark]:
    """Return the marks of one submission; what cannot be read gets rows that say so.

    Raises:
        NotTheirs: it could not be marked for a reason that is not in the notebook.
    """
    try:
        return mark(_as_given(chapter, handed_in.student, numbers), handed_in.cells(), seconds, known)
    except Unreadable as error:
        return errors(chapter, str(error))
    except (OSError, RuntimeError, ValueError) as error:  # no kernel, a full disk
        raise NotTheirs(f"could not be run: {error}") from error


def errors(chapter: Chapter, why: str) -> list[Mark]:
    """Return no points for each exercise of a chapter, and why."""
    return [Mark(exercise.name, error=why) for exercise in chapter.exercises]


def _as_given(chapter: Chapter, student: str, numbers: Numbers | None) -> Chapter:
    if numbers is None or not choices(chapter):
        return chapter
    own = numbers.of(student, chapter.number)
    if not own:
        raise NotTheirs(f"{numbers.path.name} has no numbers of chapter {chapter.number} for this student")
    return with_numbers(chapter, own)


def _check_numbers(chapter: Chapter, handed_in: list[Submission]) -> None:
    """Refuse to mark by the chapter's numbers what was handed out with others; a few have changed theirs."""
    if not choices(chapter):
        return
    others = []
    for each in handed_in:
        with contextlib.suppress(Unreadable):
            others.append(has_others(chapter, each.cells()))
    if sum(others) > len(others) / 2:
        raise ValueError(
            f"{sum(others)} of {len(others)} notebooks of chapter {chapter.number} have other numbers; add "
            f"--numbers and the file {TABLE} that assign wrote."
        )


def _chapter(handed_in: Submission) -> str | None:
    try:
        number = chapter_of(handed_in.cells())
        return workbook.chapter_number(workbook.source(), number) if number else None
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
    again = frame[(frame["notebook"] == "") & (frame["file"] != "")].drop_duplicates(["student", "file"])
    if len(again):
        why = again["error"].iloc[0]
        lines.append(plain(f"not marked yet: {len(again)} ({why}); the same command tries again"))
    files = frame.groupby(["student", "chapter"])["file"].nunique()
    lines += [
        plain(f"{student} has handed in {count} notebooks of chapter {number}; all are marked")
        for (student, number), count in files[files > 1].items()
    ]
    return "\n".join(lines)
