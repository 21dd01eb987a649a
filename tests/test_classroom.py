"""`python -m prunewidgets class DIR`: chapters that have run; nothing is given away or half written."""

import json
import sys
from importlib import import_module
from pathlib import Path

import nbformat
import pytest

from prunewidgets import __main__, classroom, doctor, workbook
from prunewidgets.utils import machine
from prunewidgets.utils.this_python import this_python

from .support.small_notebooks import write

SHOWS = """
from IPython.display import display
display({"text/html": "<details><summary>?</summary>0.12345</details>", "text/plain": "folded"}, raw=True)
display({"application/vnd.jupyter.widget-view+json": {"model_id": "a"}, "text/plain": "still"}, raw=True)
open("saved.txt", "w").write("0.12345")
print(6 * 7)
"""
GOOD, BAD, LATER = "01_good.ipynb", "02_bad.ipynb", "06b_later.ipynb"


@pytest.fixture(scope="module")
def chapters(tmp_path_factory) -> Path:
    """A small workbook; its second chapter fails."""
    folder = tmp_path_factory.mktemp("chapters")
    for name in ("solutions", "checks"):
        (folder / name).mkdir()
        (folder / name / "a.py").write_text("")
    write(folder / GOOD, ["'first'", SHOWS])
    write(folder / BAD, ["1", "2\n3", "text = chr(10)\nraise SystemError(f'two{text}lines')"])
    write(folder / LATER, ["print(1)"])
    return folder


@pytest.fixture
def prepared(chapters, monkeypatch):
    """The command on these chapters, without the checks of the machine, which `test_doctor.py` has."""
    for name in ("check_python", "check_tensorflow", "check_widgets", "check_jupyterlab", "check_data"):
        monkeypatch.setattr(doctor, name, lambda: doctor.Check("Thing", True, "found", ""))
    monkeypatch.setattr(workbook, "source", lambda: chapters)
    return lambda folder, *numbers: __main__.main(["class", str(folder), "--chapters", *numbers])


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_failing_chapter_is_one_line_and_the_next_one_runs(prepared, chapters, tmp_path, capsys):
    before = {name: (chapters / name).read_bytes() for name in (GOOD, BAD)}
    folder = tmp_path / "class"
    assert prepared(folder, "2", "01", "02") == 1
    lines = capsys.readouterr().out.splitlines()
    found = "code cell 3, which begins with 'text = chr(10)', stopped with SystemError: two lines."
    assert f"✗ {BAD}: {found}" in lines
    assert sum(line.startswith(f"✓ {GOOD}: ran in ") for line in lines) == 1
    assert lines[-1] == f"The class is not ready: {BAD}."
    assert (folder / BAD).read_bytes() == before[BAD] == (chapters / BAD).read_bytes()
    assert (chapters / GOOD).read_bytes() == before[GOOD]
    assert files(folder) == {
        GOOD,
        BAD,
        "checks/a.py",
        workbook.RECORD,
    }  # no solutions, nothing that was saved
    cells = nbformat.read(folder / GOOD, 4).cells
    outputs = [output for cell in cells for output in cell.outputs]
    assert [output.data for output in outputs[:3]] == [
        {"text/plain": "'first'"},
        {"text/plain": "folded"},
        {"text/plain": "still"},
    ]
    assert outputs[-1].text == "42\n"
    assert "<details" not in json.dumps([cell.outputs for cell in cells])
    assert (
        workbook.copy(chapters, folder).changed == []
    )  # what has run counts as unchanged: the next copy is new
    assert (folder / GOOD).read_bytes() == before[GOOD]


def test_without_what_runs_notebooks_a_chapter_is_one_line(prepared, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "nbformat", None)
    assert prepared(tmp_path / "class", "01") == 1
    assert f"✗ {GOOD}: import of nbformat halted" in capsys.readouterr().out


def test_a_chapter_that_was_changed_runs_and_stays(prepared, tmp_path, capsys):
    workbook.copy(workbook.source(), tmp_path / "class")
    write(tmp_path / "class" / LATER, ["print('mine')"])
    mine = (tmp_path / "class" / LATER).read_bytes()
    assert prepared(tmp_path / "class", "6b") == 0
    said = capsys.readouterr().out
    assert "not written, because you changed it" in said
    assert said.splitlines()[-1].startswith(f"The class is ready. Next: {this_python()} -m jupyterlab")
    assert (tmp_path / "class" / LATER).read_bytes() == mine


def test_ctrl_c_leaves_whole_files(prepared, chapters, tmp_path, capsys, monkeypatch):
    def stopped(notebook, folder):
        (folder / GOOD).write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(classroom, "run_cells", stopped)
    assert prepared(tmp_path / "class", "01") == 130
    assert "run this again" in capsys.readouterr().err
    assert files(tmp_path / "class") == {GOOD, "checks/a.py", workbook.RECORD}
    assert (tmp_path / "class" / GOOD).read_bytes() == (chapters / GOOD).read_bytes()


def test_what_is_not_there_is_said_and_nothing_is_written(prepared, tmp_path, capsys):
    assert prepared(tmp_path / "class", "01", "7") == 1
    assert capsys.readouterr().err == "There is no chapter '7'; name one of 01, 02, 06b.\n"
    assert not (tmp_path / "class").exists()
    (tmp_path / "file").write_text("")
    assert prepared(tmp_path / "file", "01") == 1
    assert "is a file; name a folder." in capsys.readouterr().err
    assert prepared(tmp_path / "class") == 2


def test_too_little_memory_is_named_with_the_way_out(monkeypatch):
    for free, ok in ((1.5e9, False), (2.5e9, True)):
        monkeypatch.setattr(classroom, "free_memory", lambda free=free: int(free))
        (check,) = classroom.check_memory()
        assert check.ok is ok and f"{free / 1e9:.1f} GB free" in check.detail
    assert "close other kernels" in check.fix
    monkeypatch.setattr(classroom, "free_memory", lambda: None)
    assert list(classroom.check_memory()) == []


def test_the_free_memory_is_that_of_the_system():
    psutil = pytest.importorskip("psutil")
    free = machine.free_memory()
    assert free is None or free == pytest.approx(psutil.virtual_memory().available, rel=0.2)


def test_what_a_chapter_folds_is_not_in_its_file(root, monkeypatch):
    """As `checks.reveal` folds it, which is what `content_of` must find."""
    monkeypatch.syspath_prepend(str(root / "notebooks"))
    folded = import_module("checks.predictions").Folded("the accuracy", "<pre>0.12345</pre>")
    data = {"text/html": folded._repr_html_(), "text/plain": repr(folded)}
    output = nbformat.v4.new_output("display_data", data=data)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])])
    assert "0.12345" in nbformat.writes(notebook)
    written = classroom.content_of(notebook).decode()
    assert "0.12345" not in written and "the accuracy" in written
    for name in [name for name in sys.modules if name.partition(".")[0] == "checks"]:
        del sys.modules[name]
