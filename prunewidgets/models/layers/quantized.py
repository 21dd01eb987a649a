"""Layers that Keras has quantized (``model.quantize``): what of them can be pruned, and how to name them.

In all modes but float8 a kernel is integers times a scale, in some two of them in a byte: not the weights
that a mask removes. Layers in float8 keep a float kernel, which they round as they compute; zeros stay zeros.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import keras

_NUMBERS = ("_scale", "_zero", "_amax_history", "g_idx")
"""Endings of the names of what quantization stores beside a kernel."""


def quantized_layers(model: keras.Model, floats: bool = False) -> dict[str, str]:
    """Return {name of a layer: its mode, such as "int8"} of the layers with integer kernels.

    Args:
        model: Any built Keras 3 model.
        floats: Also layers in float8, whose kernels are floats.
    """
    return {layer.name: layer.quantization_mode for layer in _layers(model, floats)}


def quantization_numbers(model: keras.Model) -> set[int]:
    """Return the ids of scales and the like, which are no weights to prune."""
    return {
        id(variable)
        for layer in _layers(model, floats=True)
        for variable in layer.variables
        if variable.name.endswith(_NUMBERS)
    }


def integer_kernels(model: keras.Model) -> set[int]:
    """Return the ids of the variables of layers with integer kernels that hold these."""
    return {
        id(variable)
        for layer in _layers(model, floats=False)
        for variable in layer.variables
        if not keras.backend.is_float_dtype(variable.dtype)
    }


def are_quantized(layers: dict[str, str]) -> str:
    """Return what to say of such layers: "the kernels of a, b are quantized (int8)"."""
    modes = ", ".join(dict.fromkeys(layers.values()))
    several = len(layers) > 1
    return f"the kernel{'s' * several} of {_some(layers)} {'are' if several else 'is'} quantized ({modes})"


FIRST = "Prune the model first and quantize it then: zeros stay zeros in int8."


def _layers(model: keras.Model, floats: bool) -> Iterator[Any]:
    for layer in model._flatten_layers(include_self=False):
        mode = getattr(layer, "quantization_mode", None)
        if mode is not None and (floats or mode != "float8"):
            yield layer


def _some(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names if len(names) <= 6 else [*names[:5], f"{len(names) - 5} more"])
