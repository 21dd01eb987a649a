"""Drag → picture with 1M weights: a lab on a 1000 × 1000 dense layer, and other tools that notebooks use.

The peers draw the same in the same browser (`peers/notebook_sliders.py`).
"""

from .common import row
from .dragging import FRAME, STEPS, drag, drag_rows, lab_cells
from .pages import laboratory
from .peers.notebook_sliders import PEERS, drag_slider

if __name__ == "__main__":
    cells = {name.split()[0]: code for name, (code, _) in PEERS.items()}
    with laboratory(ours=lab_cells(1, 1000), **cells) as (workbook, page):
        workbook.open(page, "ours.ipynb")
        workbook.run_all(page, "ours.ipynb")
        drag(page)  # warm up: the browser compiles code that runs often
        ours = drag_rows("drag_1m", drag(page), limit=8)
        for name, (_, watch) in PEERS.items():
            notebook = f"{name.split()[0]}.ipynb"
            workbook.open(page, notebook)
            workbook.run_all(page, notebook)
            page.wait_for_timeout(2000)
            case = f"event to painted frame, {name.split()[0]}"
            row("drag_1m", case, ours, drag_slider(page, watch), name, 2 * FRAME, "ms", STEPS)
