"""Every view in a real JupyterLab, when its kernel restarts, is shut down or dies."""

import pytest

NOTEBOOK = "keys.ipynb"
GONE = ".pw-kernel-gone:visible"
VIEWS = 7


@pytest.fixture(scope="module")
def opened(lab_page, workbook):
    """The page with the notebook open, all of it drawn."""
    lab_page.set_viewport_size({"width": 1280, "height": 6000})
    elsewhere = workbook.open(lab_page, NOTEBOOK)
    yield lab_page
    assert elsewhere == []


@pytest.fixture
def page(opened, workbook):
    """The notebook with its cells run again: no sentence is left."""
    workbook.run_all(opened, NOTEBOOK)
    opened.wait_for_function(f"document.querySelectorAll('.pw-view').length === {VIEWS}")
    opened.wait_for_function("!document.querySelector('.pw-kernel-gone:not(:empty)')")
    yield opened
    assert opened.errors == []


def all_say_it(page):
    """Wait until each view has its sentence above its picture."""
    page.wait_for_function(
        f"document.querySelectorAll('.pw-kernel-gone:not(:empty)').length === {VIEWS}", timeout=5_000
    )
    assert page.locator(GONE).count() == VIEWS
    assert page.locator("canvas.pw-canvas:visible").count() >= VIEWS - 2  # steps and a ledger have none


def test_a_restart(page, workbook):
    workbook.restart(page, NOTEBOOK)
    all_say_it(page)


def test_a_kernel_that_dies(page, workbook):
    workbook.run_cell(page, 8, "import os; os._exit(1)")
    all_say_it(page)
    page.click(".jp-Dialog button:has-text('Ok')")
    workbook.wait_idle(page, NOTEBOOK)
    workbook.run_cell(page, 8, "None")


def test_a_kernel_that_is_shut_down(page):
    page.click(".lm-MenuBar-itemLabel:text-is('Kernel')")
    page.click(".lm-Menu-itemLabel:text-is('Shut Down Kernel')")
    all_say_it(page)
    page.locator(".pw-range[aria-label='threshold τ'] >> nth=0").press("PageUp")
    page.wait_for_timeout(400)
