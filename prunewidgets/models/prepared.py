"""Prepared: what is the same in many forward passes, made once. Inputs, weights, activations."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import prod

import keras
import numpy as np
import tensorflow as tf

from .forward import Batches, Forward, Structure, as_arrays, batch_size_for, count

_KEPT = 500_000_000  # bytes of inputs or activations that are kept; more is made anew for each pass


@dataclass(frozen=True)
class Prepared:
    """Inputs and weights at one moment, for many forward passes under different masks.

    Attributes:
        values: The values of ``model.variables``, without masks.
        batches: The inputs in slices, or the activations before layer number ``start``.
        n: How many examples there are.
        start: The layer that the batches go into; 0 stands for the model itself.
    """

    values: list[tf.Tensor]
    batches: Iterable[Structure]
    n: int
    start: int = 0


def prepare(
    values: list[tf.Tensor], x: Structure, model: keras.Model, order: np.ndarray | None = None
) -> Prepared:
    """Take the inputs to TensorFlow's memory, in this order if given; large ones stay where they are."""
    x = as_arrays(x)
    slices = Batches(x, batch_size_for(model, x), order)
    if kept_bytes(x):
        slices = [tf.nest.map_structure(tf.constant, part) for part in slices]
    return Prepared(values, slices, count(x))


def kept_bytes(x: Structure) -> int:
    """Size of the copy that ``prepare`` makes of arrays from ``as_arrays``: 0 where they are large."""
    size = sum(part.nbytes for part in tf.nest.flatten(x))
    return size if size <= _KEPT else 0


def before(prepared: Prepared, model: keras.Model, variable: keras.Variable, forward: Forward) -> Prepared:
    """The same, with the activations in front of the first layer that owns a variable.

    Only where that is the same computation: in a plain chain of layers (``keras.Sequential``) that takes one
    input and passes no mask of time steps on. Elsewhere, and where the activations are many, ``prepared``
    comes back as it is.
    """
    start = next(_owners(model, variable), 0)
    if start == 0 or not _splits(prepared, model, start):
        return prepared
    activations = [
        forward(prepared.values, batch, range(prepared.start, start)) for batch in prepared.batches
    ]
    return replace(prepared, batches=activations, start=start)


def _owners(model: keras.Model, variable: keras.Variable) -> Iterator[int]:
    for number, layer in enumerate(model.layers):
        if any(own is variable for own in layer.variables):
            yield number


def _splits(prepared: Prepared, model: keras.Model, start: int) -> bool:
    """Whether running layers one by one up to ``start`` is what the model does, and the result is small."""
    first = next(iter(prepared.batches))
    if type(model) is not keras.Sequential or not hasattr(first, "shape") or prepared.start > start:
        return False
    if model.compute_dtype != keras.config.floatx() or len(first.shape) != len(model.inputs[0].shape):
        return False  # the model itself would convert or reshape the inputs
    layers = model.layers[:start]
    if any(getattr(layer.output, "_keras_mask", None) is not None for layer in layers):
        return False
    numbers = layers[-1].output.shape[1:]
    return None not in numbers and 4 * prepared.n * prod(numbers) <= _KEPT
