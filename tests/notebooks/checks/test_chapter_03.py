"""The checks of chapter 03."""

import numpy as np
import pytest

import prunewidgets as pw

CHECKS = "checks.chapter_03"
WEIGHTS = {"a": np.float32([[-0.9, -0.06, -0.01], [0.02, 0.3, 0.4]]), "b": np.float32([[-0.5, 0.7, -0.04]])}


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (3, ""),
        ("3", ""),
        (np.int64(3), ""),
        (6, "all_removed"),
        (5, "all_negative"),
        (2, "one_array"),
        (1, "one_array"),
        (4, "hint"),
        (3.5, "hint"),
    ],
)
def test_the_large_weights_that_the_filter_removes(checks, answer, mistake):
    result = checks.wrongly_removed(answer, WEIGHTS, 0.05)
    assert (result.passed, result.mistake) == (not mistake, mistake)


def test_the_large_weights_on_both_sides_and_those_kept_are_told_apart(checks):
    weights = {"a": np.float32([-0.9, 0.5, 0.6, 0.01])}
    assert checks.wrongly_removed(3, weights, 0.05).mistake == "all_large"
    assert checks.wrongly_removed(2, {"a": np.float32([-0.9, 0.5, 0.6])}, 0.05).mistake == "large_kept"


@pytest.fixture(scope="module")
def model():
    import keras

    keras.utils.set_random_seed(0)
    net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(20), keras.layers.Dense(3, name="last")])
    net.layers[0].bias.assign(np.linspace(-1, 1, 20))
    return net


def pruned(model, keep=lambda w, tau: np.abs(w) >= tau, biases=False, factor=1):
    import keras

    copy = keras.models.clone_model(model)
    arrays = model.get_weights()
    copy.set_weights(
        [w if w.ndim == 1 and not biases else np.where(keep(w, tau_of(model)), factor * w, 0) for w in arrays]
    )
    return copy


def tau_of(model):
    return pw.Masks.from_sparsity(pw.score(pw.LiveModel(model).weights), 0.8).threshold


def into_the_old(model, tau):
    model.set_weights([np.where(np.abs(w) >= tau, w, 0) for w in model.get_weights()])
    return model


def applied_to_the_old(model, tau):
    pw.prune(model, 0.8)
    raise ValueError("no luck")


def of_old_layers(model, tau):
    import keras

    return keras.Sequential(model.layers)


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (lambda model, tau: pruned(model), ""),
        (lambda model, tau: pruned(model).get_weights(), "no_model"),
        (lambda model, tau: None, "no_model"),
        (lambda model, tau: model, "old_model"),
        (of_old_layers, "old_model"),
        (lambda model, tau: pruned(model, biases=True), "bias"),
        (lambda model, tau: pruned(model, lambda w, tau: w >= tau), "signed"),
        (lambda model, tau: pruned(model, lambda w, tau: np.abs(w) < tau), "places"),
        (lambda model, tau: pruned(model, factor=2), "values"),
        (lambda model, tau: pw.models.lenet_300_100(seed=0), "shapes"),
        (into_the_old, "changed"),
        (applied_to_the_old, "changed"),
        (lambda model, tau: model.weights(), "stopped"),
    ],
)
def test_each_mistake_in_a_pruning_function_has_its_hint(checks, model, function, mistake):
    before = model.get_weights()
    result = checks.prune_function(function, model)
    assert (result.passed, result.mistake) == (not mistake, mistake), result.hint
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert pw.LiveModel(model).applied is None


def test_a_pruning_function_that_is_not_written_yet_is_open(checks, model):
    assert not checks.prune_function(lambda model, tau: ..., model).answered


def test_what_else_is_wrong_is_said_of_a_function_that_changes_the_model(checks, model, capsys):
    checks.prune_function(applied_to_the_old, model)
    out = " ".join(capsys.readouterr().out.split())
    assert "its weights are back as they were. And it stopped with ValueError: no luck" in out
