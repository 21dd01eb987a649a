"""The chapters run as a student runs them, and every exercise's solution passes its check."""

import asyncio
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9][0-9]*_*.ipynb"))


@pytest.fixture(scope="session")
def workbook(tmp_path_factory) -> Path:
    """A copy of the notebooks, so that what they save stays out of the clone."""
    folder = tmp_path_factory.mktemp("workbook") / "notebooks"
    shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return folder


@pytest.fixture(scope="module")
def solved(workbook: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, Future]]:
    """What the solutions print. They run beside the chapters, one after another in one kernel."""
    chosen = {item.name.partition("[")[2][:-1] for item in request.session.items if "solutions" in item.name}
    manager = AsyncKernelManager(kernel_name="python3")
    with ThreadPoolExecutor(max_workers=1) as thread:
        folder = workbook / "solutions"
        yield {name: thread.submit(run, folder / name, manager) for name in CHAPTERS if name in chosen}
        thread.shutdown(cancel_futures=True)
    if manager.has_kernel:
        with ThreadPoolExecutor() as thread:  # the browser's tests leave an event loop running in this one
            thread.submit(lambda: asyncio.run(manager.shutdown_kernel(now=True))).result()


def run(path: Path, kernel: AsyncKernelManager | None = None) -> list[str]:
    """Run a notebook top to bottom; return the text that each code cell printed.

    It gets a kernel of its own, or forgets all names that an earlier one left in `kernel`.
    """
    notebook = nbformat.read(path, as_version=4)
    if kernel:
        notebook.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=600, resources=resources, km=kernel).execute()
    return [printed(cell) for cell in notebook.cells if cell.cell_type == "code"]


def printed(cell: nbformat.NotebookNode) -> str:
    """What a cell wrote to the reader, folded predictions as the line that asks for a guess."""
    texts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            texts.append(output.text)
        elif "<details>" in output.get("data", {}).get("text/html", ""):
            texts.append(f"{output.data['text/plain']}\n")
    return "".join(texts)


def test_every_chapter_has_its_number_and_its_solutions():
    numbers = [name.partition("_")[0] for name in CHAPTERS]  # 03, 03b, 04
    first = {"00", "01", "02", "03", "03b", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "15"}
    assert first <= set(numbers)
    assert len(set(numbers)) == len(numbers)
    assert sorted(path.name for path in (ROOT / "notebooks" / "solutions").glob("*.ipynb")) == CHAPTERS


def test_the_first_chapter_lists_all_others():
    notebook = nbformat.read(ROOT / "notebooks" / CHAPTERS[0], as_version=4)
    text = "".join(cell.source for cell in notebook.cells)
    assert [chapter for chapter in CHAPTERS[1:] if f"]({chapter})" not in text] == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_runs_with_its_exercises_unanswered(workbook, solved, chapter):
    texts = run(workbook / chapter)
    waiting = [text for text in texts if text.startswith("○")]
    assert 2 <= len(waiting)
    assert not any("✗" in text for text in texts)
    if chapter.startswith("00_"):  # ends with the doctor
        assert texts[-1].splitlines()[-1].startswith("The workbook can run")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_solutions_pass_every_check(solved, chapter):
    texts = solved[chapter].result()
    marks = [line[0] for text in texts for line in text.splitlines() if line[:1] in ("✓", "✗", "○")]
    assert marks
    assert set(marks) == {"✓"}


def test_the_appendix_compares_masks_with_pytorch_or_says_that_they_are_recorded(workbook):
    path = workbook / "appendix_pytorch.ipynb"
    notebook = nbformat.read(path, as_version=4)
    (cell,) = [cell for cell in notebook.cells if cell.id == "guess"]
    cell.source = 'guess = "show me"'
    nbformat.write(notebook, path)
    texts = run(path)
    recorded = any(text.startswith("Recorded, not measured here: PyTorch ") for text in texts)
    assert recorded == (find_spec("torch") is None)
    assert "as trained, 90 %: places where the masks differ: 0\n" in "".join(texts)


def test_what_was_recorded_of_pytorch_removed_as_many_as_asked_for():
    table = pd.read_csv(ROOT / "notebooks" / "runs" / "torch_masks.csv", comment="#", index_col=0)
    asked = [round(float(case.split()[-2]) / 100 * 266_200) for case in table.index]
    assert table["removed here"].tolist() == table["removed by PyTorch"].tolist() == asked
