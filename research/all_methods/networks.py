"""The three networks of the table, each in any width, and their data."""

from collections.abc import Callable
from functools import cache

import keras
import numpy as np

import prunewidgets as pw

DIGITS = 6_000
"""Training digits: a tenth of MNIST, so that the whole table takes a night and not a week."""


@cache
def digits() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return the first 6,000 training digits and all 10,000 test digits."""
    (x, y), test = pw.datasets.mnist()
    return (x[:DIGITS], y[:DIGITS]), test


def lenet_300_100(width: float = 1.0) -> keras.Model:
    """Return LeNet-300-100 with both hidden layers scaled in width."""
    layers = [keras.layers.Flatten()]
    layers += [keras.layers.Dense(scaled(units, width), "relu") for units in (300, 100)]
    return built("lenet_300_100", layers)


def small_cnn(width: float = 1.0) -> keras.Model:
    """Return the small CNN of the workbook: two convolutions and a hidden layer."""
    layers = []
    for filters in (16, 32):
        convolution = keras.layers.Conv2D(scaled(filters, width), 3, activation="relu")
        layers += [convolution, keras.layers.MaxPooling2D()]
    layers += [keras.layers.Flatten(), keras.layers.Dense(scaled(64, width), "relu")]
    return built("small_cnn", layers)


def residual_cnn(width: float = 1.0) -> keras.Model:
    """Return a residual network for digits: three stages of one block each, with batch normalisation."""
    inputs = keras.Input((28, 28, 1))
    x = normalised(keras.layers.Conv2D(scaled(8, width), 3, 2, "same", use_bias=False)(inputs))
    x = keras.layers.ReLU()(x)
    for filters, stride in ((8, 1), (16, 2), (32, 2)):
        filters = scaled(filters, width)
        inner = keras.layers.Conv2D(filters, 3, stride, "same", use_bias=False)(x)
        inner = keras.layers.ReLU()(normalised(inner))
        inner = normalised(keras.layers.Conv2D(filters, 3, 1, "same", use_bias=False)(inner))
        if stride > 1:
            x = normalised(keras.layers.Conv2D(filters, 1, stride, use_bias=False)(x))
        x = keras.layers.ReLU()(keras.layers.Add()([x, inner]))
    outputs = keras.layers.Dense(10, "softmax")(keras.layers.GlobalAveragePooling2D()(x))
    return compiled(keras.Model(inputs, outputs, name="residual_cnn"))


NETWORKS: dict[str, Callable[..., keras.Model]] = {
    "lenet_300_100": lenet_300_100,
    "small_cnn": small_cnn,
    "residual_cnn": residual_cnn,
}


def scaled(units: int, width: float) -> int:
    """Return the number of units of a layer in another width, at least one."""
    return max(1, round(units * width))


def normalised(x: keras.KerasTensor) -> keras.KerasTensor:
    """Return batch normalisation of x, with a memory short enough for few steps of training."""
    return keras.layers.BatchNormalization(momentum=0.9)(x)


def built(name: str, layers: list[keras.Layer]) -> keras.Model:
    """Return a compiled classifier of digits with these hidden layers."""
    stack = [keras.Input((28, 28, 1)), *layers, keras.layers.Dense(10, "softmax")]
    return compiled(keras.Sequential(stack, name=name))


def compiled(model: keras.Model) -> keras.Model:
    """Compile as all runs do: Adam at 0.001."""
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def of_as_many_weights(network: str, weights: int) -> keras.Model:
    """Return the widest dense network with at most so many parameters, or the narrowest there is."""
    low, high = 0.0, 1.0
    for _ in range(12):
        middle = (low + high) / 2
        fits = NETWORKS[network](middle).count_params() <= weights
        low, high = (middle, high) if fits else (low, middle)
    return NETWORKS[network](low)
