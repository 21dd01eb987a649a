"""The four products of every chapter, without running one: valid, complete, and without stray answers."""

import ast
import re
import shutil

import nbformat
import pytest

from prunewidgets import workbook
from prunewidgets.homework import nbgrader, otter
from prunewidgets.homework.assign import assign, main
from prunewidgets.homework.chapter import chapter, numbers
from prunewidgets.homework.handout import notebook
from prunewidgets.homework.reference import answer, solved
from prunewidgets.homework.statements import check_call, statements

CHAPTERS = numbers()


def code_of(cells) -> dict[str, str]:
    return {c["id"]: "".join(c["source"]) for c in cells if c["cell_type"] == "code"}


def text_of(found) -> str:
    return "\n".join("".join(cell["source"]) for cell in found["cells"])


@pytest.mark.parametrize("number", CHAPTERS)
def test_a_hand_out_is_the_chapter_without_its_solutions(number):
    found = notebook(chapter(number))
    nbformat.validate(nbformat.from_dict(found))
    original = nbformat.read(chapter(number).path, as_version=4)
    assert code_of(found["cells"]) == code_of(original.cells)
    assert "](solutions/" not in text_of(found)
    assert "`solutions`" not in text_of(found)
    assert "For the lecturer" not in text_of(found)
    assert not re.search(r"\]\([^)]*\.ipynb", text_of(found))
    assert text_of(found).count("Ten questions") == text_of(original).count("Ten questions") == 1


@pytest.mark.parametrize("number", CHAPTERS)
def test_every_exercise_has_a_place_and_a_reference_answer(number):
    found = chapter(number)
    code = {cell.id: cell.source for cell in found.cells}
    checks = [name for name in code if name.endswith("-check")]
    assert [exercise.cell for exercise in found.exercises] == checks != []
    for exercise in found.exercises:
        reference = answer(found, exercise)
        stored = {ast.unparse(part.node) for part in reference}
        assert stored and not any(part.is_open for part in reference), exercise.name


@pytest.mark.parametrize("number", CHAPTERS)
def test_solutions_have_the_answers_in_the_chapters_own_cells(number):
    found = chapter(number)
    cells = {cell.id: cell.source for cell in solved(found).cells}
    nbformat.validate(nbformat.from_dict(notebook(solved(found))))
    for exercise in found.exercises:
        for place in {*exercise.places, exercise.cell}:
            parts = statements(cells[place])
            assert not any(part.is_open for part in parts), (exercise.name, cells[place])
        calls = [call for part in statements(cells[exercise.cell]) if (call := check_call(part))]
        assert ast.dump(calls[-1]) == ast.dump(exercise.call)


def regions_removed(source: str, begin: str, end: str) -> str:
    return re.sub(rf"^{begin}.*?^{end}\n?", "", source, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", CHAPTERS)
def test_nbgraders_master_has_its_metadata_and_hides_answers_and_tests(number):
    found = chapter(number)
    master = nbgrader.master(found)
    nbformat.validate(nbformat.from_dict(master))
    graded = [cell for cell in master["cells"] if "nbgrader" in cell["metadata"]]
    tests = [cell for cell in graded if cell["metadata"]["nbgrader"]["grade"]]
    answers = [cell for cell in graded if cell["metadata"]["nbgrader"]["solution"]]
    ids = [cell["metadata"]["nbgrader"]["grade_id"] for cell in graded]
    assert len(set(ids)) == len(ids) == 2 * len(found.exercises)
    assert len({cell["id"] for cell in master["cells"]}) == len(master["cells"])
    for cell in graded:
        metadata = cell["metadata"]["nbgrader"]
        assert metadata["schema_version"] == 3 and not metadata["task"]
        assert metadata["locked"] == metadata["grade"] != metadata["solution"]
        assert ("points" in metadata) == metadata["grade"]
    for cell, exercise in zip(answers, found.exercises, strict=True):
        source = "".join(cell["source"])
        released = regions_removed(source, "### BEGIN SOLUTION", "### END SOLUTION")
        assert released != source
        assert not any(part.text in released for part in answer(found, exercise) if "def " not in part.text)
    for cell, exercise in zip(tests, found.exercises, strict=True):
        source = "".join(cell["source"])
        released = regions_removed(source, "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")
        assert released != source
        assert ("checks.chapter" in released) == bool(exercise.target)


def test_the_checksum_is_nbgraders():
    """The value that `nbgrader.utils.compute_checksum` of nbgrader 0.9.6 gave for this cell."""
    source = "answer = ...\n\n### BEGIN SOLUTION\nanswer = 1 - 4 / 5\n### END SOLUTION"
    metadata = {"grade": False, "solution": True, "locked": False, "grade_id": "ex3-answer"}
    assert nbgrader.checksum(source, metadata) == "dcca9bbbb64331e17d2399e39fb0ac62"
    test = {"grade": True, "solution": False, "locked": True, "grade_id": "ex3-check", "points": 1}
    assert nbgrader.checksum("check()", test) == "8b74c362bc86ac58f1db677d48a64b18"


@pytest.mark.parametrize("number", CHAPTERS)
def test_otters_master_opens_and_closes_its_blocks_and_hides_answers_and_tests(number):
    found = chapter(number)
    master = otter.master(found, ["checks/__init__.py"])
    nbformat.validate(nbformat.from_dict(master))
    raw = ["".join(c["source"]).splitlines()[0] for c in master["cells"] if c["cell_type"] == "raw"]
    assert raw[0] == "# ASSIGNMENT CONFIG"
    block = ["QUESTION", "SOLUTION", "SOLUTION", "TESTS", "TESTS", "QUESTION"]
    ends = ["BEGIN", "BEGIN", "END", "BEGIN", "END", "END"]
    one = [f"# {end} {what}" for end, what in zip(ends, block, strict=True)]
    assert raw[1:] == one * len(found.exercises)
    code = code_of(master["cells"])
    for exercise in found.exercises:
        source = code[f"{exercise.name}-answer"]
        released = regions_removed(source, "# BEGIN SOLUTION NO PROMPT", "# END SOLUTION")
        assert released != source
        assert "hidden: true" in code[f"{exercise.name}-test"]
        compile(code[f"{exercise.name}-test"], "test", "exec")


@pytest.mark.parametrize("whom", ["students", "solutions", "nbgrader", "otter"])
def test_a_product_has_its_own_checks_and_neither_solutions_nor_other_chapters(whom, tmp_path):
    path = assign(chapter("07"), whom, tmp_path)
    beside = {file.relative_to(path.parent).as_posix() for file in path.parent.rglob("*") if file.is_file()}
    assert {"checks/chapter_07.py", "checks/pictures_07.py", "checks/texts/en/chapter_07.toml"} <= beside
    assert "runs/lottery_tickets.csv" in beside
    assert not [name for name in beside if "chapter_0" in name and "chapter_07" not in name]
    assert not [name for name in beside if "solutions" in name]
    with pytest.raises(FileExistsError, match="exists already"):
        assign(chapter("07"), whom, tmp_path)


@pytest.mark.parametrize("whom", ["students", "solutions", "nbgrader", "otter"])
def test_an_interrupted_hand_out_has_no_notebook_and_is_written_again(whom, tmp_path, monkeypatch):
    def stopped(*given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(shutil, "copyfile", stopped)
        assign(chapter("07"), whom, tmp_path)
    assert not list(tmp_path.rglob("*.ipynb"))
    assert assign(chapter("07"), whom, tmp_path).is_file()


def test_what_is_handed_out_may_be_written_though_the_package_may_not(tmp_path, monkeypatch):
    package = tmp_path / "package"
    shutil.copytree(workbook.source(), package, ignore=shutil.ignore_patterns("solutions"))
    for path in [*package.rglob("*"), package]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    monkeypatch.setattr(workbook, "source", lambda: package)
    assign(chapter("07"), "students", tmp_path / "out")
    files = list((tmp_path / "out").rglob("*"))
    assert files and all(path.stat().st_mode & 0o200 for path in files)
    for path in [package, *package.rglob("*")]:
        path.chmod(0o755)


def test_a_chapter_that_is_not_there_is_named_with_those_that_are(tmp_path, capsys):
    assert main("99", "students", str(tmp_path / "out")) == 1
    error = capsys.readouterr().err
    assert "no chapter '99'" in error and "03b" in error
    assert not (tmp_path / "out").exists()
