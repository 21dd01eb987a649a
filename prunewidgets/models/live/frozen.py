"""Frozen: a model's forward pass with its weights as constants, for export to other file formats."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ..data.arrays import Structure, as_arrays
from ..forward.stateless import call_with
from ..holding.state import state_of
from ..layers.built import check_built
from ..layers.weights import named_variables
from .masked_values import masked_values
from .snapshot import values_by_id


class Frozen(NamedTuple):
    """A model's inference as a function of its inputs alone.

    Attributes:
        function: A ``tf.function`` with one argument per input that returns the outputs.
        signature: The specifications of its arguments, named x0, x1, …
    """

    function: tf.types.experimental.PolymorphicFunction
    signature: list[tf.TensorSpec]


def freeze(
    model: keras.Model,
    masks: Mapping[str, np.ndarray] | None = None,
    batch: int | None = None,
    examples: Structure | None = None,
) -> Frozen:
    """Return the forward pass with the weights as they are now, or as they would be under masks.

    Args:
        model: Any built Keras 3 model; it is not written to.
        masks: {name: boolean array}, True = kept; applied to a copy of the weights.
        batch: A fixed number of examples. Defaults to None, any number.
        examples: Inputs to read the shapes from. Needed for a subclassed model, which does not declare them.

    Raises:
        TypeError: If it is not a Keras 3 model.
        ValueError: If it is not built, the masks do not fit, or neither the model nor examples give the
            shapes of the inputs.
    """
    values = [np.asarray(value) for value in values_of(model, masks)]
    like = input_specs(model, examples)
    signature = [
        tf.TensorSpec((batch, *spec.shape[1:]), spec.dtype, name=f"x{number}")
        for number, spec in enumerate(tf.nest.flatten(like))
    ]

    def run(*inputs: tf.Tensor) -> Structure:
        # Created in here, so that they are constants of the function and not captured inputs.
        constants = [tf.constant(value) for value in values]
        return call_with(model, constants, tf.nest.pack_sequence_as(like, inputs))[0]

    return Frozen(tf.function(run, input_signature=signature, autograph=False), signature)


def values_of(model: keras.Model, masks: Mapping[str, np.ndarray] | None = None) -> list[tf.Tensor]:
    """Return one tensor for each of ``model.variables``, zero where a mask removes a weight.

    Raises:
        TypeError: If it is not a Keras 3 model.
        ValueError: If it is not built, or the masks do not fit.
    """
    check_built(model)
    with state_of(model).lock:
        by_id = values_by_id(model, {})
    values = [by_id[id(variable)] for variable in model.variables]
    return values if masks is None else masked_values(model, values, named_variables(model), masks)


def input_specs(model: keras.Model, examples: Structure | None = None) -> Structure:
    """Return shape and dtype of each input in the model's structure.

    If the model declares its inputs, examples give the shapes and the model the dtypes.

    Raises:
        ValueError: If the model does not declare its inputs and there are no examples.
    """
    found = tf.nest.map_structure(_spec, as_arrays(examples)) if examples is not None else None
    if not getattr(model, "inputs", None):
        if examples is None:
            raise ValueError(
                f"The model {model.name!r} is subclassed and does not declare the shape of its inputs; "
                "pass a few: examples=x[:100]."
            )
        return found
    inputs = model.inputs[0] if isinstance(model, keras.Sequential) else model.input
    declared = tf.nest.map_structure(_spec, inputs)
    if examples is None:
        return declared
    try:
        return tf.nest.map_structure(lambda e, d: tf.TensorSpec(e.shape, d.dtype), found, declared)
    except (TypeError, ValueError):  # a dict in place of a list of inputs, which Keras accepts too
        return found


def _spec(tensor: Any) -> tf.TensorSpec:
    return tf.TensorSpec(tensor.shape, tensor.dtype)
