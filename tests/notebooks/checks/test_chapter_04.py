"""The checks of chapter 04 on a small network."""

import numpy as np
import pytest

CHECKS = "checks.chapter_04"


@pytest.fixture(scope="module")
def live():
    import keras

    import prunewidgets as pw

    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(6, name="first"), keras.layers.Dense(3, activation="softmax", name="last")]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile(loss="sparse_categorical_crossentropy")
    return pw.LiveModel(model)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(40, 4)).astype("float32"), rng.integers(0, 3, 40)


def test_applied_masks_are_named_and_restored(checks, live, capsys):
    import prunewidgets as pw

    before = live.weights
    pw.prune(live, 0.5)
    checks.restore_if_applied(live)
    assert "50.00 %" in capsys.readouterr().out
    assert live.applied is None
    assert all(np.array_equal(before[name], live.weights[name]) for name in before)
    checks.restore_if_applied(live)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("budget", [{"first/kernel": 80}, {"nothing": 0.5}, "much"])
def test_an_invalid_budget_leaves_the_test_set_closed(checks, live, data, capsys, budget):
    checks.once_on_the_test_set(budget, live, data, data)
    out = capsys.readouterr().out
    assert out.startswith("✗") and "The test set stays closed." in " ".join(out.split())


def test_the_test_set_is_measured_on_the_restored_network(checks, live, data, capsys):
    import prunewidgets as pw

    checks.once_on_the_test_set({"first/kernel": 0.5}, live, data, data)
    before = capsys.readouterr().out
    pw.prune(live, 0.9)  # as Apply in a lab does
    checks.once_on_the_test_set({"first/kernel": 0.5}, live, data, data)
    assert capsys.readouterr().out.endswith(before)
    assert live.applied is None
