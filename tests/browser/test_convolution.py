"""The convolution on a bare page: its numbers are NumPy's, and its four pictures follow one window."""

import numpy as np
import pytest

import prunewidgets as pw

from ..support.bare import set_traits, settle, show, trait
from ..support.hands import pixels

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


@pytest.mark.parametrize("width", [366, 848])
@pytest.mark.parametrize("size", [3, 5, 7])
def test_what_a_window_says_fits_in_its_cells(bare, width, size):
    kernel = RNG.normal(size=(size, size, 1, 2)).astype("float32")
    show(bare, pw.ConvolutionSteps(RNG.random((12, 12)), kernel, threshold=0.5), style=f"width: {width}px")
    cells = bare.locator(".pw-product")
    wide, tall = "e.scrollWidth <= e.clientWidth + 1", "e.scrollHeight <= e.clientHeight + 1"
    assert cells.evaluate_all(f"(all) => all.every((e) => {wide} && {tall})")
    lines = {3: 3, 5: 1, 7: 0}[size]  # in larger windows the colour says it, and pointing the numbers
    assert [cell.locator("*").count() for cell in cells.all()] == [lines] * size**2
    cells.first.hover()
    assert "×" in bare.inner_text(".pw-convolution ~ .pw-detail")
    grounds = cells.evaluate_all("(all) => new Set(all.map((e) => getComputedStyle(e).backgroundColor)).size")
    assert grounds == 2 if size == 3 else grounds > 4


def test_the_image_has_an_edge_where_it_is_as_white_as_the_page(bare):
    show(bare, pw.ConvolutionSteps(np.eye(9), KERNEL))
    image = pixels(bare.locator(".pw-convolution canvas").first)
    side = image.shape[0]
    assert (image[side - 1, side - side // 18, :3] < 250).any()
