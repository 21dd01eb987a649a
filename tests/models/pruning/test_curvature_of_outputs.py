"""The diagonal of the Hessian for squared errors and for several outputs: by hand and by differences."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw

from .test_curvature import cross_entropy, second_differences


def two_linear(outputs, losses, **compiled):
    inputs = keras.Input((3,))
    first = layers.Dense(2, name="number", use_bias=False)(inputs)
    second = layers.Dense(4, "softmax", name="label", use_bias=False)(inputs)
    found = {"number": first, "label": second} if outputs == "dict" else [first, second]
    model = keras.Model(inputs, found)
    model.compile(loss=losses, **compiled)
    return model


@pytest.fixture
def examples():
    rng = np.random.default_rng(0)
    x, number = rng.normal(size=(12, 3)).astype("float32"), rng.normal(size=(12, 2)).astype("float32")
    return x, number, rng.integers(0, 4, 12), rng.uniform(0, 2, (2, 12)).astype("float32")


def by_hand(model, x, weights=None):
    """½ h w²: of squared errors h = mean of x² (2 terms, halved by their mean, doubled), and of the softmax
    mean of p (1 − p) x².
    """
    w, v = (model.get_layer(name).get_weights()[0].astype(float) for name in ("number", "label"))
    first, second = np.ones((2, 12)) if weights is None else weights
    p = np.exp(x @ v)
    p /= p.sum(axis=1, keepdims=True)
    squares = x.astype(float) ** 2
    of_number = (first @ squares / 12)[:, None] * np.ones(2)
    of_label = squares.T @ (second[:, None] * p * (1 - p)) / 12
    return of_number * w**2 / 2, of_label * v**2 / 2


@pytest.mark.parametrize("outputs", ["dict", "list"])
def test_two_linear_outputs_with_weights(outputs, examples):
    x, number, label, weights = examples
    losses, factors = ["mse", "sparse_categorical_crossentropy"], [0.3, 5.0]
    y, of_examples = [number, label], list(weights)
    if outputs == "dict":
        names = ["number", "label"]
        losses, factors, y, of_examples = (
            dict(zip(names, part, strict=True)) for part in (losses, factors, y, of_examples)
        )
    model = two_linear(outputs, losses, loss_weights=factors)
    scores = pw.data_score(model, x, y, "obd", sample_weight=of_examples, batch_size=5)
    first, second = by_hand(model, x, weights)
    np.testing.assert_allclose(scores["number/kernel"], 0.3 * first, rtol=1e-4)
    np.testing.assert_allclose(scores["label/kernel"], 5 * second, rtol=1e-4)


def test_an_output_without_a_loss_does_not_count(examples):
    x, _, label, _ = examples
    model = two_linear("dict", {"label": "sparse_categorical_crossentropy"})
    scores = pw.data_score(model, x, {"label": label}, "obd")
    assert not pw.data_score(model, x, {"label": label}, "taylor")["number/kernel"].any()
    np.testing.assert_allclose(scores["label/kernel"], by_hand(model, x)[1], rtol=1e-4)
    assert not scores["number/kernel"].any()


@pytest.mark.parametrize("reduction", ["sum", "mean_with_sample_weight"])
def test_a_loss_with_another_reduction_counts_as_in_keras(reduction, examples):
    """In one batch of 12: its sum is 12 times the mean; or its mean is over the weights."""
    x, number, label, weights = examples
    squared = keras.losses.MeanSquaredError(reduction=reduction)
    model = two_linear("list", [squared, "sparse_categorical_crossentropy"])
    scores = pw.data_score(model, x, [number, label], "obd", sample_weight=list(weights))
    first, second = by_hand(model, x, weights)
    factor = 12 if reduction == "sum" else 12 / weights[0].sum()
    np.testing.assert_allclose(scores["number/kernel"], factor * first, rtol=1e-4)
    np.testing.assert_allclose(scores["label/kernel"], second, rtol=1e-4)


def test_a_shared_trunk_by_differences(examples):
    """A layer that both outputs read, with ReLU: second differences of the whole loss in float64."""
    x, number, label, _ = examples
    inputs = keras.Input((3,))
    trunk = layers.Dense(5, "relu", name="trunk")(inputs)
    found = [layers.Dense(2, name="number")(trunk), layers.Dense(4, name="label")(trunk)]
    model = keras.Model(inputs, found)
    logits = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(loss=["mse", logits], loss_weights=[2.0, 0.5])
    weights = [array.astype(float) for array in model.get_weights()]

    def loss(weights):
        h = np.maximum(x @ weights[0] + weights[1], 0)
        wrong = h @ weights[2] + weights[3] - number
        return 2 * (wrong**2).mean() + 0.5 * cross_entropy(h @ weights[4] + weights[5], label)

    scores = pw.data_score(model, x, [number, label], "obd")
    for name, place in {"trunk/kernel": 0, "number/kernel": 2, "label/kernel": 4}.items():
        expected = second_differences(loss, weights, place)
        assert expected.max() > 1e-3
        np.testing.assert_allclose(scores[name], expected, rtol=2e-3, atol=2e-6)
    assert pw.prune(model, 0.5, "obd", data=(x, [number, label])).sparsity == pytest.approx(0.5, abs=0.02)
