"""What is pointed at in one picture is marked in the others: NumPy says which weights that has to be."""

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.core.layouts import Layout, ModelArrays
from prunewidgets.widgets import buffers

from ..support.bare import open_page, set_traits, settle, show, trait
from ..support.hands import across, dragging
from ..support.labs import lab

RNG = np.random.default_rng(3)
MATRIX = RNG.normal(0, 0.2, (12, 20)).astype(np.float32)
BARS, CELLS = ".pw-histogram canvas", ".pw-heatmap > canvas"
BARS_SAID, CELLS_SAID = ".pw-histogram .pw-detail", ".pw-heatmap .pw-detail"


def bins_of(weights):
    """The bar of each weight, as a histogram over these weights has it."""
    w = weights.astype(np.float64)
    reach = np.abs(w).max()
    return np.minimum(80, np.floor((w + reach) / (2 * reach / 81))).astype(int)


def linked(page, weights, heatmap=None, **options):
    """A histogram and a heatmap, linked."""
    views = (
        pw.WeightHistogram(weights, **options),
        pw.SparsityHeatmap(weights if heatmap is None else heatmap),
    )
    pw.link(*views)
    for name, view in zip(("bars", "cells"), views, strict=True):
        show(page, view, name)
    return views


def point_at_bar(page, bar):
    """Move the mouse over a bar."""
    canvas = page.locator(BARS)
    left, right = across(canvas, 0), across(canvas, 1)
    page.mouse.move(left + (bar + 0.5) * (right - left) / 81, canvas.bounding_box()["y"] + 60)
    settle(page)


def point_at_cell(page, row, column, rows):
    """Move the mouse over a cell of a matrix of square cells."""
    box = page.locator(CELLS).bounding_box()
    side = box["height"] / rows
    page.mouse.move(box["x"] + (column + 0.5) * side, box["y"] + (row + 0.5) * side)
    settle(page)


def marked_at(page, canvas, points):
    """Which of these points of a canvas have the mark's colour."""
    colours = page.locator(canvas).evaluate(
        """(canvas, points) => {
            const context = canvas.getContext("2d");
            const at = ([x, y]) => context.getImageData(Math.floor(x), Math.floor(y), 1, 1).data;
            return points.map((point) => [...at(point)].slice(0, 3));
        }""",
        points,
    )
    return np.abs(np.array(colours) - (0x00, 0x9E, 0x73)).max(axis=-1) < 12


def framed_cells(page, rows, columns):
    """Which cells have a frame in the mark's colour at their left side."""
    side = page.locator(CELLS).bounding_box()["height"] / rows
    points = [[c * side + 1.5, (r + 0.5) * side] for r in range(rows) for c in range(columns)]
    return marked_at(page, CELLS, points).reshape(rows, columns)


def lit_bars(page):
    """The bars with a frame in the mark's colour, at both sides just above the axis."""
    canvas = page.locator(BARS)
    box = canvas.bounding_box()
    foot = box["height"] - round(2.9 * 14.5) - 2  # as `margins` of axes.js, for the font of a laptop's page
    edges = [across(canvas, b / 81) - box["x"] for b in range(82)]
    left = marked_at(page, BARS, [[edge - 0.5, foot] for edge in edges[:-1]])
    right = marked_at(page, BARS, [[edge + 0.5, foot] for edge in edges[1:]])
    return set(np.flatnonzero(left & right).tolist())


@pytest.mark.parametrize("bar", [40, 41, 33, 80])
def test_the_cells_of_a_bar_are_framed_in_a_linked_heatmap(bare, bar):
    linked(bare, MATRIX)
    point_at_bar(bare, bar)
    inside = bins_of(MATRIX) == bar
    assert inside.any()
    assert np.array_equal(framed_cells(bare, 12, 20), inside)
    assert bare.inner_text(CELLS_SAID).startswith(f"{inside.sum()} of 240 weights are marked: ")
    bare.mouse.move(2, 2)
    settle(bare)
    assert not framed_cells(bare, 12, 20).any() and bare.inner_text(CELLS_SAID) == ""


def test_a_cell_marks_its_bar_and_says_what_it_holds(bare):
    linked(bare, MATRIX)
    for row, column in [(0, 0), (11, 19), (5, 7)]:
        point_at_cell(bare, row, column, 12)
        bar = bins_of(MATRIX)[row, column]
        assert lit_bars(bare) == {bar}
        total = int((bins_of(MATRIX) == bar).sum())
        assert f": {total} weights, 0 of them pruned" in bare.inner_text(BARS_SAID)
        assert bare.inner_text(CELLS_SAID).startswith(f"[row {row}, column {column}]: ")
    bare.mouse.move(2, 2)
    settle(bare)
    assert lit_bars(bare) == set() and bare.inner_text(BARS_SAID) == ""


def test_up_and_down_read_the_bars_that_are_not_empty_and_leave_the_cut_alone(bare):
    linked(bare, MATRIX, threshold=0.1)
    full = [bar for bar in range(81) if (bins_of(MATRIX) == bar).any()]
    start = min(bar for bar in full if bar >= 40)
    for by, key in ((1, "ArrowUp"), (-1, "ArrowDown")):
        bare.locator(BARS).blur()
        for step in range(4):
            bare.press(BARS, key)
            settle(bare)
            bar = full[full.index(start) + by * step]
            assert np.array_equal(framed_cells(bare, 12, 20), bins_of(MATRIX) == bar)
    assert trait(bare, "threshold", "bars") == 0.1
    bare.wait_for_timeout(600)
    assert bare.text_content(".pw-histogram .pw-spoken:last-child") == bare.inner_text(BARS_SAID)
    bare.locator(BARS).blur()
    settle(bare)
    assert not framed_cells(bare, 12, 20).any()


def test_arrow_keys_in_the_heatmap_mark_the_bar_of_each_cell(bare):
    linked(bare, MATRIX)
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        bare.press(CELLS, key)
    settle(bare)
    assert lit_bars(bare) == {bins_of(MATRIX)[1, 1]}


def test_a_tap_marks_and_stays(new_page):
    page = new_page(has_touch=True)
    open_page(page)
    linked(page, MATRIX)
    box = page.locator(CELLS).bounding_box()
    side = box["height"] / 12
    page.touchscreen.tap(box["x"] + 3.5 * side, box["y"] + 4.5 * side)
    settle(page)
    assert lit_bars(page) == {bins_of(MATRIX)[4, 3]}
    canvas = page.locator(BARS)
    page.touchscreen.tap(
        (across(canvas, 0) * 39.5 + across(canvas, 1) * 41.5) / 81, canvas.bounding_box()["y"] + 60
    )
    settle(page)
    assert np.array_equal(framed_cells(page, 12, 20), bins_of(MATRIX) == 41)


def test_nothing_is_marked_while_the_cut_is_dragged(bare):
    linked(bare, MATRIX)
    with dragging(bare, bare.locator(BARS), 0.7, 0.55):
        settle(bare)
        assert not framed_cells(bare, 12, 20).any()
        assert bare.inner_text(BARS_SAID) != ""
    settle(bare)
    assert framed_cells(bare, 12, 20).any()


def test_other_layers_and_other_shapes_are_not_marked(bare):
    linked(bare, {"a": MATRIX}, {"b": MATRIX})
    set_traits(bare, "bars", layer="a")
    point_at_bar(bare, 40)
    assert not framed_cells(bare, 12, 20).any() and bare.inner_text(CELLS_SAID) == ""
    bare.reload()
    linked(bare, {"a": MATRIX}, {"a": MATRIX.T.copy().reshape(12, 20)})
    point_at_cell(bare, 2, 3, 12)
    assert lit_bars(bare) == {bins_of(MATRIX)[2, 3]}  # the histogram's own weight at that place


def test_views_that_are_not_linked_do_not_follow(bare):
    for name, view in (("bars", pw.WeightHistogram(MATRIX)), ("cells", pw.SparsityHeatmap(MATRIX))):
        show(bare, view, name)
    point_at_bar(bare, 40)
    assert not framed_cells(bare, 12, 20).any() and bare.inner_text(CELLS_SAID) == ""


def test_a_closed_view_takes_its_mark_with_it(bare):
    linked(bare, MATRIX)
    point_at_bar(bare, 40)
    assert framed_cells(bare, 12, 20).any()
    bare.evaluate("views.bars.close()")
    settle(bare)
    assert not framed_cells(bare, 12, 20).any()


def test_in_a_lab_bars_and_cells_mark_each_other(bare):
    show(bare, lab())
    set_traits(bare, layer="conv_1/kernel")
    point_at_bar(bare, 45)
    said = bare.inner_text(CELLS_SAID)
    weights = pw.models.pretrained("small_cnn").get_layer("conv_1").kernel.numpy()
    inside = int((bins_of(weights) == 45).sum())
    assert inside and said.startswith(f"{inside} of {weights.size} weights are marked: ")


def test_a_sample_is_said_to_be_one(bare, monkeypatch):
    monkeypatch.setattr(buffers, "MOST_SENT", 100)
    linked(bare, MATRIX)
    point_at_bar(bare, 40)
    shown = pw.SparsityHeatmap(MATRIX).layers[0]["count"]
    assert shown < 240
    assert f"of {shown} weights" in bare.inner_text(CELLS_SAID)
    assert f"shows {shown} of 240 weights" in bare.inner_text(".pw-heatmap .pw-title")


def test_a_cell_names_its_input_pixel(bare):
    weights = RNG.normal(size=(30, 7)).astype(np.float32)
    arrays = ModelArrays({"a": weights}, {"a": Layout(picture=(6, 5, 1))}, {})
    show(bare, pw.SparsityHeatmap(arrays))
    for key in ("ArrowRight", *["ArrowDown"] * 13):
        bare.press(CELLS + " >> nth=0", key)
    assert bare.inner_text(CELLS_SAID).endswith("; input pixel: row 2, column 3")
    assert bare.locator(".pw-pixels").is_visible()
