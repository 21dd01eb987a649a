"""A first answer from a part of the examples, and the refined one that goes on from there."""

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.models.live.examples import QUICK, Examples

N = 3 * QUICK


@pytest.fixture
def live(dense):
    return pw.LiveModel(dense)


@pytest.fixture
def many():
    """More than one pass; the labels are not in an order of their own."""
    rng = np.random.default_rng(1)
    return rng.normal(size=(N, 6)).astype("float32"), rng.integers(0, 4, N)


@pytest.fixture
def masks(live):
    return pw.Masks.from_sparsity(pw.score(live.weights), 0.5)


def never():
    return False


def passes(live, monkeypatch):
    """A list that grows with each forward pass."""
    seen, call = [], type(live._state.forward)._function
    monkeypatch.setattr(type(live._state.forward), "_function", lambda *args: seen.append(1) or call(*args))
    return seen


def test_the_first_answer_is_a_part_and_the_refined_one_is_all(live, many, masks):
    examples = Examples(*many)
    first = examples.quick(live, live.snapshot(), masks, never)
    refined = examples.all(live, live.snapshot(), masks, never)
    assert (first.n, refined.n) == (QUICK, N)
    assert refined.value == live.evaluate(*many, masks)
    assert np.array_equal(refined.predicted, live.predict(many[0], masks).argmax(-1))
    assert np.array_equal(refined.labels, many[1])
    assert 0 < first.value.correct < refined.value.correct


def test_no_example_is_measured_twice(live, many, masks, monkeypatch):
    examples, seen = Examples(*many), passes(live, monkeypatch)
    examples.quick(live, live.snapshot(), masks, never)
    assert len(seen) == 1
    examples.all(live, live.snapshot(), masks, never)
    assert len(seen) == 3
    examples.all(live, live.snapshot(), masks, never)
    assert len(seen) == 6


def test_other_masks_are_measured_from_the_start(live, many, masks):
    examples = Examples(*many)
    examples.quick(live, live.snapshot(), {}, never)
    assert examples.all(live, live.snapshot(), masks, never).value == live.evaluate(*many, masks)


def test_both_answers_are_for_the_same_weights(live, many, masks):
    examples, expected = Examples(*many), live.evaluate(*many, masks)
    examples.quick(live, live.snapshot(), masks, never)
    for variable in live.model.variables:
        variable.assign(-variable.value)
    assert examples.all(live, live.snapshot(), masks, never).value == expected


def test_an_outdated_measurement_returns_none(live, many, masks):
    examples = Examples(*many)
    assert examples.quick(live, live.snapshot(), masks, lambda: True) is None
    assert examples.all(live, live.snapshot(), masks, lambda: True) is None
    assert examples.all(live, live.snapshot(), masks, never).value == live.evaluate(*many, masks)


def test_a_metric_gets_the_part_and_then_all(live, many, masks):
    sizes = []

    def share(true, predicted):
        sizes.append((len(true), len(predicted)))
        return 0.5

    examples = Examples(*many, share)
    assert examples.quick(live, live.snapshot(), masks, never).n == QUICK
    assert examples.all(live, live.snapshot(), masks, never).n == N
    assert sizes == [(QUICK, QUICK), (N, N)]
