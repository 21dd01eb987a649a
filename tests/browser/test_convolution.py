"""The convolution on a bare page: its numbers are NumPy's, and its four pictures follow one window."""

import numpy as np
import pytest

import prunewidgets as pw

from ..support.bare import set_traits, settle, show, trait

RNG = np.random.default_rng(5)
IMAGE = RNG.random((9, 8)).astype("float32")
KERNEL = RNG.normal(size=(3, 3, 1, 4)).astype("float32")


@pytest.fixture
def steps(bare):
    show(bare, pw.ConvolutionSteps(IMAGE, KERNEL))
    return bare


def total(page) -> float:
    return float(page.inner_text(".pw-window-sum").split(": ")[1].replace("−", "-"))


def expected(filter_, row, column, threshold=0.0) -> float:
    weights = np.where(np.abs(KERNEL) < np.float32(threshold), 0, KERNEL)[:, :, 0, filter_]
    return float((IMAGE[row : row + 3, column : column + 3] * weights).sum())


@pytest.mark.parametrize("threshold", [0.0, 0.7])
def test_the_sum_is_that_of_numpy_at_every_place(steps, threshold):
    for filter_, row, column in ((0, 0, 0), (1, 6, 5), (3, 2, 4)):
        set_traits(steps, filter=filter_, row=row, column=column, threshold=threshold)
        assert total(steps) == pytest.approx(expected(filter_, row, column, threshold), rel=0.006, abs=1e-3)
    gone = np.abs(KERNEL[:, :, 0, 3]).ravel() < np.float32(threshold)
    blank = "(all) => all.map((cell) => cell.classList.contains('pw-zero'))"
    assert steps.locator(".pw-product").evaluate_all(blank) == gone.tolist()


def test_arrow_keys_move_the_window_and_stop_at_the_rim(steps):
    image = steps.locator(".pw-convolution canvas").first
    image.focus()
    for _ in range(7):
        steps.keyboard.press("ArrowDown")
    steps.keyboard.press("ArrowRight")
    assert (trait(steps, "row"), trait(steps, "column")) == (6, 1)
    assert "window at row 6, column 1: 9 of 9 weights kept" in image.get_attribute("aria-label")


def test_pointing_at_the_output_moves_the_window(steps):
    output = steps.locator(".pw-convolution canvas").nth(1)
    box = output.bounding_box()
    side = min(box["width"] / 6, box["height"] / 7)  # 6 columns, 7 rows
    output.hover(position={"x": 4.5 * side, "y": 2.5 * side})
    settle(steps)
    assert (trait(steps, "row"), trait(steps, "column")) == (2, 4)


def test_pointing_at_a_product_names_its_weight(steps):
    set_traits(steps, filter=2, row=1, column=3)
    steps.hover(".pw-product >> nth=5")
    text = steps.inner_text(".pw-detail >> nth=0")
    product = float(text.rsplit("= ", 1)[1].replace("−", "-"))
    assert text.startswith("weight at row 1, column 2 of the filter")
    assert product == pytest.approx(float(IMAGE[2, 5] * KERNEL[1, 2, 0, 2]), rel=0.006)


def test_a_filter_is_chosen_by_name_or_by_its_tile(steps):
    steps.select_option(".pw-convolution-choice", "3")
    assert trait(steps, "filter") == 3
    bank = steps.locator(".pw-convolution canvas").nth(2)
    bank.click(position={"x": 10, "y": 10})
    assert trait(steps, "filter") == 0
