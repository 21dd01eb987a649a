"""The smallest networks: every structure is there once, and each network is trained as Keras would."""

from itertools import product

import keras
import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.models.training import smallest

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
XOR = CORNERS[:, 0] != CORNERS[:, 1]


@pytest.fixture(scope="module")
def found():
    return pw.smallest_networks(CORNERS, XOR, weights=6, units=2)


def structures_by_masks(units, most):
    """Every mask of a kernel of two inputs, units sorted; those without inputs are no units."""
    masks = set()
    for bits in product((0, 1), repeat=2 * units):
        columns = sorted(column for column in np.reshape(bits, (units, 2)).tolist() if any(column))
        if columns and sum(map(sum, columns)) + len(columns) <= most:
            masks.add(tuple(map(tuple, columns)))
    return masks


@pytest.mark.parametrize(("units", "most"), [(1, 3), (2, 6), (3, 7), (4, 12)])
def test_each_structure_is_there_once(units, most):
    expected = structures_by_masks(units, most)
    structures = list(smallest._structures(2, most, units))
    columns = {
        tuple(sorted(tuple(int(i in unit) for i in range(2)) for unit in structure))
        for structure in structures
    }
    assert len(structures) == len(expected)
    assert columns == expected


def test_exclusive_or_takes_six_weights(found):
    frame = found.frame
    assert frame["weights"].is_monotonic_increasing
    assert frame.loc[frame["solved"] > 0, "units"].tolist() == [("x1 x2", "x1 x2")]
    fewer = frame[frame["weights"] < 6]
    assert fewer["accuracy"].max() == 0.75  # three of four corners


def test_a_network_computes_what_was_counted_and_has_no_other_weights(found):
    for row, told in found.frame.iterrows():
        model = found.network(row)
        kernel, bias, out, out_bias = model.get_weights()
        by_hand = np.maximum(CORNERS @ kernel + bias, 0) @ out + out_bias
        assert np.mean((by_hand[:, 0] > 0) == XOR) == told["accuracy"]
        assert float(pw.LiveModel(model).evaluate(CORNERS, XOR.astype(int))) == told["accuracy"]
        assert np.count_nonzero(kernel) + np.count_nonzero(out) == told["weights"]
        reads = tuple(" ".join(f"x{i + 1}" for i in np.flatnonzero(column)) for column in kernel.T)
        assert reads == told["units"]


def test_training_is_adam_with_cosine_decay_as_in_keras():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(30, 2)).astype(np.float32)
    y = (x[:, 0] > x[:, 1]).astype(np.float32)
    ours = smallest._Networks([((0, 1), (0, 1))], x, y, 2, restarts=1, steps=50, seed=3)
    first = ours.values(0, 2)
    ours.train()
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(2, "relu"), keras.layers.Dense(1, "sigmoid")]
    )
    rate = keras.optimizers.schedules.CosineDecay(0.1, 50)
    model.compile(keras.optimizers.Adam(rate, 0.9, 0.99), "binary_crossentropy")
    model.set_weights(first)
    model.fit(x, y, batch_size=30, epochs=50, shuffle=False, verbose=0)
    for one, other in zip(ours.values(0, 2), model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        (CORNERS[:, 0], XOR, {}, r"x has shape \(4,\)"),
        (np.zeros((4, 5)), XOR, {}, "one to four inputs"),
        (CORNERS, XOR[:3], {}, r"y has shape \(3,\)"),
        (CORNERS, [0, 1, 2, 0], {}, "values such as"),
        (CORNERS * np.nan, XOR, {}, "NaN"),
        (CORNERS, XOR, {"weights": 1}, "weights is 1"),
        (CORNERS, XOR, {"units": 0}, "units is 0"),
        (CORNERS, XOR, {"steps": 0}, "steps is 0"),
    ],
)
def test_bad_arguments_are_named(x, y, options, message):
    with pytest.raises(ValueError, match=message):
        pw.smallest_networks(x, y, **options)


def test_a_row_that_is_not_there_is_named(found):
    with pytest.raises(ValueError, match="no row 99; the rows are 0 to 8"):
        found.network(99)
