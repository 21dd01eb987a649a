"""Cells run again and again in a real JupyterLab: the page and the kernel keep only what is shown."""

import pytest

from ..support.hands import type_into
from ..support.small_notebooks import write

NOTEBOOK = "reruns.ipynb"
CELLS = [
    "import numpy as np\nimport prunewidgets as pw\nfrom prunewidgets.widgets import lifetimes as widgets\n"
    "W = np.random.default_rng(0).normal(size=(500, 500)).astype('float32')\n"
    "slider = pw.ThresholdSlider(pw.score(W), threshold=0.5)\nslider",
    "heat = pw.SparsityHeatmap(W)\npw.link(slider, heat)\nheat",
    "other = pw.SparsityHeatmap(W, threshold=0.25)\nother.close()\nother",
]
HEAT = ".jp-Cell[data-windowed-list-index='1'] .pw-view"
AGAIN = ".jp-Cell[data-windowed-list-index='2'] .pw-view"


@pytest.fixture(scope="module")
def page(lab_page, workbook):
    """The page with the notebook run once."""
    write(workbook.folder / NOTEBOOK, CELLS)
    workbook.open(lab_page, NOTEBOOK)
    workbook.run_all(lab_page, NOTEBOOK)
    lab_page.wait_for_selector(HEAT)
    yield lab_page
    assert lab_page.errors == []


def run_again(page, workbook, number, times=1):
    page.locator(f".jp-Cell[data-windowed-list-index='{number}'] .cm-content").click()
    for _ in range(times):
        page.keyboard.press("Control+Enter")
        page.wait_for_timeout(150)
    workbook.wait_idle(page, NOTEBOOK)


def bytes_in_arrays(page):
    """Bytes in array buffers that the page still references."""
    page.wait_for_timeout(500)
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    held = session.send("Runtime.getHeapUsage")["backingStorageSize"]
    session.detach()
    return held


def test_twenty_runs_leave_the_buffers_of_one_view(page, workbook):
    run_again(page, workbook, 1, times=3)
    before = bytes_in_arrays(page)
    run_again(page, workbook, 1, times=20)
    assert bytes_in_arrays(page) - before < 2 * 500 * 500 * 4
    assert page.locator(HEAT).count() == 1
    # Slider and two heatmaps, each with its layout.
    assert workbook.ask(NOTEBOOK, "len(widgets._instances)") == 6


def test_the_new_view_is_linked_and_works(page, workbook):
    type_into(page.locator(".pw-number >> nth=0"), "0.75")
    page.wait_for_timeout(500)
    assert workbook.ask(NOTEBOOK, "[slider.threshold, heat.threshold, len(slider.linked)]") == [0.75, 0.75, 2]


def test_a_closed_view_shown_again_is_back(page, workbook):
    workbook.run_cell(page, 2, "other.close(); other")
    workbook.wait_idle(page, NOTEBOOK)
    page.wait_for_selector(AGAIN)
    assert page.locator(AGAIN).count() == 1
    count = page.locator(AGAIN).locator(".pw-count").inner_text()
    removed = workbook.ask(NOTEBOOK, "int((abs(W) < 0.25).sum())")
    assert count.startswith(f"{removed:,} of 250,000")


def test_a_reload_restores_the_state(page, workbook):
    workbook.reload(page, NOTEBOOK)
    page.wait_for_selector(AGAIN, timeout=30_000)
    run_again(page, workbook, 1, times=2)
    assert page.locator(HEAT).count() == 1
