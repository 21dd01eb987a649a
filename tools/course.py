"""What the chapters say of themselves to teachers: goals, needs, minutes, votes, exercises."""

import re
from dataclasses import dataclass
from pathlib import Path

from prunewidgets.utils.lecturer_notes import is_lecturer_note, slide_type

from .chapters import cells, chapters, head

LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
NUMBERS = re.compile(r"\b(\d\d[a-z]?)\b(?: to (\d\d[a-z]?)\b)?")
GUESS = re.compile(r"^guess\w* = |pw\.ExpectedCurve\(", re.MULTILINE)
EXERCISE = re.compile(r"^#+ Exercise \d", re.MULTILINE)
HEADING = re.compile(r"^#{1,3} (.*)$", re.MULTILINE)
NOTE = re.compile(r"\*\*For the lecturer: (\d+) minutes?\.\*\*\s*(.*)", re.DOTALL)


@dataclass(frozen=True)
class Lesson:
    """A chapter, as somebody sees it who teaches.

    Attributes:
        number: "05", "06b"; of an appendix its name.
        title: "A CNN on MNIST".
        path: the notebook.
        minutes: how long it takes to read and do.
        seconds: how long its cells alone run.
        goals: what a student can do afterwards.
        needs: the chapters that it builds on.
        helps: those that are named for a part of it.
        before: what it needs, in its own words.
        lecture: the minutes of its lecturer's notes; 0 without notes.
        votes: predictions.
        exercises: how many it has.
    """

    number: str
    title: str
    path: Path
    minutes: int
    seconds: int
    goals: tuple[str, ...]
    needs: tuple[str, ...]
    helps: tuple[str, ...]
    before: str
    lecture: int
    votes: int
    exercises: int


def lessons() -> list[Lesson]:
    """Return the chapters in their order, then the appendices."""
    paths = chapters()
    order = [head(path).label for path in paths]
    return [_lesson(path, order) for path in paths]


def headings(path: Path) -> dict[str, str]:
    """Return the heading, as plain text, under which each cell of a notebook begins, by the cell's id."""
    found, last = {}, ""
    for cell in cells(path):
        source = "".join(cell["source"])
        of_cell = HEADING.findall(source.replace("`", "")) if cell["cell_type"] == "markdown" else []
        found[cell["id"]] = of_cell[0] if of_cell and source.startswith("#") else last
        last = of_cell[-1] if of_cell else last
    return found


def notes(path: Path) -> list[tuple[str, int, str]]:
    """Return the lecturer's notes of a notebook: the slide's heading, the minutes, what they say."""
    found, shown = [], ""
    for cell in cells(path):
        source = "".join(cell["source"])
        said = NOTE.match(source)
        if said and is_lecturer_note(cell):
            found.append((shown, int(said[1]), " ".join(said[2].split())))
        elif cell["cell_type"] == "markdown" and slide_type(cell) not in ("skip", "notes"):
            shown = (HEADING.findall(source.replace("`", "")) or [shown])[0]
    return found


def _lesson(path: Path, order: list[str]) -> Lesson:
    said, every = head(path), cells(path)
    first = "".join(every[0]["source"])
    prose = "\n".join("".join(c["source"]) for c in every if c["cell_type"] == "markdown")
    code = "\n".join("".join(c["source"]) for c in every if c["cell_type"] == "code")
    before = _one_line(first, r"\*You need:\*(.*?)(?:\n\n|$)")
    sentence = re.split(r"\.(?:\s|$)", before)[0]
    needs, _, helps = sentence.partition(";")
    goals = _one_line(first, r"After this (?:chapter|appendix) you can:\n\n(.*?)\n\n")
    return Lesson(
        said.label,
        said.title,
        path,
        said.minutes,
        said.seconds,
        tuple(goal.rstrip(";. ") for goal in re.split(r"(?:^|\s)- ", goals) if goal),
        _named(needs, order),
        _named(helps, order),
        before,
        sum(minutes for _, minutes, _ in notes(path)),
        len(GUESS.findall(code)),
        len(EXERCISE.findall(prose)),
    )


def _one_line(text: str, pattern: str) -> str:
    found = re.search(pattern, text, re.DOTALL)
    return " ".join(LINK.sub(r"\1", found[1]).split()) if found else ""


def _named(text: str, order: list[str]) -> tuple[str, ...]:
    """Return the chapters that a text names; "03 to 05" are all from 03 to 05."""
    named: list[str] = []
    for begin, end in NUMBERS.findall(text):
        named += order[order.index(begin) : order.index(end or begin) + 1]
    return tuple(named)
