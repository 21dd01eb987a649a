"""The padding of an attention layer's inputs, which Keras takes off them before its inner layers see it."""

from collections.abc import Callable
from typing import Any

import keras

AttentionMasks = dict[int, Any]
"""{id of an inner layer: the padding mask of its inputs, None for none}."""


def is_attention(layer: Any) -> bool:
    """Return whether a layer computes attention with dense layers of its own."""
    return isinstance(layer, keras.layers.MultiHeadAttention | keras.layers.GroupQueryAttention)


def keeping_masks(attention: Any, masks: AttentionMasks) -> Callable[..., Any]:
    """Return its ``call``, which first notes in ``masks`` whose inputs are padded where.

    The queries' padding is that of the layer that makes the outputs too, which has a row for each query.
    """
    call = attention.call

    def keeping(query: Any, value: Any, key: Any = None, *args: Any, **options: Any) -> Any:
        of = {"query": query, "value": value, "key": value if key is None else key}
        found = {name: _mask_of(tensor, options.get(f"{name}_mask")) for name, tensor in of.items()}
        inner = {"query": ("_query_dense", "_gate_dense", "_output_dense"), "value": ("_value_dense",)}
        for name, layers in {**inner, "key": ("_key_dense",)}.items():
            for layer in filter(None, (getattr(attention, own, None) for own in layers)):
                masks[id(layer)] = found[name]
        return call(query, value, key, *args, **options)

    return keeping


def _mask_of(tensor: Any, given: Any) -> Any:
    mask = getattr(tensor, "_keras_mask", None)
    return given if mask is None else mask
