"""Masks against plain Python: a stable sort for counts, a loop for thresholds."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prunewidgets.core.criteria import score
from prunewidgets.core.masks import Masks

from .strategies import DTYPES, models, sparsities, weight_arrays


def kept_by_stable_sort(weights, removed):
    """Rank |w| of all layers with Python's stable sort; the first `removed` go."""
    items = [
        (abs(float(array[place])), name, place)
        for name, array in weights.items()
        for place in np.ndindex(array.shape)
    ]
    gone = {(name, place) for _, name, place in sorted(items, key=lambda item: item[0])[:removed]}
    return {
        name: [(name, place) not in gone for place in np.ndindex(array.shape)]
        for name, array in weights.items()
    }


def assert_same(masks, expected):
    assert list(masks) == list(expected)
    for name, mask in masks.items():
        assert mask.dtype == bool
        assert mask.ravel().tolist() == expected[name], name


@given(models(), sparsities)
def test_global_sparsity_is_exact_and_stable(weights, sparsity):
    removed = round(sparsity * sum(array.size for array in weights.values()))
    masks = Masks.from_sparsity(score(weights), sparsity)
    assert masks.removed == removed
    assert {name: mask.shape for name, mask in masks.items()} == {
        name: a.shape for name, a in weights.items()
    }
    assert_same(masks, kept_by_stable_sort(weights, removed))


@given(models(), sparsities)
def test_layer_sparsity_is_exact_and_stable_in_each_layer(weights, sparsity):
    masks = Masks.from_sparsity(score(weights), sparsity, scope="layer")
    for name, array in weights.items():
        alone = kept_by_stable_sort({name: array}, round(sparsity * array.size))
        assert masks[name].ravel().tolist() == alone[name]


@given(models(), st.lists(sparsities, min_size=2, max_size=5), st.sampled_from(["global", "layer"]))
def test_weights_pruned_at_a_lower_sparsity_stay_pruned(weights, several, scope):
    scores = score(weights)
    steps = [Masks.from_sparsity(scores, sparsity, scope=scope) for sparsity in sorted(several)]
    for before, after in zip(steps, steps[1:], strict=False):
        for name in weights:
            assert not np.any(after[name] & ~before[name])


def in_float32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


@given(weight_arrays(dtypes=DTYPES[:3]), st.one_of(st.floats(0, 200), st.sampled_from([0.1, 0.3, 0.7])))
def test_threshold_compares_in_float32(weights, threshold):
    tau = in_float32(threshold)
    expected = [abs(float(weights[place])) >= tau for place in np.ndindex(weights.shape)]
    masks = Masks.from_threshold(score({"w": weights}), threshold)
    assert_same(masks, {"w": expected})
    assert masks.threshold == tau


@given(weight_arrays(dtypes=DTYPES[3:]), st.one_of(st.floats(0, 200), st.sampled_from([0.1, 0.3, 0.7])))
def test_threshold_compares_in_float64(weights, threshold):
    expected = [abs(float(weights[place])) >= threshold for place in np.ndindex(weights.shape)]
    assert_same(Masks.from_threshold(score({"w": weights}), threshold), {"w": expected})


@given(models(), sparsities)
def test_the_reported_threshold_removes_a_subset_of_what_the_masks_remove(weights, sparsity):
    scores = score(weights)
    masks = Masks.from_sparsity(scores, sparsity)
    explained = Masks.from_threshold(scores, masks.threshold)
    assert explained.removed <= masks.removed
    for name in weights:
        assert not np.any(masks[name] & ~explained[name])
    if 0 < masks.removed < masks.size:  # the next larger τ removes at least as many
        above = np.nextafter(np.float64(masks.threshold), np.inf)
        assert sum(int((array.astype(float) < above).sum()) for array in scores.values()) >= masks.removed


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_seven_tenths_is_kept_at_seven_tenths(dtype):
    weights = np.array([0.7, np.nextafter(dtype(0.7), dtype(0)), -0.7], dtype=dtype)
    assert Masks.from_threshold(score(weights), 0.7)["weights"].tolist() == [True, False, True]


def test_with_one_float64_layer_all_layers_compare_in_float64():
    weights = {"small": np.float32([0.7]), "large": np.float64([0.7])}
    masks = Masks.from_threshold(score(weights), 0.7)
    assert masks["small"].tolist() == [np.float64(np.float32(0.7)) >= 0.7] == [False]
    assert masks["large"].tolist() == [True]


def test_subnormals_and_zeros():
    tiny = np.float32(1e-45)  # the smallest subnormal
    weights = np.array([0.0, -0.0, tiny, -tiny, 2 * tiny], dtype=np.float32)
    assert Masks.from_threshold(score(weights), 0)["weights"].all()
    assert Masks.from_threshold(score(weights), float(tiny))["weights"].tolist() == [
        False,
        False,
        True,
        True,
        True,
    ]
    assert Masks.from_threshold(score(weights), float(2 * tiny))["weights"].tolist() == [False] * 4 + [True]
    assert Masks.from_sparsity(score(weights), 0.6)["weights"].tolist() == [False, False, False, True, True]


def test_infinity_removes_everything_in_every_dtype():
    for dtype in DTYPES:
        assert Masks.from_threshold(score(np.ones(3, dtype)), np.inf).removed == 3


def test_fortran_order_does_not_change_the_order_of_removal():
    weights = np.asfortranarray(np.ones((2, 3), np.float32))
    mask = Masks.from_sparsity(score(weights), 0.5)["weights"]
    assert mask.tolist() == [[False] * 3, [True] * 3]
    assert mask.flags.c_contiguous
    assert Masks({"w": np.asfortranarray(mask)})["w"].flags.c_contiguous


def test_ties_are_broken_by_the_order_of_the_names_given():
    weights = {"z": np.ones(2, np.float32), "a": np.ones(2, np.float32)}
    masks = Masks.from_sparsity(score(weights), 0.75)
    assert masks["z"].tolist() == [False, False]
    assert masks["a"].tolist() == [False, True]


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 1.0])
def test_nothing_to_prune(sparsity):
    for weights in ({}, {"a": np.zeros((3, 0))}):
        masks = Masks.from_sparsity(score(weights), sparsity)
        assert (masks.sparsity, masks.removed, masks.size) == (0.0, 0, 0)
    assert Masks.from_threshold(score({}), 1.0).size == 0


def test_a_single_number_is_a_layer_of_one_weight():
    assert Masks.from_sparsity(score({"scale": np.float32(2)}), 1.0)["scale"].shape == ()
    assert Masks.from_threshold(score({"scale": np.float32(2)}), 2)["scale"].tolist() is True
