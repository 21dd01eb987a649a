"""What masks do once made: apply, combine, count, refuse."""

import copy
import pickle
import re

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given

from prunewidgets.core.criteria import score
from prunewidgets.core.masks import Masks

from .strategies import models, sparsities

WEIGHTS = {
    "conv/kernel": np.float32([[0.5, -0.1], [0.0, 2.0]]),
    "dense/kernel": np.float32([-3.0, 0.2]),
}
SCORES = score(WEIGHTS)


def bits(array):
    return array.tobytes(), array.dtype, array.shape


@given(models(), sparsities)
def test_apply_keeps_what_is_kept_bit_for_bit_and_sets_the_rest_to_plus_zero(weights, sparsity):
    before = {name: bits(array) for name, array in weights.items()}
    masks = Masks.from_sparsity(score(weights), sparsity)
    pruned = masks.apply(weights)
    assert {name: bits(array) for name, array in weights.items()} == before
    for name, array in weights.items():
        assert bits(pruned[name][masks[name]]) == bits(array[masks[name]])
        gone = pruned[name][~masks[name]].astype(np.float64)
        assert pruned[name].dtype == array.dtype
        assert not gone.any() and not np.signbit(gone).any()
        assert not np.shares_memory(pruned[name], array)


def test_weights_without_a_mask_are_copied():
    bias = np.float32([1.0, 2.0])
    pruned = Masks.from_threshold(SCORES, 1).apply(WEIGHTS | {"conv/bias": bias})
    assert pruned["conv/bias"].tolist() == [1.0, 2.0]
    assert not np.shares_memory(pruned["conv/bias"], bias)


def test_figures():
    masks = Masks.from_threshold(SCORES, 0.5)
    assert (masks.size, masks.removed, masks.kept, masks.sparsity) == (6, 3, 3, 0.5)
    assert masks.by_layer() == {
        "conv/kernel": {"size": 4, "removed": 2, "sparsity": 0.5},
        "dense/kernel": {"size": 2, "removed": 1, "sparsity": 0.5},
    }
    assert (
        repr(Masks({"w": np.arange(54_816) >= 41_230})) == "Masks: 41,230 of 54,816 weights removed (75.22 %)"
    )


def test_a_threshold_for_some_layers_leaves_the_others_whole():
    masks = Masks.from_threshold(SCORES, {"dense/kernel": 1})
    assert [layer["removed"] for layer in masks.by_layer().values()] == [0, 1]
    assert masks.threshold == {"dense/kernel": 1.0}


def test_a_sparsity_for_some_layers_leaves_the_others_whole():
    masks = Masks.from_sparsity(SCORES, {"conv/kernel": 0.75})
    assert [layer["removed"] for layer in masks.by_layer().values()] == [3, 0]
    assert masks.threshold["conv/kernel"] == 2.0


def test_masks_of_weights_that_are_already_zero():
    masks = Masks.from_zeros({"w": np.float32([0.0, -0.0, 1e-45, 3])})
    assert masks["w"].tolist() == [False, False, True, True]
    assert masks.threshold is None


def test_and_keeps_what_both_keep():
    a, b = Masks({"w": np.array([True, True, False])}), Masks({"w": np.array([True, False, True])})
    assert (a & b)["w"].tolist() == [True, False, False]
    with pytest.raises(ValueError, match="only one of the two masks has.*'v'"):
        a & Masks({"w": a["w"], "v": a["w"]})
    with pytest.raises(ValueError, match="'w' has shape"):
        a & Masks({"w": np.array([True])})


def test_masks_cannot_be_changed():
    source = np.array([True, False])
    masks = Masks({"w": source})
    source[:] = False
    assert masks["w"].tolist() == [True, False]
    with pytest.raises(ValueError, match="read-only"):
        masks["w"][0] = False
    with pytest.raises(TypeError):
        masks["w"] = source
    with pytest.raises(AttributeError):
        masks.threshold = 1.0


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda masks: pickle.loads(pickle.dumps(masks))]
)
def test_copies_are_equal_and_read_only_too(duplicate):
    masks = Masks.from_threshold(SCORES, 0.5)
    other = duplicate(masks)
    assert other == masks and other.threshold == 0.5
    assert not other["dense/kernel"].flags.writeable


def test_equality_compares_layers_and_positions():
    masks = Masks({"w": np.array([True, False])})
    assert masks == Masks({"w": np.array([True, False])}, threshold=0.5)
    assert masks != Masks({"w": np.array([False, True])})
    assert masks != Masks({"v": np.array([True, False])})
    assert masks != {"w": [True, False]}


@pytest.mark.parametrize("wrong", [-0.1, 1.1, 75, np.nan, np.inf])
@pytest.mark.parametrize("scope", ["global", "layer"])
def test_sparsity_outside_zero_to_one(wrong, scope):
    with pytest.raises(
        ValueError, match=rf"sparsity {re.escape(f'{wrong:g}')} is not between 0 and 1.*0\.75"
    ):
        Masks.from_sparsity(SCORES, wrong, scope=scope)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Masks.from_sparsity(SCORES, "0.5"), TypeError, "sparsity must be a number, not '0.5'"),
        (lambda: Masks.from_sparsity(SCORES, True), TypeError, "sparsity must be a number"),
        (lambda: Masks.from_sparsity(SCORES, 0.5, scope="local"), ValueError, "scope 'local'.*'layer'"),
        (
            lambda: Masks.from_sparsity(SCORES, {"con": 0.5}),
            ValueError,
            "'con', but there is no such layer.*: conv/kernel, ",
        ),
        (lambda: Masks.from_sparsity(SCORES, {"conv/kernel": 2}), ValueError, "sparsity 2 is not between"),
        (lambda: Masks.from_threshold(SCORES, {"con": 0.5}), ValueError, "threshold has an entry for 'con'"),
        (lambda: Masks.from_threshold(SCORES, -0.5), ValueError, "threshold -0.5 is negative"),
        (lambda: Masks.from_threshold(SCORES, np.nan), ValueError, "threshold is NaN"),
        (lambda: Masks.from_threshold(SCORES, None), TypeError, "threshold must be a number, not None"),
        (lambda: Masks.from_threshold(SCORES, 10**400), ValueError, "threshold is too large"),
        (lambda: Masks.from_threshold({"w": [1, np.nan]}, 1), ValueError, "'w' holds 1 NaN scores out of 2"),
        (lambda: Masks.from_sparsity({"w": [1, np.inf]}, 1), ValueError, "'w' holds 1 infinite scores"),
        (lambda: Masks({"w": [1, 0]}), TypeError, "'w' has dtype int64; masks are boolean"),
        (lambda: Masks({3: [True]}), TypeError, "3 is not a name"),
        (lambda: Masks({"w": [True]}).apply({"v": [1.0]}), ValueError, "mask for 'w' but no weights.*'v'"),
        (lambda: Masks({"w": [True]}).apply({"w": [[1.0]]}), ValueError, r"'w' has shape \(1,\).*\(1, 1\)"),
        (lambda: Masks({"w": [True]})["v"], KeyError, "no mask for 'v'.*'w'"),
    ],
)
def test_errors_name_the_problem_and_the_fix(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_negative_scores_may_have_a_negative_threshold():
    scores = {"w": np.float32([-2, -1, 0, 1])}
    assert Masks.from_threshold(scores, -1)["w"].tolist() == [False, True, True, True]
    assert Masks.from_sparsity(scores, 0.5)["w"].tolist() == [False, False, True, True]


def test_bfloat16_weights_stay_bfloat16():
    weights = {"w": np.array([0.1, -2, 3], dtype=ml_dtypes.bfloat16)}
    pruned = Masks.from_threshold(score(weights), 1).apply(weights)["w"]
    assert pruned.dtype == ml_dtypes.bfloat16
    assert pruned.astype(float).tolist() == [0.0, -2.0, 3.0]
