import ml_dtypes
import numpy as np
import pytest
from hypothesis import given

import prunewidgets as pw
from prunewidgets.core.criteria import CRITERIA, score

from .strategies import models

W = np.float32([[1, -2], [3, -6]])


@pytest.mark.parametrize(
    ("criterion", "expected"),
    [
        ("magnitude", [[1, 2], [3, 6]]),
        ("squared", [[1, 4], [9, 36]]),
        # mean -1; squared distances 4, 1, 16, 25 have the mean 11.5
        ("distribution", np.array([[2, 1], [4, 5]]) / 11.5**0.5),
        (
            "lamp",
            [[1 / 50, 4 / 49], [9 / 45, 1]],
        ),  # squares 1, 4, 9, 36
        (lambda w: w + 1, [[2, -1], [4, -5]]),
    ],
)
def test_by_hand(criterion, expected):
    np.testing.assert_allclose(score(W, criterion)["weights"], expected, rtol=1e-6)


@given(models())
def test_every_criterion_gives_one_score_per_weight_and_does_not_change_the_weights(weights):
    before = {name: array.tobytes() for name, array in weights.items()}
    for criterion in CRITERIA:
        scores = score(weights, criterion)
        assert list(scores) == list(weights)
        for name, array in weights.items():
            assert scores[name].shape == array.shape
            assert scores[name].dtype == (np.float64 if array.dtype == np.float64 else np.float32)
            assert not np.shares_memory(scores[name], array)
            assert np.isfinite(scores[name]).all() and (scores[name] >= 0).all()
    assert {name: array.tobytes() for name, array in weights.items()} == before


@given(models())
def test_magnitude_is_exact_in_every_dtype(weights):
    for name, scores in score(weights).items():
        assert scores.ravel().tolist() == [abs(float(value)) for value in weights[name].ravel()]


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        (np.float16, np.float32),
        (ml_dtypes.bfloat16, np.float32),
        (ml_dtypes.float8_e4m3fn, np.float32),
        (np.dtype(">f4"), np.float32),
        (np.int8, np.float32),
        (np.int32, np.float64),  # float32 would round above 2**24
        (np.float64, np.float64),
    ],
)
def test_score_dtypes(dtype, expected):
    assert score(np.array([1, -2], dtype=dtype))["weights"].dtype == expected


@pytest.mark.parametrize("value", [0.1, 1e-30, 1e30, 7])
def test_distribution_of_equal_weights_is_zero(value):
    assert score(np.full((3, 7), value, np.float32), "distribution")["weights"].tolist() == [[0] * 7] * 3


def test_distribution_of_a_large_layer_is_not_lost_to_rounding():
    weights = np.full(2_000_001, 1000, np.float32)
    weights[0] = 1001
    mean = 1000 + 1 / 2_000_001
    scores = score(weights, "distribution")["weights"]
    assert scores[0] / scores[1] == pytest.approx((1001 - mean) / (mean - 1000), rel=1e-3)


def test_random_depends_only_on_seed_position_and_shape():
    one = score({"a": W, "b": W}, "random", seed=1)
    assert not np.array_equal(one["a"], one["b"])
    np.testing.assert_array_equal(score({"x": W}, "random", seed=1)["x"], one["a"])
    np.testing.assert_array_equal(score({"a": -W}, "random", seed=1)["a"], one["a"])
    assert not np.array_equal(score({"b": W}, "random", seed=2)["b"], one["b"])


def test_random_scores_are_uniform():
    scores = score({"w": np.zeros((100, 100))}, "random")["w"]
    assert np.histogram(scores, bins=4, range=(0, 1))[0] == pytest.approx([2500] * 4, abs=200)


def test_scores_are_new_even_if_the_criterion_returns_its_input():
    scores = score(W, lambda w: w)["weights"]
    assert not np.shares_memory(scores, W)
    scores[:] = 0  # writable, and no one else's


def test_a_criterion_cannot_write_into_the_weights():
    with pytest.raises(ValueError, match="read-only"):
        score(W.copy(), lambda w: np.abs(w, out=w))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: score({"c/k": [1, np.nan, np.nan]}), ValueError, "'c/k' holds 2 NaN weights out of 3"),
        (lambda: score({"c/k": [-np.inf, np.nan]}), ValueError, "'c/k' holds 1 NaN and 1 infinite weights"),
        (lambda: score({"h": np.array([1, np.inf], np.float16)}), ValueError, "'h' holds 1 infinite weights"),
        (lambda: score({"b": np.array([np.nan], ml_dtypes.bfloat16)}), ValueError, "'b' holds 1 NaN"),
        (lambda: score({"c": np.float32([1e30])}, "squared"), ValueError, "'c' holds 1 infinite scores"),
        (lambda: score(W, lambda w: w * np.nan), ValueError, "'weights' holds 4 NaN scores"),
        (lambda: score({"c": W}, lambda w: w.sum()), ValueError, r"returned shape \(\) for 'c'.*\(2, 2\)"),
        (lambda: score(W, lambda w: w * 1j), TypeError, "returned complex.*'weights'"),
        (lambda: score(W, "l1"), ValueError, "criterion 'l1' is not known.*magnitude.*or give a function"),
        (lambda: score(W, None), TypeError, "criterion must be a name or a function"),
        (lambda: score(W, "random", seed=-1), ValueError, "seed must be an integer ≥ 0, not -1"),
        (lambda: score(W, "random", seed=0.5), TypeError, "seed must be an integer ≥ 0, not 0.5"),
        (lambda: score({"c": ["a"]}), TypeError, "'c' has dtype <U1, not real numbers"),
        (lambda: score({"c": [1j]}), TypeError, "'c' has dtype complex128"),
        (lambda: score({"c": None}), TypeError, "'c' has dtype object"),
        (lambda: score([[1, 2], [3]]), TypeError, "'weights' is not one array"),
        (lambda: score({0: W}), TypeError, "0 is not a name"),
    ],
)
def test_errors_name_the_layer(call, error, message):
    with pytest.raises(error, match=message):
        call()


@given(models())
def test_lamp_orders_a_layer_by_size_and_its_last_weight_scores_one(weights):
    for name, scores in score(weights, "lamp").items():
        size = np.abs(weights[name].astype(np.float64)).ravel()
        order = np.argsort(size, kind="stable")
        assert (np.diff(scores.ravel()[order].astype(np.float64)) >= 0).all()
        if size.max(initial=0) > 0:
            assert scores.max() == 1


def test_lamp_is_the_sum_of_the_paper():
    w = np.random.default_rng(0).normal(size=(5, 7))
    expected = [x**2 / sum(v**2 for v in w.ravel() if abs(v) >= abs(x)) for x in w.ravel()]
    np.testing.assert_allclose(score(w, "lamp")["weights"].ravel(), expected, rtol=1e-12)


def test_lamp_takes_less_from_a_layer_whose_weights_are_alike():
    """A layer is not emptied before the others, however small its weights are."""
    weights = {"small": np.full((4, 4), 1e-20, np.float32), "large": np.ones((4, 4), np.float32)}
    masks = pw.Masks.from_sparsity(score(weights, "lamp"), 0.5)
    assert masks["small"].sum() == masks["large"].sum() == 8
