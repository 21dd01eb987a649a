"""Each chapter gets a link into Colab, and a cell that installs there, once the repository has an address."""

import json
import shutil
import sys
from types import ModuleType

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell

from tools import chapters

NO_ADDRESS = '[project]\nname = "prunewidgets"\n'
ADDRESS = NO_ADDRESS + '[project.urls]\nRepository = "https://github.com/somebody/their-book"\n'


@pytest.fixture
def clone(tmp_path):
    """A copy of the chapters beside a pyproject.toml without an address, and nothing for Colab in them."""
    (tmp_path / "notebooks").mkdir()
    for path in chapters.chapters():
        shutil.copy(path, tmp_path / "notebooks")
    set_address(tmp_path, NO_ADDRESS)
    return tmp_path


def set_address(folder, project: str) -> None:
    (folder / "pyproject.toml").write_text(project, encoding="utf-8")
    chapters.main(folder)


def contents(folder) -> dict[str, dict]:
    paths = (folder / "notebooks").glob("*.ipynb")
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def test_with_an_address_each_chapter_opens_and_installs_in_colab(clone):
    before = contents(clone)
    assert "colab.research" not in json.dumps(before)
    set_address(clone, ADDRESS)
    chapters.main(clone)  # a second time changes nothing more
    for path in (clone / "notebooks").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        _, link, install, *_ = notebook.cells
        colab = "https://colab.research.google.com/github/somebody/their-book/blob/main/notebooks"
        assert link.source == f"[Open in Google Colab]({colab}/{path.name})"
        assert install.id == chapters.INSTALL and install.outputs == []
        assert "[tensorflow" not in install.source  # Colab has it, and tensorflow-cpu would overwrite it
        assert len(notebook.cells) == len(before[path.name]["cells"]) + 2
    set_address(clone, NO_ADDRESS)
    assert contents(clone) == before


@pytest.mark.parametrize("in_colab", [False, True])
def test_the_cell_installs_in_colab_only(monkeypatch, in_colab):
    shell, run = InteractiveShell(), []
    monkeypatch.setattr(shell, "system", run.append)
    if in_colab:
        monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    assert shell.run_cell(chapters.INSTALLS).success
    installs = ["pip install --quiet prunewidgets && python -m prunewidgets workbook ."]
    assert run == (installs if in_colab else [])
