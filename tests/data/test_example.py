"""The article's 3×4 matrix, worked by hand."""

import numpy as np
import pytest

from prunewidgets import example, thresholds
from prunewidgets.core.criteria import score
from prunewidgets.core.masks import Masks

SORTED = [0.1, 0.2, 0.2, 0.3, 0.3, 0.4, 0.5, 0.6, 0.6, 0.7, 0.8, 0.9]
PRUNED = [[0.5, 0, 0.8, 0], [0, 0.6, 0.9, 0], [0, 0.7, 0, 0.6]]


def test_the_sorted_matrix():
    np.testing.assert_array_equal(thresholds.sorted_scores(example.W), SORTED)


def test_tau_one_half_removes_the_six_entries_below_it():
    masks = Masks.from_threshold(score(example.W), example.TAU)
    np.testing.assert_array_equal(masks.apply(example.W)["weights"], PRUNED)
    assert (masks.removed, masks.kept, masks.size, masks.sparsity) == (6, 6, 12, 0.5)
    assert masks.threshold == 0.5
    assert repr(masks) == "Masks: 6 of 12 weights removed (50.00 %)"


def test_half_sparsity_gives_the_same_mask():
    scores = score(example.W)
    assert Masks.from_sparsity(scores, 0.5) == Masks.from_threshold(scores, 0.5)


def test_reachable_counts():
    counts = {thresholds.count_below(np.array(SORTED), tau / 1000) for tau in range(1001)}
    assert counts == {0, 1, 3, 5, 6, 7, 9, 10, 11, 12}


@pytest.mark.parametrize(
    ("kept", "interval"),
    [
        (12, (-np.inf, 0.1)),
        (11, (0.1, 0.2)),
        (10, None),  # 0.2 twice
        (9, (0.2, 0.3)),
        (8, None),  # 0.3 twice
        (7, (0.3, 0.4)),
        (6, (0.4, 0.5)),
        (5, (0.5, 0.6)),
        (4, None),  # 0.6 twice
        (3, (0.6, 0.7)),
        (2, (0.7, 0.8)),
        (1, (0.8, 0.9)),
        (0, (0.9, np.inf)),
    ],
)
def test_all_thresholds_that_keep_a_count(kept, interval):
    assert thresholds.thresholds_keeping(example.W, kept) == interval


def test_a_count_that_no_threshold_can_remove_is_removed_by_rank():
    masks = Masks.from_sparsity(
        score(example.W), 1 / 3
    )  # 4 of 12: of the two 0.3, the first in the matrix goes
    np.testing.assert_array_equal(
        masks["weights"], np.array([[1, 0, 1, 0], [0, 1, 1, 1], [1, 1, 0, 1]], dtype=bool)
    )
    assert masks.threshold == 0.3
    assert Masks.from_threshold(example.W, masks.threshold).removed == 3


@pytest.mark.parametrize(
    ("removed", "at_most", "nearest"),
    [(0, 0, 0), (1, 1, 1), (2, 1, 1), (3, 3, 3), (4, 3, 3), (5, 5, 5), (8, 7, 7), (11, 11, 11), (12, 12, 12)],
)
def test_thresholds_for_counts(removed, at_most, nearest):
    ordered = np.array(SORTED)
    assert thresholds.count_below(ordered, thresholds.threshold_for(ordered, removed)) == at_most
    assert thresholds.count_below(ordered, thresholds.nearest_threshold(ordered, removed)) == nearest


def test_sparsity_and_threshold_are_inverse_without_ties():
    assert thresholds.sparsity_at(example.W, 0.5) == 0.5
    assert thresholds.threshold_at(example.W, 0.5) == 0.5
    assert thresholds.threshold_at(example.W, 0.25) == 0.3  # 3 of 12
    assert thresholds.threshold_at(example.W, 0.3) == 0.3  # round(3.6) = 4 cannot be: 3 go


def test_negative_weights_are_ranked_by_size():
    W = np.array([[-0.5, 0.2], [0.1, -0.9]])
    np.testing.assert_array_equal(
        Masks.from_threshold(score(W), 0.5)["weights"], [[True, False], [False, True]]
    )
