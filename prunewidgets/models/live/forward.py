"""One compiled forward pass per model, on weights that are handed in: the model is never written to."""

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

from .reach import unreached
from .stateless import call_with, fixed_batch, masks_of, of_keras, recurrent_states, traced

Structure = Any  # an array, or a list, tuple or dict of arrays: whatever the model takes

_SIZE = "The model {!r} is built for {} examples at a time; it cannot take {}."
_LARGEST_BATCH = 1000  # measured on two cores: larger ones gain nothing and cannot be cancelled in between
_LARGEST_ACTIVATION = 25_000_000  # numbers (100 MB): a large model's activations have to fit into memory


def refuse_streams(x: Any, name: str) -> None:
    """Raise ValueError for what gives its examples one by one, before all of it is read."""
    if not isinstance(x, Mapping | Sequence | Number) and not hasattr(x, "__array__"):
        raise ValueError(
            f"{name} is of type {type(x).__name__}; pass arrays. What a data set or generator gives batch by "
            "batch has to be joined first, np.concatenate over its batches, x and y apart."
        )


def as_arrays(x: Structure) -> Structure:
    """The inputs as NumPy arrays, floats in Keras's default precision as ``model.predict`` has them.

    A list or tuple of arrays is several inputs, as in Keras; a list of numbers is one array.
    """
    refuse_streams(x, "x")
    if isinstance(x, Mapping):
        return {key: as_arrays(part) for key, part in x.items()}
    if isinstance(x, list | tuple) and x and all(hasattr(part, "shape") for part in x):
        return type(x)(as_arrays(part) for part in x)
    array = np.asarray(x)
    if array.dtype == object:
        raise ValueError("x holds Python objects or rows of unequal length; pass arrays of numbers.")
    if array.ndim == 0:
        raise ValueError(f"x is a single value ({x!r}); pass an array whose first axis counts the examples.")
    return array.astype(keras.config.floatx(), copy=False) if array.dtype.kind == "f" else array


def count(x: Structure) -> int:
    """How many examples the inputs hold.

    Raises:
        ValueError: None at all, or inputs of different length.
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
    """How many examples go into one forward pass: 1000, fewer where inputs or activations are large."""
    sizes = [part.size // max(1, len(part)) for part in tf.nest.flatten(x)]
    for layer in model.layers:
        # Not known for the layers of a subclassed model, nor where an axis is open.
        outputs = layer.output if getattr(layer, "_inbound_nodes", None) else ()
        sizes += [
            prod(output.shape[1:]) for output in tf.nest.flatten(outputs) if None not in output.shape[1:]
        ]
    return max(1, min(_LARGEST_BATCH, _LARGEST_ACTIVATION // max(1, *sizes)))


@dataclass(frozen=True, eq=False)
class Batches:
    """Consecutive slices of all inputs, made when they are asked for.

    Attributes:
        x: Arrays, as ``as_arrays`` returns them.
        size: Examples per slice.
        order: The numbers of all examples in the order in which they are wanted, if not in their own.
        filled: Whether the last slice is brought to the same size too, by repeating its last example.
    """

    x: Structure
    size: int
    order: np.ndarray | None = None
    filled: bool = False

    def __post_init__(self) -> None:
        """Refuse slices of nothing."""
        if self.size < 1:
            raise ValueError(f"batch_size is {self.size}; it has to be 1 or more.")

    def __iter__(self) -> Iterator[Structure]:
        """One slice after the other; without an order they share the memory of the inputs."""
        n = count(self.x)
        for start in range(0, n, self.size):
            rows: slice | np.ndarray = slice(start, start + self.size)
            if self.filled and start + self.size > n:
                rows = np.minimum(np.arange(start, start + self.size), n - 1)
            rows = rows if self.order is None else self.order[rows]
            yield tf.nest.map_structure(lambda part: part[rows], self.x)  # noqa: B023


class Answers(NamedTuple):
    """What a forward pass returns.

    Attributes:
        outputs: In the model's structure.
        masks: For each output a boolean tensor of the positions that count in Keras, or None for all.
        states: What layers with ``stateful=True`` hand to the next batch.
    """

    outputs: Structure
    masks: list[tf.Tensor | None]
    states: list[tf.Tensor]


class Forward:
    """The compiled forward passes of one model, one per form of input.

    Holds the model weakly, so that a cache of these does not keep models alive.

    Attributes:
        unreached: {id of a variable: name of its layer} of those whose values do not reach the outputs, as
            far as it was traced, see ``reach``.
    """

    def __init__(self, model: keras.Model) -> None:
        """Compile nothing yet."""
        self._model: Callable[[], keras.Model] = weakref.ref(model)
        self._compiled: dict[Any, Callable[..., Any]] = {}
        self._looked = False
        self.unreached: dict[int, str] = {}

    @property
    def traces(self) -> int:
        """How often TensorFlow traced the model; stays the same when only weights or masks move."""
        return len(self._compiled)

    def __call__(self, values: list[tf.Tensor], x: Structure, layers: range | None = None) -> Structure:
        """The inference outputs for a batch, computed with ``values`` in place of ``model.variables``.

        Args:
            values: One tensor per variable.
            x: The batch.
            layers: Numbers of the layers to run, one after the other, in place of the whole model; for a
                plain chain of layers, see ``prepared``.
        """
        return next(self.passes(values, [x], layers)).outputs

    def passes(
        self, values: list[tf.Tensor], batches: Iterable[Structure], layers: range | None = None
    ) -> Iterator[Answers]:
        """The answers for one batch after the other, each when it is asked for.

        Layers with ``stateful=True`` begin as they are now and go on from batch to batch, as in Keras; in the
        model they stay as they are.
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

    def look(self, values: list[tf.Tensor]) -> None:
        """Trace a model with layers that Keras does not know, once, to see which variables it asks for."""
        model = self._model()
        strange = any(
            not of_keras(layer) or isinstance(layer, keras.layers.TFSMLayer)
            for layer in model._flatten_layers(include_self=False)
        )
        inputs = getattr(model, "inputs", None)
        if self._looked or not strange or not inputs:
            return
        self._looked = True
        x = inputs[0] if len(inputs) == 1 else getattr(model, "_inputs_struct", inputs)
        with suppress(Exception):  # what cannot run says so when it is to be measured
            self._function(values, x, None)

    def _function(self, values: list[tf.Tensor], x: Structure, layers: range | None) -> Callable[..., Any]:
        model = self._model()
        # Asked before each batch, so only of what is at hand. A Sequential, at any depth, may have gained or
        # lost a layer, even one without weights, since it was traced; a layer may have another activation.
        form = tf.nest.map_structure(
            lambda part: f"{tf.as_dtype(part.dtype).name} {tuple(part.shape[1:])}", x
        )
        # Not ids: a layer that was freed leaves its id to a new one.
        chain = tuple(
            (weakref.ref(layer), id(vars(layer).get("activation"))) for layer in model._flatten_layers()
        )
        # The batch axis stays open (None), where it may: a last, shorter batch must not trace anew.
        size = None if fixed_batch(model) is None else tf.nest.flatten(x)[0].shape[0]
        key = (str(form), size, len(values), chain, model.dtype_policy.name, layers)
        if key not in self._compiled:
            spec = tf.nest.map_structure(lambda part: tf.TensorSpec((size, *part.shape[1:]), part.dtype), x)
            shapes = [tf.TensorSpec(value.shape, value.dtype) for value in values]
            states = [tf.TensorSpec(state.shape, state.dtype) for state in recurrent_states(model)]
            read: set[int] = set()
            # Traced now and only once: the function itself would compare all shapes again in each call.
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
