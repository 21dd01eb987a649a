"""Whether the user's rules are right: layers compute the same in the smaller model as in the masked one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from .channel_walk import calls, graph_of
from .channels import Found
from .rebuild import rebuilt
from .registered import OUTPUT, is_registered
from .sharing import layers_of
from .sizes import Sizes

EXAMPLES, UNKNOWN = 2, 4
"""Random examples, and the length that is used for an axis of unknown length."""
ROUNDING, HALF_ROUNDING = 1e-4, 0.1
"""How far two right outputs may be apart, as a share of the largest value. Measured: up to 2e-6 in float32 (3
to 40 dense, convolutional and attention layers, with normalisation), up to 0.03 in float16 and bfloat16."""


def own_layers(model: keras.Model) -> list[keras.Layer]:
    """Return the layers of a model that have rules of the user's."""
    return [layer for layer in layers_of(model) if is_registered(layer)]


def names_of(layers: list[keras.Layer]) -> str:
    """Return the names of the classes of layers."""
    return " or ".join(dict.fromkeys(type(layer).__name__ for layer in layers))


def check_rules(model: keras.Model, found: Found, masks: dict[str, np.ndarray], small: keras.Model) -> None:
    """Raise ValueError if a layer with a rule of the user's computes something else in the smaller model.

    Args:
        model: The old model.
        found: Its groups.
        masks: {name of a group: (units,) bool array}, checked.
        small: The smaller model.
    """
    inputs = _random_inputs(model)
    if inputs is None:
        return
    masked = rebuilt(model, found, masks, zeros=True)
    sizes = Sizes(found, masks)
    # The second time with zeros, for layers that compute something random.
    with _full_float32():
        computed = [_computed(each, inputs) for each in (masked, masked, small)]
    half = {"float16", "bfloat16"} & {layer.compute_dtype for layer in layers_of(model)}
    allowed = HALF_ROUNDING if half else ROUNDING
    for (layer, _), whole, again, part in zip(_places(model), *computed, strict=True):
        left = sizes.kept(layer, OUTPUT, -1)
        if not np.array_equal(whole, again):
            continue
        whole = whole if left is None else whole[..., left]
        if whole.shape != part.shape or np.abs(whole - part).max(initial=0) > allowed * np.abs(whole).max():
            who = names_of([layer] if layer else own_layers(model))
            what = f"the layer {layer.name!r}" if layer else "the model"
            raise ValueError(
                f"The rule registered for {who} is wrong: without the removed units {what} computes "
                "something else than with zeros in their place. Correct it with pw.register_channels."
            )


@contextmanager
def _full_float32() -> Iterator[None]:
    """Have GPUs multiply float32 as such, and not rounded to TensorFloat-32, which has 10 bits."""
    before = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(before)


def _places(model: keras.Model) -> list[tuple[Any, Any]]:
    """Return (layer, output) of each use of a layer with a rule of the user's, then those of the model."""
    graph: Any = graph_of(model)
    uses = [(node.operation, node.outputs[0]) for node in calls(graph) if is_registered(node.operation)]
    uses.sort(key=lambda use: use[0].name)  # the same order in every copy
    return [*uses, *((None, tensor) for tensor in graph.outputs)]


def _computed(model: keras.Model, inputs: list[np.ndarray]) -> list[np.ndarray]:
    graph: Any = graph_of(model)
    probe = keras.Model(graph.inputs, [tensor for _, tensor in _places(model)])
    return [
        np.asarray(keras.ops.cast(x, "float32")) for x in keras.tree.flatten(probe(inputs, training=False))
    ]


def _random_inputs(model: keras.Model) -> list[np.ndarray] | None:
    """Return an array for each input; None if there is one that is not made of numbers."""
    rng = np.random.default_rng(0)
    arrays = []
    for tensor in model.inputs:
        shape = (tensor.shape[0] or EXAMPLES, *(size or UNKNOWN for size in tensor.shape[1:]))
        if getattr(tensor, "sparse", False) or tensor.dtype == "string":
            return None
        values = rng.normal(size=shape) if "float" in tensor.dtype else rng.integers(0, 2, shape)
        arrays.append(values.astype(tensor.dtype))
    return arrays
