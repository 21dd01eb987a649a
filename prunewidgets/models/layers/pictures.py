"""Find the layers that read the input picture itself, so that a weight can be shown on its pixel."""

from typing import Any

import keras
from keras import layers

from ...core.layouts import picture_shape

_KEEPS_PLACES = (
    layers.Flatten,
    layers.Reshape,
    layers.Rescaling,
    layers.Normalization,
    layers.BatchNormalization,
    layers.Dropout,
    layers.Activation,
    layers.GaussianNoise,
)
"""Layers after which each value still belongs to the same pixel, in the same order."""


def pictures(model: keras.Model) -> dict[int, tuple[int, ...]]:
    """Return {id of a kernel: (height, width, channels)} for the layers that read the model's input picture.

    These are Dense layers on all pixels, one row of the kernel for each pixel and channel, and Conv2D layers
    on the picture. For anything else, such as a subclassed model, nothing is known and nothing returned.

    Args:
        model: Any built model; the layers of nested models are not looked at.
    """
    inputs = [id(tensor) for tensor in getattr(model, "inputs", None) or []]
    found = {}
    for layer in model.layers if inputs else ():
        shapes = {_picture_of(layer, node, inputs) for node in getattr(layer, "_inbound_nodes", ())}
        kernel = getattr(layer, "kernel", None)
        if kernel is not None and len(shapes) == 1 and (shape := shapes.pop()):
            found[id(kernel)] = shape
    return found


def _picture_of(layer: keras.Layer, node: Any, inputs: list[int]) -> tuple[int, ...]:
    """Return the shape of the picture that a layer reads in one of its calls; () if it reads none."""
    if len(node.input_tensors) != 1:
        return ()
    read = node.input_tensors[0]
    source = _source(read, inputs)
    if source is None:
        return ()
    if isinstance(layer, layers.Dense) and len(read.shape) == 2:
        shape = picture_shape(source.shape[1:])
        rows = shape[0] * shape[1] * shape[2] if shape else 0
        return shape if rows == read.shape[1] else ()
    plain = isinstance(layer, layers.Conv2D) and layer.groups == 1 and set(layer.dilation_rate) == {1}
    plain = plain and layer.data_format == "channels_last"
    return picture_shape(read.shape[1:]) if plain else ()


def _source(tensor: keras.KerasTensor, inputs: list[int]) -> keras.KerasTensor | None:
    """Return the model's input whose values, all in their places, a tensor holds; None if there is none."""
    while id(tensor) not in inputs:
        operation, number, _ = tensor._keras_history
        transposes = getattr(operation, "data_format", "") == "channels_first"
        if transposes or not isinstance(operation, _KEEPS_PLACES):
            return None
        before = operation._inbound_nodes[number].input_tensors
        if len(before) != 1:
            return None
        (tensor,) = before
    return tensor
