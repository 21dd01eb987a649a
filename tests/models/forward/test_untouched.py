"""Looking leaves a model as it is: losses, and whatever else its layers keep beside their weights."""

import os

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw
from prunewidgets.models.pruning.data_criteria import DATA_CRITERIA, data_score

LOOPS = int(os.environ.get("PRUNEWIDGETS_LOOPS", "1"))


class Penalty(keras.layers.Layer):
    """Adds a loss of its own, and counts in a metric and a variable."""

    def build(self, shape):
        self.calls = self.add_weight(shape=(), name="calls", trainable=False)
        self.seen = keras.metrics.Mean(name="seen")

    def call(self, x):
        self.calls.assign_add(1.0)
        self.seen.update_state(keras.ops.mean(x))
        self.add_loss(0.1 * keras.ops.mean(keras.ops.square(x)))
        return x


def penalised():
    keras.utils.set_random_seed(0)
    inner = keras.Sequential([layers.Dense(8, "relu", activity_regularizer="l1", name="a"), Penalty()])
    model = keras.Sequential(
        [
            keras.Input((6,)),
            inner,
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(4, kernel_regularizer="l2", name="b"),
        ]
    )
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def looks(model, x, y):
    """Every way to look that there is, as functions."""
    live = pw.LiveModel(model)
    yield lambda: live.evaluate(x, y)
    yield lambda: live.evaluate(x[:7].astype("float16"), y[:7])  # traced again
    yield lambda: pw.accuracy_curve(model, x, y, [0, 0.5])
    yield lambda: pw.sensitivity(model, x, y, [0.5])
    yield lambda: live.evaluate(x, np.eye(4)[y], metric="mse")
    for criterion in DATA_CRITERIA:
        options = {"steps": 2} if criterion == "movement" else {}
        yield lambda c=criterion, o=options: data_score(model, x, y, c, **o)


def kept(model):
    """What each layer keeps: values of variables, losses by identity, flags."""
    found = []
    for layer in model._flatten_layers():
        found.append(
            [id(loss) for loss in layer._losses] + [len(layer._loss_ids), layer.trainable, layer.built]
        )
        found.append([variable.numpy().tolist() for variable in layer.variables])
    return found


def test_measuring_does_not_change_model_losses(data):
    x, y = data
    model = penalised()
    for number, look in enumerate(looks(model, x, y)):
        model(x, training=True)
        before, state = [float(loss) for loss in model.losses], kept(model)
        look()
        assert [float(loss) for loss in model.losses] == before, number
        assert len(before) == 3
        assert kept(model) == state, number


def train(model, x, y, beside):
    """A loop of one's own; ``beside`` is called where a lab in another thread may look."""
    rule = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.SGD(0.1)
    for _ in range(4):
        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
            beside()
            loss = rule(y, outputs) + sum(model.losses)
        slopes = tape.gradient(loss, [v.value for v in model.trainable_variables])
        optimizer.apply(slopes, model.trainable_variables)
    return model.get_weights()


def test_a_custom_training_loop_ends_with_the_same_weights(data):
    x, y = data
    alone = train(penalised(), x, y, lambda: None)
    model = penalised()
    every = list(looks(model, x, y))
    beside = train(model, x, y, lambda: every[len(every) - 1]() or every[0]() or every.pop())
    for ours, theirs in zip(beside, alone, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("loop", range(LOOPS))
def test_training_beside_a_lab_in_its_thread_is_unchanged(data, loop):
    x, y = data
    alone = train(penalised(), x, y, lambda: None)
    model = penalised()
    lab = pw.PruningLab(model, x, y)

    def drag():
        lab.threshold += 0.01
        lab.measure_curve()

    beside = train(model, x, y, drag)
    lab.wait()
    lab.close()
    for ours, theirs in zip(beside, alone, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("way", ["tflite", "tuned", "ledger"])
def test_files_and_ledgers_do_not_change_losses_either(data, way):
    x, y = data
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(8, "relu", activity_regularizer="l1"), layers.Dense(4, "softmax")]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    model(x)
    before = [float(loss) for loss in model.losses]
    if way == "tflite":
        from prunewidgets.models.formats.tflite import to_tflite

        to_tflite(model)
    elif way == "tuned":
        pw.tune_codebooks(model, pw.quantized_weights(model, 2), x, y, epochs=1)
    else:
        pw.costs(model, batches=())
    assert [float(loss) for loss in model.losses] == before
