"""Plain answers of a class, judged in one kernel; whatever else there is runs in a kernel of its own."""

import json
from copy import deepcopy
from dataclasses import replace

import pandas as pd
import pytest

from prunewidgets.homework import grade, together
from prunewidgets.homework.chapter import chapter
from prunewidgets.homework.handout import notebook
from prunewidgets.homework.repaired import Step, repaired
from prunewidgets.homework.submission import Submission
from prunewidgets.homework.together import mark, marked_together, plain_answer
from tests.support.homework import RIGHT, answered

KEEP = "def keep(weights, tau):\n    return {}"


def cells_of(handed_in, path):
    path.write_text(json.dumps(handed_in), encoding="utf-8")
    return Submission("anna", path, path.name).cells()


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("right_places = 3", True),
        ("right_places = 1 + 2.0 * 1  # by hand", True),
        ("right_places = ...", True),
        ("right_places = '3 %'", True),
        ("right_places = [(1, -2), {'a': None}]", True),
        ("right_places = 3\nright_places = 4", True),
        ("right_places = len([1, 2, 3])", False),
        ("right_places = W", False),
        ("right_places = 9 ** 9 ** 9", False),
        ("right_places = [0] * 10", False),
        ("right_places = other = 3", False),
        ("right_places = 3\nprint(1)", False),
        ("right_places = {**W}", False),
        ("right_places[0] = 3", False),
        ("W = 3", False),
        ("right_places = [", False),
    ],
)
def test_what_is_a_plain_answer(first, handed_out, tmp_path, source, plain):
    base = repaired(first, list(first.cells))
    answered(handed_out, ex3=source)
    steps = repaired(first, cells_of(handed_out, tmp_path / "anna.ipynb"))
    (exercise,) = [each for each in first.exercises if each.name == "ex3"]
    assert (plain_answer(base, steps, exercise) is not None) == plain


def test_an_answer_is_not_plain_if_another_changes_what_its_check_is_given(first):
    (exercise,) = [each for each in first.exercises if each.name == "ex3"]
    base = repaired(first, list(first.cells))
    at = next(n for n, step in enumerate(base) if step.check and step.exercise == "ex3")
    base[at] = replace(base[at], source=base[at].source.replace("(right_places, ", "(right_places, W, "))
    assert plain_answer(base, base, exercise) is not None
    changed = [*base[: at - 1], Step("W[0] = 7", "ex2"), *base[at - 1 :]]
    assert plain_answer(base, changed, exercise) is None


@pytest.mark.heavy
def test_a_class_gets_the_marks_that_each_would_get_alone(first, handed_out, tmp_path, monkeypatch):
    """Of five students each exercise has right, wrong, open and, where a name is unknown, failing answers."""
    text = json.dumps(handed_out)
    answers = {
        "anna": RIGHT,
        "ben": RIGHT | {"ex3": "right_places = 9", "ex4": KEEP.format("weights > tau")},
        "carl": {"ex2": "forgotten, entries = 0.4, 4", "ex3": "right_places = undefined"},
        "dora": {"ex3": "right_places  =  9  # as Ben, with other spaces", "ex5": "first = 'many'"},
        "eve": {},
    }
    folder = tmp_path / "handed in"
    folder.mkdir()
    for student, given in answers.items():
        written = json.dumps(answered(json.loads(text), **given))
        (folder / f"{student}.ipynb").write_text(written, encoding="utf-8")
    class_of = {each.student: each.cells() for each in grade.submissions([str(folder)])}
    known = marked_together(first, [(first, cells) for cells in class_of.values()], 60)
    ran = []
    alone = together.marks_of
    monkeypatch.setattr(together, "marks_of", lambda *given: ran.append(given[2]) or alone(*given))
    for student, cells in class_of.items():
        marks = mark(first, cells, 60, known)
        names = [exercise.name for exercise in ran.pop()]
        expected = {"anna": ["ex4"], "ben": ["ex4"], "carl": ["ex3"], "dora": [], "eve": []}[student]
        assert names == expected
        assert marks == mark(first, cells, 60)
        ran.clear()
    wrong = {exercise: found for (exercise, _), found in known.marks.items() if found.mistake}
    assert {"ex2", "ex3"} <= set(wrong)


def test_the_command_judges_a_class_together(tmp_path, handed_out, monkeypatch):
    text = json.dumps(handed_out)
    for student, places in {"anna": 3, "ben": 9, "carl": 3}.items():
        written = json.dumps(answered(json.loads(text), ex3=f"right_places = {places}"))
        (tmp_path / f"{student}.ipynb").write_text(written, encoding="utf-8")
    (tmp_path / "dora.ipynb").write_text("no notebook", encoding="utf-8")
    kernels = []
    alone = together.marks_of
    monkeypatch.setattr(together, "marks_of", lambda *given: kernels.append(given[2]) or alone(*given))
    assert grade.main([str(tmp_path)], str(tmp_path / "marks.csv")) == 0
    frame = pd.read_csv(tmp_path / "marks.csv", keep_default_na=False)
    points = frame[frame.exercise == "ex3"].set_index("student").points.to_dict()
    assert points == {"anna": 1, "ben": 0, "carl": 1, "dora": 0}
    assert [len(exercises) for exercises in kernels] == [6, 0, 0, 0]  # five open ones and both answers


WRONG = {
    "ex1": [
        ("(9, 0.75)", 1, ""),
        ("(0.75, 9)", 0.5, "swapped"),
        ("(9, 0.8)", 0.5, "too_late"),
        ("(9, 0.5)", 0, "too_early"),
        ("(8, 0.95)", 0, "worst"),
        ("(1, 0.5)", 0, "hint"),
        ("tuple([9, 0.75])", 1, ""),
    ],
    "ex2": [
        ("0.476", 1, ""),
        ("0.2", 0, "share_of_weights"),
        ("1 - 0.476", 0.5, "removed"),
        ("2.1", 0.5, "upside_down"),
        ("336_653", 0.5, "count"),
        ("'47.6 %'", 0.5, "per_cent"),
        ("0.1", 0, "hint"),
    ],
    "ex3": [
        ("0.2", 1, ""),
        ("0.8", 0.5, "kept"),
        ("80", 0.5, "kept"),
        ("0.25", 0, "of_four"),
        ("1.25", 0, "of_four"),
        ("0.5", 0, "hint"),
        ("'20 %'", 0.5, "per_cent"),
    ],
}
"""{exercise of chapter 05: (answer, points, mistake)}; the network is the one that ships with the package."""


@pytest.mark.heavy
def test_wrong_answers_of_chapter_05_get_their_hint_and_points(tmp_path):
    """The last student has pruned the network, so what is right for the others is wrong in her notebook."""
    found = chapter("05")
    class_of = []
    for row in zip(*WRONG.values(), strict=True):
        answers = {name: f"answer = {answer}" for name, (answer, _, _) in zip(WRONG, row, strict=True)}
        class_of.append(cells_of(answered(deepcopy(notebook(found)), **answers), tmp_path / "a.ipynb"))
    pruned = "live.apply(pw.Masks.from_sparsity(scores, 0.95))\nanswer = (9, 0.75)"
    class_of.append(cells_of(answered(deepcopy(notebook(found)), ex1=pruned), tmp_path / "a.ipynb"))
    known = marked_together(found, [(found, cells) for cells in class_of], 120)
    *marks, last = [mark(found, cells, 120, known) for cells in class_of]
    for number, (name, rows) in enumerate(WRONG.items()):
        assert [(name, each[number].points, each[number].mistake) for each in marks] == [
            (name, points, mistake) for _, points, mistake in rows
        ]
    assert all(each.hint or each.passed for row in marks for each in row)
    assert (last[0].points, last[0].mistake) == (0, "hint")
