"""What attention layers do with channels: heads, the width of keys and values, what they read and make."""

from typing import Any

import numpy as np

from . import channel_rules as rules
from .channel_walk import Call, Channels, channel_count

_NAMES = ("query", "value", "key")


def attention(call: Call) -> np.ndarray | list[np.ndarray]:
    """Handle MultiHeadAttention: outputs are made as by a dense layer; heads and widths have groups too.

    A column of the keys belongs to one of the queries, since the two are multiplied. Keras divides the
    product by the square root of the number of columns, and the kept queries are scaled to make up for it.
    """
    layer, given = call.layer, _given(call)
    kernel = layer._output_dense.kernel
    if given is None or len(kernel.shape) != 3:
        return rules.unknown(call)
    heads, made = call.makes(layer.num_heads, "/heads"), call.makes(kernel.shape[-1])
    keys = call.makes(layer._query_dense.kernel.shape[-1], "/keys")
    values = call.makes(kernel.shape[1], "/values")
    _project(call, "query", given["query"], heads, keys, "makes")
    _project(call, "key", given["key"], heads, keys, "reads")
    _project(call, "value", given["value"], heads, values, "makes")
    _project(call, "gate", given["query"], heads, values, "makes")
    return _combined(call, heads, values, made)


def grouped_attention(call: Call) -> np.ndarray | list[np.ndarray]:
    """Handle GroupedQueryAttention: a head of keys and values is removed with the heads of queries it serves.

    Keras has one width for queries, keys and values, and makes as many channels as the query has.
    """
    layer, given = call.layer, _given(call)
    if given is None:
        return rules.unknown(call)
    heads = call.makes(layer.num_key_value_heads, "/heads")
    asking = np.repeat(heads, layer.num_repeats)
    width, made = call.makes(layer.head_dim, "/width"), call.makes(layer.feature_dim)
    call.walk.tie(given["query"].atoms, made)
    _project(call, "query", given["query"], asking, width, "makes")
    _project(call, "key", given["key"], heads, width, "reads")
    _project(call, "value", given["value"], heads, width, "makes")
    _project(call, "gate", given["query"], asking, width, "makes")
    return _combined(call, asking, width, made)


def _given(call: Call) -> dict[str, Channels] | None:
    """Return the query, value and key; None if the layer is called with more than that."""
    given: dict[str, Any] = dict(zip(_NAMES, call.args, strict=False))
    given |= {name: call.kwargs[name] for name in _NAMES if call.kwargs.get(name) is not None}
    given = {name: tensor for name, tensor in given.items() if tensor is not None}
    if len(call.inputs) > len(given) or not {"query", "value"} <= given.keys():
        return None
    return {"key": given["value"], **given}


def _project(call: Call, name: str, given: Channels, heads: np.ndarray, width: np.ndarray, role: str) -> None:
    """Record where the channels, heads and width lie in a projection; one that the layer lacks is ignored."""
    call.put(f"_{name}_dense.kernel", 0, given.atoms, "reads")
    for weight, axis in (("kernel", 1), ("bias", 0)):
        call.put(f"_{name}_dense.{weight}", axis, heads, "makes")
        call.put(f"_{name}_dense.{weight}", axis + 1, width, role, scaled=name == "query")


def _combined(
    call: Call, heads: np.ndarray, width: np.ndarray, made: np.ndarray
) -> np.ndarray | list[np.ndarray]:
    call.put("_output_dense.kernel", 0, heads, "reads")
    call.put("_output_dense.kernel", 1, width, "reads")
    call.put("_output_dense.kernel", 2, made, "makes")
    call.put("_output_dense.bias", 0, made, "makes")
    if len(call.outputs) == 1:
        return made
    call.fix(f"the attention scores of {call.name} are used", heads)
    return [made, rules.fresh(call, channel_count(call.outputs[1]))]


def reversible_embedding(call: Call) -> np.ndarray:
    """Handle ReversibleEmbedding: columns are units, and the other way round the layer reads them."""
    rows, columns = call.layer.embeddings.shape
    words, made = call.makes(rows, "/rows"), call.makes(columns)
    call.fix(f"{call.name} makes one channel for each of its rows", words)
    call.put("embeddings", 0, words, "makes")
    call.put("embeddings", 1, made, "makes")
    call.put("reverse_embeddings", 0, made, "reads")
    call.put("reverse_embeddings", 1, words, "makes")
    backwards = call.kwargs.get("reverse", call.args[1] if len(call.args) > 1 else False)
    if not backwards:
        return made
    call.walk.tie(call.inputs[0].atoms, made)
    return words
