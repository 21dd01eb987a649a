"""Compiled forward passes of a model on weights that are passed in; the model is never written to."""

import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import prod
from numbers import Number
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from .open_axes import OpenAxes
from .reach import unreached
from .stateless import call_with, fixed_batch, masks_of, of_keras, recurrent_states, traced

Structure = Any  # an array, or a list, tuple or dict of arrays, as the model takes it

_SIZE = "The model {!r} is built for {} examples at a time; it cannot take {}."
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


class Answers(NamedTuple):
    """What a forward pass returns for one batch.

    Attributes:
        outputs: The outputs, in the model's structure.
        masks: For each output, a boolean tensor of the positions that count in Keras; None if all do.
        states: What layers with ``stateful=True`` pass on to the next batch.
    """

    outputs: Structure
    masks: list[tf.Tensor | None]
    states: list[tf.Tensor]


class Forward:
    """The compiled forward passes of one model, one per form of input.

    Refers to the model weakly, so that a cache of these does not keep models alive.

    Attributes:
        unreached: {id of a variable: name of its layer} for variables whose values do not reach the
            outputs, in the passes traced so far; see ``reach``.
    """

    def __init__(self, model: keras.Model) -> None:
        """Remember the model; nothing is compiled yet."""
        self._model: Callable[[], keras.Model] = weakref.ref(model)
        self._compiled: dict[Any, Callable[..., Any]] = {}
        self._axes = OpenAxes()
        self._custom_traced = False
        self.unreached: dict[int, str] = {}

    @property
    def traces(self) -> int:
        """How often TensorFlow has traced the model; does not grow when only weights or masks change."""
        return len(self._compiled)

    def __call__(self, values: list[tf.Tensor], x: Structure, layers: range | None = None) -> Structure:
        """Return the inference outputs for a batch, computed with ``values`` in place of ``model.variables``.

        Args:
            values: One tensor per variable.
            x: The batch.
            layers: Indices of the layers to run in sequence, instead of the whole model; for a plain chain of
                layers only, see ``prepared``.
        """
        return next(self.passes(values, [x], layers)).outputs

    def passes(
        self, values: list[tf.Tensor], batches: Iterable[Structure], layers: range | None = None
    ) -> Iterator[Answers]:
        """Yield the answers for one batch after another, each computed on demand.

        Layers with ``stateful=True`` start from their present state and carry it from batch to batch, as in
        Keras; their state in the model does not change.
        """
        model = self._model()
        states = [tf.convert_to_tensor(state.value) for state in recurrent_states(model)]
        size = fixed_batch(model) if states else None
        for batch in batches:
            if size is not None and size != count(batch):
                raise ValueError(_SIZE.format(model.name, size, count(batch)))
            batch = tf.nest.map_structure(tf.convert_to_tensor, batch)
            answers = Answers(*self._function(values, batch, layers)(values, batch, states))
            states = answers.states
            yield answers

    def trace_custom_layers(self, values: list[tf.Tensor]) -> None:
        """Trace a model that has custom layers once, to see which variables it reads through Keras."""
        model = self._model()
        strange = any(
            not of_keras(layer) or isinstance(layer, keras.layers.TFSMLayer)
            for layer in model._flatten_layers(include_self=False)
        )
        inputs = getattr(model, "inputs", None)
        if self._custom_traced or not strange or not inputs:
            return
        self._custom_traced = True
        x = inputs[0] if len(inputs) == 1 else getattr(model, "_inputs_struct", inputs)
        with suppress(Exception):  # a model that cannot run raises its error when it is measured
            self._function(values, x, None)

    def _function(self, values: list[tf.Tensor], x: Structure, layers: range | None) -> Callable[..., Any]:
        model = self._model()
        # Computed before each batch, so it has to be cheap. A Sequential, at any depth, may have gained or
        # lost a layer, even one without weights, since it was traced; a layer may have another activation.
        form = tf.nest.map_structure(lambda part: tf.as_dtype(part.dtype).name, x)
        # Weak references, not ids: a new layer may get the id of one that was freed.
        chain = tuple(
            (weakref.ref(layer), id(vars(layer).get("activation"))) for layer in model._flatten_layers()
        )
        # The batch axis stays open (None) where possible: a shorter last batch must not trace again.
        size = None if fixed_batch(model) is None else tf.nest.flatten(x)[0].shape[0]
        kind = (str(form), size, len(values), chain, model.dtype_policy.name, layers)
        exact = [tuple(part.shape[1:]) for part in tf.nest.flatten(x)]
        sizes = exact if layers is not None else self._axes.shapes(model, kind, x)
        key = (*kind, tuple(sizes))
        if key not in self._compiled:
            flat = [
                tf.TensorSpec((size, *shape), part.dtype)
                for shape, part in zip(sizes, tf.nest.flatten(x), strict=True)
            ]
            spec = tf.nest.pack_sequence_as(x, flat)
            shapes = [tf.TensorSpec(value.shape, value.dtype) for value in values]
            states = [tf.TensorSpec(state.shape, state.dtype) for state in recurrent_states(model)]
            read: set[int] = set()
            # Traced here, once: a tf.function would compare all shapes again in each call.
            try:
                function = traced(model, partial(self._run, layers, read), shapes, spec, states)
            except (ValueError, TypeError) as error:
                if size == fixed_batch(model):
                    raise
                raise ValueError(_SIZE.format(model.name, fixed_batch(model), size)) from error
            self.unreached |= unreached(model, function.graph, read)
            self._compiled[key] = function
        return self._compiled[key]

    def _run(
        self,
        layers: range | None,
        read: set[int],
        values: list[tf.Tensor],
        x: Structure,
        states: list[tf.Tensor],
    ) -> tuple[Any, ...]:
        model = self._model()
        outputs, scope = call_with(model, values, x, states=states, layers=layers)
        read |= scope.read
        after = [scope.get_current_value(state) for state in recurrent_states(model)]
        return outputs, masks_of(outputs), after
