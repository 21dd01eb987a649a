"""A model that a method reads is in the key of its runs: weights, configuration, and what holds its zeros."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import prunewidgets as pw
from prunewidgets.experiments.settings import method_settings


def set_one_weight(model):
    weights = model.get_weights()
    weights[0].flat[3] += 1
    model.set_weights(weights)


def same_weights_not_held(model):
    pw.prune(model, 0.5)
    weights = model.get_weights()
    pw.LiveModel(model).restore()
    model.set_weights(weights)


def another_loss(factor):
    return lambda model: model.compile("adam", lambda true, found: factor * found)


CHANGES = {
    "a weight": set_one_weight,
    "a rate": lambda model: setattr(model.layers[1], "rate", 0.25),
    "frozen": lambda model: setattr(model.layers[0], "trainable", False),
    "an activation": lambda model: setattr(model.layers[0], "activation", keras.activations.tanh),
    "an own activation": lambda model: setattr(model.layers[0], "activation", lambda x: x + 1),
    "another own activation": lambda model: setattr(model.layers[0], "activation", lambda x: x + 2),
    "zeros, held": lambda model: pw.prune(model, 0.5),
    "zeros, free": same_weights_not_held,
    "a learning rate": lambda model: setattr(model.optimizer, "learning_rate", 0.5),
    "a loss": another_loss(1),
    "another loss": another_loss(2),
    "an attribute of the reader's layer": lambda model: setattr(model.layers[2], "shift", 2.0),
    "within the reader's layer": lambda model: setattr(model.layers[2].inner, "activation", keras.ops.sin),
}


class Shifted(keras.layers.Layer):
    def __init__(self):
        super().__init__(name="shifted")
        self.inner, self.shift = keras.layers.Dense(2, name="inner"), 1.0

    def call(self, x):
        return self.inner(x) + self.shift


def net():
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(5, name="a"), keras.layers.Dropout(0.5, name="b"), Shifted()]
    model = keras.Sequential([keras.Input((4,), name="x"), *layers], name="net")
    model.compile("adam", "mse", metrics=["mae"])
    return model


def settings(model):
    return method_settings("m", lambda sparsity, seed: model)


def test_a_model_that_behaves_differently_is_another_run():
    found = [settings(net())]
    assert settings(net()) == found[0]
    for change in CHANGES.values():
        model = net()
        change(model)
        found.append(settings(model))
        assert settings(model) == found[-1]
    assert len({str(each) for each in found}) == 1 + len(CHANGES)


def test_inspecting_a_model_changes_no_key():
    model, x = net(), np.zeros((3, 4), "float32")
    before = settings(model)
    model.evaluate(x, np.zeros((3, 2)), verbose=0)
    model.predict(x, verbose=0)
    pw.LiveModel(model).predict(x, pw.Masks.from_sparsity(pw.score(pw.LiveModel(model).weights), 0.5))
    assert settings(model) == before


def test_optimizers_live_models_tensors_and_compiled_functions():
    def step(factor):
        return tf.function(lambda x: x * factor)

    pairs = [
        (keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.2)),
        (keras.losses.Huber(1.0), keras.losses.Huber(2.0)),
        (keras.Variable([1.0]), keras.Variable([2.0])),
        (tf.constant([1.0]), tf.constant([2.0])),
        (step(1), step(2)),
        (pw.LiveModel(net()), pw.LiveModel(net(), prunable="all")),
        (keras.callbacks.EarlyStopping(patience=1), keras.callbacks.EarlyStopping(patience=2)),
    ]
    for one, other in pairs:
        assert settings(one) == settings(one) != settings(other)


def test_a_dataset_is_refused():
    data = tf.data.Dataset.from_tensor_slices([1, 2])
    with pytest.raises(
        TypeError, match="'model' of the function around .* is a tf.data.Dataset, which cannot"
    ):
        settings(data)
