"""How a sparsity is spread: Erdős–Rényi densities and shares of each output, against plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import prunewidgets as pw
from prunewidgets.core.allocation import erk
from prunewidgets.core.layouts import KERAS, Layout, from_products, to_products
from prunewidgets.core.selection import keep_largest_of_each

LENET = {"conv_1": (5, 5, 1, 20), "conv_2": (5, 5, 20, 50), "dense_1": (800, 500), "dense_2": (500, 10)}


def densities(shapes, density):
    """The loop of the paper's published code: layers that would be more than whole, one after another."""
    whole = set()
    while True:
        rest = [name for name in shapes if name not in whole]
        free = density * sum(map(np.prod, shapes.values())) - sum(np.prod(shapes[name]) for name in whole)
        raw = {name: sum(shapes[name]) / np.prod(shapes[name]) for name in rest}
        epsilon = free / sum(raw[name] * np.prod(shapes[name]) for name in rest)
        largest = max(rest, key=raw.get)
        if raw[largest] * epsilon <= 1:
            return {name: 1.0 if name in whole else raw[name] * epsilon for name in shapes}
        whole.add(largest)


@pytest.mark.parametrize("sparsity", [0.5, 0.8, 0.9, 0.99])
def test_erk_has_the_densities_of_the_paper(sparsity):
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(size=shape) for name, shape in LENET.items()}
    masks = pw.Masks.from_sparsity(pw.score(weights), sparsity, scope="erk")
    assert masks.removed == round(sparsity * masks.size)
    for name, density in densities(LENET, 1 - sparsity).items():
        assert masks[name].sum() == pytest.approx(density * masks[name].size, abs=1)
    for name, array in weights.items():  # within a layer the smallest go first
        assert np.abs(array[masks[name]]).min() >= np.abs(array[~masks[name]]).max(initial=0)


@given(
    st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=4).map(tuple), min_size=1, max_size=5),
    st.floats(0, 1),
)
def test_erk_adds_up_exactly(shapes, share):
    named = {str(number): shape for number, shape in enumerate(shapes)}
    sizes = {name: int(np.prod(shape)) for name, shape in named.items()}
    kept = round(share * sum(sizes.values()))
    stay = erk(named, {}, kept)
    assert sum(stay.values()) == kept and all(0 <= stay[name] <= sizes[name] for name in sizes)


def test_erk_counts_the_sides_of_an_einsum_kernel_together():
    layout = Layout(inputs=(-3,), outputs=(-2, -1))  # 8 inputs, 4 heads of 2
    both = {"heads": (8, 4, 2), "plain": (8, 8)}
    stay = erk(both, {"heads": layout}, 64)
    assert stay == {"heads": 32, "plain": 32}


@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(1, 5), st.integers(1, 3), st.floats(0, 1))
def test_a_share_of_each_output_is_a_stable_sort_of_it(seed, inputs, outputs, values, share):
    scores = np.random.default_rng(seed).integers(0, values, (inputs, outputs)).astype(np.float32)
    removed = round(share * inputs)
    expected = np.ones(scores.shape, bool)
    for column in range(outputs):
        expected[np.argsort(scores[:, column], kind="stable")[:removed], column] = False
    assert np.array_equal(keep_largest_of_each(scores[np.newaxis], removed)[0], expected)
    assert np.array_equal(pw.Masks.from_sparsity(scores, share, scope="output")["weights"], expected)


def test_an_output_of_a_convolution_is_a_filter():
    scores = np.random.default_rng(0).random((3, 3, 4, 6), dtype=np.float32)
    mask = pw.Masks.from_sparsity(scores, 0.25, scope="output")["weights"]
    assert (mask.sum(axis=(0, 1, 2)) == 27).all()
    worst = np.sort(scores.reshape(36, 6), axis=0)[8]
    assert np.array_equal(mask, scores > worst)


@pytest.mark.parametrize(
    ("shape", "layout", "expected"),
    [
        ((4, 6), KERAS, (1, 4, 6)),
        ((3, 3, 4, 6), KERAS, (1, 36, 6)),
        ((3, 2, 6), Layout(parts=2), (2, 6, 3)),
        ((3, 3, 6, 4), Layout(inputs=(-1,), outputs=(-2,)), (1, 36, 6)),
        ((3, 3, 4, 2), Layout(inputs=(), groups=(-2,)), (4, 9, 2)),
        ((5, 2, 3), Layout(inputs=(-2, -1), outputs=(-3,)), (1, 6, 5)),
    ],
)
def test_products_and_back(shape, layout, expected):
    array = np.arange(np.prod(shape)).reshape(shape)
    products = to_products(array, layout)
    assert products.shape == expected
    assert np.array_equal(from_products(products, shape, layout), array)


def test_layers_left_out_stay_whole():
    weights = {"a": np.ones((4, 2)), "b": np.ones((4, 2))}
    masks = pw.Masks.from_sparsity(weights, {"b": 0.5}, scope="output")
    assert masks["a"].all() and masks["b"].sum() == 4


@pytest.mark.parametrize("scope", ["output", "erk"])
def test_these_scopes_remove_single_weights(scope):
    with pytest.raises(ValueError, match=f"scope '{scope}' removes single weights; leave granularity='row'"):
        pw.Masks.from_sparsity(np.ones((3, 4)), 0.5, scope=scope, granularity="row")


def test_an_output_has_inputs():
    with pytest.raises(ValueError, match="'weights' has shape .3,.; scope 'output' needs an axis of outputs"):
        pw.Masks.from_sparsity(np.ones(3), 0.5, scope="output")
