"""The same drag with 25M weights in one model: a lab on 24 dense layers of 1024 × 1024."""

import statistics

from prunewidgets.widgets.buffers import LAYER_STOPS, MOST_SENT, STOPS

from .common import row
from .dragging import FRAME, STEPS, drag, drag_rows, lab_cells, open_lab
from .pages import laboratory

LAYERS = 24
SENT = "sum(len(getattr(lab, name)) for name in ('weights', 'scores', 'stops', 'stops_below')) / 1e6"
# The weights that are sent, and the slider's stops (a float32 and a float64 each) for each layer and for all.
BUDGET = (4 * MOST_SENT + (4 + 8) * (STOPS + LAYERS * LAYER_STOPS)) / 1e6

if __name__ == "__main__":
    with laboratory(ours=lab_cells(LAYERS, 1024)) as (workbook, page):
        workbook.open(page, "ours.ipynb")
        for _ in range(2):
            page.keyboard.press("Shift+Enter")
            page.wait_for_timeout(1000)
            workbook.wait_idle(page, "ours.ipynb")
        opened = []
        for _ in range(3):
            opened.append(open_lab(page))
            workbook.wait_idle(page, "ours.ipynb")
            page.wait_for_timeout(1000)
        row("drag_25m", "first view", statistics.median(opened), limit=2, runs=len(opened))
        row("drag_25m", "browser buffer", workbook.ask("ours.ipynb", SENT), limit=BUDGET, unit="MB")
        drag(page)
        ours = drag_rows("drag_25m", drag(page), limit=16)
        row("drag_25m", "event to painted frame", ours, limit=2 * FRAME, unit="ms", runs=STEPS)
