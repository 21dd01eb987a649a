"""The chapters as lectures: their slide types make slides, each of which shows something."""

import ast
import json
import re
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
KINDS = {None, "-", "slide", "subslide", "fragment", "skip", "notes"}


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def kind(cell):
    return cell["metadata"].get("slideshow", {}).get("slide_type")


LECTURES = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))  # the appendices are to look things up in


def shows(cell):
    """Whether a cell shows something where its code is hidden: prose, a value, or what a call shows."""
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return bool(source.strip())
    body = ast.parse(source).body
    calls = [line.value for line in body if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call)]
    displayed = any(isinstance(call.func, ast.Name) and call.func.id == "display" for call in calls)
    guess = re.search(r"^guess\w* = .*\.\.\.", source, re.MULTILINE)  # a field to type it in
    return bool(guess) or displayed or any(isinstance(line, ast.Expr) for line in body[-1:])


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_a_lecture_begins_with_a_slide_and_none_of_its_slides_is_empty(path):
    every = cells(path)
    assert {kind(cell) for cell in every} <= KINDS
    assert kind(every[0]) == "slide"
    steps = []  # of a slide: its cells that show something, until the next step
    for cell in every:
        if kind(cell) in ("slide", "subslide", "fragment"):
            steps.append([cell["id"], 0])
        if kind(cell) not in ("skip", "notes"):
            steps[-1][1] += shows(cell)
    assert [name for name, shown in steps if not shown] == []


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_no_slide_shows_an_answer_together_with_its_question_and_exercises_are_homework(path):
    together, asked = [], False  # whether this step has a field for a guess
    for cell in cells(path):
        source = "".join(cell["source"])
        if kind(cell) in ("slide", "subslide", "fragment"):
            asked = False
        if kind(cell) not in ("skip", "notes") and cell["cell_type"] == "code":
            if asked and re.search(r"checks\.(reveal|after)\(", source):
                together.append(cell["id"])
            asked = asked or bool(re.search(r"^guess\w* = |pw\.ExpectedCurve\(", source, re.MULTILINE))
    assert together == []
    shown = [cell["id"] for cell in cells(path) if kind(cell) != "skip"]
    assert [name for name in shown if re.fullmatch(r"ex\d+(-check)?", name)] == []


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_no_slide_shows_what_waits_for_an_exercise(path):
    shown = [cell for cell in cells(path) if kind(cell) not in ("skip", "notes")]
    calls = r"^ *checks\.(?:reveal|after)\((?!\s*[\[(]?(?:guess|expected|both\b))[^\n]*"
    found = [re.findall(calls, "".join(cell["source"]), re.MULTILINE) for cell in shown]
    assert [each for each in found if each] == []


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_notes_are_text_and_those_for_the_lecturer_are_folded_and_state_minutes(path):
    notes = [cell for cell in cells(path) if kind(cell) == "notes"]
    assert all(cell["cell_type"] == "markdown" and "".join(cell["source"]).strip() for cell in notes)
    own = [cell for cell in notes if cell["id"].startswith("note-")]
    folded = [cell for cell in cells(path) if cell["metadata"].get("jupyter") == {"source_hidden": True}]
    assert own == folded != []
    assert all(minutes_of(cell) for cell in own)


def minutes_of(cell):
    """The minutes in the first line of a note, which JupyterLab shows of a folded cell."""
    found = re.match(r"\*\*For the lecturer: (\d+) minutes?\.\*\*\n", "".join(cell["source"]))
    return int(found[1]) if found else 0


def minutes(path):
    return sum(minutes_of(cell) for cell in cells(path) if kind(cell) == "notes")


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_the_minutes_of_the_notes_add_up_to_those_that_the_last_one_states(path):
    last = "".join([cell for cell in cells(path) if minutes_of(cell)][-1]["source"])
    stated = re.search(r"this (?:lecture|part) takes (\d+) minutes", last)
    assert stated is not None and int(stated[1]) == minutes(path)
    assert 20 <= minutes(path) <= 30


def test_chapters_01_and_05_are_a_lecture_of_45_minutes():
    of = {path.name[:2]: minutes(path) for path in LECTURES}
    assert (of["01"], of["05"]) == (20, 25)
