"""As many weights left, in whole units: how many, which, and where that is impossible."""

import keras
import numpy as np
import pytest

from prunewidgets.models.costs import products
from prunewidgets.models.costs.products import largest_layer
from prunewidgets.models.costs.units import compared, cut_to

KERNELS = ("one/kernel", "two/kernel", "out/kernel")


@pytest.fixture(scope="module")
def model():
    """8 → 10 → 20 → 3, and the later a unit of a layer, the larger its weights."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(10, name="one"),
            layers.BatchNormalization(),
            layers.Dense(20, name="two"),
            layers.Dense(3, name="out"),
        ]
    )
    for name in ("one", "two"):
        kernel = model.get_layer(name).kernel
        kernel.assign(np.ones(kernel.shape) * np.arange(1, kernel.shape[1] + 1))
    return model


def size(widths):
    """Weights of the kernels of a network with these widths, by hand."""
    return sum(a * b for a, b in zip(widths, widths[1:], strict=False))


@pytest.mark.parametrize(
    ("left", "one", "two"),
    [
        (size([8, 10, 20, 3]), 10, 20),
        (size([8, 5, 10, 3]), 5, 10),
        (size([8, 5, 10, 3]) - 1, 5, 9),
        (0, 1, 1),
    ],
)
def test_the_same_share_is_removed_from_each_group_until_the_target_is_met(model, left, one, two):
    before = [variable.numpy().tobytes() for variable in model.variables]
    small = cut_to(model, left, KERNELS)
    widths = [8, *(small.get_layer(name).units for name in ("one", "two")), 3]
    assert widths == [8, one, two, 3]
    np.testing.assert_array_equal(small.get_layer("one").kernel[0], np.arange(11 - one, 11))  # the largest
    counts = compared(small, model, KERNELS)
    assert counts == dict.fromkeys(
        ("parameters", "multiply_adds"), {"value": size(widths), "base": size([8, 10, 20, 3])}
    )
    assert [variable.numpy().tobytes() for variable in model.variables] == before


def test_filters_before_a_flatten_and_multiply_adds_are_counted():
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(8, 3, name="conv"),
            layers.Flatten(),
            layers.Dense(2, name="out"),
        ]
    )
    small = cut_to(model, (9 + 4 * 4 * 2) * 4, ["conv/kernel", "out/kernel"])
    assert compared(small, model, ["conv/kernel", "out/kernel"]) == {
        "parameters": {"value": 164, "base": 328},
        "multiply_adds": {"value": 16 * 9 * 4 + 16 * 4 * 2, "base": 2 * (16 * 9 * 4 + 16 * 4 * 2)},
    }


def test_without_removable_units_there_is_no_smaller_model():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="out")])
    assert cut_to(model, 5, ["out/kernel"]) is None


def test_a_model_without_a_graph_is_refused():
    class Own(keras.Model):
        def call(self, x):
            return x

    model = Own()
    model(np.zeros((1, 2)))
    with pytest.raises(ValueError, match="no graph"):
        cut_to(model, 1, [])


def test_the_largest_dense_layer_is_tried_for_as_many_rows_as_it_has(model, monkeypatch):
    tried = []

    def rows(inputs, units, batches, levels, seconds):
        one, many = batches
        tried.append((inputs, units, [one, many]))
        for batch, sparsity, ratio in ((one, 0.5, 0.5), (one, 0.9, 2.0), (many, 0.5, 1.2), (many, 0.9, 0.3)):
            yield {"batch": batch, "sparsity": sparsity, "ratio": ratio}

    monkeypatch.setattr(products, "measured_rows", rows)
    found = largest_layer(model, {"two/kernel": 12}, (1, 32), 0.0)
    assert tried == [(10, 20, [12, 384])]
    assert found == {"inputs": 10, "units": 20, "from": {"1": 0.9, "32": None}}
    assert largest_layer(model, {}, (1, 32), 0.0, lambda: True) == {}
    convolution = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(2, 2)])
    assert largest_layer(convolution, {}, (1,), 0.0) == {}
