"""Pointing at an input pixel marks the weights that it is multiplied with: their cells and their bars."""

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.core.layouts import Layout, ModelArrays

from ..support.bare import open_page, settle, show
from .test_highlight import BARS, CELLS, CELLS_SAID, bins_of, framed_cells, lit_bars

RNG = np.random.default_rng(5)
DENSE = RNG.normal(0, 0.2, (12, 20)).astype(np.float32)
PIXELS = ".pw-pixels canvas"


def linked(page, weights, picture):
    """A heatmap of a layer that reads a picture, and a histogram linked to it."""
    arrays = ModelArrays({"a": weights}, {"a": Layout(picture=picture)}, {})
    cells, bars = pw.SparsityHeatmap(arrays, threshold=0.1), pw.WeightHistogram(arrays)
    pw.link(cells, bars)
    show(page, cells, "cells")
    show(page, bars, "bars")


def place(page, row, column, picture):
    """The middle of a pixel, on the page."""
    box = page.locator(PIXELS).bounding_box()
    each = min(box["width"] / picture[1], box["height"] / picture[0])
    return box["x"] + (column + 0.5) * each, box["y"] + (row + 0.5) * each


def rows_marked(page, inputs):
    """Whether the cells of these inputs are framed, and no others."""
    wanted = np.zeros(DENSE.shape, bool)
    wanted[list(inputs)] = True
    return np.array_equal(framed_cells(page, *DENSE.shape), wanted)


@pytest.mark.parametrize(
    ("picture", "at", "inputs"), [((4, 3, 1), (2, 1), [7]), ((2, 2, 3), (1, 0), [6, 7, 8])]
)
def test_the_weights_of_a_pixel_are_marked_in_heatmap_and_histogram(bare, picture, at, inputs):
    linked(bare, DENSE, picture)
    bare.mouse.move(*place(bare, *at, picture))
    settle(bare)
    assert rows_marked(bare, inputs)
    removed = int((np.abs(DENSE[inputs]) < np.float32(0.1)).sum())
    said = f"input pixel: row {at[0]}, column {at[1]}; {removed} of {20 * len(inputs)} pruned"
    assert bare.inner_text(CELLS_SAID) == said
    bars = set(bins_of(DENSE)[inputs].ravel().tolist())
    assert (
        bare.inner_text(".pw-histogram .pw-detail")
        == f"{20 * len(inputs)} marked weights, in {len(bars)} bars"
    )
    bare.mouse.move(2, 2)
    settle(bare)
    assert not framed_cells(bare, *DENSE.shape).any() and bare.inner_text(CELLS_SAID) == ""


def test_arrow_keys_go_from_pixel_to_pixel_and_stop_at_the_edge(bare):
    picture = (4, 3, 1)
    linked(bare, DENSE, picture)
    for key, inputs in (
        ("ArrowDown", 7),
        ("ArrowRight", 8),
        ("ArrowRight", 8),
        ("ArrowUp", 5),
        ("ArrowLeft", 4),
    ):
        bare.press(PIXELS, key)
        settle(bare)
        assert rows_marked(bare, [inputs]), (key, inputs)
    bare.wait_for_timeout(600)
    assert bare.text_content(".pw-heatmap .pw-spoken") == bare.inner_text(CELLS_SAID) != ""
    bare.locator(PIXELS).blur()
    settle(bare)
    assert not framed_cells(bare, *DENSE.shape).any()


def test_a_tap_marks_a_pixel_and_a_tap_on_a_cell_takes_over(new_page):
    page = new_page(has_touch=True)
    open_page(page)
    linked(page, DENSE, (4, 3, 1))
    page.touchscreen.tap(*place(page, 3, 2, (4, 3, 1)))
    settle(page)
    assert rows_marked(page, [11])
    box = page.locator(CELLS).first.bounding_box()
    side = box["height"] / 12
    page.touchscreen.tap(box["x"] + 3.5 * side, box["y"] + 4.5 * side)
    settle(page)
    assert lit_bars(page) == {bins_of(DENSE)[4, 3]}
    page.touchscreen.tap(*place(page, 0, 0, (4, 3, 1)))
    settle(page)
    assert rows_marked(page, [0])  # and the cell has no frame of its own any more
    assert page.locator(BARS).count() == 1


def test_the_picture_stands_for_the_window_of_a_convolution(bare):
    kernel = RNG.normal(size=(3, 3, 1, 4)).astype(np.float32)
    picture = (7, 7, 1)
    linked(bare, kernel, picture)
    bare.mouse.move(*place(bare, 3, 6, picture))
    settle(bare)
    removed = int((np.abs(kernel[1, 2]) < np.float32(0.1)).sum())
    assert bare.inner_text(CELLS_SAID) == f"place (1, 2) of each 3 × 3 window; {removed} of 4 pruned"
    bare.mouse.move(2, 2)
    for key in ("ArrowUp", "ArrowUp", "ArrowLeft"):  # its first place is at the edge
        bare.press(PIXELS, key)
    settle(bare)
    assert bare.inner_text(CELLS_SAID).startswith("place (0, 0) of each 3 × 3 window; ")


def test_keys_pass_over_the_pixels_of_which_a_sample_has_no_weights(bare, monkeypatch):
    monkeypatch.setattr("prunewidgets.widgets.buffers.MOST_SENT", 100)
    linked(bare, DENSE, (4, 3, 1))
    said = set()
    for key in ["ArrowUp"] * 5 + ["ArrowDown"] * 5:
        bare.press(PIXELS, key)
        settle(bare)
        said.add(bare.inner_text(CELLS_SAID).partition(";")[0])
    assert len(said) > 1 and all(text.startswith("input pixel: row ") for text in said)
