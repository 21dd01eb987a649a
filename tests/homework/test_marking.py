"""Submissions in kernels of their own, and the table of their marks."""

import contextlib
import json
import os
import sys

import nbformat
import pandas as pd
import pytest

import prunewidgets
from prunewidgets.__main__ import main
from prunewidgets.homework import grade, marking
from prunewidgets.homework.chapter import chapter, numbers
from prunewidgets.homework.marking import Mark, _Client
from prunewidgets.homework.marks import COLUMNS, Marks, plain
from prunewidgets.homework.record import KIND
from prunewidgets.homework.reference import solved
from prunewidgets.homework.together import mark
from tests.support.homework import RIGHT, answered, cell_of

HEAVY = [pytest.param(number, marks=pytest.mark.heavy) for number in numbers() if number != "01"]


@pytest.mark.parametrize("number", ["01", *HEAVY])
def test_the_reference_gets_everything_and_the_untouched_hand_out_nothing(number):
    found = chapter(number)
    reference = mark(found, list(solved(found).cells), 120)
    assert [(each.points, each.error) for each in reference] == [(1, "")] * len(found.exercises)
    untouched = mark(found, list(found.cells), 120)
    assert [each.points for each in untouched] == [0] * len(found.exercises)


def test_a_table_for_good_and_bad_notebooks_that_goes_on_where_it_stopped(tmp_path, handed_out, monkeypatch):
    """Anna's first exercise never ends and her third ends the kernel; Ben's file is cut off."""
    endless = {"ex1": "while True:\n    pass", "ex3": "import os\nos._exit(1)"}
    anna = json.dumps(answered(handed_out, **RIGHT | endless))
    folder = tmp_path / "handed in"
    for student, content in {"anna": anna, "ben": anna[:5000]}.items():
        (folder / student).mkdir(parents=True)
        (folder / student / "01.ipynb").write_text(content, encoding="utf-8")
    file = tmp_path / "marks.csv"
    assert grade.main([str(folder)], str(file), seconds=1) == 0
    frame = pd.read_csv(file, keep_default_na=False)
    assert list(frame.columns) == COLUMNS
    rows = frame[frame.student == "anna"].set_index("exercise")
    assert rows.points.tolist() == [0, 1, 0, 1, 1]
    assert rows.error.tolist() == ["took longer than 1 s", "", "ended the kernel", "", ""]
    assert set(frame[frame.student == "ben"].error) == {"not a notebook: the file is not JSON"}

    monkeypatch.setattr(grade, "mark", lambda *given: pytest.fail("marked a second time"))
    assert grade.main([str(folder)], str(file), seconds=1) == 0


def test_an_interrupted_run_keeps_its_marks(tmp_path, handed_out, monkeypatch, capsys):
    for student in ("anna", "ben"):
        (tmp_path / f"{student}.ipynb").write_text(json.dumps(handed_out), encoding="utf-8")

    def stopped_at_the_second(*given):
        if (tmp_path / "marks.csv").exists():
            raise KeyboardInterrupt
        return [Mark("ex1", 1.0, True, True)]

    def stopped(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(grade, "known_of", stopped)
    assert grade.main([str(tmp_path)], str(tmp_path / "marks.csv")) == 130
    assert capsys.readouterr().err.endswith("Stopped. No notebook is marked yet.\n")
    monkeypatch.setattr(grade, "known_of", lambda *given: {})
    monkeypatch.setattr(grade, "mark", stopped_at_the_second)
    assert grade.main([str(tmp_path)], str(tmp_path / "marks.csv")) == 130
    assert "goes on" in capsys.readouterr().err
    assert pd.read_csv(tmp_path / "marks.csv").student.tolist() == ["anna"]


def test_two_chapters_handed_in_under_one_name_are_both_in_the_table(tmp_path, monkeypatch):
    """A folder a chapter, marked a week apart; the week after, Anna hands in the first once more."""
    monkeypatch.setattr(grade, "known_of", lambda *given: None)
    monkeypatch.setattr(grade, "mark", lambda chapter, *given: [Mark("ex1", int(chapter.number) / 10)])
    file = tmp_path / "marks.csv"
    for number, more in [("01", ""), ("05", ""), ("01", " ")]:
        source = f"checks.chapter_{number}.x(1){more}"
        (tmp_path / number).mkdir(exist_ok=True)
        notebook = {"cells": [{"cell_type": "code", "source": source}]}
        (tmp_path / number / "anna.ipynb").write_text(json.dumps(notebook))
        assert grade.main([str(tmp_path / number)], str(file)) == 0
    rows = pd.read_csv(file, dtype=str)[["student", "chapter", "points"]].to_numpy().tolist()
    assert sorted(rows) == [["anna", "01", "0.1"], ["anna", "05", "0.5"]]


def test_what_was_not_the_students_fault_is_tried_again(tmp_path, handed_out, monkeypatch, capsys):
    (tmp_path / "anna.ipynb").write_text(json.dumps(handed_out), encoding="utf-8")
    file = tmp_path / "marks.csv"

    def full(*given):
        raise OSError("No space left on device")

    monkeypatch.setattr(grade, "known_of", lambda *given: None)
    monkeypatch.setattr(grade, "mark", full)
    assert grade.main([str(tmp_path)], str(file)) == 0
    assert set(pd.read_csv(file).error) == {"could not be run: No space left on device"}
    assert "not marked yet: 1 (could not be run: No space left on device)" in capsys.readouterr().out
    monkeypatch.setattr(grade, "mark", lambda *given: [Mark("ex1", 1.0, True, True)])
    assert grade.main([str(tmp_path)], str(file)) == 0
    assert pd.read_csv(file).points.tolist() == [1]
    assert "not marked yet" not in capsys.readouterr().out


def test_a_spreadsheet_reads_names_as_they_are_written(tmp_path):
    """Excel takes a table for UTF-8 only if it begins with the mark of it."""
    marks = Marks(tmp_path / "marks.csv")
    marks.add("Zoë 李", "01", "zoë.ipynb", "0" * 12, [Mark("ex1", 1.0, True, True)])
    assert (tmp_path / "marks.csv").read_bytes().decode("utf-8-sig").startswith("student,")
    assert (tmp_path / "marks.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert Marks(tmp_path / "marks.csv").frame().student.tolist() == ["Zoë 李"]


@pytest.mark.parametrize(
    ("called", "number"), [("5", "05"), ("05_a_cnn_on_mnist", "05"), ("99", None), ("03b", "03b")]
)
def test_a_chapter_has_one_name_in_the_table(tmp_path, called, number):
    notebook = {"cells": [{"cell_type": "code", "source": f"checks.chapter_{called}.x(1)"}]}
    (tmp_path / "anna.ipynb").write_text(json.dumps(notebook))
    (found,) = grade.submissions([str(tmp_path)])
    assert grade._chapter(found) == number


@pytest.mark.parametrize(
    ("failing", "reached"),
    [("from prunewidgets.homework.record import begin", False), ("right_places =", True)],
)
def test_a_machine_on_which_the_chapter_does_not_run_gives_no_marks(first, monkeypatch, failing, reached):
    """Only what fails before the first cell of the student's is the machine's fault."""
    why = "ModuleNotFoundError: No module named 'tensorflow'"
    monkeypatch.setattr(_Client, "setup_kernel", contextlib.nullcontext)
    monkeypatch.setattr(marking, "_execute", lambda _, source, *rest: ([], why if failing in source else ""))
    context = contextlib.nullcontext() if reached else pytest.raises(RuntimeError, match="not run here: Mod")
    with context:
        assert why in [each.error for each in mark(first, list(first.cells), 1)]


def test_grade_names_the_extra_that_it_needs(tmp_path, monkeypatch, capsys):
    for name in [name for name in sys.modules if name.startswith("prunewidgets.homework")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(prunewidgets, "homework", raising=False)
    monkeypatch.setitem(sys.modules, "nbclient", None)
    assert main(["grade", str(tmp_path), "-o", "m.csv"]) == 1
    assert capsys.readouterr().err == "grade needs 'nbclient': pip install 'prunewidgets[lab]'\n"


def test_of_what_a_cell_prints_nothing_is_kept_but_its_verdict():
    """A loop that prints for a minute filled the memory."""
    client, kept = _Client(nbformat.v4.new_notebook()), []
    client.clear_before_next_output = False  # as at the start of a cell
    for kind, content in [
        ("stream", {"name": "stdout", "text": "x" * 9}),
        ("display_data", {"data": {"image/png": "x"}, "metadata": {}}),
        ("error", {"ename": "E", "evalue": "", "traceback": []}),
        ("display_data", {"data": {KIND: {}}, "metadata": {}}),
    ]:
        header = {"msg_type": kind}
        client.output(kept, {"header": header, **header, "content": content, "parent_header": {}}, None, 0)
    assert [output["data"] for output in kept] == [{KIND: {}}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("J\udcfcrg", "J?rg"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("@x", "'@x"),
        ("\x1b[31mred\x1b[0m\nnext\tone", "red next one"),
        ("right\u202eleft", "right left"),
        ("<b>bold</b>", "<b>bold</b>"),
    ],
)
def test_text_of_a_submission_is_one_line_and_no_formula(text, expected):
    assert plain(text) == expected
    assert len(plain("x" * 1000)) <= 300


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"a\n1,2,3\n", b"\xff\xfea", b"\n"])
def test_a_file_that_is_no_table_of_marks_is_not_overwritten(tmp_path, content):
    file = tmp_path / "other.csv"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"other\.csv is not a table of marks"):
        Marks(file)
    assert file.read_bytes() == content


def test_a_folder_that_cannot_be_written_is_named_before_the_work(tmp_path, handed_out, monkeypatch, capsys):
    (tmp_path / "anna.ipynb").write_text(json.dumps(handed_out), encoding="utf-8")
    monkeypatch.setattr(grade, "known_of", lambda *given: pytest.fail("marked"))
    assert grade.main([str(tmp_path)], str(tmp_path / "none" / "m.csv")) == 1
    assert f"There is no folder {tmp_path / 'none'}" in capsys.readouterr().err
    monkeypatch.setattr(os, "access", lambda folder, mode: folder != tmp_path)  # root may write everywhere
    assert grade.main([str(tmp_path)], str(tmp_path / "m.csv")) == 1
    assert capsys.readouterr().err == f"{tmp_path} is read-only; name a file elsewhere with -o.\n"


def test_the_commands_say_what_is_wrong(tmp_path, capsys):
    assert main(["grade", str(tmp_path / "none"), "-o", str(tmp_path / "m.csv")]) == 1
    assert "no file or folder" in capsys.readouterr().err
    assert main(["assign", "01", "--for", "everybody"]) == 2
    assert "students|solutions|nbgrader|otter" in capsys.readouterr().err
    assert main(["assign", "01", "--for", "students", "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "01_the_3x4_matrix.ipynb").is_file()


def test_a_changed_notebook_is_not_taken_for_the_chapter(tmp_path, handed_out, capsys):
    path = tmp_path / chapter("1").path.name
    path.write_bytes(chapter("01_the_3x4_matrix").path.read_bytes())
    assert chapter(str(path)).number == "01"
    for content in (json.dumps(handed_out), '{"cells": [{}]}', "[]", "cut off"):
        path.write_text(content, encoding="utf-8")
        assert main(["assign", str(path), "--for", "students", "-o", str(tmp_path / "out")]) == 1
        assert "has been changed" in capsys.readouterr().err


def test_cells_that_are_no_cells_do_no_harm(tmp_path, handed_out):
    cell_of(handed_out, "setup")["source"] = 7
    handed_out["cells"] += [None, 3, {"cell_type": "code"}, {"source": [1, 2]}, {"source": "half a \ud800"}]
    path = tmp_path / "odd.ipynb"
    path.write_text(json.dumps(handed_out), encoding="utf-8")
    (found,) = grade.submissions([str(path)])
    assert len(found.cells()) == len(handed_out["cells"]) - 2
    assert found.cells()[-1].source == "half a ?"  # what no kernel could be sent
