"""Opening: `import prunewidgets` in a fresh Python; a lab in a fresh kernel that has its model and data."""

import statistics
import subprocess
import sys

from .common import ROOT, row
from .dragging import open_lab
from .pages import laboratory

RUNS = 9
CODE = "import time; start = time.perf_counter(); import prunewidgets; print(time.perf_counter() - start)"

NOTEBOOK = "opening.ipynb"
CELLS = [
    "import prunewidgets as pw\n_, (x, y) = pw.datasets.mnist()\nmodel = pw.models.pretrained('lenet_5')",
    "pw.PruningLab(model, x, y)",
]
KERNELS = 3


def fresh_import() -> float:
    run = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(run.stdout)


def fresh_lab() -> list[float]:
    """Return the seconds from Ctrl+Enter to the painted lab, the first one in each of several kernels."""
    taken = []
    with laboratory(opening=CELLS) as (workbook, page):
        workbook.open(page, NOTEBOOK)
        for _ in range(KERNELS):
            page.locator(".jp-Notebook .jp-Cell >> nth=0").click()
            page.keyboard.press("Shift+Enter")
            page.wait_for_selector(".jp-Cell:nth-child(1) .jp-InputPrompt:text-is('[1]:')")
            workbook.wait_idle(page, NOTEBOOK)
            taken.append(open_lab(page))
            workbook.wait_idle(page, NOTEBOOK)
            workbook.restart(page, NOTEBOOK)
    return taken


if __name__ == "__main__":
    fresh_import()  # loads the files into the system's cache
    row("opening", "import", statistics.median(fresh_import() for _ in range(RUNS)), limit=0.3, runs=RUNS)
    row("opening", "lab", statistics.median(fresh_lab()), limit=2, runs=KERNELS)
