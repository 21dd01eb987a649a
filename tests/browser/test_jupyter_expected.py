"""A curve drawn in a real JupyterLab: Run All gives nothing away; a guess outlives a reload and a re-run."""

import re

import pytest

from ..support.hands import across
from ..support.small_notebooks import write

NOTEBOOK = "expected.ipynb"
CELLS = [
    "import pandas as pd\nimport prunewidgets as pw",
    "expected = pw.ExpectedCurve([0.5, 0.8, 0.9], unpruned=0.99)\nexpected",
    "frame = pd.DataFrame({'sparsity': [0.5, 0.8, 0.9], 'accuracy': [0.977, 0.913, 0.437]})",
    "expected.show_frame(frame)\nexpected",
]
CANVAS, RESULT = ".pw-expected canvas", ".pw-result"
BOTH_SAY_THE_GAP = "document.querySelectorAll('.pw-result.pw-found').length === 2"


@pytest.fixture(scope="module")
def opened(lab_page, workbook):
    """The page with the notebook run from top to bottom."""
    write(workbook.folder / NOTEBOOK, CELLS)
    workbook.open(lab_page, NOTEBOOK)
    workbook.run_all(lab_page, NOTEBOOK)
    lab_page.wait_for_selector(f"{CANVAS} >> nth=1")
    yield lab_page
    assert lab_page.errors == []


def test_a_curve_is_drawn_locked_and_kept(opened, workbook, ask):
    for view in opened.locator(".pw-view").all():
        assert not re.search(r"97[.,]7|91[.,]3|43[.,]7", view.inner_text() + view.inner_html())
    canvas = opened.locator(CANVAS).first
    canvas.scroll_into_view_if_needed()
    top = canvas.bounding_box()["y"] + 60
    opened.mouse.move(across(canvas, 0.4), top)
    opened.mouse.down()
    opened.mouse.move(across(canvas, 0.95), top + 30, steps=8)
    opened.mouse.up()
    opened.keyboard.press("ArrowDown")  # goes to the notebook: a stroke has given no handle the focus
    assert ask("sorted(expected.guess)") == [0.5, 0.8, 0.9]
    assert ask("expected.gap is None and not expected.locked")
    opened.click("button[data-do=lock] >> nth=0")
    kept = ask("[list(expected.guess.values()), expected.locked, expected.gap.mean]")
    assert kept[1] is True
    said = f"off by {round(kept[2], 1):g} points on average"
    opened.wait_for_function(BOTH_SAY_THE_GAP)
    assert [said in text for text in opened.locator(RESULT).all_text_contents()] == [True, True]
    workbook.reload(opened, NOTEBOOK)
    opened.wait_for_function(BOTH_SAY_THE_GAP)
    assert [said in text for text in opened.locator(RESULT).all_text_contents()] == [True, True]
    assert ask("[list(expected.guess.values()), expected.locked, expected.gap.mean]") == kept
    workbook.run_all(opened, NOTEBOOK)
    opened.wait_for_function(BOTH_SAY_THE_GAP)
    assert ask("[list(expected.guess.values()), expected.locked, expected.gap.mean]") == kept
