"""The steps of each kind of layer that a page can compute; `pages/static/network.js` computes them."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
from keras import layers

Step = dict[str, Any]
"""One operation: its name, "op", with the settings that `pages/static/network.js` reads under it."""

ACTIVATIONS = {
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "sigmoid", "hard_sigmoid", "tanh", "softmax",
    "log_softmax", "softplus", "softsign", "silu", "hard_silu", "gelu", "exponential",
}  # fmt: skip


class NotInPages(Exception):
    """A layer that a page cannot compute."""


def steps_of(layer: Any, node: Any) -> Iterator[Step]:
    """Yield the steps of one use of a layer: {"op", "weights": {role: variable}, settings}; one input each.

    Raises:
        NotInPages: no page can compute this layer.
    """
    rule = _RULES.get(type(layer))
    special = getattr(layer, "lora_enabled", False) or getattr(layer, "quantization_mode", None)
    if rule is None or special or layer.compute_dtype != "float32":
        raise NotInPages
    if any(value is not None and value is not False for value in node.arguments.kwargs.values()):
        raise NotInPages  # such as training=True, or a mask
    yield from rule(layer, node)


def _weights(layer: Any, **roles: str) -> dict[str, keras.Variable]:
    found = {role: getattr(layer, name, None) for role, name in roles.items()}
    return {role: variable for role, variable in found.items() if variable is not None}


def _activation(function: Any) -> Iterator[Step]:
    """An activation by its name, with the defaults that Keras gives to one that is named."""
    name = keras.activations.serialize(function)
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise NotInPages
    if name != "linear":
        yield {"op": "activation", "name": name}


def _dense(layer: Any, node: Any) -> Iterator[Step]:
    yield {"op": "dense", "weights": _weights(layer, kernel="kernel", bias="bias")}
    yield from _activation(layer.activation)


def _sliding(layer: Any, *paddings: str) -> Step:
    """How the kernel of a convolution moves over its input."""
    _refuse_channels_first(layer)
    if layer.padding not in paddings:
        raise NotInPages
    return {
        "axes": len(layer.strides),
        "strides": list(layer.strides),
        "dilation": list(layer.dilation_rate),
        "padding": layer.padding,
    }


def _refuse_channels_first(layer: Any) -> None:
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise NotInPages


def _convolution(layer: Any, node: Any) -> Iterator[Step]:
    if layer.groups != 1:
        raise NotInPages
    settings = _sliding(layer, "valid", "same", "causal")
    yield {"op": "conv", "weights": _weights(layer, kernel="kernel", bias="bias"), **settings}
    yield from _activation(layer.activation)


def _depthwise(layer: Any, node: Any) -> Iterator[Step]:
    settings = _sliding(layer, "valid", "same")
    yield {"op": "depthwise", "weights": _weights(layer, kernel="kernel", bias="bias"), **settings}
    yield from _activation(layer.activation)


def _separable(layer: Any, node: Any) -> Iterator[Step]:
    settings = _sliding(layer, "valid", "same")
    yield {"op": "depthwise", "weights": _weights(layer, kernel="depthwise_kernel"), **settings}
    ones = [1] * len(layer.strides)
    yield {
        "op": "conv",
        "weights": _weights(layer, kernel="pointwise_kernel", bias="bias"),
        **settings,
        "strides": ones,
        "dilation": ones,
    }
    yield from _activation(layer.activation)


def _pooling(layer: Any, node: Any) -> Iterator[Step]:
    _refuse_channels_first(layer)
    kind = "max" if "Max" in type(layer).__name__ else "average"
    settings = {"size": list(layer.pool_size), "strides": list(layer.strides), "padding": layer.padding}
    yield {"op": "pool", "kind": kind, "axes": len(layer.pool_size), **settings}


def _global_pooling(layer: Any, node: Any) -> Iterator[Step]:
    _refuse_channels_first(layer)
    kind = "max" if "Max" in type(layer).__name__ else "average"
    yield {"op": "global_pool", "kind": kind, "keep": bool(layer.keepdims)}


def _batch_norm(layer: Any, node: Any) -> Iterator[Step]:
    if layer.axis not in (-1, len(node.outputs[0].shape) - 1):
        raise NotInPages
    roles = {"mean": "moving_mean", "variance": "moving_variance", "gamma": "gamma", "beta": "beta"}
    yield {"op": "batch_norm", "epsilon": float(layer.epsilon), "weights": _weights(layer, **roles)}


def _embedding(layer: Any, node: Any) -> Iterator[Step]:
    if layer.mask_zero:
        raise NotInPages
    yield {"op": "embedding", "weights": _weights(layer, table="embeddings")}


def _reshape(layer: Any, node: Any) -> Iterator[Step]:
    _refuse_channels_first(layer)
    shape = list(node.outputs[0].shape[1:])
    if None in shape:
        raise NotInPages
    yield {"op": "reshape", "shape": shape}


def _identity(layer: Any, node: Any) -> Iterator[Step]:
    yield {"op": "identity"}


def _padding(layer: Any, node: Any) -> Iterator[Step]:
    _refuse_channels_first(layer)
    sides = layer.padding if isinstance(layer.padding[0], tuple) else (layer.padding,)
    yield {"op": "pad", "sides": [list(side) for side in sides]}


def _join(op: str) -> Callable[[Any, Any], Iterator[Step]]:
    def rule(layer: Any, node: Any) -> Iterator[Step]:
        yield {"op": op}

    return rule


def _concatenate(layer: Any, node: Any) -> Iterator[Step]:
    axis = layer.axis if layer.axis >= 0 else layer.axis + len(node.outputs[0].shape)
    yield {"op": "concatenate", "axis": axis}


def _named_activation(layer: Any, node: Any) -> Iterator[Step]:
    yield from _activation(layer.activation)
    yield {"op": "identity"}


def _relu(layer: Any, node: Any) -> Iterator[Step]:
    if layer.threshold:
        raise NotInPages
    limits = {"slope": float(layer.negative_slope or 0), "most": layer.max_value}
    yield {"op": "relu", **limits}


def _leaky(layer: Any, node: Any) -> Iterator[Step]:
    yield {"op": "relu", "slope": float(layer.negative_slope), "most": None}


def _softmax(layer: Any, node: Any) -> Iterator[Step]:
    if layer.axis not in (-1, len(node.outputs[0].shape) - 1):
        raise NotInPages
    yield {"op": "activation", "name": "softmax"}


def _rescaling(layer: Any, node: Any) -> Iterator[Step]:
    yield {"op": "rescale", "scale": float(layer.scale), "offset": float(layer.offset)}


_RULES: dict[type, Callable[[Any, Any], Iterator[Step]]] = {
    layers.Dense: _dense,
    layers.Conv1D: _convolution,
    layers.Conv2D: _convolution,
    layers.DepthwiseConv1D: _depthwise,
    layers.DepthwiseConv2D: _depthwise,
    layers.SeparableConv1D: _separable,
    layers.SeparableConv2D: _separable,
    layers.MaxPooling1D: _pooling,
    layers.MaxPooling2D: _pooling,
    layers.AveragePooling1D: _pooling,
    layers.AveragePooling2D: _pooling,
    layers.GlobalMaxPooling1D: _global_pooling,
    layers.GlobalMaxPooling2D: _global_pooling,
    layers.GlobalAveragePooling1D: _global_pooling,
    layers.GlobalAveragePooling2D: _global_pooling,
    layers.BatchNormalization: _batch_norm,
    layers.Embedding: _embedding,
    layers.Flatten: _reshape,
    layers.Reshape: _reshape,
    layers.Dropout: _identity,
    layers.SpatialDropout1D: _identity,
    layers.SpatialDropout2D: _identity,
    layers.GaussianNoise: _identity,
    layers.GaussianDropout: _identity,
    layers.Identity: _identity,
    layers.ZeroPadding1D: _padding,
    layers.ZeroPadding2D: _padding,
    layers.Add: _join("add"),
    layers.Subtract: _join("subtract"),
    layers.Multiply: _join("multiply"),
    layers.Average: _join("average"),
    layers.Maximum: _join("maximum"),
    layers.Minimum: _join("minimum"),
    layers.Concatenate: _concatenate,
    layers.Activation: _named_activation,
    layers.ReLU: _relu,
    layers.LeakyReLU: _leaky,
    layers.Softmax: _softmax,
    layers.Rescaling: _rescaling,
}
