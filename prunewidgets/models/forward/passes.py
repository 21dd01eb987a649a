"""Compiled forward passes of a model on weights that are passed in; the model is never written to."""

import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from ..data.arrays import Structure, count
from ..layers.batch_states import fixed_batch, recurrent_states
from .open_axes import OpenAxes
from .reach import unreached
from .stateless import call_with, masks_of, of_keras, traced

_SIZE = "The model {!r} is built for {} examples at a time; it cannot take {}."


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
