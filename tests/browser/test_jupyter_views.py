"""The views in a real JupyterLab: what the hand does, Python knows, and the other way round."""

import numpy as np
import pytest

import prunewidgets as pw

from ..support.hands import drag, dragging, type_into

W = pw.example.W
NOTEBOOK = "views.ipynb"
SLIDER, HEAT = ".pw-range >> nth=0", ".pw-heatmap canvas"
TYPED, LINKED = ".pw-number >> nth=0", ".pw-number >> nth=2"


@pytest.fixture(scope="module")
def opened(lab_page, workbook):
    """The page with the notebook run, and the requests that went elsewhere."""
    elsewhere = workbook.open(lab_page, NOTEBOOK)
    workbook.run_all(lab_page, NOTEBOOK)
    lab_page.wait_for_selector(HEAT)
    yield lab_page
    assert elsewhere == []
    assert lab_page.errors == []


@pytest.fixture
def page(opened, ask):
    """The notebook with its slider at 0.3, in sight."""
    ask("setattr(slider, 'threshold', 0.3)")
    opened.locator(SLIDER).scroll_into_view_if_needed()
    opened.wait_for_function("document.querySelector('.pw-number').value === '0.3'")
    return opened


def active_cell(page):
    """The number of the selected cell."""
    return page.get_attribute(".jp-Notebook .jp-Cell.jp-mod-active", "data-windowed-list-index")


def test_a_drag_reaches_python_with_its_linked_view(page, ask):
    drag(page, page.locator(SLIDER), 0.35, 0.8)
    threshold, sparsity, linked, linked_sparsity = ask(
        "[slider.threshold, slider.sparsity, heat.threshold, heat.sparsity]"
    )
    assert threshold == linked == float(page.input_value(TYPED)) == float(page.input_value(LINKED)) > 0.6
    assert sparsity == linked_sparsity == np.mean(np.abs(W) < threshold)


def test_arrow_keys_move_the_slider_and_not_the_selected_cell(page, ask):
    page.click(".jp-Notebook .jp-Cell >> nth=1 >> .jp-InputPrompt")
    before = active_cell(page)
    for key in ("ArrowDown", "ArrowUp", "ArrowUp", "ArrowRight"):
        page.press(SLIDER, key)
    assert active_cell(page) == before
    assert ask("slider.threshold") == pytest.approx(0.32)


def test_control_z_undoes_in_the_view_and_control_s_saves(page, ask):
    page.press(SLIDER, "PageUp")
    page.press(SLIDER, "Control+z")
    assert ask("slider.threshold") == 0.3
    page.press(SLIDER, "Control+s")
    page.wait_for_selector(".jp-mod-current:not(.jp-mod-dirty)", timeout=5_000)


def test_typing_letters_does_nothing_to_the_notebook(page, ask):
    page.fill(TYPED, "")
    page.type(TYPED, "0.55b")
    page.press(TYPED, "Backspace")
    page.press(TYPED, "Control+a")
    page.press(TYPED, "Enter")
    assert page.locator(".jp-Notebook .jp-Cell").count() == 6
    assert ask("[slider.threshold, slider.sparsity]") == [0.55, 7 / 12]


def test_python_moves_both_views(page, ask):
    at = float(page.input_value(SLIDER))
    ask("setattr(heat, 'threshold', 0.7)")
    page.wait_for_function("document.querySelector('.pw-number').value === '0.7'")
    assert float(page.input_value(SLIDER)) > at
    assert page.inner_text(".pw-count >> nth=1") == "9 of 12 weights removed"
    ask("setattr(slider, 'sparsity', 0.25)")
    page.wait_for_function("document.querySelector('.pw-count').textContent.startsWith('3 of 12')")


def test_an_impossible_threshold_from_python_is_an_error_and_moves_nothing(page, workbook):
    with pytest.raises(RuntimeError, match="threshold"):
        workbook.ask(NOTEBOOK, "setattr(slider, 'threshold', float('nan'))")
    assert page.input_value(TYPED) == "0.3"


def test_infinity_from_python_removes_everything(page, ask):
    ask("setattr(slider, 'threshold', float('inf'))")
    page.wait_for_function("document.querySelector('.pw-count').textContent.startsWith('12 of 12')")


def test_while_a_cell_runs_the_page_follows_and_python_gets_the_value_afterwards(page, workbook, ask):
    workbook.run_cell(page, 3, "time.sleep(4); received = slider.threshold")
    page.wait_for_timeout(500)
    page.locator(SLIDER).scroll_into_view_if_needed()
    with dragging(page, page.locator(SLIDER), 0.35, 0.7):
        threshold = float(page.input_value(TYPED))
        assert threshold > 0.5
        assert (
            page.inner_text(".pw-count >> nth=1") == f"{(np.abs(W) < threshold).sum()} of 12 weights removed"
        )
    workbook.wait_idle(page, NOTEBOOK)
    assert ask("[slider.threshold, heat.threshold]") == [threshold] * 2
    assert float(page.input_value(TYPED)) == float(page.input_value(LINKED)) == threshold


def test_two_displays_of_a_view_share_their_state(page, workbook, ask):
    workbook.run_cell(page, 3, "slider")
    workbook.wait_idle(page, NOTEBOOK)
    twice = page.locator(".jp-Cell[data-windowed-list-index='3'] .pw-view")
    type_into(twice.locator(".pw-number >> nth=0"), "0.45")
    assert page.input_value(TYPED) == "0.45"
    assert ask("slider.threshold") == 0.45
    workbook.run_cell(page, 3, "time.sleep(0)")
    workbook.wait_idle(page, NOTEBOOK)


def test_after_saving_and_reloading_the_views_are_back_and_work(page, workbook, ask):
    type_into(page.locator(TYPED), "0.65")
    ask("slider.threshold")
    workbook.reload(page, NOTEBOOK)
    page.wait_for_selector(HEAT, timeout=30_000)
    assert page.input_value(TYPED) == page.input_value(LINKED) == "0.65"
    page.press(SLIDER, "ArrowLeft")
    assert page.input_value(LINKED) == "0.64"
    assert ask("[slider.threshold, heat.threshold]") == [0.64, 0.64]


def test_after_a_kernel_restart_the_views_can_still_be_dragged(page, workbook):
    """They need no kernel to redraw; the last test, since Python's side is gone now."""
    workbook.restart(page, NOTEBOOK)
    page.press(SLIDER, "End")
    assert page.inner_text(".pw-count >> nth=0") == "12 of 12 weights removed"
    assert page.inner_text(".pw-count >> nth=1") == "12 of 12 weights removed"
