"""50 displays, and a lab's cell run 200 times: the memory that kernel and page keep, and the speed.

The peer is an ipywidgets slider in a cell, scaled to as many runs: JupyterLab itself keeps a little of each
run.
"""

import statistics

from playwright.sync_api import Page

from tests.support.jupyter import write_setting

from .common import row
from .dragging import open_lab
from .pages import laboratory

RUNS, WARM_UP, PEER_RUNS, DISPLAYS = 200, 20, 50, 50
FLAT = 20  # MB: a tenth of a megabyte per run, where a lab that is not freed takes several
LAB, SLIDER, MANY = 1, 2, 3
TRACKER = "notebook-extension/tracker.jupyterlab-settings"  # setting that keeps all cells in the page
# Pictures off the screen are not painted.
DRAWN = """(many) => {
    const pictures = [...document.querySelectorAll(".jp-Cell .pw-view > .pw-heatmap canvas.pw-canvas")];
    return pictures.length === many && pictures.some((canvas) => canvas.width !== 300);
}"""
NOTEBOOK = "many.ipynb"
CELLS = [
    "import ctypes, gc\n"
    "import ipywidgets, numpy as np, psutil\n"
    "import prunewidgets as pw\n"
    "_, (x, y) = pw.datasets.mnist()\nx, y = x[:200], y[:200]\n"
    "model = pw.models.pretrained('small_cnn')\n"
    "W = np.random.default_rng(0).normal(size=(500, 500)).astype('float32')\n"
    "def memory():\n"
    "    gc.collect()\n"
    "    ctypes.CDLL('libc.so.6').malloc_trim(0)\n"
    "    return psutil.Process().memory_info().rss / 1e6",
    "pw.PruningLab(model, x, y)",
    "ipywidgets.IntSlider()",
    f"for _ in range({DISPLAYS}):\n    display(pw.SparsityHeatmap(W))",
]


def browser_memory(page: Page) -> float:
    """Return the MB of objects and buffers that the page still references."""
    page.wait_for_timeout(3000)  # anywidget's two-second timers keep a view alive
    session = page.context.new_cdp_session(page)
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    session.detach()
    return (usage["usedSize"] + usage["backingStorageSize"]) / 1e6


if __name__ == "__main__":
    with laboratory(many=CELLS) as (workbook, page):

        def select(cell: int) -> None:
            page.locator(".jp-Notebook .jp-Cell").nth(cell).locator(".cm-content").click()

        def run(cell: int, times: int) -> None:
            select(cell)
            for _ in range(times):
                page.keyboard.press("Control+Enter")
                page.wait_for_timeout(50)
            workbook.wait_idle(page, NOTEBOOK)

        def show_many(times: int) -> None:
            for _ in range(times):
                run(MANY, times=1)
                page.wait_for_function(DRAWN, arg=DISPLAYS)

        def run_lab(times: int) -> list[float]:
            select(LAB)
            seconds = [open_lab(page) for _ in range(times)]
            workbook.wait_idle(page, NOTEBOOK)
            return seconds

        def memory() -> tuple[float, float]:
            return workbook.ask(NOTEBOOK, "memory()"), browser_memory(page)

        write_setting(workbook.settings.parent / TRACKER, {"windowingMode": "none"})
        workbook.open(page, NOTEBOOK)
        run(0, times=1)
        run_lab(WARM_UP)
        run(SLIDER, times=5)
        empty = memory()
        show_many(times=1)
        shown = memory()
        show_many(times=3)
        again = memory()
        run(SLIDER, times=PEER_RUNS)
        peer = memory()
        seconds = run_lab(RUNS)
        end = memory()

    of_each = (shown[1] - empty[1]) / DISPLAYS
    row("many_views", f"{DISPLAYS} displays, browser", of_each, unit="MB a display", runs=DISPLAYS)
    case = f"{DISPLAYS} displays shown 3 times more, browser growth"
    row("many_views", case, again[1] - shown[1], limit=FLAT, unit="MB", runs=3)
    case = f"{RUNS} re-runs, kernel growth"
    row("many_views", case, end[0] - peer[0], limit=FLAT, unit="MB", runs=RUNS)
    theirs = (peer[1] - again[1]) * RUNS / PEER_RUNS
    case = f"{RUNS} re-runs, browser growth"
    row("many_views", case, end[1] - peer[1], theirs, "ipywidgets.IntSlider", FLAT, "MB", RUNS)
    slower = statistics.median(seconds[-20:]) / statistics.median(seconds[:20])
    row("many_views", f"{RUNS} re-runs, last 20 to first 20", slower, limit=1.2, unit="times", runs=RUNS)
