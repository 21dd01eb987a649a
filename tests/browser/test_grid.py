"""grid.js puts each weight where NumPy's indices say."""

import numpy as np
import pytest

from ..support.bare import encoded, run

TABLE = """({ plan }, { shape, rows, columns }) => {
    const planned = plan(shape, rows, columns);
    const cells = [];
    for (let row = 0; row < planned.rows; row += 1) {
        for (let column = 0; column < planned.columns; column += 1) {
            const cell = planned.cell(row, column);
            cells.push([row, column, cell, cell < 0 ? null : planned.place(row, column)]);
        }
    }
    return { rows: planned.rows, columns: planned.columns, averaged: planned.averaged, cells };
}"""


def planned(functions, shape, rows=200, columns=300):
    """The plan of an array of this shape on this many cells."""
    return run(functions, "numbers/grid", TABLE, {"shape": list(shape), "rows": rows, "columns": columns})


def test_a_matrix_of_20_by_30_is_not_transposed(functions):
    plan = planned(functions, (20, 30))
    assert (plan["rows"], plan["columns"]) == (20, 30)
    assert all(place == [[row, row], [column, column]] for row, column, _, place in plan["cells"])


@pytest.mark.parametrize(
    "shape",
    [
        (), (1,), (7,), (1, 1), (3, 4), (20, 30), (5, 2, 3), (4, 1, 6), (3, 3, 1, 16), (3, 2, 5, 4),
        (3, 3, 8, 1), (1, 1, 3, 4), (2, 3, 4, 2, 3), (2, 2, 2, 1, 5), (1, 1, 1, 6, 2),
    ],
)  # fmt: skip
def test_each_weight_has_one_cell_and_the_cell_names_its_index(functions, shape):
    plan = planned(functions, shape)
    numbers = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    shown = [(cell, place) for _, _, cell, place in plan["cells"] if cell >= 0]
    assert sorted(cell for cell, _ in shown) == list(range(numbers.size))
    assert not plan["averaged"]
    for cell, place in shown:
        index = tuple(start for start, _ in place)
        assert len(place) == max(numbers.ndim, 1)
        assert numbers[index if numbers.ndim else ()] == cell


@pytest.mark.parametrize("shape", [(3, 2, 5, 4), (5, 3, 4), (3, 3, 1, 16), (2, 3, 4, 2, 3)])
def test_the_weights_of_one_filter_form_a_rectangle(functions, shape):
    """A kernel's places lie together: rows are its first spatial axes, columns the last."""
    cells = planned(functions, shape)["cells"]
    for kernel in np.ndindex(shape[-2:]):
        spots = [
            (row, column, place)
            for row, column, cell, place in cells
            if cell >= 0 and (place[-2][0], place[-1][0]) == kernel
        ]
        top, left = min(row for row, _, _ in spots), min(column for _, column, _ in spots)
        wide = shape[-3] if len(shape) > 3 else 1
        for row, column, place in spots:
            flat = int(np.ravel_multi_index([start for start, _ in place[:-2]], shape[:-2]))
            assert (row - top, column - left) == divmod(flat, wide)


@pytest.mark.parametrize("shape", [(3, 2, 5, 4), (5, 3, 4)])
def test_filters_stand_in_columns_and_inputs_in_rows(functions, shape):
    cells = [entry for entry in planned(functions, shape)["cells"] if entry[2] >= 0]
    first = {}
    for row, column, _, place in cells:
        first.setdefault((place[-2][0], place[-1][0]), (row, column))
    rows = [first[(i, 0)][0] for i in range(shape[-2])]
    columns = [first[(0, o)][1] for o in range(shape[-1])]
    assert rows == sorted(set(rows)) and columns == sorted(set(columns))


@pytest.mark.parametrize("shape", [(800, 64), (64, 800), (5000,), (3, 3, 200, 150), (7, 90, 110), (301, 203)])
def test_an_averaged_cell_equals_numpys_mean_of_its_block(functions, shape):
    rng = np.random.default_rng(3)
    weights = rng.normal(size=shape).astype(np.float32)
    threshold = float(np.float32(0.7))
    cells = run(
        functions, "numbers/grid",
        """async ({ plan, bucketCells }, a) => {
            const { decoded } = await import("/host.js");
            const { Buckets } = await import("/static/numbers/buckets.js");
            const { ascending, orderOf } = await import("/static/numbers/order.js");
            const weights = new Float32Array(decoded(a.weights).buffer);
            const planned = plan(a.shape, 90, 120);
            const scores = weights.map(Math.abs);
            const count = planned.rows * planned.columns;
            const ordered = ascending(scores);
            const buckets = new Buckets(ordered, orderOf(scores), planned.cellOf, count, ordered);
            const filled = bucketCells(buckets, count, a.threshold);
            const places = [];
            for (let i = 0; i < planned.rows * planned.columns; i += 1) {
                const [row, column] = [Math.floor(i / planned.columns), i % planned.columns];
                places.push([planned.cell(row, column), planned.place(row, column)]);
            }
            return { averaged: planned.averaged, rows: planned.rows, columns: planned.columns, places,
                kept: [...filled.kept], size: [...filled.size], mean: [...filled.mean] };
        }""",
        {"weights": encoded(weights), "shape": list(shape), "threshold": threshold},
    )  # fmt: skip
    assert cells["averaged"] and cells["rows"] <= 90 and cells["columns"] <= 120
    assert sum(cells["size"]) == weights.size
    for cell, place in cells["places"]:
        block = np.abs(weights[tuple(slice(start, end + 1) for start, end in place)])
        kept = block[block >= np.float32(threshold)]
        assert (cells["size"][cell], cells["kept"][cell]) == (block.size, kept.size)
        assert cells["mean"][cell] == pytest.approx(kept.mean(dtype=float) if kept.size else 0, rel=1e-9)


def test_equality_with_the_threshold_keeps_a_weight(functions):
    filled = run(
        functions, "numbers/grid",
        """({ fillCells }) => {
            const weights = new Float32Array([0.7, 0.3, -0.7, 0]);
            const { kept } = fillCells(weights, weights.map(Math.abs), Math.fround(0.7));
            return [...kept];
        }""",
        None,
    )  # fmt: skip
    assert filled == [1, 0, 1, 0]
