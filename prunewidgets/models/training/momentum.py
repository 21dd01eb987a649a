"""What an optimizer remembers of single weights, such as momentum."""

from collections.abc import Iterable

import keras
import numpy as np
import tensorflow as tf

from ..holding.hold import optimizers


def forget_momentum(model: keras.Model, grown: Iterable[tuple[keras.Variable, np.ndarray]]) -> None:
    """Set to zero what the optimizer remembers of some weights, such as momentum.

    Args:
        model: The model.
        grown: (variable, True at those weights).
    """
    for optimizer in optimizers(getattr(model, "optimizer", None)):
        trained = list(getattr(optimizer, "_trainable_variables", ()))
        averages = getattr(optimizer, "_model_variables_moving_average", None)
        # Keras has no public way from a variable to its slots; their lists are parallel to the variables'.
        slots = [
            values
            for values in vars(optimizer).values()
            if isinstance(values, list) and len(values) == len(trained) and values is not averages
        ]
        for variable, places in grown:
            number = next((n for n, own in enumerate(trained) if own is variable), None)
            for slot in [values[number] for values in slots] if number is not None else ():
                if slot is not variable and getattr(slot, "shape", None) == variable.shape:
                    slot.assign(tf.where(places, tf.zeros((), slot.dtype), slot.value))
