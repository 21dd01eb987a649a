"""Masks reach the outputs, or the layer that they do not reach is named; what is dead is no mistake."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw
from prunewidgets.models.pruning.data_criteria import data_score


class Opaque(keras.layers.Layer):
    """Multiplies with a matrix that Keras knows, in a way that Keras does not see."""

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 4), name="kernel", initializer="glorot_uniform")
        self.table = self.kernel.numpy()

    def compute_output_shape(self, shape):
        return (*shape[:-1], 4)


class Python(Opaque):
    def call(self, x):
        result = tf.py_function(lambda x: x @ self.kernel.numpy(), [x], tf.float32)
        return tf.ensure_shape(result, (None, 4))


class Copied(Opaque):
    def call(self, x):
        return tf.matmul(x, self.table)


class Direct(Opaque):
    def call(self, x):
        return tf.matmul(x, self.kernel._value)


def saved(tmp_path):
    inner = keras.Sequential([keras.Input((6,)), layers.Dense(8, "relu"), layers.Dense(4, "softmax")])
    inner.export(tmp_path / "saved", verbose=False)
    return layers.TFSMLayer(tmp_path / "saved", call_endpoint="serve", name="opaque")


@pytest.mark.parametrize("kind", [saved, Python, Copied, Direct])
def test_a_layer_that_masks_do_not_reach_is_named(tmp_path, kind, data):
    layer = saved(tmp_path) if kind is saved else kind(name="opaque")
    model = keras.Sequential([keras.Input((6,)), layer])
    model.compile(loss="sparse_categorical_crossentropy")
    for call in (
        lambda: pw.LiveModel(model),
        lambda: pw.accuracy_curve(model, *data, [0, 0.9]),
        lambda: pw.prune(model, 0.9),
        lambda: pw.PruningLab(model, *data),
    ):
        with pytest.raises(ValueError, match="layer 'opaque' of .* a mask would not change its outputs"):
            call()


@pytest.mark.parametrize("kind", [saved, Copied])
def test_in_a_subclassed_model_an_unreached_layer_is_found_when_measured(tmp_path, kind, data):
    class Holder(keras.Model):
        def __init__(self):
            super().__init__(name="holder")
            self.inner = saved(tmp_path) if kind is saved else kind(name="opaque")

        def call(self, x):
            return self.inner(x)

    model = Holder()
    model(data[0][:1])
    with pytest.raises(ValueError, match="layer 'opaque' of 'holder'"):
        pw.LiveModel(model).evaluate(*data)


def test_the_other_weights_can_be_chosen(tmp_path, data):
    x, y = data
    model = keras.Sequential([keras.Input((6,)), saved(tmp_path), layers.Dense(4, name="head")])
    live = pw.LiveModel(model, prunable=lambda v: v is model.get_layer("head").kernel)
    zero = {"head/kernel": np.zeros((4, 4), bool)}
    np.testing.assert_allclose(live.predict(x, zero), 0, atol=1e-7)
    assert np.abs(live.predict(x)).max() > 0


class OnlyInTraining(keras.layers.Layer):
    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 4), name="kernel")

    def call(self, x, training=False):
        return x + tf.reduce_sum(tf.matmul(x, self.kernel)) if training else x * 2.0


class Heads(keras.Model):
    """One head is never called, one is called and forgotten."""

    def __init__(self):
        super().__init__()
        self.used, self.unused, self.dropped = (
            layers.Dense(4, name=n) for n in ("used", "unused", "dropped")
        )
        self.unused.build((None, 6))

    def call(self, x):
        self.dropped(x)
        return self.used(x)


def test_dead_and_unused_layers_are_not_refused(data):
    x, y = data
    heads = Heads()
    heads(x[:1])
    dead = keras.Sequential([keras.Input((6,)), layers.Dense(5, "relu", name="a"), layers.Dense(4)])
    dead.get_layer("a").set_weights([np.zeros((6, 5)), -np.ones(5)])
    times = keras.Input((6,))
    nothing = keras.Model(times, layers.Dense(4)(times) + 0.0 * layers.Dense(4, name="zero")(times))
    spared = keras.Sequential([keras.Input((6,)), OnlyInTraining(), layers.Dense(4)])
    for model in (heads, dead, nothing, spared):
        assert pw.LiveModel(model).evaluate(x, y).n == 64


class Compiled(keras.Model):
    def __init__(self):
        super().__init__()
        self.inner = layers.Dense(4, name="inner")
        self.inner.build((None, 6))  # Keras itself loses the weights that are made inside a tf.function

    @tf.function
    def call(self, x):
        return self.inner(x)


@pytest.mark.parametrize("first", [slice(0, 64), slice(0, 3)])
def test_earlier_traces_of_a_tf_function_in_the_model_are_not_used_or_changed(first, data):
    x, y = data
    model = Compiled()
    model(x[first])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    live = pw.LiveModel(model)
    zero = {name: np.zeros(array.shape, bool) for name, array in live.weights.items()}
    np.testing.assert_allclose(live.predict(x, zero), 0, atol=1e-7)
    kernel, bias = (v.numpy().copy() for v in (model.inner.kernel, model.inner.bias))
    logits = x @ kernel + bias
    slope = np.exp(logits) / np.exp(logits).sum(1, keepdims=True) - np.eye(4)[y]
    for criterion in ("taylor", "obd", "movement"):
        scores = data_score(model, x, y, criterion, batch_size=64)
    np.testing.assert_allclose(
        data_score(model, x, y, "taylor", batch_size=64)["inner/kernel"],
        np.abs(x.T @ slope / 64 * kernel),
        rtol=1e-3,
        atol=1e-6,
    )
    assert np.abs(scores["inner/kernel"]).max() > 0
    model.inner.kernel.assign(2 * kernel)
    for rows in (slice(0, 64), slice(0, 3), slice(0, 5)):
        np.testing.assert_allclose(model(x[rows]), x[rows] @ (2 * kernel) + bias, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("nested", [False, True])
def test_the_fix_that_the_error_names_works(nested):
    parts = [keras.Input((4,)), Direct(name="raw"), layers.Dense(3, name="after")]
    model = keras.Sequential(parts, name="inside")
    if nested:
        inputs = keras.Input((4,))
        model = keras.Model(inputs, layers.Dense(2, name="out")(model(inputs)))
    with pytest.raises(ValueError, match="'raw'") as refused:
        pw.LiveModel(model)
    named = re.search(r"exclude='([^']+)'", str(refused.value)).group(1)
    names = pw.LiveModel(model, exclude=named).names
    assert len(names) == 1 + nested and not any("raw" in name for name in names)
