"""Numbers of a student's own: handed out by name, recorded, and the ones that marks are given by."""

import json

import pandas as pd
import pytest

from prunewidgets.__main__ import main
from prunewidgets.homework import grade
from prunewidgets.homework.chapter import chapter, numbers
from prunewidgets.homework.individual import Numbers, choices, drawn, students, with_numbers
from prunewidgets.homework.marking import Mark
from prunewidgets.homework.reference import solved
from prunewidgets.homework.together import mark
from tests.support.homework import RIGHT, answered, cell_of

# Counted by hand in the matrix of chapter 01: 0.1 0.2 0.2 0.3 0.3 0.4 0.5 0.6 0.6 0.7 0.8 0.9.
PLACES = {0.3: 4, 0.5: 3, 0.6: 2, 0.7: 1}
KEEP = {
    11: "(0.1, 0.2)", 9: "(0.2, 0.3)", 7: "(0.3, 0.4)", 6: "(0.4, 0.5)", 5: "(0.5, 0.6)", 3: "(0.6, 0.7)",
    10: "None", 8: "None", 4: "None",
}  # fmt: skip


def answers_to(tau_3, counts):
    return RIGHT | {
        "ex3": f"right_places = {PLACES[tau_3]}",
        "ex5": f"first, second, third = {', '.join(KEEP[count] for count in counts)}",
    }


@pytest.fixture
def names(tmp_path):
    file = tmp_path / "names.csv"
    file.write_text("group,student\nA,ada\nB,zoë\nB,=ben\n", encoding="utf-8")
    return str(file)


def test_every_choice_has_a_right_answer_that_no_other_has(first, verdicts_of):
    found = choices(first)
    assert found.keys() == {"tau_3", "counts"}
    assert sorted(found["tau_3"]) == sorted(PLACES)
    for tau_3, counts in zip([*found["tau_3"], 0.3], found["counts"], strict=True):
        own = with_numbers(first, {"tau_3": tau_3, "counts": counts})
        right = answers_to(tau_3, counts)
        sources = {f"{name}-check": source for name, source in right.items()}
        handed_in = [
            cell if cell.id not in sources else type(cell)(cell.id, True, sources[cell.id])
            for cell in own.cells
        ]
        assert [each["points"] for each in verdicts_of(handed_in, own).values()] == [1] * 5
    assert len({tuple(KEEP[count] for count in counts) for counts in found["counts"]}) == len(found["counts"])


def test_the_hints_are_about_the_students_own_numbers(first, verdicts_of):
    own = with_numbers(first, {"tau_3": 0.6, "counts": [5, 3, 4]})
    wrong = {"ex3-check": "right_places = 5", "ex5-check": "first, second, third = 1, 2, 3"}
    handed_in = [type(cell)(cell.id, cell.is_code, wrong.get(cell.id, cell.source)) for cell in own.cells]
    found = verdicts_of(handed_in, own)
    assert "pruned at 0.6, where 7 places are zero" in found["ex3"]["hint"]
    assert "To leave 5, 7 must be removed" in found["ex5"]["hint"]


def test_each_student_gets_a_folder_and_late_comers_change_nothing(tmp_path, names, capsys):
    folder = tmp_path / "out"
    hand_out = ["assign", "1", "--for", "students", "--individual", names, "-o", str(folder)]
    assert main(hand_out) == 0
    table = (folder / "numbers.csv").read_text(encoding="utf-8")
    for student in ("ada", "zoë", "=ben"):
        own = Numbers(folder / "numbers.csv").of(student, "01")
        notebook = json.loads((folder / student / "01_the_3x4_matrix.ipynb").read_text(encoding="utf-8"))
        (source,) = cell_of(notebook, "ex3-numbers")["source"]
        assert source == f"tau_3 = {own['tau_3']}  # the τ of exercise 3"
        assert (folder / student / "checks" / "chapter_01.py").is_file()
    with open(names, "a", encoding="utf-8") as file:
        file.write("C,late\n")
    (folder / "ada" / "01_the_3x4_matrix.ipynb").write_text("worked in")
    assert main(hand_out) == 0
    assert "1 folders; 3 were there already." in capsys.readouterr().out
    assert (folder / "numbers.csv").read_text(encoding="utf-8").startswith(table)
    assert (folder / "ada" / "01_the_3x4_matrix.ipynb").read_text() == "worked in"
    assert (folder / "late").is_dir()


def test_marks_are_by_what_was_handed_out(tmp_path, names, monkeypatch, capsys):
    """Ada answers her own numbers; Zoë has put the chapter's in place of hers; nobody knows the third."""
    folder = tmp_path / "out"
    main(["assign", "01", "--for", "students", "--individual", names, "-o", str(folder)])
    table = Numbers(folder / "numbers.csv")
    for student, own in {"ada": table.of("ada", "01"), "zoë": {"tau_3": 0.5, "counts": [9, 7, 8]}}.items():
        path = folder / student / "01_the_3x4_matrix.ipynb"
        plain = {name: answer for name, answer in answers_to(**own).items() if name != "ex4"}  # one kernel
        notebook = answered(json.loads(path.read_text(encoding="utf-8")), **plain)
        cell_of(notebook, "ex3-numbers")["source"] = f"tau_3 = {own['tau_3']}"
        path.write_text(json.dumps(notebook), encoding="utf-8")
    (folder / "=ben").rename(folder / "cleo")
    assert {"tau_3": 0.5, "counts": [9, 7, 8]} != table.of("zoë", "01") != table.of("ada", "01")
    assert main(["grade", str(folder), "-o", str(tmp_path / "m.csv")]) == 1
    assert "3 of 3 notebooks of chapter 01 have other numbers; add --numbers" in capsys.readouterr().err
    assert (
        main(["grade", str(folder), "-o", str(tmp_path / "m.csv"), "--numbers", str(folder / "numbers.csv")])
        == 0
    )
    marks = pd.read_csv(tmp_path / "m.csv", keep_default_na=False)
    points = marks.pivot(index="student", columns="exercise", values="points")
    assert points.loc["ada"].tolist() == [1, 1, 1, 0, 1]
    assert points.loc["zoë"].tolist()[:2] == [1, 1] and points.loc["zoë"].sum() < 4
    assert set(marks[marks.student == "cleo"].error) == {
        "numbers.csv has no numbers of chapter 01 for this student"
    }


def test_the_reference_is_right_for_every_choice(first, verdicts_of):
    found = choices(first)
    for tau_3, counts in zip([*found["tau_3"], 0.3], found["counts"], strict=True):
        own = with_numbers(first, {"tau_3": tau_3, "counts": counts})
        points = [each["points"] for each in verdicts_of(list(solved(own).cells), own).values()]
        assert points == [1] * 5, (tau_3, counts)


@pytest.mark.heavy
@pytest.mark.parametrize("number", [number for number in numbers() if number != "01"])
def test_the_reference_is_right_for_every_choice_of_other_chapters(number):
    found = chapter(number)
    for name, values in choices(found).items():
        for value in values:
            own = with_numbers(found, {name: value})
            points = [each.points for each in mark(own, list(solved(own).cells), 120)]
            assert points == [1] * len(found.exercises), (name, value)


def test_the_same_name_draws_the_same_numbers_everywhere(first):
    assert drawn(first, "zoë") == drawn(first, "zoe\u0308")
    different = {str(drawn(first, f"student {n}")) for n in range(60)}
    assert len(different) > 10


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no names"),
        ("student\n", "has no names"),
        ("ada\nAda\n", "twice"),
        ("../ada\n", "cannot be the name of a folder"),
        ("a,student\nb,\n", "cannot be the name of a folder"),
    ],
)
def test_names_that_cannot_be_used_are_named(tmp_path, text, said):
    (tmp_path / "names.csv").write_text(text)
    with pytest.raises(ValueError, match=said):
        students(tmp_path / "names.csv")


def test_tables_that_a_spreadsheet_has_saved(tmp_path):
    """With a mark at the start they are read; what is no UTF-8, or no number any more, is named."""
    (tmp_path / "names.csv").write_text("student\nzoë\n", encoding="cp1252")
    with pytest.raises(ValueError, match=r"names\.csv is not a CSV file in UTF-8"):
        students(tmp_path / "names.csv")
    table = tmp_path / "numbers.csv"
    text = "student,chapter,name,value\nzoë,01,tau_3,{}\n"
    table.write_text(text.format("0.6"), encoding="utf-8-sig")
    assert Numbers(table).of("zoë", "01") == {"tau_3": 0.6}
    for value in ('"0,6"', "0.6,", "=6"):
        table.write_text(text.format(value), encoding="utf-8")
        with pytest.raises(ValueError, match=r"numbers\.csv, row 2: .* is no number"):
            Numbers(table)


def test_a_student_whose_numbers_are_found_later_is_marked_then(tmp_path, handed_out, monkeypatch):
    (tmp_path / "ada.ipynb").write_text(json.dumps(handed_out), encoding="utf-8")
    monkeypatch.setattr(grade, "known_of", lambda *given: None)
    monkeypatch.setattr(grade, "mark", lambda *given: [Mark("ex1", 1.0, True, True)])
    table, file = Numbers(tmp_path / "numbers.csv"), tmp_path / "marks.csv"
    for name, points in [("eve", [0] * 5), ("ada", [1])]:
        table.add(name, "01", {"tau_3": 0.5})
        table.write()
        assert grade.main([str(tmp_path)], str(file), numbers=str(table.path)) == 0
        assert pd.read_csv(file).points.tolist() == points


def test_what_has_no_numbers_of_its_own_is_said_in_one_line(tmp_path, names, capsys):
    options = ["--individual", names, "-o", str(tmp_path / "out")]
    assert main(["assign", "02", "--for", "students", *options]) == 1
    assert main(["assign", "01", "--for", "nbgrader", *options]) == 1
    assert main(["grade", names, "-o", str(tmp_path / "m.csv"), "--numbers", str(tmp_path / "no.csv")]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "Chapter 02 has no numbers that may vary",
        "--individual goes with --for students",
        f"There is no {tmp_path / 'no.csv'}; assign --individual writes it.",
    ]
    assert not (tmp_path / "out").exists()
