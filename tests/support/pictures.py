"""Take the pictures of the README in a real JupyterLab: python tests/support/pictures.py [name …]."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from jupyter import serve
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Page, sync_playwright

from prunewidgets.doctor import find_browser

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "notebooks" / "pictures"

LAB = """
import prunewidgets as pw
_, (x_test, y_test) = pw.datasets.mnist()
model = pw.models.pretrained("lenet_5")  # chapters ask the reader about the other two networks
lab = pw.PruningLab(model, x_test, y_test, data_name="test digits")
lab.layer = "conv_2/kernel"
lab.sparsity = 0.9
lab.wait()
lab
"""
SCHEDULE = """
import prunewidgets as pw
pw.ScheduleView(total=2_000, final=0.95, begin=100)
"""
LEDGER = """
import prunewidgets as pw
_, (x_test, y_test) = pw.datasets.mnist()
ledger = pw.LedgerLab(pw.models.pretrained("lenet_300_100"), x_test[:32])
ledger.sparsity = 0.95
ledger.wait()
ledger
"""
STEPS = """
import prunewidgets as pw
steps = pw.SortingSteps(pw.example.W, threshold=pw.example.TAU)
steps.step = 2
steps
"""
SLIDE = [new_markdown_cell("## Where does it break?"), new_code_cell(LAB), new_code_cell("pw.Lecture()")]
VIEWS = (
    (LAB, ".pw-lab", "lab"),
    (STEPS, ".pw-view", "steps"),
    (SCHEDULE, ".pw-view", "schedule"),
    (LEDGER, ".pw-ledger", "ledger"),
)


def main() -> None:
    """Take a picture of each view, and of a slide, in the light and the dark theme."""
    PICTURES.mkdir(exist_ok=True)
    chosen = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for dark in (False, True):
            theme = "dark" if dark else "light"
            for code, selector, name in (view for view in VIEWS if view[2] in (chosen or view)):
                page = browser.new_page(viewport={"width": 1600, "height": 1000}, device_scale_factor=1.5)
                with ran(page, [new_code_cell(code.strip())], selector, dark):
                    page.mouse.move(0, 0)
                    page.locator(selector).screenshot(path=saved(f"{name}-{theme}"))
                page.close()
            if "slide" in (chosen or ["slide"]):
                page = browser.new_page(viewport={"width": 1920, "height": 1080})
                with ran(page, SLIDE, ".pw-lab", dark):
                    page.click("text=Start the lecture")
                    page.wait_for_timeout(2_000)
                    page.screenshot(path=saved(f"slide-{theme}"))
                page.close()
        browser.close()


def saved(name: str) -> Path:
    """Return the path of a picture, and say that it is taken."""
    file = PICTURES / f"{name}.png"
    print(file.relative_to(ROOT), file=sys.stderr)
    return file


@contextmanager
def ran(page: Page, cells: list[nbformat.NotebookNode], selector: str, dark: bool) -> Iterator[None]:
    """Run a notebook with these cells, and wait until a view is there."""
    with tempfile.TemporaryDirectory() as folder:
        notebooks = Path(folder) / "source"
        notebooks.mkdir()
        notebook = new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        nbformat.write(notebook, notebooks / "picture.ipynb")
        with serve(notebooks, Path(folder) / "server", dark) as workbook:
            workbook.open(page, "picture.ipynb")
            page.keyboard.press("Control+b")  # closes the file browser to make room
            workbook.run_all(page, "picture.ipynb")
            page.wait_for_selector(selector, timeout=300_000)  # a cell that measures takes a while
            page.wait_for_timeout(2_000)
            yield


if __name__ == "__main__":
    main()
