"""Small networks that several tests use."""

import keras
from keras import layers


def two_dense_layers() -> keras.Model:
    """Return a compiled network with three inputs, four hidden neurons and two outputs."""
    model = keras.Sequential([layers.Input((3,)), layers.Dense(4, name="a"), layers.Dense(2, name="b")])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model
