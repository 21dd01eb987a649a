"""Refuse what is not a built Keras 3 model."""

from typing import Any

import keras


def check_keras(model: Any) -> None:
    """Raise TypeError if it is not a Keras 3 model."""
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"An object of type {type(model).__module__}.{type(model).__qualname__} is not a Keras 3 model. "
            "Pass a keras.Model: Sequential, Functional or subclassed. (Models of tf_keras or PyTorch have "
            "to be rebuilt with keras.layers first.)"
        )


def check_built(model: Any) -> None:
    """Raise TypeError if it is not a Keras 3 model, ValueError if it is not built."""
    check_keras(model)
    if not model.built:
        raise ValueError(
            f"The model {model.name!r} is not built, so it has no weights yet. Call it once on an example, "
            "model(x[:1]), or begin it with keras.Input(shape), and try again."
        )
