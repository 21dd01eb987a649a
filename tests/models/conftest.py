"""Small models of every kind, and random data for them."""

import keras
import numpy as np
import pytest
from keras import layers


@pytest.fixture(autouse=True)
def _fresh_names():
    """Layer names start from "dense" again, so that tests do not depend on their order."""
    keras.backend.clear_session(free_memory=False)  # to collect garbage each time takes minutes in all
    keras.utils.set_random_seed(0)


@pytest.fixture
def data():
    """64 examples of 6 numbers in 4 classes."""
    rng = np.random.default_rng(1)
    return rng.normal(size=(64, 6)).astype("float32"), rng.integers(0, 4, 64)


@pytest.fixture
def dense():
    """6 → 8 → 4 softmax with batch normalisation and dropout in between; compiled for integer labels."""
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(8, activation="relu", name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Dropout(0.3, name="drop"),
            layers.Dense(4, activation="softmax", name="second"),
        ],
        name="dense_net",
    )
    model.compile(keras.optimizers.Adam(0.05), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.fixture
def everything():
    """Function model -> copies of all its state: variables, optimizer, constraints."""

    def read(model):
        optimizer = getattr(model, "optimizer", None)
        variables = [*model.variables, *(optimizer.variables if optimizer is not None else ())]
        return [(v.path, v.value.numpy().tobytes(), v.constraint) for v in variables]

    return read


class Subclassed(keras.Model):
    """Layers in a list and a dict, one weight of its own, and a call without a training argument."""

    def __init__(self):
        super().__init__(name="subclassed")
        self.blocks = [layers.Dense(5, activation="relu", name="a"), layers.Dense(5, name="b")]
        self.heads = {"main": layers.Dense(4, name="head")}
        self.mix = self.add_weight(shape=(5, 5), name="mix", initializer="glorot_uniform")
        self.drop = layers.Dropout(0.5, name="drop")

    def call(self, x):
        for block in self.blocks:
            x = block(x)
        return self.heads["main"](self.drop(x @ self.mix))


@pytest.fixture
def subclassed(data):
    model = Subclassed()
    model(data[0][:1])
    return model
