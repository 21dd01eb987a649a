"""Keys pressed in a view in a real JupyterLab: they run its cell; those that it uses move no notebook."""

import pytest

from ..support.hands import drag
from ..support.ledgers import unfold

NOTEBOOK = "keys.ipynb"
CELLS = {  # what in each view is pressed or has the focus
    "schedule": "button[data-kind=iterative]",
    "slider": ".pw-range",
    "histogram": "canvas",
    "heatmap": "canvas",
    "steps": "button:text-is('Next →')",
    "curve": "canvas",
    "ledger": ".pw-ledger-row[tabindex='0']",
}


@pytest.fixture(scope="module")
def opened(lab_page, workbook):
    """The page with the notebook run."""
    lab_page.set_viewport_size({"width": 1400, "height": 1000})
    workbook.open(lab_page, NOTEBOOK)
    workbook.run_all(lab_page, NOTEBOOK)
    yield lab_page
    assert lab_page.errors == []


def view(page, name):
    """The view of a cell, in sight, its cell selected."""
    number = list(CELLS).index(name) + 1
    cell = page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{number}']")
    cell.scroll_into_view_if_needed()
    cell.locator(".jp-InputPrompt").first.click()
    cell.locator(".pw-view").wait_for()
    unfold(cell)
    return cell.locator(".pw-view")


def active(page):
    """The number of the selected cell."""
    return int(page.get_attribute(".jp-Notebook .jp-Cell.jp-mod-active", "data-windowed-list-index"))


@pytest.mark.parametrize("name", CELLS)
def test_the_cell_of_a_view_runs_and_its_own_arrow_keys_stay(opened, workbook, ask, name):
    shown = view(opened, name)
    target = shown.locator(CELLS[name]).first
    if "button" in CELLS[name]:
        target.click()
    else:
        target.focus()
        for key in ("ArrowLeft", "ArrowRight"):
            target.press(key)
    number, before = active(opened), ask(f"ran[{name!r}]")
    assert number == list(CELLS).index(name) + 1
    opened.keyboard.press("Control+Enter")
    workbook.wait_idle(opened, NOTEBOOK)
    assert (active(opened), ask(f"ran[{name!r}]")) == (number, before + 1)
    view(opened, name).locator(CELLS[name]).first.focus()
    opened.keyboard.press("Shift+Enter")
    workbook.wait_idle(opened, NOTEBOOK)
    assert (active(opened), ask(f"ran[{name!r}]")) == (number + 1, before + 2)


def test_after_a_drag_in_the_schedule_its_cell_runs(opened, workbook, ask):
    shown = view(opened, "schedule")
    drag(opened, shown.locator(".pw-flag[data-mark=begin]"), 0.2, 1.5)
    opened.keyboard.press("ArrowUp")  # it moves the mark that was dragged
    number, before = active(opened), ask("ran['schedule']")
    assert number == 1
    opened.keyboard.press("Control+Enter")
    workbook.wait_idle(opened, NOTEBOOK)
    assert (active(opened), ask("ran['schedule']")) == (1, before + 1)
