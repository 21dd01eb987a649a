"""The three networks, their training digits, and how they are trained."""

import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers

import prunewidgets as pw

CACHE = Path(__file__).resolve().parents[2] / "build" / "all_methods"


class Setup(NamedTuple):
    """How a network is built and trained.

    Attributes:
        build: Takes a seed, returns the network.
        digits: Number of MNIST training digits, the first so many.
        epochs: All epochs of a run: dense training, pruning and fine-tuning together.
        batch: Digits in a batch.
        learning_rate: Of Adam, constant.
    """

    build: Callable[[int], keras.Model]
    digits: int
    epochs: int
    batch: int
    learning_rate: float

    @property
    def dense_epochs(self) -> int:
        """The first half: a dense training, where a method starts from one."""
        return self.epochs // 2

    @property
    def steps(self) -> int:
        """Steps in an epoch."""
        return self.digits // self.batch


def residual_cnn(seed: int) -> keras.Model:
    """Return a residual network of two blocks with batch normalisation; 4,968 prunable weights."""
    keras.utils.set_random_seed(seed)

    def convolution(x: Any, filters: int, name: str, size: int = 3, strides: int = 1) -> Any:
        x = layers.Conv2D(filters, size, strides, padding="same", use_bias=False, name=name)(x)
        # Keras's momentum of 0.99 is for longer trainings than these.
        return layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)

    def block(x: Any, filters: int, strides: int, name: str) -> Any:
        y = layers.ReLU()(convolution(x, filters, f"{name}_1", strides=strides))
        y = convolution(y, filters, f"{name}_2")
        if strides != 1:
            x = convolution(x, filters, f"{name}_shortcut", 1, strides)
        return layers.ReLU()(layers.Add()([x, y]))

    inputs = keras.Input((28, 28, 1))
    x = layers.ReLU()(convolution(inputs, 8, "conv", strides=2))
    x = block(block(x, 8, 1, "block_1"), 16, 2, "block_2")
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax", name="dense")(x), name="residual_cnn")


NETWORKS = {
    "lenet_300_100": Setup(pw.models.lenet_300_100, 4_096, 8, 128, 1e-3),
    "small_cnn": Setup(pw.models.small_cnn, 1_024, 8, 64, 1e-3),
    "residual_cnn": Setup(residual_cnn, 1_536, 8, 32, 5e-3),
}


@cache
def _mnist() -> Any:
    return pw.datasets.mnist()


def training_digits(network: str, number: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the images and labels of the first training digits."""
    (x, y), _ = _mnist()
    number = number or NETWORKS[network].digits
    return x[:number], y[:number]


def test_accuracy(model: keras.Model) -> float:
    """Return the accuracy on all 10,000 test digits."""
    _, (x, y) = _mnist()
    return float(pw.LiveModel(model).evaluate(x, y))


def compile_again(model: keras.Model, network: str) -> None:
    """Compile a network as all of its kind are; several steps in one call save time."""
    adam = keras.optimizers.Adam(NETWORKS[network].learning_rate)
    model.compile(adam, "sparse_categorical_crossentropy", steps_per_execution=4, jit_compile=False)


@cache
def _model(network: str) -> keras.Model:
    """Return the one model of this process, so that its training step is traced once and not in each run."""
    model = NETWORKS[network].build(0)
    compile_again(model, network)
    model.optimizer.build(model.trainable_variables)
    pw.LiveModel(model).apply({})
    return model


def start(network: str, weights: Sequence[np.ndarray]) -> keras.Model:
    """Return the network with these weights, nothing pruned, and an optimizer that has not begun."""
    model = _model(network)
    live = pw.LiveModel(model)
    live.apply({name: np.ones(weight.shape, bool) for name, weight in live.weights.items()})
    for variable in model.optimizer.variables:
        if variable.name != "learning_rate":
            variable.assign(np.zeros(variable.shape, variable.dtype))
    model.set_weights(weights)
    return model


@cache
def initial_weights(network: str, seed: int) -> list[np.ndarray]:
    """Return the weights before any training."""
    return NETWORKS[network].build(seed).get_weights()


def fit(model: keras.Model, network: str, seed: int, epochs: int, callbacks: Sequence[Any] = ()) -> None:
    """Train a model on the training digits of its network.

    The seed is set here, so that the order of the digits depends on nothing that ran in this process before.
    """
    keras.utils.set_random_seed(seed)
    batch = NETWORKS[network].batch
    model.fit(
        *training_digits(network), batch_size=batch, epochs=epochs, verbose=0, callbacks=list(callbacks)
    )


@cache
def dense_weights(network: str, seed: int) -> list[np.ndarray]:
    """Return the weights after the dense half of the epochs, from a file if another run has trained them."""
    setup = NETWORKS[network]
    file = CACHE / f"{network}_{setup.digits}x{setup.dense_epochs}_{seed}.npz"
    if not file.exists():
        model = start(network, initial_weights(network, seed))
        fit(model, network, seed, setup.dense_epochs)
        file.parent.mkdir(parents=True, exist_ok=True)
        own = file.with_suffix(f".{os.getpid()}.npz")  # another process may write the same
        np.savez(own, *model.get_weights())
        own.replace(file)
    with np.load(file) as arrays:
        return [arrays[name] for name in arrays.files]
