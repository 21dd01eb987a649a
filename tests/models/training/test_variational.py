"""Sparse variational dropout: its outputs, loss and gradients by hand, and what is left after it."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.training.variational import Noisy

from ..small_nets import examples, randomise


def regression(*inner, shape=(6,)):
    model = keras.Sequential([keras.Input(shape), *inner])
    model.compile(keras.optimizers.SGD(0.01), "mse")
    randomise(model)
    for variable in model.weights:  # none so small that the first noise is too much for it
        variable.assign(np.sign(variable.numpy()) * (np.abs(variable.numpy()) + 0.1))
    return model


def divergence(theta, log_variance):
    """Equation 14 of the paper, in float64."""
    la = np.minimum(log_variance - np.log(theta.astype(float) ** 2 + 1e-8), 8)
    sigmoid = 1 / (1 + np.exp(-(1.8732 + 1.48695 * la)))
    return (0.63576 - 0.63576 * sigmoid + 0.5 * np.log1p(np.exp(-la))).sum()


def log_variances(model):
    return [v for v in model.trainable_variables if v.name == "learned"]


def test_outputs_are_drawn_from_the_normal_distribution_of_the_paper():
    model = regression(layers.Dense(3, name="only"))
    x = np.repeat(examples(model, 1), 20_000, axis=0)
    theta, bias = model.get_weights()
    with pw.variational_dropout(model, examples=10):
        (s,) = log_variances(model)
        wanted = np.log(0.3 * theta**2)  # α = 0.3
        s.assign(wanted)
        drawn = model(x, training=True).numpy()
        np.testing.assert_allclose(drawn.mean(0), x[0] @ theta + bias, atol=0.05)
        np.testing.assert_allclose(drawn.var(0), x[0] ** 2 @ (0.3 * theta**2), rtol=0.05)
        np.testing.assert_allclose(model.losses[0], divergence(theta, wanted) / 10, rtol=1e-4)
        still = model(x[:5]).numpy()
        np.testing.assert_allclose(still, x[:5] @ theta + bias, rtol=1e-4, atol=1e-5)
        assert not model.losses


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"), (6, 5, 2)),
        (layers.Conv1D(3, 2, padding="causal", use_bias=False), (7, 2)),
        (layers.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de"), (4, 3)),
        (layers.Conv2D(4, 3, groups=2), (5, 5, 4)),
    ],
    ids=lambda part: type(part).__name__,
)
def test_inference_is_that_of_the_layer(layer, shape):
    model = regression(layer, shape=shape)
    x = examples(model, 4)
    before = model.predict(x, verbose=0)
    with pw.variational_dropout(model, examples=4):
        np.testing.assert_allclose(model.predict(x, verbose=0), before, rtol=1e-4, atol=1e-5)
        assert not np.allclose(model(x, training=True), before, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(model.predict(x, verbose=0), before, rtol=1e-4, atol=1e-5)


def test_without_noise_to_speak_of_a_step_is_one_of_the_loss_and_the_divergence():
    model = regression(layers.Dense(2, use_bias=False))
    x, y = examples(model, 16), np.zeros((16, 2), np.float32)
    theta = model.get_weights()[0].astype(float)
    model.compile(keras.optimizers.SGD(1e-3), "mse")
    with pw.variational_dropout(model, examples=16):
        (s,) = log_variances(model)
        s.assign(np.full(s.shape, -30.0))  # where the divergence is −½ log α = log θ² ÷ 2 − s ÷ 2
        model.fit(x, y, batch_size=16, verbose=0)
        np.testing.assert_allclose(s.numpy(), -30 + 1e-3 / 2 / 16, rtol=1e-6)
    slope = x.T @ (x @ theta) / 16 + 1 / theta / 16
    np.testing.assert_allclose(model.get_weights()[0], theta - 1e-3 * slope, rtol=1e-4, atol=1e-6)


def test_the_divergence_s_slope_is_that_of_the_formula():
    import tensorflow as tf

    theta, s = np.float32([0.5, -1.0, 0.1]), np.float32([-2.0, 0.5, -9.0])
    noisy = Noisy(None, keras.Variable(theta), keras.Variable(s))
    with tf.GradientTape() as tape:
        found = noisy.divergence()
    slopes = tape.gradient(found, [noisy.kernel.value, noisy.log_variance.value])
    np.testing.assert_allclose(found, divergence(theta, s), rtol=1e-5)
    for slope, array, place in zip(slopes, (theta, s), (0, 1), strict=True):
        for index in range(3):
            ends = []
            for step in (1e-4, -1e-4):
                moved = [theta.astype(float), s.astype(float)]
                moved[place] = moved[place].copy()
                moved[place][index] += step
                ends.append(divergence(*moved))
            assert float(slope[index]) == pytest.approx((ends[0] - ends[1]) / 2e-4, rel=1e-2, abs=1e-4), array


@pytest.fixture
def noise():
    """Labels that depend on two of twelve inputs; a tenth of them is wrong."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1024, 12)).astype("float32")
    return x, (x[:, 0] + x[:, 1] > 0) ^ (rng.random(1024) < 0.1)


@pytest.fixture
def classifier():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((12,)), layers.Dense(6, "relu", name="a"), layers.Dense(2, "softmax", name="b")]
    )
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_what_is_not_needed_goes(classifier, noise):
    model = classifier
    with pw.variational_dropout(model, examples=1024, sparsity=0.93, warm_up=200):
        model.fit(*noise, epochs=50, verbose=0)
    live = pw.LiveModel(model)
    kept = live.applied["a/kernel"]
    assert kept[:2].sum() >= 2 > kept[2:].sum()
    assert live.evaluate(*noise) > 0.8


def test_above_three_goes_by_itself(classifier, noise):
    model = classifier
    with pw.variational_dropout(model, examples=1024):
        model.fit(*noise, verbose=0)
        kernel, s = model.layers[0].kernel.numpy(), log_variances(model)[0].numpy()
    expected = s - np.log(kernel**2 + 1e-8) <= 3
    assert np.array_equal(pw.LiveModel(model).applied["a/kernel"], expected)


def test_the_share_is_exact_and_all_comes_back(classifier, noise, everything):
    model = classifier
    model.fit(*noise, verbose=0)
    before, names = everything(model), [v.path for v in model.variables]
    with pw.variational_dropout(model, examples=512, sparsity=0.6):
        model.fit(*noise, epochs=2, verbose=0)
    live = pw.LiveModel(model)
    assert live.applied.removed == round(0.6 * 84) and [v.path for v in model.variables] == names
    model.fit(*noise, verbose=0)
    assert pw.Masks.from_zeros(live.weights) == live.applied and not model.losses
    assert not any("call" in vars(layer) for layer in model.layers)
    live.restore()
    assert everything(model) == before


def test_ctrl_c_leaves_a_valid_model(classifier, noise):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 5:
                raise KeyboardInterrupt

    model = classifier
    with pytest.raises(KeyboardInterrupt), pw.variational_dropout(model, 512, sparsity=0.5):
        model.fit(*noise, verbose=0, callbacks=[Stop()])
    assert pw.LiveModel(model).applied.removed == 42 and not log_variances(model)
    model.fit(*noise, verbose=0)
    assert pw.LiveModel(model).applied.removed == 42


@pytest.mark.parametrize("sparsity", [None, 0.6])
def test_what_was_removed_before_stays_removed(classifier, noise, sparsity):
    model = classifier
    masks = pw.prune(model, 0.3)
    with pw.variational_dropout(model, 10**9, sparsity):
        model.fit(*noise, verbose=0)
    after = pw.LiveModel(model).applied
    assert all(not (after[name] & ~kept).any() for name, kept in masks.items())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"examples": 0}, "examples is 0; it counts training examples"),
        ({"examples": 5, "warm_up": -1}, "warm_up is -1; it counts steps"),
        ({"examples": 5, "sparsity": 1.5}, "1.5"),
    ],
    ids=str,
)
def test_wrong_arguments(classifier, options, message):
    with pytest.raises(ValueError, match=message), pw.variational_dropout(classifier, **options):
        pass


def test_other_layers_are_named():
    model = keras.Sequential([keras.Input((4, 2)), layers.LSTM(3, name="odd"), layers.Dense(2)])
    model.compile("sgd", "mse")
    with (
        pytest.raises(ValueError, match="'odd/.*cannot be trained in this way"),
        pw.variational_dropout(model, 5),
    ):
        pass
    bare = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    with pytest.raises(ValueError, match="not compiled"), pw.variational_dropout(bare, 5):
        pass
