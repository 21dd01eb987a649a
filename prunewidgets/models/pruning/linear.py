"""Layers that compute a linear product of their input and a kernel: dense, einsum and convolution."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

_CONVOLUTIONS = (keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)


def is_linear(layer: Any, variable: keras.Variable) -> bool:
    """Return whether the variable is the kernel of a layer that the functions here know."""
    if variable.name != "kernel" or getattr(layer, "lora_enabled", False):
        return False
    if isinstance(layer, keras.layers.EinsumDense):
        inputs, kernel, outputs = _letters(layer)
        # Every axis of the inputs is the kernel's or the outputs'; otherwise it is summed on its own.
        return all(letter in kernel or letter in outputs for letter in inputs)
    return isinstance(layer, (keras.layers.Dense, *_CONVOLUTIONS))


def linear(layer: Any, x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Return what the layer computes with this kernel, before bias and activation."""
    if isinstance(layer, keras.layers.Dense):
        return keras.ops.matmul(x, kernel)
    if isinstance(layer, keras.layers.EinsumDense):
        return keras.ops.einsum(layer.equation, x, kernel)
    padding = layer.padding
    if padding == "causal":
        time = [layer.dilation_rate[0] * (layer.kernel_size[0] - 1), 0]
        first = layer.data_format == "channels_first"
        x, padding = tf.pad(x, [[0, 0], [0, 0], time] if first else [[0, 0], time, [0, 0]]), "valid"
    form = {"padding": padding, "data_format": layer.data_format, "dilation_rate": layer.dilation_rate}
    return keras.ops.conv(x, kernel, layer.strides, **form)


def input_rows(layer: Any, x: tf.Tensor) -> tf.Tensor:
    """Return the inputs of a layer as (parts, rows, weights of an output), in float32."""
    if isinstance(layer, keras.layers.Dense):
        return tf.cast(tf.reshape(x, (1, -1, x.shape[-1])), tf.float32)
    if isinstance(layer, keras.layers.EinsumDense):
        return tf.cast(_einsum_rows(layer, x), tf.float32)
    return _patches(layer, tf.cast(x, tf.float32))


@contextmanager
def replaced_calls(calls: Iterable[tuple[Any, Callable[..., Any]]]) -> Iterator[None]:
    """Have layers compute by other functions while this lasts, as Keras's own GPTQ does.

    Args:
        calls: (layer, the function to call in place of its ``call``).
    """
    before = []
    try:
        for layer, call in calls:
            before.append((layer, vars(layer).get("call")))
            vars(layer)["call"] = call
        yield
    finally:
        for layer, own in reversed(before):
            vars(layer).pop("call", None)
            if own is not None:
                vars(layer)["call"] = own


def _letters(layer: keras.layers.EinsumDense) -> tuple[str, str, str]:
    operands, outputs = layer.equation.replace(" ", "").replace("...", ".").split("->")
    inputs, kernel = operands.split(",")
    return inputs, kernel, outputs


def _einsum_rows(layer: keras.layers.EinsumDense, x: tf.Tensor) -> tf.Tensor:
    inputs, kernel, outputs = _letters(layer)
    dots = x.shape.rank - len(inputs) + 1  # axes that the ellipsis stands for
    axes: dict[str, int] = {}
    place = 0
    for letter in inputs:
        axes[letter] = place
        place += dots if letter == "." else 1
    shared = [axes[letter] for letter in kernel if letter in axes and letter in outputs]
    summed = [axes[letter] for letter in kernel if letter in axes and letter not in outputs]
    others = [axis for axis in range(x.shape.rank) if axis not in (*shared, *summed)]
    sizes = [int(np.prod([x.shape[axis] for axis in kind], dtype=np.int64)) for kind in (shared, summed)]
    return tf.reshape(tf.transpose(x, [*shared, *others, *summed]), (sizes[0], -1, sizes[1]))


def _patches(layer: Any, x: tf.Tensor) -> tf.Tensor:
    """Return what each output of a convolution reads: the convolution with an identity for a kernel."""
    first = layer.data_format == "channels_first"
    channels = x.shape[1 if first else -1]
    window = int(np.prod(layer.kernel_size))
    identity = tf.reshape(tf.eye(window * channels), (*layer.kernel_size, channels, window * channels))
    found = linear(layer, x, identity)
    if first:
        found = tf.transpose(found, [0, *range(2, found.shape.rank), 1])
    rows = tf.reshape(found, (-1, window, layer.groups, channels // layer.groups))
    return tf.reshape(tf.transpose(rows, [2, 0, 1, 3]), (layer.groups, -1, window * channels // layer.groups))
