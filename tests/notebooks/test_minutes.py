"""The minutes of each chapter fit what there is to read and to do; the list of chapters is up to date."""

import re
from pathlib import Path

import pytest

from tools.chapters import CELL, FIRST, NOTEBOOKS, Head, cells, chapters, head, listed

WORDS_A_MINUTE, MINUTES_A_GUESS = 150, 2
MINUTES_AN_EXERCISE = {"first": 5, "later": 8}
"""Up to chapter 03b an exercise is a count or a few lines; later ones search, or write a method."""


def needed(path: Path, stated: Head) -> float:
    """Reading, plus the cells' time, plus a while for each guess and each exercise."""
    every = [
        (cell["cell_type"], "".join(cell["source"]))
        for cell in cells(path)
        if "jupyter" not in cell["metadata"]  # folded, for the lecturer
    ]
    prose = "\n".join(source for kind, source in every if kind == "markdown")
    read = re.sub(r"```.*?```|<[^>]+>|\]\([^)]*\)", " ", prose, flags=re.DOTALL)
    words = len(re.findall(r"[A-Za-z0-9][\w'’.,%-]*", read))
    guesses = sum(
        bool(re.search(r"^guess\w* = |pw\.ExpectedCurve\(", source, re.MULTILINE))
        for kind, source in every
        if kind == "code"
    )
    exercises = len(re.findall(r"^#+ Exercise \d", prose, re.MULTILINE))
    each = MINUTES_AN_EXERCISE["first" if path.name < "04" else "later"]
    doing = MINUTES_A_GUESS * guesses + each * exercises
    return words / WORDS_A_MINUTE + stated.seconds / 60 + doing


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_the_stated_minutes_are_about_right(path):
    stated = head(path)
    computed = needed(path, stated)
    assert abs(stated.minutes - computed) <= 0.25 * computed, f"about {computed:.0f} minutes"


def test_chapter_00_has_the_present_list_of_chapters():
    (cell,) = [cell for cell in cells(NOTEBOOKS / FIRST) if cell["id"] == CELL]
    assert "".join(cell["source"]) == listed(), "run python tools/chapters.py"


def test_the_readme_lists_every_chapter():
    readme = (NOTEBOOKS.parent / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in chapters() if f"](notebooks/{path.name})" not in readme] == []


def test_the_first_chapter_takes_less_than_half_an_hour():
    assert head(NOTEBOOKS / FIRST).minutes < 30
