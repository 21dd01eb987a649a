"""Which weights, cells, bars and pixels are marked, by the functions themselves: those that NumPy counts."""

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.core.layouts import Layout, ModelArrays

from ..support.bare import encoded, run

RNG = np.random.default_rng(3)
EDGES = 2 * np.arange(82) / 81 - 1


def bins_of(weights):
    """The bar of each weight, as a histogram over these weights has it."""
    w = weights.astype(np.float64)
    reach = np.abs(w).max()
    return np.minimum(80, np.floor((w + reach) / (2 * reach / 81))).astype(int)


CASES = {
    "edges": np.concatenate([np.float32(EDGES), np.nextafter(np.float32(EDGES), np.float32(2))[:-1]]),
    "below edges": np.concatenate([np.nextafter(np.float32(EDGES), np.float32(-2))[1:], [np.float32(-1)]]),
    "ties": np.repeat(np.float32([0.1, -0.1, 0.3, 0.0, -0.0, 1.0]), 20),
    "float64 edges": EDGES.astype(np.float64),
    "zeros": np.zeros(30, np.float32),
    "subnormal": np.full(4, 1e-45, np.float32),
}
COUNT = """({ markedCells, markedBars, weightsAt }, [traits, wanted]) => {
    const others = ["/host.js", ...["layers", "bars", "grid"].map((name) => `/static/numbers/${name}.js`)];
    return Promise.all(others.map((file) => import(file))).then((modules) => {
        const [{ decoded }, { Layers }, { countBars }, { plan }] = modules;
        const model = { get: (name) => decoded(traits[name]) };
        const layers = new Layers(model);
        const layer = layers.list[0];
        const bars = countBars(layers, layers.list);
        const { reach } = bars;
        const grid = plan(layer.shape, 90, 200);
        const cells = wanted.map((bin) => {
            const marked = markedCells({ kind: "bar", layer: layer.name, bin, reach }, layers, layer, grid);
            return marked && [...marked.counts];
        });
        const back = [];
        for (const [row, column] of [[0, 0], [grid.rows - 1, grid.columns - 1]]) {
            const indexes = weightsAt(grid, layer, row, column);
            const { full_shape: shape, steps } = layer;
            const mark = { kind: "weights", layer: layer.name, shape, steps, indexes };
            back.push([indexes, [...markedBars(mark, layers, bars).counts]]);
        }
        return [cells, grid.cellOf && [...grid.cellOf], back];
    });
}"""


def counted(page, weights, bars=range(81)):
    """The marked weights of each cell for these bars, the cell of each weight, and two cells' bars."""
    view = pw.WeightHistogram({"a": weights})
    names = ("layers", "weights", "scores", "dtype", "criterion", "stop_lists", "stops", "stops_below")
    traits = {name: encoded(getattr(view, name)) for name in names}
    return run(page, "numbers/marked", COUNT, [traits, list(bars)])


@pytest.mark.parametrize("case", CASES)
def test_exactly_the_weights_of_each_bar_are_marked(functions, case):
    weights = CASES[case].reshape(1, -1)
    cells, cell_of, _ = counted(functions, weights)
    assert cell_of is None
    reach = np.abs(weights.astype(np.float64)).max() or 1.0
    width = 2 * reach / 81
    bins = np.minimum(80, np.floor((weights.ravel().astype(np.float64) + reach) / width))
    for bar in range(81):
        inside = bins == bar
        assert cells[bar] == (inside.astype(int).tolist() if inside.any() else None), bar


@pytest.mark.parametrize("shape", [(300, 500), (3, 3, 70, 90), (1000, 7)])
def test_cells_of_several_weights_count_those_in_the_bar(functions, shape):
    weights = RNG.normal(size=shape).astype(np.float32)
    wanted = (0, 30, 40, 41, 80)
    cells, cell_of, back = counted(functions, weights, wanted)
    cell_of, bins = np.array(cell_of), bins_of(weights).ravel()
    for found, bar in zip(cells, wanted, strict=True):
        expected = np.bincount(cell_of[bins == bar], minlength=cell_of.max() + 1)
        assert found == (expected.tolist() if expected.any() else None)
    for cell, (indexes, bars) in zip((0, cell_of.max()), back, strict=True):
        assert sorted(indexes) == np.flatnonzero(cell_of == cell).tolist()
        assert bars == np.bincount(bins[cell_of == cell], minlength=81).tolist()


def pixel_counts(weights, picture, inside):
    """How many of these weights lie on each pixel, for a Dense kernel on a flattened picture."""
    height, width, channels = picture
    return inside.sum(axis=1).reshape(height, width, channels).sum(axis=2)


PIXELS = """({ retinaOf, markedPixels }, [traits, marks]) => {
    const others = ["/host.js", ...["layers", "bars"].map((name) => `/static/numbers/${name}.js`)];
    return Promise.all(others.map((file) => import(file))).then((modules) => {
        const [{ decoded }, { Layers }, { countBars }] = modules;
        const layers = new Layers({ get: (name) => decoded(traits[name]) });
        const [layer] = layers.list;
        const retina = retinaOf(layer);
        const { reach } = countBars(layers, [layer]);
        const { full_shape: shape, steps } = layer;
        const whole = (mark) => ({ layer: layer.name, reach, shape, steps, ...mark });
        return retina && marks.map((mark) => [...(markedPixels(whole(mark), layers, layer, retina) ?? [])]);
    });
}"""


def marked_pixels(page, weights, picture, marks):
    """The marked weights of each pixel for each mark, flattened; None if the layer reads no picture."""
    layout = Layout(picture=picture)
    view = pw.SparsityHeatmap(ModelArrays({"a": weights}, {"a": layout}, {}))
    names = ("layers", "weights", "scores", "dtype", "criterion", "stop_lists", "stops", "stops_below")
    return run(
        page, "numbers/pixels", PIXELS, [{name: encoded(getattr(view, name)) for name in names}, marks]
    )


@pytest.mark.parametrize("picture", [(6, 5, 1), (6, 5, 3)])
def test_marked_weights_of_a_first_dense_layer_are_shown_on_their_pixels(functions, picture):
    weights = RNG.normal(size=(np.prod(picture), 7)).astype(np.float32)
    marks = [{"kind": "bar", "bin": bar} for bar in (40, 50)] + [{"kind": "weights", "indexes": [8, 20]}]
    found = marked_pixels(functions, weights, picture, marks)
    expected = [pixel_counts(weights, picture, bins_of(weights) == bar) for bar in (40, 50)]
    chosen = np.isin(np.arange(weights.size), [8, 20]).reshape(weights.shape)
    expected.append(pixel_counts(weights, picture, chosen))
    assert found == [counts.ravel().tolist() for counts in expected]


def test_a_kernel_is_shown_in_the_middle_of_the_picture(functions):
    weights = RNG.normal(size=(3, 2, 1, 4)).astype(np.float32)
    (found,) = marked_pixels(functions, weights, (9, 8, 1), [{"kind": "bar", "bin": 45}])
    expected = np.zeros((9, 8), int)
    expected[3:6, 3:5] = (bins_of(weights) == 45).sum(axis=(2, 3))
    assert found == (expected.ravel().tolist() if expected.any() else [])


def test_a_layer_of_another_size_is_on_no_picture(functions):
    assert marked_pixels(functions, np.ones((29, 7), np.float32), (6, 5, 1), []) is None
    assert marked_pixels(functions, np.ones((30, 7), np.float32), (), []) is None
