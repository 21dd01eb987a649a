"""The chapters run as a student runs them, and every exercise's solution passes its check."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))


@pytest.fixture(scope="session")
def workbook(tmp_path_factory) -> Path:
    """A copy of the notebooks, so that what they save stays out of the clone."""
    folder = tmp_path_factory.mktemp("workbook") / "notebooks"
    shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return folder


def run(path: Path, cwd: Path) -> list[str]:
    """Run a notebook top to bottom in a kernel of its own; return the text that each code cell printed."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(cwd)}}).execute()
    return [printed(cell) for cell in notebook.cells if cell.cell_type == "code"]


def printed(cell: nbformat.NotebookNode) -> str:
    """What a cell wrote to the reader."""
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def test_every_chapter_has_its_number_and_its_solutions():
    numbers = [name[:2] for name in CHAPTERS]
    assert {"00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11"} <= set(numbers)
    assert len(set(numbers)) == len(numbers)
    assert sorted(path.name for path in (ROOT / "notebooks" / "solutions").glob("*.ipynb")) == CHAPTERS


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_runs_with_its_exercises_unanswered(workbook, chapter):
    texts = run(workbook / chapter, workbook)
    waiting = [text for text in texts if text.startswith("○")]
    assert 2 <= len(waiting)
    assert not any("✗" in text for text in texts)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_solutions_pass_every_check(workbook, chapter):
    texts = run(workbook / "solutions" / chapter, workbook / "solutions")
    marks = [line[0] for text in texts for line in text.splitlines() if line[:1] in ("✓", "✗", "○")]
    assert marks
    assert set(marks) == {"✓"}
