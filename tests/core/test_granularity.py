import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from prunewidgets.core.criteria import score
from prunewidgets.core.granularity import GRANULARITIES, group_scores
from prunewidgets.core.masks import Masks

from .strategies import sparsities, weight_arrays

DENSE = np.float32([[1, 2, 3], [-4, 5, 6]])  # 2 inputs, 3 outputs
CONV = np.arange(16, dtype=np.float32).reshape(2, 2, 2, 2)  # height, width, inputs, outputs


@pytest.mark.parametrize(
    ("weights", "granularity", "expected"),
    [
        (DENSE, "weight", [[1, 2, 3], [4, 5, 6]]),
        (DENSE, "row", [[2], [5]]),
        (DENSE, "column", [[2.5, 3.5, 4.5]]),
        (DENSE, "neuron", [[2.5, 3.5, 4.5]]),
        (CONV, "kernel", [[[[6, 7], [8, 9]]]]),  # (0+4+8+12)/4, (1+5+9+13)/4, …
        (CONV, "filter", [[[[7, 8]]]]),  # the means of the even and of the odd numbers
        (CONV[0], "kernel", [[[2, 3], [4, 5]]]),  # one spatial axis, as in Conv1D
        (CONV[None], "filter", [[[[[7, 8]]]]]),  # three, as in Conv3D
    ],
)
def test_by_hand(weights, granularity, expected):
    grouped = group_scores(score(weights)["weights"], granularity)
    np.testing.assert_array_equal(grouped, np.float32(expected), strict=True)


def test_whole_groups_are_removed():
    masks = Masks.from_sparsity(score(DENSE), 1 / 3, granularity="neuron")
    assert masks["weights"].tolist() == [[False, True, True]] * 2
    masks = Masks.from_threshold(score(DENSE), 5, granularity="row")
    assert masks["weights"].tolist() == [[False] * 3, [True] * 3]
    masks = Masks.from_sparsity(score(CONV), 0.5, granularity="filter")
    assert masks["weights"][..., 0].any() == np.False_ and masks["weights"][..., 1].all()
    assert not masks["weights"].flags.writeable


FITTING = [
    ("row", 2),
    ("column", 2),
    ("neuron", 2),
    ("kernel", 3),
    ("kernel", 4),
    ("filter", 3),
    ("filter", 4),
]


@given(st.data(), st.sampled_from(FITTING), sparsities)
def test_an_exact_number_of_whole_groups_is_removed(data, fitting, sparsity):
    granularity, ndim = fitting
    shape = hnp.array_shapes(min_dims=ndim, max_dims=ndim, min_side=0, max_side=4)
    weights = data.draw(weight_arrays(shape=shape))
    mask = Masks.from_sparsity(score(weights), sparsity, granularity=granularity)["weights"]
    assert mask.shape == weights.shape
    if not weights.size:
        return
    axes = {"row": (1,), "column": (0,), "neuron": (0,)}.get(granularity)
    axes = axes or tuple(range(ndim - (2 if granularity == "kernel" else 1)))
    any_kept, all_kept = mask.any(axis=axes), mask.all(axis=axes)
    np.testing.assert_array_equal(any_kept, all_kept)
    assert np.count_nonzero(~all_kept) == round(sparsity * all_kept.size)


def test_groups_with_the_same_members_in_another_order_tie():
    rng = np.random.default_rng(0)
    row = rng.normal(size=1000).astype(np.float32)
    rows = np.stack([rng.permutation(row) for _ in range(50)])
    assert np.unique(group_scores(score(rows)["weights"], "row")).size == 1


@pytest.mark.parametrize(
    ("granularity", "shape"),
    [("row", (3,)), ("neuron", (2, 2, 2)), ("column", ()), ("kernel", (2, 2)), ("filter", (5, 5))],
)
def test_a_granularity_that_does_not_fit(granularity, shape):
    with pytest.raises(ValueError, match=f"'{granularity}' needs a .*'conv/kernel' has shape .*'weight'"):
        Masks.from_sparsity({"conv/kernel": np.ones(shape)}, 0.5, granularity=granularity)


def test_an_unknown_granularity():
    with pytest.raises(ValueError, match="granularity 'channel' is not known; choose one of weight, row"):
        Masks.from_threshold({"w": np.ones((2, 2))}, 0.5, granularity="channel")
    assert list(GRANULARITIES) == ["weight", "row", "column", "kernel", "filter", "neuron"]
