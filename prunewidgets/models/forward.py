"""One compiled forward pass per model, on weights that are handed in: the model is never written to."""

import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import keras
import numpy as np
import tensorflow as tf

Structure = Any  # an array, or a list, tuple or dict of arrays: whatever the model takes

_LARGEST_BATCH = 1000  # measured on two cores: larger ones gain nothing and cannot be cancelled in between
_LARGEST_ACTIVATION = 25_000_000  # numbers (100 MB): a large model's activations have to fit into memory


def as_arrays(x: Structure) -> Structure:
    """The inputs as NumPy arrays, floats in Keras's default precision as ``model.predict`` has them.

    A list or tuple of arrays is several inputs, as in Keras; a list of numbers is one array.
    """
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
    """

    x: Structure
    size: int
    order: np.ndarray | None = None

    def __post_init__(self) -> None:
        """Refuse slices of nothing."""
        if self.size < 1:
            raise ValueError(f"batch_size is {self.size}; it has to be 1 or more.")

    def __iter__(self) -> Iterator[Structure]:
        """One slice after the other; without an order they share the memory of the inputs."""
        for start in range(0, count(self.x), self.size):
            rows = slice(start, start + self.size)
            rows = rows if self.order is None else self.order[rows]
            yield tf.nest.map_structure(lambda part: part[rows], self.x)  # noqa: B023


class Forward:
    """The compiled forward passes of one model, one per form of input.

    Holds the model weakly, so that a cache of these does not keep models alive.
    """

    def __init__(self, model: keras.Model) -> None:
        """Compile nothing yet."""
        self._model = weakref.ref(model)
        self._compiled: dict[Any, Callable] = {}

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
        x = tf.nest.map_structure(tf.convert_to_tensor, x)
        return self._function(values, x, layers)(values, x)

    def _function(self, values: list[tf.Tensor], x: Structure, layers: range | None) -> Callable:
        model = self._model()
        # Asked before each batch, so only of what is at hand. A Sequential may have gained a layer, even one
        # without weights, since it was traced.
        form = tf.nest.map_structure(lambda part: f"{part.dtype.name} {part.shape[1:]}", x)
        chain = tuple(map(id, model.layers))
        key = (str(form), len(values), chain, model.dtype_policy.name, layers)
        if key not in self._compiled:
            # The batch axis stays open (None): a last, shorter batch must not trace anew.
            spec = tf.nest.map_structure(lambda part: tf.TensorSpec((None, *part.shape[1:]), part.dtype), x)
            shapes = [tf.TensorSpec(value.shape, value.dtype) for value in values]
            function = tf.function(lambda values, batch: self._run(values, batch, layers), autograph=False)
            # Traced now and only once: the function itself would compare all shapes again in each call.
            self._compiled[key] = function.get_concrete_function(shapes, spec)
        return self._compiled[key]

    def _run(self, values: list[tf.Tensor], x: Structure, layers: range | None) -> Structure:
        model = self._model()
        # As model.stateless_call does it, but through __call__, which knows whether call() takes `training`
        # and brings inputs to the model's precision. What the call would write (seeds, statistics) ends in
        # the scope.
        with keras.StatelessScope(state_mapping=list(zip(model.variables, values, strict=True))):
            if layers is None:
                return model(x, training=False)
            if layers.start == 0:
                x = keras.ops.convert_to_tensor(x, dtype=model.inputs[0].dtype)
            for number in layers:
                x = model.layers[number](x, training=False)
            return x
