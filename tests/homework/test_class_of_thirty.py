"""Thirty students hand in chapter 01, good notebooks and bad; each gets the marks set by hand."""

import pandas as pd
import pytest

from prunewidgets.homework import grade
from prunewidgets.homework.chapter import chapter
from prunewidgets.homework.handout import notebook
from prunewidgets.homework.marks import plain
from prunewidgets.homework.submission import Unreadable, submissions
from tests.support.class_of_thirty import ALL, OTHER, small_class, students, write

CLASS = students(notebook(chapter("01")), chapter("02").path.read_bytes())


def test_there_are_thirty():
    assert len(CLASS) == 30


@pytest.mark.parametrize("number", [n for n, each in enumerate(CLASS.values()) if not each.alone])
def test_what_the_checks_say_of_each(number, tmp_path, verdicts_of):
    """The marks of those whose cells all end, without a kernel; `-m heavy` has everybody's."""
    name, student = list(CLASS.items())[number]
    write(tmp_path, {name: student})
    (tmp_path / "anna").mkdir()
    (tmp_path / "anna" / "01.ipynb").write_text('{"cells": []}')  # so that there is a notebook at all
    best = [0.0] * 5
    for each in submissions([str(tmp_path)]):
        if each.student != name:
            continue
        try:
            found = verdicts_of(each.cells())
        except Unreadable as error:
            assert all(str(error).startswith(why) for why in student.errors.values()) and student.errors
            continue
        best = [max(was, verdict["points"]) for was, verdict in zip(best, found.values(), strict=True)]
    assert tuple(best) == student.points


@pytest.mark.heavy
def test_the_whole_class_gets_its_marks(tmp_path, capsys):
    write(tmp_path / "handed in", CLASS)
    file = str(tmp_path / "marks.csv")
    assert grade.main([str(tmp_path / "handed in")], file, seconds=3) == 0
    frame = pd.read_csv(file, dtype={"chapter": str}, keep_default_na=False)
    assert set(frame.student) == {plain(name) for name in CLASS}
    best = frame.pivot_table(index="student", columns=["chapter", "exercise"], values="points", aggfunc="max")
    for name, student in CLASS.items():
        number = "02" if OTHER in student.files else "01"
        points = tuple(best.loc[plain(name)][number].dropna())
        assert points == student.points[: len(points)] and len(points) >= 4, name  # chapter 02 has four
        rows = frame[frame.student == plain(name)].set_index("exercise")
        for exercise, error in student.errors.items():
            assert rows.error[exercise].startswith(error), name
    printed = capsys.readouterr().out
    assert "wim, two files has handed in 2 notebooks of chapter 01" in printed
    assert sum(student.points == ALL for student in CLASS.values()) == 15


@pytest.mark.heavy
def test_a_small_class_of_chapter_05_gets_its_marks(tmp_path):
    students = small_class(notebook(chapter("05")))
    write(tmp_path / "handed in", students)
    file = str(tmp_path / "marks.csv")
    assert grade.main([str(tmp_path / "handed in")], file, seconds=20) == 0
    points = pd.read_csv(file).pivot(index="student", columns="exercise", values="points")
    found = {name: tuple(points.loc[name]) for name in students}
    assert found == {name: student.points for name, student in students.items()}
