"""The optimizer goes on in a smaller model: training it equals training the masked one, step by step."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers, optimizers

import prunewidgets as pw

from ..small_nets import randomise

X = np.random.default_rng(0).normal(size=(24, 5)).astype("float32")
Y = np.random.default_rng(1).normal(size=(24, 2)).astype("float32")
KEPT = {"first": np.array([True, False, True, True, False, True])}


def net():
    model = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(6, activation="relu", name="first"),
            layers.BatchNormalization(),
            layers.Dense(2, name="last"),
        ]
    )
    return randomise(model)


def decay():
    return optimizers.schedules.ExponentialDecay(0.02, decay_steps=2, decay_rate=0.7)


def train(model, batches=3):
    for start in range(0, 8 * batches, 8):
        model.train_on_batch(X[start : start + 8], Y[start : start + 8])


OPTIMIZERS = {
    "adam": lambda: optimizers.Adam(decay(), amsgrad=True),
    "adamw": lambda: optimizers.AdamW(decay(), weight_decay=0.1),
    "sgd": lambda: optimizers.SGD(decay(), momentum=0.9, nesterov=True),
    "rmsprop": lambda: optimizers.RMSprop(decay(), momentum=0.5, centered=True),
    "lion": lambda: optimizers.Lion(decay()),
    "loss_scale": lambda: optimizers.LossScaleOptimizer(optimizers.Adam(decay()), dynamic_growth_steps=2),
    "accumulated": lambda: optimizers.Nadam(0.02, gradient_accumulation_steps=2, use_ema=True),
    "several": lambda: optimizers.MultiOptimizer(
        optimizers.OptimizerMap(optimizers.Adagrad(0.1), {"first/.*": optimizers.Adadelta(0.5)})
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_goes_on_as_that_of_the_masked_model(name):
    model = net()
    model.compile(OPTIMIZERS[name](), "mse", run_eagerly=True)
    train(model)
    small, masked = pw.shrink(model, KEPT), pw.mask_units(model, KEPT)
    assert int(small.optimizer.iterations) == int(model.optimizer.iterations) > 0
    gone = [(before.numpy() == 0) & (before.name != "moving_mean") for before in masked.weights]
    model.set_weights(masked.get_weights())  # its optimizer is as it was
    for step in range(4):
        for each in (small, masked, model):
            each.train_on_batch(X[:8], Y[:8])
            if each is not small:
                for weight, zero in zip(each.weights, gone, strict=True):
                    weight.assign(np.where(zero, 0, weight.numpy()))
        for other in (masked, model):
            for ours, theirs in zip(small.get_weights(), pw.shrink(other, KEPT).get_weights(), strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=2e-4, atol=2e-6, err_msg=f"step {step}")


def test_moments_of_scaled_queries_are_those_of_their_new_gradients():
    inputs = keras.Input((5, 4))
    model = randomise(keras.Model(inputs, layers.MultiHeadAttention(2, 4, name="own")(inputs, inputs)))
    model.compile(optimizers.Adam(0.0), "mse", run_eagerly=True)  # the weights stay, and the moments move
    x = np.random.default_rng(0).normal(size=(3, 5, 4))
    for _ in range(3):
        model.train_on_batch(x, np.ones_like(x))
    kept = np.array([True, False, False, True])
    small = pw.shrink(model, {"own/keys": kept})
    model.set_weights(pw.mask_units(model, {"own/keys": kept}).get_weights())
    for _ in range(2):
        small.train_on_batch(x, np.ones_like(x))
        model.train_on_batch(x, np.ones_like(x))
    query = model.trainable_variables.index(model.get_layer("own")._query_dense.kernel)
    for power, moments in ((1, "_momentums"), (2, "_velocities")):
        ours, theirs = (getattr(each.optimizer, moments)[query].numpy() for each in (small, model))
        np.testing.assert_allclose(ours, theirs[..., kept] / np.sqrt(0.5) ** power, rtol=1e-3, atol=1e-7)


def test_what_cannot_be_cut_starts_at_its_first_step_and_says_so_once():
    class Own(optimizers.Adafactor):
        pass

    for kind in (optimizers.Adafactor, Own):
        model = net()
        model.compile(kind(0.02), "mse", run_eagerly=True)
        train(model)
        model.optimizer.learning_rate = 0.01
        with pytest.warns(UserWarning, match=f"What {kind.__name__} has gathered") as said:
            small = pw.shrink(model, KEPT)
        assert [warning.filename for warning in said] == [__file__]
        assert int(small.optimizer.iterations) == 0
        assert float(small.optimizer.learning_rate) == pytest.approx(0.01)
        train(small)


def test_a_model_that_was_never_trained_has_nothing_to_carry():
    model = net()
    model.compile(optimizers.Adafactor(0.02), "mse", run_eagerly=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert int(pw.shrink(model, KEPT).optimizer.iterations) == 0
