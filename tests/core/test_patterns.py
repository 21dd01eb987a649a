import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from prunewidgets.core.criteria import score
from prunewidgets.core.patterns import blocks, n_of_m

from .strategies import sparsities, weight_arrays

shapes = hnp.array_shapes(min_dims=2, max_dims=4, min_side=0, max_side=7)


def test_two_of_four_by_hand():
    column = np.float32([[5, 1], [2, 1], [3, 1], [4, 1], [1, 9], [9, 8], [7, 7], [8, 6]])
    assert n_of_m(column)["weights"].astype(int).tolist() == [
        [1, 0],
        [0, 0],
        [0, 1],  # four equal scores: the earlier go
        [1, 1],
        [0, 1],
        [1, 1],
        [0, 0],
        [1, 0],
    ]


@pytest.mark.parametrize(("inputs", "kept"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3), (7, 4)])
def test_an_incomplete_group_keeps_its_share_rounded_up(inputs, kept):
    mask = n_of_m(np.arange(inputs, dtype=float)[:, None])["weights"]
    assert np.count_nonzero(mask) == kept
    assert mask[-1]  # the highest of all, and of the rest


def test_a_convolution_is_grouped_along_its_inputs():
    scores = np.random.default_rng(0).permutation(3 * 3 * 8 * 5).reshape(3, 3, 8, 5).astype(float)
    mask = n_of_m(scores, 1, 4)["weights"]
    for row, column, half, output in product(range(3), range(3), range(2), range(5)):
        group = row, column, slice(4 * half, 4 * half + 4), output
        assert mask[group].tolist() == (scores[group] == scores[group].max()).tolist()


def slow_n_of_m(array, n, m):
    """Groups in plain Python: sort, let the first go."""
    keep = np.ones(array.shape, bool)
    for *front, output in np.ndindex(*array.shape[:-2], array.shape[-1]):
        for start in range(0, array.shape[-2], m):
            places = range(start, min(start + m, array.shape[-2]))
            stay = math.ceil(n * len(places) / m)
            for place in sorted(places, key=lambda i: array[*front, i, output])[: len(places) - stay]:
                keep[*front, place, output] = False
    return keep


@given(weight_arrays(shape=shapes), st.integers(1, 5), st.integers(0, 3))
def test_n_of_m_equals_plain_python(weights, n, more):
    scores = score({"layer": weights})
    mask = n_of_m(scores, n, n + more)["layer"]
    np.testing.assert_array_equal(mask, slow_n_of_m(scores["layer"], n, n + more))


def test_blocks_by_hand():
    scores = np.float32([[1, 1, 5, 5, 2], [1, 1, 5, 5, 4], [9, 9, 0, 2, 7]])
    # Means of blocks of 2×2 and what is left at the borders: 1, 5, 3 and below 9, 1, 7.
    masks = blocks(scores, 0.5, (2, 2))
    assert masks["weights"].astype(int).tolist() == [[0, 0, 1, 1, 0], [0, 0, 1, 1, 0], [1, 1, 0, 0, 1]]
    assert masks.threshold == 5
    assert blocks(scores, 1 / 6, (2, 2)).removed == 4  # of the two means of 1 the earlier goes


def test_blocks_are_ranked_over_all_layers():
    scores = {"a": np.full((4, 4), 3.0), "b": np.ones((2, 4, 4)), "c": np.full((4, 8), 2.0)}
    by_layer = blocks(scores, 0.6).by_layer()
    assert {name: figures["removed"] for name, figures in by_layer.items()} == {"a": 0, "b": 32, "c": 16}
    only = blocks(scores, {"c": 0.5}).by_layer()
    assert {name: figures["removed"] for name, figures in only.items()} == {"a": 0, "b": 0, "c": 16}


@given(weight_arrays(shape=shapes), sparsities, st.integers(1, 4), st.integers(1, 4))
def test_blocks_equal_plain_python(weights, sparsity, height, width):
    scores = score(weights)["weights"]
    mask = blocks(scores, sparsity, (height, width))["weights"]
    found = []
    for *front, top, left in product(
        *map(range, scores.shape[:-2]),
        range(0, scores.shape[-2], height),
        range(0, scores.shape[-1], width),
    ):
        place = (*front, slice(top, top + height), slice(left, left + width))
        members = scores[place].ravel().tolist()
        found.append((scores.dtype.type(math.fsum(members) / len(members)), place))
    gone = sorted(range(len(found)), key=lambda i: found[i][0])[: round(sparsity * len(found))]
    # Sums of float64 may round differently, so blocks are compared by what went, and where exact, by place.
    assert mask.shape == scores.shape
    removed = [i for i, (_, place) in enumerate(found) if not mask[place].any()]
    assert all(mask[place].all() for i, (_, place) in enumerate(found) if i not in removed)
    if scores.dtype == np.float32:
        assert removed == sorted(gone)
    np.testing.assert_allclose(sorted(found[i][0] for i in removed), [found[i][0] for i in gone], rtol=1e-12)


@pytest.mark.parametrize(("n", "m"), [(0, 4), (5, 4), (-1, 4), (1, 0)])
def test_impossible_groups(n, m):
    with pytest.raises(ValueError, match=f"n is {n} and m is {m}"):
        n_of_m(np.ones((4, 4)), n, m)


@pytest.mark.parametrize("make", [n_of_m, lambda scores: blocks(scores, 0.5)])
def test_arrays_without_a_pattern_are_refused(make):
    with pytest.raises(ValueError, match=r"'dense/bias' has shape \(3,\).*Leave it out"):
        make({"dense/kernel": np.ones((2, 3)), "dense/bias": np.ones(3)})
    with pytest.raises(ValueError, match="'w' holds 1 NaN scores"):
        make({"w": np.array([[1, np.nan]])})


def test_impossible_blocks():
    with pytest.raises(ValueError, match=r"shape is \(0, 4\)"):
        blocks(np.ones((4, 4)), 0.5, (0, 4))
    with pytest.raises(ValueError, match="1.5"):
        blocks(np.ones((4, 4)), 1.5)
    for wrong in (4, (4,), (4, 4, 4), (2.5, 2)):
        with pytest.raises(TypeError, match="shape is .*; give two whole numbers"):
            blocks(np.ones((4, 4)), 0.5, wrong)
    with pytest.raises(TypeError, match="n is 2.0 and m is 4; give whole numbers"):
        n_of_m(np.ones((4, 4)), 2.0, 4)
