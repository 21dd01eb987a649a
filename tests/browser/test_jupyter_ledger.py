"""The ledger of a live model in a real JupyterLab: dragged, measured, loaded again, and left alone."""

import numpy as np
import pytest

from ..support.bare import settle
from ..support.hands import drag, dragging
from ..support.ledgers import unfold
from ..support.small_notebooks import write

NOTEBOOK = "ledger.ipynb"
CELLS = [
    """
import keras, numpy as np, prunewidgets as pw
from prunewidgets.labs import latencies, ledger_lab
latencies.SECONDS, ledger_lab.WINS_SECONDS, ledger_lab.REST = 0.0, 0.0, 0.1
ledger_lab.measured_memory = lambda *_: {}  # it starts a process, which takes seconds
model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(30), keras.layers.Dense(5)], name="tiny")
rng = np.random.default_rng(0)
model.set_weights([rng.normal(0, 0.1, w.shape).astype(np.float32) for w in model.get_weights()])
before = model.get_weights()""",
    "ledger = pw.LedgerLab(model)\nledger",
]
RNG = np.random.default_rng(0)
WEIGHTS = [RNG.normal(0, 0.1, shape).astype(np.float32) for shape in ((20, 30), (30,), (30, 5), (5,))]
"""Kernels and biases, drawn as in the notebook."""
SETTLED = """() => {
    const states = [...document.querySelectorAll(".pw-ledger-section .pw-state")].map((s) => s.dataset.state);
    return states.length === 6 && states.every((state) => ["counted", "measured"].includes(state));
}"""


@pytest.fixture(scope="module")
def opened(lab_page, workbook):
    """The page with the notebook run and everything measured."""
    write(workbook.folder / NOTEBOOK, [cell.strip() for cell in CELLS])
    elsewhere = workbook.open(lab_page, NOTEBOOK)
    workbook.run_all(lab_page, NOTEBOOK)
    lab_page.locator(".pw-ledger").scroll_into_view_if_needed()
    unfold(lab_page.locator(".pw-ledger"))
    lab_page.wait_for_function(SETTLED, timeout=120_000)
    yield lab_page
    assert elsewhere == []
    assert lab_page.errors == []


def left_by_hand(threshold):
    return sum(int((np.abs(w) >= np.float32(threshold)).sum()) for w in WEIGHTS if w.ndim == 2)


def said(page, cost):
    """The exact number in a row, without its unit."""
    return page.locator(f"[data-cost={cost}] .pw-spoken").text_content().split(" ")[0].replace(",", "")


def test_a_drag_is_counted_at_once_and_then_measured(opened, ask):
    with dragging(opened, opened.locator(".pw-range"), 0.01, 0.6):
        threshold = float(opened.input_value(".pw-number >> nth=0"))
        assert said(opened, "nonzeros") == str(left_by_hand(threshold)) != "750"
    opened.wait_for_function(SETTLED, timeout=120_000)
    left = 750 - ask("ledger.measured['units_tflite_32']['removed']")
    assert left == left_by_hand(ask("ledger.threshold")) and str(left) == said(opened, "nonzeros")
    assert 0 < int(said(opened, "units_parameters")) <= left
    assert opened.locator("[data-cost=csr_32] .pw-amount").inner_text()[-2:] in ("µs", "ms")
    assert "layer of 20 × 30" in opened.inner_text(".pw-wins")
    assert opened.inner_text(".pw-lab-title").startswith("tiny: ")
    assert ask("[all(map(np.array_equal, before, model.get_weights())), ledger.error]") == [True, ""]


def test_after_a_reload_the_ledger_is_back_and_follows(opened, workbook, ask):
    costs = ("nonzeros", "tflite_sparse_bytes", "units_parameters")
    before = [said(opened, cost) for cost in costs]
    workbook.reload(opened, NOTEBOOK)
    opened.locator(".pw-ledger").scroll_into_view_if_needed()
    unfold(opened.locator(".pw-ledger"))
    opened.wait_for_function(SETTLED)
    assert [said(opened, cost) for cost in costs] == before
    drag(opened, opened.locator(".pw-range"), 0.6, 0.3)
    assert said(opened, "nonzeros") == str(left_by_hand(ask("ledger.threshold"))) != before[0]


def test_after_a_kernel_restart_it_still_counts_and_says_that_nothing_is_measured(opened, workbook):
    """The last test: Python's side is gone."""
    workbook.restart(opened, NOTEBOOK)
    opened.locator(".pw-range").press("PageUp")
    settle(opened)
    threshold = float(opened.input_value(".pw-number >> nth=0"))
    assert said(opened, "nonzeros") == str(left_by_hand(threshold))
    opened.locator(".pw-state[data-state=no_answer] >> nth=0").wait_for(timeout=10_000)
    assert opened.locator("button:text-is('Measure again')").is_disabled()
    assert opened.locator(".pw-kernel-gone:visible, .pw-silence:visible").count() == 1
