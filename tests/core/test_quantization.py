"""Quantization against codebooks worked out by hand and against every possible grouping of a few numbers."""

from itertools import combinations

import numpy as np
import pytest

from prunewidgets import quantization


def best_cost(numbers: np.ndarray, groups: int) -> float:
    """The least squared error of any cut of the sorted numbers into this many ranges."""
    ordered = np.sort(numbers)
    cuts = combinations(range(1, len(ordered)), groups - 1)
    return min(sum(part.var() * part.size for part in np.split(ordered, cut)) for cut in cuts)


def test_sharing_by_hand():
    """Linear start at -1, 0 + 1/3, ... : the ends and two between; then means of what is nearest."""
    weights = np.array([[0.0, -1.0, -0.8], [0.1, 0.0, 0.3], [2.9, 3.0, 0.2]])
    shared = quantization.cluster_values(weights, 2)
    # Start: -1, 1/3, 5/3, 3. Groups: {-1, -0.8}, {0.1, 0.2, 0.3}, {}, {2.9, 3}; the empty one stays.
    assert np.allclose(shared.codebook, [-0.9, 0.2, 5 / 3, 2.95])
    assert shared.codes.tolist() == [[0, 1, 1], [2, 0, 2], [4, 4, 2]]
    assert np.allclose(shared.values, [[0, -0.9, -0.9], [0.2, 0, 0.2], [2.95, 2.95, 0.2]])
    assert shared.values.dtype == np.float32


def test_zeros_are_not_in_any_group():
    weights = np.zeros(100)
    weights[:4] = [1.0, 1.2, 3.0, 3.2]
    shared = quantization.cluster_values(weights, 1)
    assert np.allclose(shared.codebook, [1.1, 3.1])
    assert not shared.values[4:].any()


@pytest.mark.parametrize("seed", range(6))
def test_no_grouping_is_better_if_the_groups_are_well_separated(seed):
    rng = np.random.default_rng(seed)
    numbers = np.concatenate([rng.uniform(c, c + 0.3, 3) for c in (-2.0, -0.7, 0.6, 2.0)])
    shared = quantization.cluster_values(numbers, 2)
    assert np.sum((shared.values - numbers) ** 2) == pytest.approx(best_cost(numbers, 4), abs=1e-6)


@pytest.mark.parametrize("bits", [1, 3, 5])
def test_every_weight_ends_with_the_nearest_value_and_every_value_is_a_mean(bits):
    weights = np.random.default_rng(1).normal(size=(30, 20)).astype(np.float32)
    shared = quantization.cluster_values(weights, bits)
    distances = np.abs(weights.ravel()[:, None] - shared.codebook)
    assert np.allclose(np.abs(weights - shared.values).ravel(), distances.min(axis=1), atol=1e-6)
    for code in np.unique(shared.codes):
        assert shared.codebook[code - 1] == pytest.approx(weights[shared.codes == code].mean(), abs=1e-5)


def test_few_different_weights_are_kept_as_they_are():
    weights = np.array([0.0, 0.1, 0.3, 0.1, -2.0], np.float32)
    shared = quantization.cluster_values(weights, 2)
    assert np.array_equal(shared.values, weights)
    assert shared.codebook.size == 3
    assert quantization.cluster_values(np.zeros(3), 4).codebook.size == 0


def test_uniform_by_hand():
    weights = np.array([[0.0, 1.27, -0.634], [0.005, -1.27, 0.016]])
    eight = quantization.round_values(weights)
    assert eight.codes.tolist() == [[0, 127, -63], [0, -127, 2]]
    assert eight.codes.dtype == np.int8 and eight.scale == pytest.approx(0.01)
    four = quantization.round_values(weights, bits=4)
    assert four.codes.tolist() == [[0, 7, -3], [0, -7, 0]]
    assert four.values[0, 1] == pytest.approx(1.27)


def test_each_channel_has_its_own_step():
    weights = np.array([[10.0, 0.1], [5.0, -0.2], [0.0, 0.0]])
    channels = quantization.round_values(weights, bits=8, per_channel=True)
    assert np.allclose(channels.scale, [10 / 127, 0.2 / 127])
    assert np.abs(channels.values - weights).max() <= 10 / 127 / 2
    assert np.abs(channels.values - weights)[:, 1].max() <= 0.2 / 127 / 2 + 1e-9
    assert (
        quantization.round_values(weights).codes[0, 1] == 1
    )  # one step for all is as coarse as half the range


def test_subnormal_weights_have_a_step_too():
    """reach ÷ most is zero in float32 here, and a step of zero would divide by it."""
    weights = np.array([1e-44, 0.0, -1e-45], np.float32)
    with np.errstate(divide="raise", invalid="raise"):
        assert np.array_equal(quantization.round_values(weights, 8).values, np.zeros(3))


def test_zero_stays_zero_and_all_zeros_too():
    assert not quantization.round_values(np.zeros((3, 2)), per_channel=True).values.any()
    assert quantization.round_values(np.zeros(0)).codes.size == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: quantization.cluster_values([1.0], 0), "bits 0 .* 1 to 8"),
        (lambda: quantization.cluster_values([1.0], 9), "bits 9"),
        (lambda: quantization.round_values([1.0], 1), "bits 1 .* 2 to 8"),
        (lambda: quantization.round_values([1.0], 4.5), "whole number"),
        (lambda: quantization.cluster_values([1.0], None), "bits None"),
        (lambda: quantization.cluster_values([1.0], float("nan")), "bits nan"),
        (lambda: quantization.cluster_values([np.nan], 4), "1 NaN"),
        (lambda: quantization.cluster_values([1e300, 1.0], 4), "1 infinite .* 2"),  # as float32
        (lambda: quantization.round_values([1e300, 1.0], 4), "1 infinite .* 2"),
    ],
)
def test_impossible_requests_are_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
