"""What Keras and TensorFlow objects are made of, in plain values and arrays: enough to tell them apart."""

import functools
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.saving.keras_saveable import KerasSaveable

from ...utils.installed import version_of
from .hold import HeldMask
from .live_model import LiveModel

_OF_KERAS = ("build", "quantize", "enable_lora", "train_function", "test_function", "predict_function")
"""Functions that Keras, or a hold of pruned weights, hangs on its objects."""


def parts_of(value: Any) -> Any:
    """Configuration, values and attributes of an object of Keras or TensorFlow.

    Args:
        value: Any object.

    Returns:
        Plain values, arrays, functions, and objects that are to be taken apart in turn; None if pickle's way
        will do.

    Raises:
        TypeError: It cannot be told from others of its kind, as a dataset cannot.
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
        # What a metric has counted is put back to nothing before each use.
        variables = [] if isinstance(value, keras.Metric) else getattr(value, "variables", [])
        # What a loss hands on to its function is missing in the configuration of some (Keras 3.15: Huber).
        handed_on = [_plain(getattr(value, name, None)) for name in ("fn", "_fn", "_fn_kwargs")]
        return [_config(value), list(variables), handed_on, _own(value)]
    return None


def _layer(layer: keras.Layer) -> list[Any]:
    """A model or layer: its description and all values; of the reader's own layers what they hold besides.

    Callables (activations, losses) stand in a description by their names alone.
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
    # Of a generator without a seed every process, and every copy, has another state.
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
    """The optimizer of a model, as it is once it has variables for each weight.

    Keras makes them when training begins, or when the model goes to another process.
    """
    optimizer = getattr(layer, "optimizer", None)
    if optimizer is None or optimizer.built or not layer.trainable_variables:
        return optimizer
    try:
        built = type(optimizer).from_config(optimizer.get_config())
        for variable, now in zip(built.variables, optimizer.variables, strict=True):
            variable.assign(now)
        built.build(layer.trainable_variables)
    except Exception:  # of many kinds, in a class of the reader's own
        return optimizer
    return built


def _config(value: Any) -> Any:
    """What Keras would write into a file; None of a class that cannot tell."""
    try:
        config = keras.saving.serialize_keras_object(value)
    except Exception:  # of many kinds
        return None
    config = _plain(config)
    config.pop("compile_config", None)  # described by itself, with all that it calls
    if isinstance(value, keras.optimizers.Optimizer | keras.random.SeedGenerator):
        config["config"].pop("name", None)  # counted up: adam, adam_1
    return config


def _own(value: Any) -> dict[str, Any]:
    """The attributes of an object of the reader's own class that Keras's class does not have."""
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
    """Keras puts lists of its own in place of a layer's lists, and its files lists in place of tuples."""
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
