"""Movement trains a copy as Keras trains, normalisation included."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from prunewidgets.models.pruning.data_criteria import data_score


def by_keras_training(model, data, steps, rate, size):
    """The scores of movement from a loop around Keras's own model in training, on a copy."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    loss, rng = keras.losses.SparseCategoricalCrossentropy(), np.random.default_rng(0)
    kernels = [variable for variable in copy.trainable_variables if variable.name == "kernel"]
    sums, order = [0.0] * len(kernels), []
    for _ in range(steps):
        if not len(order):
            order = rng.permutation(len(data[1]))
        rows, order = order[:size], order[size:]
        with tf.GradientTape() as tape:
            value = loss(data[1][rows], copy(data[0][rows], training=True))
        slopes = tape.gradient(value, [variable.value for variable in copy.trainable_variables])
        for variable, slope in zip(copy.trainable_variables, slopes, strict=True):
            for number, kernel in enumerate(kernels):
                sums[number] -= (kernel.numpy() * slope.numpy()) if kernel is variable else 0.0
        for variable, slope in zip(copy.trainable_variables, slopes, strict=True):
            variable.assign_sub(rate * slope)
    return sums


def test_movement_on_batch_normalisation_trains_as_keras_does(data):
    model = keras.Sequential([keras.Input((6,))])
    for _ in range(3):
        model.add(layers.Dense(8, "relu"))
        model.add(layers.BatchNormalization())
    model.add(layers.Dense(4, "softmax"))
    model.compile(loss="sparse_categorical_crossentropy")
    for layer in model.layers:  # averages far from the statistics of a batch: at inference, 100 steps explode
        if isinstance(layer, layers.BatchNormalization):
            layer.moving_variance.assign(np.zeros(8))
    whole = data_score(model, *data, "movement")  # with its defaults
    assert all(np.isfinite(array).all() for array in whole.values())
    scores = data_score(model, *data, "movement", steps=6, learning_rate=0.05, batch_size=24)
    expected = by_keras_training(model, data, 6, 0.05, 24)
    for found, right in zip(scores.values(), expected, strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-2, atol=1e-5)
