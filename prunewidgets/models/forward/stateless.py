"""Call a model on values that are passed in, without writing, keeping or clearing anything in it."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import keras
import tensorflow as tf

from ..layers.batch_states import recurrent_states

_OWN_STEPS = ("train_function", "test_function", "predict_function")  # what Keras itself compiles


class Scope(keras.StatelessScope):
    """A scope in which variables have other values, and which records the variables that were read.

    Attributes:
        read: The ids of the variables read.
    """

    def __init__(self, variables: Sequence[keras.Variable], values: Sequence[tf.Tensor]) -> None:
        """Give each variable its value."""
        super().__init__(state_mapping=list(zip(variables, values, strict=True)))
        self.read: set[int] = set()

    def get_current_value(self, variable: keras.Variable) -> tf.Tensor | None:
        """Return the value that replaces this variable, and record that it was read."""
        self.read.add(id(variable))
        return super().get_current_value(variable)


class _Outermost(keras.Layer):
    """A layer that runs a function, as the outermost layer of a call.

    When a call begins, Keras clears the losses of the outermost layer and of all layers in it. If that were
    the model, a custom training step, perhaps in another thread, would lose them.
    """

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(name="looking", dtype="float32", trainable=False)
        self._work = work

    def call(self, nothing: None = None) -> Any:
        return self._work()


def without_clearing_losses(work: Callable[[], Any]) -> Any:
    """Call ``work``, a function that calls a model, without clearing ``model.losses``."""
    return _Outermost(work)(None)


def call_with(
    model: keras.Model,
    values: Sequence[tf.Tensor],
    x: Any,
    training: bool = False,
    states: Sequence[tf.Tensor] = (),
    layers: range | None = None,
) -> tuple[Any, Scope]:
    """Return a model's outputs with ``values`` in place of its variables, and the scope it ran in.

    Args:
        model: The model.
        values: One tensor for each of ``model.variables``.
        x: Inputs, as tensors.
        training: Whether to run the model in training mode. Defaults to False.
        states: One tensor for each of ``recurrent_states(model)``. Defaults to their present values.
        layers: Indices of the layers to run in sequence. Defaults to None, the whole model.
    """

    def chain() -> Any:
        # By __call__, which knows whether call() takes `training` and converts inputs to the model's
        # precision.
        if layers is None:
            return model(x, training=training)
        between = x if layers.start else keras.ops.convert_to_tensor(x, dtype=model.inputs[0].dtype)
        for number in layers:
            between = model.layers[number](between, training=training)
        return between

    kept = recurrent_states(model) if states else []
    with Scope([*model.variables, *kept], [*values, *states]) as scope:
        return without_clearing_losses(chain), scope


def masks_of(outputs: Any) -> list[tf.Tensor | None]:
    """Return which positions of each output count according to Keras's layers; None where all do."""
    return [getattr(output, "_keras_mask", None) for output in tf.nest.flatten(outputs)]


def traced(model: keras.Model, function: Callable[..., Any], *specs: Any) -> Any:
    """Return the concrete function of a function that calls the model, for these specifications.

    A ``tf.function`` inside the model remembers what it was traced with. Traced in a separate graph, it
    neither uses an earlier trace, which reads the model's own variables, nor leaves one behind, which would
    have ours.
    """
    with tf.Graph().as_default() if compiles_itself(model) else nullcontext():
        return tf.function(function, autograph=False).get_concrete_function(*specs)


class TracedCall:
    """A function that calls the model, ``traced`` for each form of its arguments.

    Tensors are arguments of the trace; anything else is part of the form.
    """

    def __init__(self, model: keras.Model, function: Callable[..., Any]) -> None:
        """Remember model and function; nothing is traced yet."""
        self._model, self._function = model, function
        self._traces: dict[str, Callable[..., Any]] = {}

    def __call__(self, *args: Any) -> Any:
        """Call the function, tracing it first if this form of arguments is new."""
        flat = tf.nest.flatten(args)
        forms = [tf.TensorSpec.from_tensor(part) if tf.is_tensor(part) else part for part in flat]
        key = str(tf.nest.pack_sequence_as(args, forms))
        if key not in self._traces:

            def of_tensors(tensors: list[tf.Tensor]) -> Any:
                found = iter(tensors)
                filled = [next(found) if tf.is_tensor(part) else part for part in flat]
                return self._function(*tf.nest.pack_sequence_as(args, filled))

            tensors = [form for form in forms if isinstance(form, tf.TensorSpec)]
            self._traces[key] = traced(self._model, of_tensors, tensors)
        return self._traces[key]([part for part in flat if tf.is_tensor(part)])


def compiles_itself(model: keras.Model) -> bool:
    """Return whether the model or a layer has its own ``tf.function``, such as a decorated ``call``."""
    return any(
        isinstance(part, tf.types.experimental.PolymorphicFunction)
        for layer in model._flatten_layers()
        if not of_keras(layer)
        for parts in (vars(layer), *map(vars, type(layer).__mro__))
        for name, part in parts.items()
        if name not in _OWN_STEPS
    )


def of_keras(layer: keras.Layer) -> bool:
    """Return whether Keras itself defines this kind of layer."""
    return type(layer).__module__.startswith("keras.")
