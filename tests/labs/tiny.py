"""A small problem for the lab's tests, and accuracy measured by hand."""

import keras
import numpy as np

RNG = np.random.default_rng(3)
X = RNG.normal(size=(2_500, 8, 8, 1)).astype(np.float32)
Y = (X.mean(axis=(1, 2, 3)) > 0).astype(np.int64) + 2 * (X[:, 0, 0, 0] > 0)


def by_hand(model, masks) -> float:
    """Accuracy of a clone whose kernels are multiplied by the masks, through Keras's own evaluate."""
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    for name, mask in masks.items():
        layer, variable = name.split("/")
        target = getattr(clone.get_layer(layer), variable)
        target.assign(target.numpy() * mask)
    clone.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return clone.evaluate(X, Y, verbose=0)[1]


def bits(model) -> list[bytes]:
    """Every variable, bit for bit."""
    return [variable.value.numpy().tobytes() for variable in model.variables]
