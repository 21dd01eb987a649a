"""Check the inputs x against the model that takes them."""

import keras
import numpy as np

from ..layers.batch_states import fixed_batch
from .arrays import Batches, Structure, as_arrays, batch_size_for


def inputs_for(model: keras.Model, x: Structure) -> Structure:
    """Return the inputs as ``as_arrays`` does, one array for each input of the model.

    Raises:
        ValueError: If a list has another length than the model has inputs, such as one array per example.
    """
    wanted = len(getattr(model, "inputs", None) or ())
    if wanted and isinstance(x, list | tuple) and x and all(hasattr(part, "shape") for part in x):
        if len(x) != wanted:
            takes = "1 input" if wanted == 1 else f"{wanted} inputs"
            stack = " If each is one example, np.stack(x) makes one array of them." if wanted == 1 else ""
            raise ValueError(
                f"x is a {type(x).__name__} of {len(x):,} arrays, one for each input, but the model "
                f"{model.name!r} takes {takes}.{stack}"
            )
    return as_arrays(x)


def batches_for(
    model: keras.Model, x: Structure, size: int | None = None, order: np.ndarray | None = None
) -> Batches:
    """Return the arrays in slices that the model takes, of a size chosen for the model if none is given.

    Raises:
        ValueError: If the size is not the one that the model is built for.
    """
    fixed = fixed_batch(model)
    if fixed is None:
        return Batches(x, batch_size_for(model, x) if size is None else size, order)
    if size not in (None, fixed):
        raise ValueError(
            f"batch_size is {size}, and the model {model.name!r} is built for {fixed} examples at a time; "
            "leave batch_size out."
        )
    return Batches(x, fixed, order, filled=True)
