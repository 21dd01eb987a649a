"""Prepared: inputs, weights and activations that many forward passes share, made once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod

import keras
import numpy as np
import tensorflow as tf

from ..data.arrays import Structure, count
from ..data.inputs import batches_for, inputs_for
from ..forward.passes import Answers, Forward
from ..forward.reach import refuse_unreached
from ..layers.batch_states import recurrent_states

_KEPT = 500_000_000  # bytes of inputs or activations kept at most; more is made again for each pass

_STARTS = 12  # largest number of layers before which activations are kept


@dataclass(frozen=True)
class Prepared:
    """Inputs and weights at one moment, for many forward passes under different masks.

    Attributes:
        values: The values of ``model.variables``, without masks.
        batches: The inputs in slices, or the activations before layer number ``start``.
        n: Number of examples.
        start: Index of the layer that takes the batches; 0 stands for the model itself.
    """

    values: list[tf.Tensor]
    batches: Iterable[Structure]
    n: int
    start: int = 0


def prepare(
    values: list[tf.Tensor], x: Structure, model: keras.Model, order: np.ndarray | None = None
) -> Prepared:
    """Copy the inputs to TensorFlow's memory, in the given order; large ones stay where they are."""
    x = inputs_for(model, x)
    slices: Iterable[Structure] = batches_for(model, x, order=order)
    if kept_bytes(x):
        slices = [tf.nest.map_structure(tf.constant, part) for part in slices]
    return Prepared(values, slices, count(x))


def kept_bytes(x: Structure) -> int:
    """Return the size in bytes of the copy that ``prepare`` makes of these arrays: 0 if they are large."""
    size = sum(part.nbytes for part in tf.nest.flatten(x))
    return size if size <= _KEPT else 0


def before(
    whole: Prepared,
    model: keras.Model,
    variable: keras.Variable,
    forward: Forward,
    last: Prepared | None = None,
) -> Prepared:
    """Return ``whole`` with the activations before a layer up to the first one that owns a variable.

    This is done only where the result is the same: in a plain chain of layers (``keras.Sequential``) that
    takes one input and passes on no mask of time steps. Otherwise, and if the activations are too large,
    ``whole`` is returned unchanged.

    Args:
        whole: The inputs.
        model: The model.
        variable: The variable.
        forward: The model's compiled passes.
        last: What this returned for another variable, to continue from if that helps.
    """
    # A separate pass is compiled for each start, which takes longer the more layers follow.
    step = -(-len(model.layers) // _STARTS)
    start = next(_owners(model, variable), 0) // step * step
    if last is not None and last.start == start:
        return last
    begun = whole if last is None or last.start > start else last
    if start == 0 or not _splits(begun, model, start):
        return whole
    between = range(begun.start, start)
    activations = [answers.outputs for answers in forward.passes(begun.values, begun.batches, between)]
    return replace(begun, batches=activations, start=start)


def answers(
    model: keras.Model,
    variables: Mapping[str, keras.Variable],
    forward: Forward,
    values: list[tf.Tensor],
    x: Structure | Prepared,
    batch_size: int | None = None,
) -> Iterator[Answers]:
    """Return an iterator of one forward pass per batch, each computed on demand.

    Args:
        model: The model.
        variables: The variables, by name, whose values have to reach the outputs.
        forward: The model's compiled passes.
        values: One tensor for each of ``model.variables``.
        x: Inputs, or prepared inputs.
        batch_size: Examples per pass. Defaults to a size chosen for the model.
    """
    if isinstance(x, Prepared):
        batches, n, start = x.batches, x.n, x.start
    else:
        x = inputs_for(model, x)
        batches, n, start = batches_for(model, x, batch_size), count(x), 0
    layers = range(start, len(model.layers)) if start else None

    def reached(found: Answers) -> Answers:
        refuse_unreached(model, variables, forward.unreached)  # known once the pass has been traced
        return found

    return map(reached, of_examples(forward.passes(values, batches, layers), n))


def joined(passes: Iterator[Answers]) -> tuple[Structure, list[np.ndarray | None]]:
    """Join the outputs of all passes, and the masks of the positions that count in Keras."""
    return tf.nest.map_structure(
        lambda *parts: None if parts[0] is None else np.concatenate([np.asarray(part) for part in parts]),
        *[(found.outputs, found.masks) for found in passes],
    )


def of_examples(passes: Iterator[Answers], n: int) -> Iterator[Answers]:
    """Yield the same answers without the examples that only pad the last batch."""
    done = 0
    for answers in passes:
        rows = int(tf.nest.flatten(answers.outputs)[0].shape[0])
        if done + rows > n:
            left = slice(0, n - done)
            outputs, masks = tf.nest.map_structure(
                lambda part: part if part is None else part[left],  # noqa: B023
                (answers.outputs, answers.masks),
            )
            answers = answers._replace(outputs=outputs, masks=masks)
        done += rows
        yield answers


def _owners(model: keras.Model, variable: keras.Variable) -> Iterator[int]:
    for number, layer in enumerate(model.layers):
        if any(own is variable for own in layer.variables):
            yield number


def _splits(prepared: Prepared, model: keras.Model, start: int) -> bool:
    """Return whether running the layers up to ``start`` one by one equals the model, with a small result."""
    first = next(iter(prepared.batches))
    if type(model) is not keras.Sequential or not hasattr(first, "shape") or recurrent_states(model):
        return False
    shape = model.layers[prepared.start].input.shape
    if model.compute_dtype != keras.config.floatx() or len(first.shape) != len(shape):
        return False  # the model itself would convert or reshape the inputs
    layers = model.layers[:start]
    if any(getattr(layer.output, "_keras_mask", None) is not None for layer in layers):
        return False
    numbers = layers[-1].output.shape[1:]
    return None not in numbers and 4 * prepared.n * prod(numbers) <= _KEPT
