"""Notebooks of chapter 01 as students leave them, each wrong answer with its hint."""

import tomllib
from dataclasses import replace

import pytest

from prunewidgets.homework.chapter import Cell
from prunewidgets.homework.repaired import repaired
from tests.support.homework import NOTEBOOKS, RIGHT, answered, cell_of, code

CHECK = "checks.chapter_01."
WRONG = {
    "ex1": {
        "too_often, missing = [0.2, 0.4], [0.8, 0.9]": "swapped",
        "too_often, missing = [0.8, 0.9], [0.4]": "only_absent",
        "too_often, missing = [0.3], [0.4]": "hint",
        "too_often, missing = [], []": "hint",
        "too_often, missing = 'all', 'none'": "hint",
    },
    "ex2": {
        "forgotten, entries = 0.4, 4": "distinct",
        "forgotten, entries = 0.5, 6": "at_tau",
        "forgotten, entries = 0.4, 7": "at_tau",
        "forgotten, entries = 0.4, 9": "kept",
        "forgotten, entries = 0.6, 6": "hint",
    },
    "ex3": {
        "right_places = 9": "wrong_places",
        "right_places = 5": "not_pruned",
        "right_places = 4": "hint",
        "right_places = 12": "hint",
        "right_places = 'three'": "hint",
    },
    "ex4": {
        "def keep(w, tau):\n    return abs(w) > tau": "strict",
        "def keep(w, tau):\n    return abs(w) < tau": "removed",
        "def keep(w, tau):\n    return w * (abs(w) >= tau)": "weights",
        "def keep(w, tau):\n    return None": "nothing",
        "def keep(w, tau):\n    return w > 0": "hint",
        "def keep(w, tau):\n    return absolute(w) >= tau": "stopped",
    },
    "ex5": {
        "first, second, third = (0.3, 0.2), (0.4, 0.3), None": "turned",
        "first, second, third = (0.6, 0.7), (0.5, 0.6), None": "removed",
        "first, second, third = (0.2, 0.3), (0.3, 0.4), (0.3, 0.3)": "no_eight",
        "first, second, third = None, None, None": "hint",
        "first, second, third = 0.25, 0.35, None": "hint",
    },
}
CASES = [(exercise, source, mistake) for exercise, each in WRONG.items() for source, mistake in each.items()]


def passed(found):
    return [exercise for exercise, verdict in found.items() if verdict["passed"]]


def test_right_answers_pass_and_the_untouched_hand_out_does_not(verdicts, handed_out):
    found = verdicts(handed_out)
    assert [(v["answered"], v["points"]) for v in found.values()] == [(False, 0)] * 5
    assert passed(verdicts(answered(handed_out, **RIGHT))) == list(RIGHT)


@pytest.mark.parametrize(
    ("exercise", "source", "mistake"), CASES, ids=[f"{name}-{n}" for n, (name, *_) in enumerate(CASES)]
)
def test_each_wrong_answer_gets_its_hint(verdicts, handed_out, exercise, source, mistake):
    found = verdicts(answered(handed_out, **RIGHT | {exercise: source}))
    assert found[exercise]["mistake"] == mistake
    assert found[exercise]["hint"]
    assert passed(found) == [name for name in RIGHT if name != exercise]


def test_points_for_a_mistake_are_those_of_the_table(verdicts, handed_out):
    found = verdicts(answered(handed_out, ex1=[*WRONG["ex1"]][0], ex3="right_places = 9"))
    assert found["ex1"]["points"] == 0.5
    assert found["ex3"]["points"] == 0


def test_the_table_of_points_names_mistakes_that_there_are():
    table = tomllib.loads((NOTEBOOKS / "checks" / "points.toml").read_text(encoding="utf-8"))
    for chapter, exercises in table.items():
        if chapter == "every":
            assert exercises.keys() == {"per_cent"}
            continue
        path = NOTEBOOKS / "checks" / "texts" / "en" / f"{chapter}.toml"
        texts = tomllib.loads(path.read_text(encoding="utf-8"))
        for exercise, mistakes in exercises.items():
            assert mistakes.keys() <= texts[exercise].keys() - {"question", "why", "hint"}
            assert all(0 < points < 1 for points in mistakes.values())


def test_a_deleted_check_is_put_back_and_a_deleted_cell_is_not_answered(verdicts, handed_out):
    cell_of(handed_out, "ex3-check")["source"] = "right_places = 3"
    handed_out["cells"].remove(cell_of(handed_out, "ex2-check"))
    found = verdicts(handed_out)
    assert found["ex3"]["passed"] and not found["ex2"]["answered"]


def test_of_doubled_cells_the_last_that_was_changed_counts(verdicts, handed_out):
    place = handed_out["cells"].index(cell_of(handed_out, "ex3-check"))
    untouched = "".join(cell_of(handed_out, "ex3-check")["source"])
    answered(handed_out, ex3="right_places = 9")
    handed_out["cells"].insert(place + 1, code(f"right_places = 3\n{CHECK}right_places(right_places)"))
    handed_out["cells"].insert(place + 2, code(untouched, "own2"))
    assert passed(verdicts(handed_out)) == ["ex3"]


def test_an_answer_within_the_call_or_in_a_cell_above_counts(verdicts, handed_out):
    cell_of(handed_out, "ex2-check")["source"] = f"{CHECK}wrong_in_removed(0.4, 6)"
    cell = cell_of(handed_out, "ex3-check")
    cell["source"] = f"{CHECK}right_places(right_places)"
    handed_out["cells"].insert(handed_out["cells"].index(cell), code("right_places = 3"))
    assert passed(verdicts(handed_out)) == ["ex2", "ex3"]


@pytest.mark.parametrize("parts", [(1, 2, 3, 4), (4, 1, 2, 3), (4, 1, 2, 4)])
def test_a_cell_that_was_split_is_one_answer(verdicts, handed_out, parts):
    """Whichever part keeps the id, 4; in the last case it was split, and the check copied from elsewhere."""
    cell = cell_of(handed_out, "ex5-check")
    check = "".join(cell["source"]).rpartition("\n")[2]
    sources = ["pair = (0.2, 0.3)", "first, second, third = pair, (0.3, 0.4), None", "# why", check]
    ids = {part: "ex5-check" if part == 4 else f"own{part}" for part in parts}
    place = handed_out["cells"].index(cell)
    handed_out["cells"][place : place + 1] = [
        code(source, ids[part]) for source, part in zip(sources, parts, strict=True)
    ]
    assert passed(verdicts(handed_out)) == ["ex5"]


def test_an_emptied_copy_of_a_cell_takes_no_answer_away(verdicts, handed_out):
    answered(handed_out, ex3="right_places = 3")
    place = handed_out["cells"].index(cell_of(handed_out, "ex3-check"))
    handed_out["cells"].insert(place + 1, code("", "ex3-check"))
    assert passed(verdicts(handed_out)) == ["ex3"]


@pytest.mark.parametrize(
    "value",
    [
        "+".join(["1"] * 700),
        f"x{'.real' * 600}",
        f"0x{'f' * 9000}",
        "'\0'",
        "[" * 300,
    ],
    ids=["a long sum", "a long chain", "a long number", "a null byte", "brackets"],
)
def test_an_answer_that_cannot_be_written_back_costs_its_own_exercise_only(verdicts, handed_out, value):
    found = verdicts(answered(handed_out, **RIGHT | {"ex3": f"right_places = {value}"}))
    assert passed(found) == ["ex1", "ex2", "ex4", "ex5"]


def test_cells_that_a_student_added_get_a_students_time(first):
    """Also the chapter's own cell for a guess; the rest of the chapter may take long."""
    cells = list(first.cells)
    place = next(n for n, cell in enumerate(cells) if cell.is_code and "..." in cell.source)
    assert not cells[place].id.startswith("ex")
    changed = replace(cells[place], source=cells[place].source.replace("...", "7"))
    added = Cell("own", True, "n = 0")
    steps = repaired(first, [*cells[:place], changed, added, *cells[place + 1 :]])
    assert [step.source for step in steps if step.added] == [changed.source, added.source]
    assert not any(step.added for step in repaired(first, cells))


@pytest.mark.parametrize("kept", ["in the metadata", "nowhere"])
def test_notebooks_without_ids_are_matched_all_the_same(verdicts, handed_out, kept):
    answered(handed_out, **RIGHT)
    for cell in handed_out["cells"]:
        id = cell.pop("id")
        cell["metadata"] = {"id": id} if kept == "in the metadata" else {}
    assert passed(verdicts(handed_out)) == list(RIGHT)


def test_what_is_not_the_students_runs_as_it_was_handed_out(verdicts, handed_out):
    """Changing W or a call of a check changes no mark; an import added to the first cell is kept."""
    setup = cell_of(handed_out, "setup")
    setup["source"] = "import math\n" + "".join(setup["source"]).replace("W = pw.example.W", "W = [[0.1]]")
    answered(handed_out, **RIGHT | {"ex3": "right_places = math.floor(3.5)"})
    cell_of(handed_out, "ex1-check")["source"] = f"checks = None\n{RIGHT['ex1']}"
    assert passed(verdicts(handed_out)) == list(RIGHT)


def test_a_cell_that_is_not_python_costs_its_own_exercise_only(verdicts, handed_out):
    answered(handed_out, **RIGHT)
    cell_of(handed_out, "ex1-check")["source"] = "too_often = [0.8\nmissing"
    assert passed(verdicts(handed_out)) == ["ex2", "ex3", "ex4", "ex5"]
