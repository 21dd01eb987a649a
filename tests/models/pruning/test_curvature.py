"""The diagonal of the Hessian, against second differences of the loss in float64."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw
from prunewidgets.models.layers.weights import prunable_variables
from prunewidgets.models.pruning.data_criteria import data_score

STEP = 1e-4


def log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def cross_entropy(z, y):
    return -log_softmax(z)[np.arange(len(y)), y].mean()


def second_differences(loss, weights, place):
    """½ h w² for each weight in one array, from three values of the loss."""
    middle, result = loss(weights), np.empty(weights[place].shape)
    for index in np.ndindex(result.shape):
        value, ends = weights[place][index], []
        for step in (-STEP, STEP):
            weights[place][index] = value + step
            ends.append(loss(weights))
        weights[place][index] = value
        result[index] = (ends[0] - 2 * middle + ends[1]) / STEP**2 * value**2 / 2
    return result


def assert_exact(model, loss, x, y, places):
    """The scores are the second differences; no kink of ReLU or pooling may be nearer than a step."""
    weights = [value.astype(float) for value in model.get_weights()]
    scores = data_score(model, x, y, "obd")
    for name, place in places.items():
        expected = second_differences(loss, weights, place)
        assert expected.max() > 1e-4
        np.testing.assert_allclose(scores[name], expected, rtol=2e-3, atol=2e-6)


@pytest.mark.parametrize(
    ("activation", "kind"),
    [
        ("softmax", "sparse_categorical_crossentropy"),
        ("softmax", "categorical_crossentropy"),
        (None, keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
        (None, keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)),
    ],
    ids=["softmax", "one-hot", "logits", "smoothed"],
)
def test_a_dense_network_with_relu(activation, kind):
    model = keras.Sequential(
        [keras.Input((3,)), layers.Dense(5, "relu", name="a"), layers.Dense(4, activation, name="b")]
    )
    model.compile(loss=kind)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(12, 3)).astype("float32"), rng.integers(0, 4, 12)
    w, b = (value.astype(float) for value in model.get_weights()[:2])
    assert np.abs(x @ w + b).min() > 10 * STEP * np.abs(x).max()
    smooth = getattr(kind, "label_smoothing", 0.0)

    def loss(weights):
        z = np.maximum(x @ weights[0] + weights[1], 0) @ weights[2] + weights[3]
        return (1 - smooth) * cross_entropy(z, y) - smooth * log_softmax(z).mean()

    one_hot = "sparse" not in getattr(kind, "name", kind).lower()
    targets = np.eye(4)[y] if one_hot else y
    assert_exact(model, loss, x, targets, {"a/kernel": 0, "b/kernel": 2})


def test_a_convolution_with_max_pooling():
    model = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(3, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(3, "softmax", name="dense"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy")
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(7, 6, 6, 2)).astype("float32"), rng.integers(0, 3, 7)
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), (3, 3), axis=(1, 2))

    def convolved(weights):
        return np.einsum("nijchw,hwco->nijo", windows, weights[0]) + weights[1]

    def loss(weights):
        pooled = np.maximum(convolved(weights), 0).reshape(7, 2, 2, 2, 2, 3).max(axis=(2, 4))
        return cross_entropy(pooled.reshape(7, -1) @ weights[2] + weights[3], y)

    # Neither the largest of a pool nor the sign of it changes within a step.
    pools = np.maximum(convolved(model.get_weights()), 0).reshape(7, 2, 2, 2, 2, 3).swapaxes(2, 3)
    pools = np.sort(pools.reshape(7, 2, 2, 4, 3), axis=3)
    assert (pools[..., -1, :] - pools[..., -2, :])[pools[..., -1, :] > 0].min() > 2 * STEP * np.abs(x).max()
    assert_exact(model, loss, x, y, {"conv/kernel": 0, "dense/kernel": 2})


@pytest.mark.parametrize("logits", [False, True])
def test_a_single_sigmoid(logits):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1, None if logits else "sigmoid", name="a")])
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=logits))
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(9, 3)).astype("float32"), rng.integers(0, 2, 9)
    w, b = (value.astype(float) for value in model.get_weights())
    p = 1 / (1 + np.exp(-(x @ w + b)))
    expected = (
        (p * (1 - p) * x.astype(float) ** 2).mean(axis=0)[:, None] * w**2 / 2
    )  # h of logistic regression
    np.testing.assert_allclose(data_score(model, x, y, "obd")["a/kernel"], expected, rtol=1e-4)


def test_obd_is_not_negative_where_the_hessian_is(data):
    """With tanh the Hessian's own diagonal has negative entries; what is computed has none."""
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(8, "tanh", name="a"), layers.Dense(4, "softmax", name="b")]
    )
    model.compile(loss="sparse_categorical_crossentropy")
    weights = [value.astype(float) for value in model.get_weights()]

    def loss(weights):
        return cross_entropy(np.tanh(data[0] @ weights[0] + weights[1]) @ weights[2] + weights[3], data[1])

    scores = data_score(model, *data, "obd")
    assert second_differences(loss, weights, 0).min() < -1e-4
    assert all((array >= 0).all() for array in scores.values())
    exact = second_differences(loss, weights, 2)  # the last layer is linear in the softmax's inputs
    np.testing.assert_allclose(scores["b/kernel"], exact, rtol=2e-3, atol=2e-6)


def recurrent(dtype):
    inputs = keras.Input((4,), dtype="int32")
    x = layers.Embedding(5, 2, mask_zero=True, dtype=dtype)(inputs)
    return inputs, layers.LSTM(2, dtype=dtype)(x)


def attention(dtype):
    """In float32 TensorFlow 2.21 dies of it, if several examples are differentiated at once."""
    inputs = keras.Input((4, 3), dtype=dtype)
    x = layers.MultiHeadAttention(2, 2, dtype=dtype)(inputs, inputs)
    return inputs, layers.GlobalAveragePooling1D(dtype=dtype)(x)


@pytest.mark.parametrize("make", [recurrent, attention])
def test_recurrent_layers_and_attention(make):
    """The sum of its definition, with slopes from differences in float64."""

    def build(dtype):
        inputs, x = make(dtype)
        return keras.Model(inputs, layers.Dense(3, "softmax", dtype=dtype)(x))

    model, double = build("float32"), build("float64")
    model.set_weights([4 * value for value in model.get_weights()])
    double.set_weights(model.get_weights())
    model.compile(loss="sparse_categorical_crossentropy")
    rng = np.random.default_rng(2)
    x = rng.integers(0, 5, (12, 4)) if make is recurrent else rng.normal(size=(12, 4, 3))
    scores = data_score(model, x, np.zeros(12, int), "obd")
    forward = tf.function(lambda: double(x, training=False))
    chances = forward().numpy()
    for array, variable in zip(scores.values(), prunable_variables(double).values(), strict=True):
        values, expected = variable.numpy(), np.empty(variable.shape)
        for index in np.ndindex(values.shape):
            ends = []
            for step in (-1e-5, 1e-5):
                moved = values.copy()
                moved[index] += step
                variable.assign(moved)
                ends.append(np.log(forward().numpy()))
            slope = (ends[1] - ends[0]) / 2e-5
            expected[index] = (chances * slope**2).sum(axis=1).mean() * values[index] ** 2 / 2
        variable.assign(values)
        assert expected.max() > 1e-4
        np.testing.assert_allclose(array, expected, rtol=2e-3, atol=1e-7)


def test_scores_do_not_depend_on_the_batch_size(dense, data):
    whole = data_score(dense, *data, "obd")
    parts = data_score(dense, *data, "obd", batch_size=5)  # the last one has 4
    for name in whole:
        np.testing.assert_allclose(parts[name], whole[name], rtol=1e-4, atol=1e-8)


def test_a_very_sure_network_has_finite_scores(dense, data):
    dense.layers[-1].set_weights([1e4 * value for value in dense.layers[-1].get_weights()])
    assert all(np.isfinite(array).all() for array in data_score(dense, *data, "obd").values())


def test_other_losses_are_refused(dense, data):
    dense.compile(loss="mae")
    with pytest.raises(ValueError, match="'obd' needs a cross-entropy.*mean_absolute_error.*'taylor'"):
        pw.prune(dense, 0.5, "obd", data=(data[0], np.eye(4)[data[1]]))
    assert pw.LiveModel(dense).applied is None
    dense.compile(loss=keras.losses.SparseCategoricalCrossentropy(ignore_class=0))
    with pytest.raises(ValueError, match="'obd' needs a cross-entropy over .* that leaves out no class"):
        data_score(dense, *data, "obd")
    per_position = keras.Sequential([keras.Input((5, 6)), layers.Dense(4, "softmax")])
    per_position.compile(loss="sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match=r"one answer per example.*outputs of shape \(None, 5, 4\)"):
        data_score(per_position, np.ones((2, 5, 6)), np.ones((2, 5)), "obd")
