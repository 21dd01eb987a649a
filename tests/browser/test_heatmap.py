"""The heatmap on a bare page: cells are blank exactly where NumPy says, and read as the array does."""

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.core.layouts import Layout, ModelArrays
from prunewidgets.widgets import buffers

from ..support.bare import open_page, set_traits, show, trait
from ..support.hands import PAUSE, THRESHOLD, blank_cells, pixels, type_into

CANVAS, DETAIL = ".pw-heatmap canvas", ".pw-heatmap .pw-detail"


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.55, 0.91])
def test_blank_cells_are_at_numpys_positions(bare, threshold):
    show(bare, pw.SparsityHeatmap(pw.example.W, threshold=threshold))
    gone = np.abs(pw.example.W) < threshold
    assert np.array_equal(blank_cells(bare.locator(CANVAS), 3, 4), gone)


def test_a_typed_threshold_redraws_the_heatmap(bare):
    show(bare, pw.SparsityHeatmap(pw.example.W))
    type_into(bare.locator(THRESHOLD), "0.6")
    bare.wait_for_timeout(50)
    assert np.array_equal(blank_cells(bare.locator(CANVAS), 3, 4), np.abs(pw.example.W) < 0.6)
    bare.wait_for_timeout(PAUSE)
    gone = np.count_nonzero(np.abs(pw.example.W) < 0.6)
    assert f"{gone} of 12 weights pruned" in bare.get_attribute(CANVAS, "aria-label")


@pytest.mark.parametrize("shape", [(20, 30), (30, 20)])
def test_a_matrix_is_not_transposed(bare, shape):
    weights = np.random.default_rng(4).normal(size=shape).astype(np.float32)
    show(bare, pw.SparsityHeatmap(weights, threshold=0.5))
    assert np.array_equal(blank_cells(bare.locator(CANVAS), *shape), np.abs(weights) < np.float32(0.5))


@pytest.mark.parametrize("scale", [1, 2])
def test_the_heatmap_is_sharp_on_a_high_density_screen(new_page, scale):
    page = new_page(device_scale_factor=scale)
    open_page(page)
    show(page, pw.SparsityHeatmap(pw.example.W, threshold=0.5))
    tall = page.evaluate(f"document.querySelector('{CANVAS}').clientHeight")
    assert pixels(page.locator(CANVAS)).shape[0] == tall * scale
    assert np.array_equal(blank_cells(page.locator(CANVAS), 3, 4), np.abs(pw.example.W) < 0.5)


def read_by_mouse(page, rows, columns):
    """What the view says of each cell under the mouse."""
    box = page.locator(CANVAS).bounding_box()
    side = box["height"] / rows
    texts = []
    for row in range(rows):
        for column in range(columns):
            page.mouse.move(box["x"] + (column + 0.5) * side, box["y"] + (row + 0.5) * side)
            texts.append(page.inner_text(DETAIL))
    return texts


def expected(weights, threshold):
    """The same, in plain Python."""
    return [
        f"[row {row}, column {column}]: {f'{value:.6g}'.replace('-', '−')}, "
        f"{'kept' if abs(value) >= threshold else 'pruned'}"
        for (row, column), value in np.ndenumerate(weights)
    ]


def test_the_mouse_reads_index_value_and_state(bare):
    show(bare, pw.SparsityHeatmap(pw.example.W, threshold=0.5))
    assert read_by_mouse(bare, 3, 4) == expected(pw.example.W, 0.5)


def test_arrow_keys_read_every_cell_and_stop_at_the_edges(bare):
    show(bare, pw.SparsityHeatmap(pw.example.W, threshold=0.5))
    texts = []
    for row in range(3):
        for _ in range(4):
            bare.press(CANVAS, "ArrowRight" if row % 2 == 0 else "ArrowLeft")
            texts.append(bare.inner_text(DETAIL))
        bare.press(CANVAS, "ArrowLeft" if row % 2 else "ArrowRight")  # at the edge: nothing happens
        assert bare.inner_text(DETAIL) == texts[-1]
        bare.press(CANVAS, "ArrowDown")
        texts.append(bare.inner_text(DETAIL))
    assert set(texts) == set(expected(pw.example.W, 0.5))
    assert trait(bare, "threshold") == 0.5
    bare.wait_for_timeout(650)
    assert bare.text_content(".pw-heatmap .pw-spoken") == texts[-1]


def test_the_reading_follows_the_threshold(bare):
    show(bare, pw.SparsityHeatmap(pw.example.W, threshold=0.5))
    bare.press(CANVAS, "ArrowRight")
    assert bare.inner_text(DETAIL) == "[row 0, column 0]: 0.5, kept"
    set_traits(bare, threshold=0.55)
    assert bare.inner_text(DETAIL) == "[row 0, column 0]: 0.5, pruned"


@pytest.mark.parametrize(
    ("shape", "place", "layout"),
    [
        ((3, 2, 2, 4), lambda i: f"filter {i[3]}, input {i[2]}, place ({i[0]}, {i[1]})", None),
        ((5, 2, 3), lambda i: f"filter {i[2]}, input {i[1]}, place ({i[0]})", None),
        ((2, 2, 3, 1, 2), lambda i: f"filter {i[4]}, input {i[3]}, place ({i[0]}, {i[1]}, {i[2]})", None),
        ((9,), lambda i: f"[{i[0]}]", None),
        (
            (3, 2, 2, 4),
            lambda i: f"filter {i[2]}, input {i[3]}, place ({i[0]}, {i[1]})",
            Layout(inputs=(-1,), outputs=(-2,)),  # a transposed convolution
        ),
        ((4, 2, 3), lambda i: f"[{i[0]}, {i[1]}, {i[2]}]", Layout(inputs=(-3,), outputs=(-2, -1))),
    ],
)
def test_kernels_are_read_by_filter_input_and_place(bare, shape, place, layout):
    weights = np.arange(1, np.prod(shape) + 1).reshape(shape) / 100
    if layout is not None:
        weights = ModelArrays({"w": weights}, {"w": layout}, {})
    show(bare, pw.SparsityHeatmap(weights, threshold=0.105))
    weights = weights["w"] if layout is not None else weights
    said = bare.evaluate(
        """([canvas, detail]) => {
            const said = new Set();
            const element = document.querySelector(canvas);
            const press = (key) => element.dispatchEvent(new KeyboardEvent("keydown", { key }));
            press("ArrowRight");
            for (let row = 0; row < 30; row += 1) {
                for (let column = 0; column < 30; column += 1) {
                    said.add(document.querySelector(detail).textContent);
                    press(row % 2 ? "ArrowLeft" : "ArrowRight");
                }
                press("ArrowDown");
            }
            return [...said];
        }""",
        [CANVAS, DETAIL],
    )
    assert set(said) == {
        f"{place(index)}: {value:.6g}, {'kept' if value >= 0.105 else 'pruned'}"
        for index, value in np.ndenumerate(weights)
    }


def test_an_averaged_cell_says_how_many_weights_it_shows(bare):
    weights = np.random.default_rng(5).normal(size=(1000, 600)).astype(np.float32)
    show(bare, pw.SparsityHeatmap(weights, threshold=1.0))
    assert bare.inner_text(".pw-heatmap .pw-title") == "weights, 1000 × 600"
    hint = bare.get_attribute(DETAIL, "data-hint")
    bare.press(CANVAS, "ArrowRight")
    bare.press(CANVAS, "ArrowDown")
    place, rest = bare.inner_text(DETAIL).split(": ")
    (r0, r1), (c0, c1) = [
        part.split("–") for part in place.strip("[]").replace("row ", "").split(", column ")
    ]
    block = np.abs(weights[int(r0) : int(r1) + 1, int(c0) : int(c1) + 1])
    assert hint == f"Each cell: {block.size} weights, filled by the share kept."
    kept = block[block >= 1]
    assert rest.startswith(
        f"{kept.size} of {block.size} weights kept ({kept.size / block.size:.0%}".replace("%", " %")
    )
    assert rest.endswith(f"mean |w| of the kept {kept.mean():.3g}")


def test_a_sampled_cell_is_read_with_its_index_in_the_model(bare, monkeypatch):
    monkeypatch.setattr(buffers, "MOST_SENT", 400)
    weights = np.random.default_rng(6).normal(size=(45, 50)).astype(np.float32)
    show(bare, pw.SparsityHeatmap(weights, threshold=0.5))
    assert "shows" in bare.inner_text(".pw-heatmap .pw-title")
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowRight"):
        bare.press(CANVAS, key)
    place, rest = bare.inner_text(DETAIL).split(": ")
    row, column = (int(part) for part in place.strip("[]").replace("row ", "").split(", column "))
    assert row > 2 and column > 2
    assert rest.split(",")[0].replace("−", "-") == f"{weights[row, column]:.6g}"


def test_new_weights_replace_those_shown(bare):
    view = pw.SparsityHeatmap(pw.example.W, threshold=0.5)
    show(bare, view)
    bare.press(CANVAS, "ArrowRight")
    other = np.linspace(0, 1, 10).reshape(5, 2)
    view.show_weights(other)
    names = ("layers", "dtype", "weights", "scores", "generation")
    set_traits(bare, **{name: getattr(view, name) for name in names})
    bare.wait_for_timeout(100)
    assert np.array_equal(blank_cells(bare.locator(CANVAS), 5, 2), other < 0.5)
    assert bare.inner_text(".pw-count") == "5 of 10 weights removed"
    assert bare.inner_text(DETAIL) == ""


@pytest.mark.parametrize(
    ("row", "column", "dark"), [(0, 0, False), (500, 100, True), (999, 599, False), (123, 456, True)]
)
def test_a_single_kept_weight_is_painted_at_its_position(new_page, row, column, dark):
    page = new_page()
    open_page(page, dark=dark)
    weights = np.zeros((1000, 600), np.float32)
    weights[row, column] = 1
    show(page, pw.SparsityHeatmap(weights, threshold=0.5))
    picture = pixels(page.locator(CANVAS))[..., :3].astype(int)
    ground = picture[0, -1]  # none of the weights stands in this corner
    painted = np.argwhere((picture != ground).any(axis=-1))
    assert 0 < len(painted) < 100
    height, width = picture.shape[:2]
    y, x = painted.mean(axis=0)
    assert abs(y / height - (row + 0.5) / 1000) < 0.02
    assert abs(x / width - (column + 0.5) / 600) < 0.02


def test_where_the_last_line_of_filters_has_ended_nothing_is_drawn(bare):
    """16 filters of 3 × 3: seven a line, so two in the third."""
    show(bare, pw.SparsityHeatmap(np.ones((3, 3, 1, 16), np.float32)))
    canvas = bare.locator(".pw-heatmap canvas")
    picture, side = pixels(canvas), canvas.bounding_box()["height"] / 11
    rows, columns = [0, 4, 8], range(0, 28, 4)
    drawn = [[picture[int((r + 1.5) * side), int((c + 1.5) * side), 3] > 0 for c in columns] for r in rows]
    assert drawn == [[True] * 7, [True] * 7, [True] * 2 + [False] * 5]
    gaps = [
        [picture[int((r + 1.5) * side), int((c + 3.5) * side), 3] > 0 for c in columns[:-1]] for r in rows
    ]
    assert gaps == [[True] * 6, [True] * 6, [True] + [False] * 5]
