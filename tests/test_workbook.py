"""`python -m prunewidgets workbook DIR`: pristine chapters, and never a reader's change lost."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from prunewidgets import __main__, workbook
from prunewidgets.utils.this_python import this_python

FIRST, CHECKS = "00_start_here.ipynb", "checks/__init__.py"


@pytest.fixture
def chapters(tmp_path) -> Path:
    """A small workbook, with what a clone's folder has besides."""
    folder = tmp_path / "chapters"
    for name in (FIRST, CHECKS, "checks/__pycache__/a.pyc", "saved/net.keras", ".hidden"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("first")
    return folder


@pytest.fixture
def mine(tmp_path, chapters) -> Path:
    """The reader's copy."""
    workbook.copy(chapters, tmp_path / "a" / "mine")
    return tmp_path / "a" / "mine"


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


def test_a_copy_has_the_chapters_and_nothing_that_was_left_beside_them(mine):
    assert files(mine).keys() == {FIRST, CHECKS, workbook.RECORD}


def test_the_clones_chapters_are_found_and_are_what_git_has(root, tmp_path):
    workbook.copy(workbook.source(), tmp_path / "mine")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "."]
    listed = subprocess.run(command, cwd=root / "notebooks", capture_output=True, text=True, check=True)
    names = {name for name in listed.stdout.splitlines() if (root / "notebooks" / name).is_file()}
    copied = {path.relative_to(tmp_path / "mine").as_posix() for path in (tmp_path / "mine").rglob("*.*")}
    assert names <= copied
    assert [
        n for n in names if (root / "notebooks" / n).read_bytes() != (tmp_path / "mine" / n).read_bytes()
    ] == []


def test_what_the_reader_changed_stays_and_what_is_missing_comes_back(chapters, mine):
    (mine / FIRST).write_text("changed")
    (mine / CHECKS).unlink()
    (mine / "notes.ipynb").write_text("the reader's own")
    copied = workbook.copy(chapters, mine)
    assert (copied.changed, copied.outdated) == ([FIRST], [])
    found = files(mine)
    assert (found[FIRST], found[CHECKS], found["notes.ipynb"]) == ("changed", "first", "the reader's own")


def test_new_versions_come_only_where_the_reader_changed_nothing(chapters, mine):
    (mine / FIRST).write_text("changed")
    for name in (FIRST, CHECKS):
        (chapters / name).write_text("second")
    for _ in range(2):  # the second time it is still the reader's
        copied = workbook.copy(chapters, mine)
        assert copied.changed == copied.outdated == [FIRST]
        assert files(mine)[FIRST] == "changed" and files(mine)[CHECKS] == "second"
    (mine / FIRST).rename(mine / "mine.ipynb")
    assert workbook.copy(chapters, mine).changed == []
    assert files(mine)[FIRST] == "second" and files(mine)["mine.ipynb"] == "changed"


def test_a_change_taken_back_is_no_change(chapters, mine):
    (mine / FIRST).write_text("changed")
    workbook.copy(chapters, mine)
    (mine / FIRST).write_text("first")
    (chapters / FIRST).write_text("second")
    assert workbook.copy(chapters, mine).changed == []
    assert files(mine)[FIRST] == "second"


@pytest.mark.parametrize("record", ["", "[]", '{"half'])
def test_without_a_readable_record_everything_that_differs_is_the_readers(chapters, mine, record):
    (mine / workbook.RECORD).write_text(record)
    (chapters / FIRST).write_text("second")
    assert workbook.copy(chapters, mine).changed == [FIRST]
    assert files(mine)[FIRST] == "first"


def test_a_copy_that_was_interrupted_is_completed(chapters, mine):
    (mine / workbook.RECORD).unlink()
    (mine / CHECKS).unlink()
    workbook.copy(chapters, mine)
    assert files(mine)[CHECKS] == "first"


def test_files_of_somebody_elses_are_refused_before_anything_is_written(chapters, tmp_path):
    (tmp_path / "other" / "checks").mkdir(parents=True)
    (tmp_path / "other" / CHECKS).write_text("another package")
    with pytest.raises(FileExistsError, match=r"other has a checks/__init__\.py of its own.*another folder"):
        workbook.copy(chapters, tmp_path / "other")
    assert files(tmp_path / "other") == {CHECKS: "another package"}


@pytest.mark.parametrize("inside", [".", "deep/er"])
def test_the_chapters_are_not_copied_into_themselves(chapters, inside):
    with pytest.raises(FileExistsError, match="name another folder"):
        workbook.copy(chapters, chapters / inside)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("05", "05"),
        ("5", "05"),
        ("6b", "06b"),
        ("05_a_cnn_on_mnist", "05"),
        ("a/05_a_cnn_on_mnist.ipynb", "05"),
        ("a\\06b_training_that_expects_a_cut.ipynb", "06b"),
    ],
)
def test_a_chapter_has_these_names(name, number):
    assert workbook.chapter_number(workbook.source(), name) == number


@pytest.mark.parametrize("name", ["", "99", "05_a_cnn", "06_training_that_expects_a_cut", "_", "."])
def test_nothing_else_is_a_chapter(name):
    with pytest.raises(ValueError, match="There is no chapter .* name one of 00, 01, 02"):
        workbook.chapter_number(workbook.source(), name)


def test_the_command_says_where_the_chapters_are_and_what_to_do_next(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(workbook, "find_spec", lambda module: None)
    monkeypatch.setattr(workbook.clone, "in_clone", lambda: False)
    assert __main__.main(["workbook", "mine"]) == 0
    where, first, then, digits = capsys.readouterr().out.splitlines()
    assert str(tmp_path / "mine") in where
    assert first == "First: pip install 'prunewidgets[tensorflow,lab]'"
    assert then == f'Next: {this_python()} -m jupyterlab "{tmp_path / "mine" / FIRST}"'
    assert "pw.datasets.mnist()" in digits


def test_in_colab_the_command_asks_for_no_extra_and_no_jupyterlab(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(workbook, "in_colab", lambda: True)
    assert __main__.main(["workbook", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"The checks of the chapters are in {tmp_path}.\n"
    assert (tmp_path / "checks" / "chapter_05.py").is_file()


def test_the_command_names_what_it_did_not_overwrite_and_the_way_out(tmp_path, capsys):
    assert __main__.main(["workbook", str(tmp_path / "mine")]) == 0
    assert "Not overwritten" not in capsys.readouterr().out
    (tmp_path / "mine" / FIRST).write_text("changed")
    assert __main__.main(["workbook", str(tmp_path / "mine")]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "Not overwritten" in line]
    assert FIRST in line and "rename yours" in line and "another folder" in line
    assert (tmp_path / "mine" / FIRST).read_text() == "changed"


@pytest.mark.parametrize("below", ["", "/deeper"])
def test_a_folder_that_cannot_be_one_is_said_in_one_line(tmp_path, capsys, below):
    (tmp_path / "file").touch()
    assert __main__.main(["workbook", f"{tmp_path}/file{below}"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert str(tmp_path / "file") in line and "name a" in line


@pytest.mark.parametrize("arguments", [["workbook"], ["workbook", "a", "b"], ["workbook", "--help"]])
def test_the_command_needs_one_folder(arguments, capsys):
    assert __main__.main(arguments) == 2
    assert "python -m prunewidgets workbook DIR" in capsys.readouterr().err


def test_links_of_the_chapters_stay_in_their_folder(root):
    """Else they would be dead in a copy."""
    dead = []
    for path in sorted((root / "notebooks").rglob("*.ipynb")):
        texts = "".join("".join(cell["source"]) for cell in json.loads(path.read_bytes())["cells"])
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)|(?:src|href)=\"([^\"#]+)", texts):
            target = "".join(link)
            if not re.match(r"https?:|data:|mailto:", target):
                full = (path.parent / target).resolve()
                if not (full.is_file() and full.is_relative_to(root / "notebooks")):
                    dead.append(f"{path.name}: {target}")
    assert dead == []


FIRST_CELLS = """
import json, pathlib, sys
sys.modules["{missing}"] = None  # as if it were not installed
sys.path.insert(0, ".")
for path in sorted(pathlib.Path(".").glob("*.ipynb")):
    cell = next(cell for cell in json.loads(path.read_bytes())["cells"] if cell["cell_type"] == "code")
    try:
        exec("".join(cell["source"]), {{"display": lambda *views: None}})
    except ImportError as error:
        line = "".join(cell["source"]).splitlines()[error.__traceback__.tb_next.tb_lineno - 1]
        print(path.name, "|", error, "|", line)
"""


@pytest.mark.parametrize(
    ("missing", "failing", "fix"),
    [
        ("tensorflow", 12, "pip install 'prunewidgets[tensorflow]'"),
        ("prunewidgets", 17, "pip install 'prunewidgets[tensorflow"),
        ("checks", 15, "python -m prunewidgets workbook"),
    ],
)
def test_a_first_cell_that_fails_says_what_to_install(root, missing, failing, fix):
    """In its error, or in the line that the traceback shows."""
    run = subprocess.run(
        [sys.executable, "-c", FIRST_CELLS.format(missing=missing)],
        cwd=root / "notebooks",
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
    )
    shown = [line for line in run.stdout.splitlines() if "ipynb" in line]
    assert len(shown) >= failing
    assert [line for line in shown if fix not in line] == []
