"""The inputs x as arrays: checked, counted, and cut into batches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from numbers import Number
from typing import Any

import keras
import numpy as np
import tensorflow as tf

Structure = Any  # an array, or a list, tuple or dict of arrays, as the model takes it

_LARGEST_BATCH = 1000  # measured on two cores: larger batches are no faster and cannot be cancelled midway
_LARGEST_ACTIVATION = 25_000_000  # float32 values (100 MB): large activations have to fit into memory


def refuse_streams(x: Any, name: str) -> None:
    """Raise ValueError for a data set or generator in the place of arrays, without reading it."""
    if not isinstance(x, Mapping | Sequence | Number) and not hasattr(x, "__array__"):
        raise ValueError(
            f"{name} is of type {type(x).__name__}; pass arrays, or as x a data set or generator of batches "
            "(x, y) where one is taken."
        )


def as_arrays(x: Structure) -> Structure:
    """Return the inputs as NumPy arrays, floats in Keras's default precision as in ``model.predict``.

    A list or tuple of arrays means several inputs, as in Keras; a list of numbers is one array.
    """
    refuse_streams(x, "x")
    if isinstance(x, Mapping):
        return {key: as_arrays(part) for key, part in x.items()}
    if isinstance(x, list | tuple) and x and all(hasattr(part, "shape") for part in x):
        return type(x)(as_arrays(part) for part in x)
    array = np.asarray(x)
    for kind in (bytes, str):  # texts from a data set or a table
        if array.dtype == object and array.size and all(isinstance(text, kind) for text in array.flat):
            array = array.astype(kind)
    if array.dtype == object:
        raise ValueError("x holds Python objects or rows of unequal length; pass arrays of numbers.")
    if array.ndim == 0:
        raise ValueError(f"x is a single value ({x!r}); pass an array whose first axis counts the examples.")
    return array.astype(keras.config.floatx(), copy=False) if array.dtype.kind == "f" else array


def count(x: Structure) -> int:
    """Return the number of examples in the inputs.

    Raises:
        ValueError: If there are no examples, or the inputs have different lengths.
    """
    lengths = {len(part) for part in tf.nest.flatten(x)}
    if len(lengths) > 1:
        raise ValueError(
            f"The inputs in x have different lengths: {sorted(lengths)}. Each needs one row per example."
        )
    if not lengths or lengths == {0}:
        raise ValueError("x holds no examples; an accuracy needs at least one.")
    return lengths.pop()


def batch_size_for(model: keras.Model, x: Structure) -> int:
    """Return the number of examples per forward pass: 1000, or fewer if inputs or activations are large."""
    sizes = [part.size // max(1, len(part)) for part in tf.nest.flatten(x)]
    for layer in model.layers:
        # Unknown for the layers of a subclassed model, and where an axis has no fixed size.
        outputs = layer.output if getattr(layer, "_inbound_nodes", None) else ()
        sizes += [
            prod(output.shape[1:]) for output in tf.nest.flatten(outputs) if None not in output.shape[1:]
        ]
    return max(1, min(_LARGEST_BATCH, _LARGEST_ACTIVATION // max(1, *sizes)))


@dataclass(frozen=True, eq=False)
class Batches:
    """Consecutive slices of all inputs, made on demand.

    Attributes:
        x: Arrays, as ``as_arrays`` returns them.
        size: Examples per slice.
        order: The indices of all examples in the order wanted. Defaults to their own order.
        filled: Whether the last slice is padded to the full size by repeating its last example.
    """

    x: Structure
    size: int
    order: np.ndarray | None = None
    filled: bool = False

    def __post_init__(self) -> None:
        """Refuse a size below 1."""
        if self.size < 1:
            raise ValueError(f"batch_size is {self.size}; it has to be 1 or more.")

    def __iter__(self) -> Iterator[Structure]:
        """Yield one slice after another; without an order most share the memory of the inputs."""
        n = count(self.x)
        for start in range(0, n, self.size):
            rows: slice | np.ndarray = slice(start, start + self.size)
            if self.filled and start + self.size > n:
                rows = np.minimum(np.arange(start, start + self.size), n - 1)
            rows = rows if self.order is None else self.order[rows]
            yield tf.nest.map_structure(lambda part: part[rows], self.x)  # noqa: B023
