"""What a model carries from batch to batch, and how many examples it is built to take at a time."""

import keras
import tensorflow as tf


def recurrent_states(model: keras.Model) -> list[keras.Variable]:
    """Return the states of layers with ``stateful=True``, which are not part of ``model.variables``."""
    found: dict[int, keras.Variable] = {}
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False):
            states = tf.nest.flatten(getattr(layer, "states", None) or ())
            found |= {id(state): state for state in states if isinstance(state, keras.Variable)}
    return list(found.values())


def fixed_batch(model: keras.Model) -> int | None:
    """Return the number of examples that a model takes at a time, None if it takes any."""
    sizes = [tensor.shape[0] for tensor in getattr(model, "inputs", None) or () if len(tensor.shape)]
    sizes += [state.shape[0] for state in recurrent_states(model)]
    return next((size for size in sizes if size is not None), None)
