"""The sorting steps on a bare page: every cell lands where it should."""

import numpy as np
import pytest

import prunewidgets as pw

from ..support.bare import saved, set_traits, show, trait

W = pw.example.W
MOVED = 1000  # milliseconds a cell may take to its place


def places(page):
    """The middle of each cell, (cells, 2): x and y, in the order of the matrix."""
    boxes = page.locator(".pw-cell").evaluate_all("(all) => all.map((cell) => cell.getBoundingClientRect())")
    return np.array([[box["x"] + box["width"] / 2, box["y"] + box["height"] / 2] for box in boxes])


def with_class(page, name):
    """Which cells have a class."""
    has = "(all, name) => all.map((cell) => cell.classList.contains(name))"
    return np.array(page.locator(".pw-cell").evaluate_all(has, name))


@pytest.fixture
def steps(bare):
    """The article's matrix at its τ, for a reader who wants no motion."""
    show(bare, pw.SortingSteps(W, threshold=0.5))
    return bare


def test_the_matrix_is_shown_in_rows_and_columns(steps):
    at = places(steps).reshape(3, 4, 2)
    assert (np.diff(at[:, :, 0], axis=1) > 20).all() and np.ptp(at[:, :, 0], axis=0).max() < 1
    assert (np.diff(at[:, :, 1], axis=0) > 20).all() and np.ptp(at[:, :, 1], axis=1).max() < 1
    texts = [float(text) for text in steps.locator(".pw-cell").all_inner_texts()]
    assert np.array_equal(np.array(texts).reshape(3, 4), W)


@pytest.mark.parametrize("step", [1, 2])
def test_sorted_cells_are_in_one_line_smallest_first(steps, step):
    steps.click(f".pw-step >> nth={step}")
    steps.wait_for_timeout(100)
    at = places(steps)
    assert np.ptp(at[:, 1]) < 1
    assert list(np.argsort(at[:, 0])) == list(np.argsort(np.abs(W).ravel(), kind="stable"))
    values, counts = np.unique(np.abs(W), return_counts=True)
    tied = np.isin(np.abs(W).ravel(), values[counts > 1])
    assert np.array_equal(with_class(steps, "pw-tied"), tied)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.95])
def test_the_line_separates_removed_from_kept_cells(steps, threshold):
    set_traits(steps, step=2, threshold=threshold)
    steps.wait_for_timeout(100)
    gone = np.abs(W).ravel() < threshold
    assert np.array_equal(with_class(steps, "pw-removed"), gone)
    line = steps.locator(".pw-cut").bounding_box()
    x = line["x"] + line["width"] / 2
    assert np.array_equal(places(steps)[:, 0] < x, gone)
    assert f"goes: {gone.sum()} of 12" in steps.inner_text(".pw-explained")


def test_pruned_cells_are_back_in_place_and_removed_ones_are_blank(steps):
    before = places(steps)
    for _ in range(3):
        steps.click("text=Next →")
    steps.wait_for_timeout(100)
    assert np.abs(places(steps) - before).max() < 1
    gone = np.abs(W).ravel() < 0.5
    assert np.array_equal(with_class(steps, "pw-gone"), gone)
    shown = np.array([value.is_visible() for value in steps.locator(".pw-cell-value").all()])
    assert np.array_equal(shown, ~gone)
    assert steps.is_disabled("text=Next →") and trait(steps, "step") == 3
    assert "6 weights kept, 6 set to zero" in steps.inner_text(".pw-explained")


def test_stepping_forward_and_back_informs_the_kernel(steps):
    steps.click("text=Next →")
    steps.click("text=← Back")
    assert trait(steps, "step") == 0 and len(saved(steps)) == 2
    assert steps.is_disabled("text=← Back")
    assert steps.get_attribute(".pw-step >> nth=0", "aria-pressed") == "true"


def test_cells_move_unless_reduced_motion_is_set(bare):
    bare.emulate_media(reduced_motion="no-preference")
    show(bare, pw.SortingSteps(W, threshold=0.5))
    bare.click(".pw-step >> nth=1")
    bare.wait_for_timeout(MOVED)
    assert np.ptp(places(bare)[:, 1]) < 1


@pytest.mark.parametrize("step", [0, 1, 3])
def test_a_cell_is_read_by_mouse_and_keys_with_its_rank(steps, step):
    set_traits(steps, step=step)
    order = np.argsort(np.abs(W).ravel(), kind="stable")
    rank = np.argsort(order)

    def said(cell):
        row, column = divmod(int(cell), 4)
        state = "kept" if abs(W[row, column]) >= 0.5 else "pruned"
        value = f"{W[row, column]:g}".replace("-", "−")
        return f"[row {row}, column {column}]: {value}, number {rank[cell] + 1} of 12 by size, {state}"

    steps.wait_for_timeout(100)
    steps.hover(".pw-cell >> nth=5")
    assert steps.inner_text(".pw-steps .pw-detail") == said(5)
    steps.mouse.move(0, 0)
    texts = []
    for _ in range(12):
        steps.press(".pw-stage", "ArrowRight")
        texts.append(steps.inner_text(".pw-steps .pw-detail"))
    assert texts == [said(cell) for cell in (order if step == 1 else range(12))]


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (1, 64), (64, 1)])
def test_any_small_matrix_stays_inside_the_view(steps, shape):
    page = steps
    matrix = np.random.default_rng(9).normal(size=shape)
    page.evaluate("document.getElementById('view').remove()")
    show(page, pw.SortingSteps(matrix, threshold=0.5))
    outer = page.locator(".pw-view").bounding_box()
    for step in range(4):
        set_traits(page, step=step)
        page.wait_for_timeout(60)
        at = places(page)
        assert (at[:, 0] > outer["x"]).all() and (at[:, 0] < outer["x"] + outer["width"]).all()
        assert len(np.unique(at.round(), axis=0)) == matrix.size
        stage = page.locator(".pw-stage").bounding_box()
        assert at[:, 1].max() < stage["y"] + stage["height"]


def test_another_matrix_replaces_the_shown_one(steps):
    view = pw.SortingSteps(W, threshold=0.5)
    view.show_weights(np.eye(2) * 0.7)
    names = ("layers", "dtype", "weights", "generation")
    set_traits(steps, **{name: getattr(view, name) for name in names})
    assert steps.locator(".pw-cell").all_inner_texts() == ["0.7", "0", "0", "0.7"]
    assert steps.inner_text(".pw-count") == "2 of 4 weights removed"


@pytest.mark.parametrize(("step", "shown"), [(0, False), (1, True), (2, True), (3, False)])
def test_sorted_weights_have_bars_as_tall_as_their_size(steps, step, shown):
    set_traits(steps, step=step, threshold=0.4)
    steps.wait_for_timeout(100)
    bars = steps.locator(".pw-size").evaluate_all(
        "(all) => all.map((bar) => [bar.offsetHeight, Number(getComputedStyle(bar).opacity)])"
    )
    tall, opacity = np.array(bars).T
    assert (opacity == float(shown)).all()
    level = steps.locator(".pw-level")
    assert level.is_visible() == (step == 2)
    if not shown:
        return
    sizes = np.abs(W).ravel()
    assert np.abs(tall / tall.max() - sizes / sizes.max()).max() < 0.02
    if step == 2:
        assert level.inner_text() == "τ = 0.4"
        tops = steps.locator(".pw-size").evaluate_all("(all) => all.map((e) => e.getBoundingClientRect().y)")
        below = np.array(tops) > level.bounding_box()["y"] + 1
        assert np.array_equal(below, sizes < 0.4)


def test_too_many_weights_for_one_line_have_no_bars(steps):
    steps.evaluate("document.getElementById('view').remove()")
    show(steps, pw.SortingSteps(np.random.default_rng(9).normal(size=(8, 8)), threshold=0.5))
    set_traits(steps, step=2)
    assert steps.locator(".pw-sized").count() == 0 and steps.locator(".pw-level").is_hidden()
