"""A small trained network, and a lab on it."""

import keras
import pytest

import prunewidgets as pw

from .tiny import X, Y


@pytest.fixture(scope="module")
def trained():
    """A small convolutional net, trained a little."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(4, 3, activation="relu", name="conv"),
            keras.layers.Flatten(),
            keras.layers.Dense(16, activation="relu", name="dense"),
            keras.layers.Dense(4, activation="softmax", name="out"),
        ],
        name="tiny",
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, epochs=3, verbose=0)
    return model


@pytest.fixture
def model(trained):
    """A fresh copy with an optimizer of its own."""
    copy = keras.models.clone_model(trained)
    copy.set_weights(trained.get_weights())
    copy.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return copy


@pytest.fixture
def lab(model):
    """A lab that has measured its first accuracy."""
    lab = pw.PruningLab(model, X, Y)
    assert lab.wait(60)
    return lab
