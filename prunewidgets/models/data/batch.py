"""Batch: one batch of examples (x, y, sample_weight), checked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from .arrays import Structure, as_arrays, count
from .inputs import inputs_for


class Batch(NamedTuple):
    """One batch, checked.

    Attributes:
        x: Inputs as NumPy arrays, an array or a list, tuple or dict of arrays; floats as in ``as_arrays``.
        y: Labels as NumPy arrays, in the user's own structure; None if there are none.
        sample_weight: Weights likewise; None if there are none.
    """

    x: Structure
    y: Any = None
    sample_weight: Any = None

    @property
    def n(self) -> int:
        """Number of examples."""
        return len(tf.nest.flatten(self.x)[0])

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return sum(part.nbytes for part in tf.nest.flatten(tuple(self)) if part is not None)


def is_batch(item: Sequence[Any]) -> bool:
    """Return whether a list or tuple is (x, y) or (x, y, sample_weight)."""
    if not 2 <= len(item) <= 3:
        return False
    x = item[0]
    if isinstance(x, Mapping):
        return True
    parts = x if isinstance(x, list | tuple) else [x]
    return bool(parts) and all(len(getattr(part, "shape", ())) > 0 for part in parts)


def checked_batch(model: keras.Model | None, parts: Sequence[Any], what: str = "") -> Batch:
    """Return (x,), (x, y) or (x, y, sample_weight) as arrays of one length.

    Args:
        model: The model that takes the inputs, if there is one.
        parts: What the user gave.
        what: What to call it in a message, if it is one batch of several; it may then be empty.
    """
    given: list[Any] = [*parts, None, None]
    x, y, weights = (map_arrays(_array, part) for part in given[:3])
    if what and _is_single(model, x, y):
        raise ValueError(
            f"{what} is a single example; put examples together into batches first, as with batch(32) of a "
            "tf.data.Dataset."
        )
    x = as_arrays(x) if model is None else inputs_for(model, x)
    n = 0 if what and not any(len(part) for part in tf.nest.flatten(x)) else count(x)
    for name, part in (("y", y), ("sample_weight", weights)):
        for array in _flat(part):
            if np.ndim(array) == 0 or len(array) != n:
                found = f"{len(array):,}" if np.ndim(array) else "no length"
                raise ValueError(
                    f"{what or 'x'} holds {n:,} examples and {name} {found}; they need the same length."
                )
    return Batch(x, y, weights)


def _is_single(model: keras.Model | None, x: Structure, y: Any) -> bool:
    """Return whether x is one example without an axis that counts examples."""
    if any(np.ndim(part) == 0 for part in _flat((x, y))):
        return True
    inputs = list(getattr(model, "inputs", None) or ())
    if len(inputs) != 1 or not hasattr(x, "shape"):
        return False
    wanted = inputs[0].shape[1:]
    fits = all(size in (None, found) for size, found in zip(wanted, x.shape, strict=False))
    return len(wanted) == len(x.shape) and wanted[-1] != 1 and fits  # Keras adds a last axis of 1 itself


def _array(part: Any) -> np.ndarray:
    """Return an array, a tensor of TensorFlow or torch, a number or a list of numbers as a NumPy array."""
    if hasattr(part, "detach"):  # of torch
        part = part.detach().cpu()
        part = part.float() if str(part.dtype) == "torch.bfloat16" else part  # NumPy has no such dtype
    return np.asarray(part)


def copied(batch: Batch) -> Batch:
    """Return a copy: a generator may write its next batch into the same array."""
    return Batch(*(map_arrays(np.array, part) for part in batch))


def map_arrays(function: Callable[[Any], Any], part: Any) -> Any:
    """Map each array of a structure; a list of numbers is one array, None stays None."""
    if part is None:
        return None
    if isinstance(part, Mapping):
        return {key: map_arrays(function, inner) for key, inner in part.items()}
    if isinstance(part, list | tuple) and part and all(hasattr(inner, "shape") for inner in part):
        return type(part)(map_arrays(function, inner) for inner in part)
    return function(part)


def _flat(part: Any) -> list[Any]:
    return [array for array in tf.nest.flatten(part) if array is not None]
