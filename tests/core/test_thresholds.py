import bisect
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prunewidgets import thresholds
from prunewidgets.core.criteria import score

from .strategies import models, sparsities


def plain(weights):
    """Python floats of all |w|, sorted by Python."""
    return sorted(abs(float(value)) for array in weights.values() for value in array.ravel())


@given(models())
def test_sorted_scores(weights):
    ordered = thresholds.sorted_scores(score(weights))
    assert ordered.tolist() == plain(weights)
    wide = any(array.dtype == np.float64 for array in weights.values())
    assert ordered.dtype == thresholds.score_dtype(score(weights)) == (np.float64 if wide else np.float32)


@given(models(), st.integers(0, 300))
def test_threshold_for_is_the_largest_that_removes_at_most_that_many(weights, wanted):
    ordered, values = thresholds.sorted_scores(score(weights)), plain(weights)
    wanted = min(wanted, len(values))
    tau = thresholds.threshold_for(ordered, wanted)
    assert sum(value < tau for value in values) == thresholds.count_below(ordered, tau) <= wanted
    if wanted < len(values):  # a hair more would remove too many
        assert sum(value <= tau for value in values) > wanted
    elif values:  # a hair less would keep one
        assert tau == float(np.nextafter(ordered[-1], ordered.dtype.type(np.inf)))


@given(models(), st.integers(0, 300))
def test_nearest_threshold(weights, wanted):
    ordered, values = thresholds.sorted_scores(score(weights)), plain(weights)
    wanted = min(wanted, len(values))
    reachable = sorted({bisect.bisect_left(values, value) for value in values} | {len(values)})
    best = min(reachable, key=lambda count: (abs(count - wanted), count))
    assert thresholds.count_below(ordered, thresholds.nearest_threshold(ordered, wanted)) == best


@given(models(), st.integers(0, 300))
def test_thresholds_keeping(weights, kept):
    scores, values = score(weights), plain(weights)
    kept = min(kept, len(values))
    interval = thresholds.thresholds_keeping(scores, kept)
    candidates = [0.0, *values, *(math.nextafter(value, math.inf) for value in values)]
    keeping = [tau for tau in candidates if sum(value >= tau for value in values) == kept]
    if interval is None:
        assert not keeping
    else:
        assert keeping
        assert all(interval[0] < tau <= interval[1] for tau in keeping)
        assert not any(interval[0] < tau <= interval[1] for tau in set(candidates) - set(keeping))


@given(models(), sparsities)
def test_sparsity_at_threshold_at_never_exceeds_the_sparsity_asked_for(weights, sparsity):
    scores, total = score(weights), len(plain(weights))
    reached = thresholds.sparsity_at(scores, thresholds.threshold_at(scores, sparsity))
    assert reached * total <= round(sparsity * total)


@given(models(), st.lists(st.floats(0, 100), min_size=2, max_size=2))
def test_sparsity_rises_with_the_threshold(weights, pair):
    low, high = sorted(pair)
    assert thresholds.sparsity_at(score(weights), low) <= thresholds.sparsity_at(score(weights), high)


def test_round_threshold():
    assert thresholds.round_threshold(0.7, np.float32) == 0.699999988079071044921875
    assert thresholds.round_threshold(0.7, np.float64) == 0.7
    assert thresholds.round_threshold(1e300, np.float32) == math.inf
    assert thresholds.round_threshold(1e-300, np.float32) == 0
    assert thresholds.round_threshold(1e-40, np.float32) == float(np.float32(1e-40)) > 0
    assert math.copysign(1, thresholds.round_threshold(-0.0, np.float32)) == 1
    assert thresholds.round_threshold(-1, np.float32, signed=True) == -1
    assert type(thresholds.round_threshold(np.float32(0.5), np.float32)) is float


def test_all_removed_needs_a_threshold_above_the_largest_score():
    ordered = np.float32([1, 2])
    tau = thresholds.threshold_for(ordered, 2)
    assert tau == 2 + 2**-22
    assert thresholds.count_below(ordered, tau) == 2
    largest = np.finfo(np.float32).max
    assert thresholds.threshold_for(np.array([largest]), 1) == math.inf


def test_no_scores():
    empty = thresholds.sorted_scores({})
    assert (empty.size, empty.dtype) == (0, np.float32)
    assert thresholds.threshold_for(empty, 0) == thresholds.nearest_threshold(empty, 0) == 0.0
    assert thresholds.sparsity_at({}, 1.0) == 0.0
    assert thresholds.thresholds_keeping({}, 0) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: thresholds.threshold_for(np.float32([1, 2]), 3),
            ValueError,
            "removed = 3 .*2 scores; give 0 to 2",
        ),
        (lambda: thresholds.threshold_for(np.float32([1, 2]), 0.5), TypeError, "removed is a count.*not 0.5"),
        (lambda: thresholds.thresholds_keeping([1.0], -1), ValueError, "kept = -1 is impossible"),
        (lambda: thresholds.threshold_at([1.0], 2), ValueError, "sparsity 2 is not between 0 and 1"),
        (lambda: thresholds.sparsity_at([1.0], -1), ValueError, "threshold -1 is negative"),
        (lambda: thresholds.sorted_scores({"w": [np.nan]}), ValueError, "'w' holds 1 NaN"),
        (
            lambda: thresholds.round_threshold("1", np.float32),
            TypeError,
            "threshold must be a number, not '1'",
        ),
        (lambda: thresholds.round_threshold([1, 2], np.float32), TypeError, r"threshold must be a number"),
    ],
)
def test_errors_say_which_values_are_possible(call, error, message):
    with pytest.raises(error, match=message):
        call()
