"""Describe Keras and TensorFlow objects by plain values and arrays, enough to tell them apart."""

import functools
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.saving.keras_saveable import KerasSaveable

from ...utils.installed import version_of
from ..holding.hold import HeldMask
from .live_model import LiveModel

_OF_KERAS = ("build", "quantize", "enable_lora", "train_function", "test_function", "predict_function")
"""Functions that Keras, or the code that holds pruned weights at zero, sets as attributes of a layer."""


def parts_of(value: Any) -> Any:
    """Return the configuration, values and attributes of a Keras or TensorFlow object.

    Args:
        value: Any object.

    Returns:
        Plain values, arrays, functions, and objects to be taken apart in turn; None if pickling the object
        describes it well enough.

    Raises:
        TypeError: If two objects of this type cannot be told apart, as with a dataset.
    """
    if isinstance(value, keras.Variable):
        return [value.dtype, value.trainable, _constraint(value), _array(value.value)]
    if isinstance(value, tf.Tensor | tf.Variable):
        return [_array(value)]
    if isinstance(value, tf.types.experimental.PolymorphicFunction):
        return [value.python_function, str(value.input_signature)]
    if isinstance(value, tf.data.Dataset):
        raise TypeError("a tf.data.Dataset")
    if isinstance(value, tf.DType | tf.TensorShape | tf.TypeSpec):
        return [repr(value)]
    if isinstance(value, LiveModel):
        return [value.model, value.names]
    if isinstance(value, keras.Model | keras.Layer):
        return _layer(value)
    if isinstance(value, KerasSaveable) or hasattr(value, "get_config"):
        # A metric is reset before each use, so what it has counted so far does not matter.
        variables = [] if isinstance(value, keras.Metric) else getattr(value, "variables", [])
        # Some losses leave the arguments of their function out of their configuration (Keras 3.15: Huber).
        handed_on = [_plain(getattr(value, name, None)) for name in ("fn", "_fn", "_fn_kwargs")]
        return [_config(value), list(variables), handed_on, _own(value)]
    return None


def _layer(layer: keras.Layer) -> list[Any]:
    """Return the configuration and all values of a model or layer, and the attributes of custom layers.

    Callables (activations, losses) are added because a configuration has only their names.
    """
    inner = layer._flatten_layers(include_self=True)
    own = [[part.name, type(part), _own(part)] for part in inner if _own(part) or _is_own(type(part))]
    callables = [
        [part.name, name, value]
        for part in layer._flatten_layers(include_self=True)
        for name, value in sorted(vars(part).items())
        if callable(value) and not name.startswith("_") and name not in _OF_KERAS
        if not isinstance(value, KerasSaveable)
    ]
    # The state of a generator without a seed differs in every process and every copy.
    unseeded = {
        id(generator.state)
        for part in layer._flatten_layers(include_self=True)
        for generator in getattr(part, "_seed_generators", ())
        if generator.get_config()["seed"] is None
    }
    variables = [variable for variable in layer.variables if id(variable) not in unseeded]
    found = [_config(layer), variables, own, callables]
    compiled = dict(getattr(getattr(layer, "_compile_config", None), "config", {}))
    compiled.pop("optimizer", None)
    return [*found, _optimizer(layer), compiled]


def _optimizer(layer: keras.Layer) -> Any:
    """Return the optimizer of a model as it will be once it has variables for each weight.

    Keras creates them when training begins, or when the model is sent to another process.
    """
    optimizer = getattr(layer, "optimizer", None)
    if optimizer is None or optimizer.built or not layer.trainable_variables:
        return optimizer
    try:
        built = type(optimizer).from_config(optimizer.get_config())
        for variable, now in zip(built.variables, optimizer.variables, strict=True):
            variable.assign(now)
        built.build(layer.trainable_variables)
    except Exception:  # a custom class may raise anything
        return optimizer
    return built


def _config(value: Any) -> Any:
    """Return what Keras would write to a file; None if the class cannot be serialised."""
    try:
        config = keras.saving.serialize_keras_object(value)
    except Exception:  # anything may be raised
        return None
    config = _plain(config)
    config.pop("compile_config", None)  # described separately, with all that it calls
    if isinstance(value, keras.optimizers.Optimizer | keras.random.SeedGenerator):
        config["config"].pop("name", None)  # numbered by Keras: adam, adam_1
    return config


def _own(value: Any) -> dict[str, Any]:
    """Return the attributes that an object of a custom class has and Keras's own class does not."""
    if not _is_own(type(value)):
        return {}
    return {
        name: _plain(held)
        for name, held in vars(value).items()
        if not name.startswith("_") and name not in _common(isinstance(value, keras.Model))
    }


@functools.cache
def _common(model: bool) -> frozenset[str]:
    return frozenset(vars(keras.Model() if model else keras.layers.Layer()))


def _is_own(cls: type) -> bool:
    return not version_of(cls.__module__)


def _plain(held: Any) -> Any:
    """Return plain lists: Keras wraps a layer's lists, and its files turn tuples into lists."""
    if isinstance(held, list | tuple):
        return [_plain(entry) for entry in held]
    if isinstance(held, dict):
        return {key: _plain(entry) for key, entry in held.items()}
    return held


def _constraint(variable: keras.Variable) -> Any:
    held = variable.constraint
    return [held.mask, held.previous] if isinstance(held, HeldMask) else held


def _array(tensor: Any) -> np.ndarray:
    array = keras.ops.convert_to_numpy(tensor)
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array
