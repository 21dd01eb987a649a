"""The rule for each kind of Keras layer, and the layer settings that hold the number of units."""

from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import keras
import numpy as np

from . import channel_rules as rules
from . import product_rules as products
from . import tensor_rules as tensors
from .attention_rules import attention, grouped_attention, reversible_embedding
from .channel_walk import Call, Channels
from .einsum_rules import einsum_dense
from .kept_channels import KeptChannels
from .kept_rows import KeptRows
from .norm_rules import group_norm, normalized
from .registered import is_registered, registered
from .zeros import stays_zero


def channels(call: Call) -> list[Channels]:
    """Return the channels of a layer's outputs for one use of it, by the rule for its kind."""
    for key in ("mask", "attention_mask", "query_mask", "value_mask", "key_mask"):
        if call.kind == "DotProductAttention":  # where it may be one for each head
            break
        masking = call.kwargs.pop(key, None)
        if isinstance(masking, Channels):
            call.fix(f"{call.name} takes them as a mask", *masking.axes.values())
    several = any(tensor.others for tensor in call.inputs)
    own = is_registered(call.layer)
    if several and (own or call.kind not in SEVERAL_AXES):
        why = f"a {call.kind} has no rule for channels that are not on the last axis"
        return [Channels(atoms, ()) for atoms in rules.unknown(call, why)]
    found = _rule(call)(call)
    found = found if isinstance(found, list) else [found] * len(call.outputs)
    if all(isinstance(one, Channels) for one in found):
        return found
    others, zero = rules.other_axes(call) if several else {}, not own and stays_zero(call)
    return [one if isinstance(one, Channels) else Channels(one, (), others, zero) for one in found]


def _rule(call: Call) -> rules.Rule:
    layer = call.layer
    if isinstance(layer, keras.Model):
        return partial(rules.nested, rule=channels)
    for part in layer._flatten_layers() if isinstance(layer, keras.Layer) else ():
        if getattr(part, "lora_enabled", False):
            return partial(rules.unknown, why=f"the kernel of {part.name} has adapters (LoRA)")
        if getattr(part, "quantization_mode", None):
            return partial(rules.unknown, why=f"the kernel of {part.name} is quantized")
    if is_registered(layer):
        return registered
    if not known(layer) or getattr(layer, "data_format", None) == "channels_first":
        return rules.unknown
    return (RULES if isinstance(layer, keras.Layer) else OPERATIONS).get(call.kind, rules.unknown)


def known(layer: Any) -> bool:
    """Return whether the class name says what the layer does; it does not for classes written by users."""
    return type(layer).__module__.startswith("keras.") or isinstance(layer, KeptRows | KeptChannels)


def recurrent(call: Call) -> np.ndarray | list[np.ndarray]:
    """Handle LSTM, GRU, SimpleRNN and ConvLSTM: a unit has a column in every gate and a recurrent row.

    The gates are side by side on the last axis of each kernel.
    """
    if len(call.args) > 2:  # a mask that is not given by name
        return rules.unknown(call)
    made = _units(call, call.layer.cell, call.inputs[0].atoms, "cell.")
    for state in call.inputs[1:]:
        call.walk.tie(made, state.atoms)
    return made


def _units(call: Call, cell: Any, reads: np.ndarray, within: str = "") -> np.ndarray:
    """Return the units that a cell makes; ``within`` is the path to it from the layer."""
    kernel = cell.recurrent_kernel
    units = kernel.shape[-2]
    made = call.makes(units)
    gates = np.tile(made, kernel.shape[-1] // units)
    call.put(f"{within}kernel", -2, reads, "reads")
    call.put(f"{within}kernel", -1, gates, "makes")
    call.put(f"{within}recurrent_kernel", -2, made, "reads")
    call.put(f"{within}recurrent_kernel", -1, gates, "makes")
    call.put(f"{within}bias", -1, gates, "makes")
    for name in ("activation", "recurrent_activation"):
        rules.activated(replace(call, layer=cell), made, (name,))
    return made


_CELLS = (keras.layers.LSTMCell, keras.layers.GRUCell, keras.layers.SimpleRNNCell)


def cells(call: Call) -> list[np.ndarray]:
    """Handle RNN around a cell, or around StackedRNNCells, where each reads the units of the one before."""
    cell = call.layer.cell
    stack = list(cell.cells) if type(cell) is keras.layers.StackedRNNCells else [cell]
    names = [f"{call.name}/{one.name}" if len(stack) > 1 else call.name for one in stack]
    if len(call.inputs) > 1 or len(set(names)) < len(names):
        return rules.unknown(call)
    if strange := [type(one).__name__ for one in stack if type(one) not in _CELLS]:
        return rules.unknown(call, f"what a cell of the kind {strange[0]} does with channels is not known")
    made, states = call.inputs[0].atoms, []
    for one, name in zip(stack, names, strict=True):
        made = _units(replace(call, layer=one, name=name), one, made)
        states += [made] * len(keras.tree.flatten(one.state_size))
    return [made, *states][: len(call.outputs)]


def bidirectional(call: Call) -> np.ndarray | list[np.ndarray]:
    """Handle Bidirectional: Keras wants both layers to be the same size, so a unit is removed from both."""
    if len(call.inputs) > 1 or not hasattr(call.layer.forward_layer, "units"):
        return rules.unknown(call)
    made = recurrent(replace(call, layer=call.layer.forward_layer))
    recurrent(replace(call, layer=call.layer.backward_layer))
    outputs: list[Any] = [made] * len(call.outputs)
    if call.layer.merge_mode == "concat":
        outputs[0] = np.tile(made, 2)
    return outputs


def time_distributed(call: Call) -> list[Channels]:
    """Handle TimeDistributed: apply the rule of the inner layer or model."""
    (tensor,) = call.inputs
    within = Channels(tensor.atoms, tensor.shape[1:])
    inner = replace(call, layer=call.layer.layer, args=(within,), outputs=[s[1:] for s in call.outputs])
    return channels(inner)


Rule = TypeVar("Rule")


def _by_kind(rule: Rule, names: str) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


_SPACE = [f"{name}{n}D" for n in (1, 2, 3) for name in ("ZeroPadding", "Cropping", "UpSampling")]
_GLOBAL = " ".join(f"Global{kind}Pooling{n}D" for kind in ("Max", "Average") for n in (1, 2, 3))
_POOLS = [f"{kind}Pooling{n}D" for kind in ("Max", "Average") for n in (1, 2, 3)]
_POOLS += [f"Adaptive{kind}Pooling{n}D" for kind in ("Max", "Average") for n in (1, 2, 3)]

RULES: dict[str, rules.Rule] = {
    **_by_kind(rules.passes, " ".join(_SPACE + _POOLS)),
    **_by_kind(tensors.pooled, _GLOBAL),
    **_by_kind(rules.passes, "Dropout AlphaDropout GaussianDropout GaussianNoise SpatialDropout1D"),
    **_by_kind(rules.passes, "SpatialDropout2D SpatialDropout3D ActivityRegularization Identity ReLU ELU"),
    **_by_kind(rules.passes, "LeakyReLU RepeatVector StochasticDepth Resizing CenterCrop"),
    **_by_kind(rules.activated_input, "Activation"),
    **_by_kind(rules.dense, "Dense"),
    **_by_kind(einsum_dense, "EinsumDense"),
    **_by_kind(rules.conv, "Conv1D Conv2D Conv3D"),
    **_by_kind(rules.conv_transpose, "Conv1DTranspose Conv2DTranspose Conv3DTranspose"),
    **_by_kind(rules.depthwise, "DepthwiseConv1D DepthwiseConv2D"),
    **_by_kind(rules.separable, "SeparableConv1D SeparableConv2D"),
    **_by_kind(rules.batch_norm, "BatchNormalization"),
    **_by_kind(rules.merge, "Add Subtract Multiply Average Maximum Minimum CustomScaleLayer"),
    **_by_kind(rules.concatenate, "Concatenate"),
    **_by_kind(rules.flatten, "Flatten"),
    **_by_kind(rules.reshape, "Reshape"),
    **_by_kind(tensors.moved, "Permute"),
    **_by_kind(rules.prelu, "PReLU"),
    **_by_kind(rules.scale, "LayerScale"),
    **_by_kind(rules.constant_factor, "Rescaling"),
    **_by_kind(tensors.along, "Softmax"),
    **_by_kind(rules.embedding, "Embedding KeptRows"),
    **_by_kind(recurrent, "LSTM GRU SimpleRNN ConvLSTM1D ConvLSTM2D ConvLSTM3D"),
    **_by_kind(cells, "RNN"),
    **_by_kind(bidirectional, "Bidirectional"),
    **_by_kind(time_distributed, "TimeDistributed"),
    **_by_kind(attention, "MultiHeadAttention"),
    **_by_kind(grouped_attention, "GroupedQueryAttention"),
    **_by_kind(reversible_embedding, "ReversibleEmbedding"),
    **_by_kind(normalized, "LayerNormalization RMSNormalization UnitNormalization"),
    **_by_kind(normalized, "KeptLayerNormalization KeptRMSNormalization KeptUnitNormalization"),
    **_by_kind(group_norm, "GroupNormalization KeptGroupNormalization"),
    **_by_kind(products.dot_attention, "Attention AdditiveAttention"),
    **_by_kind(products.dot, "Dot"),
    **_by_kind(rules.together, "Normalization Masking"),
}
"""{class of a layer: its rule}."""

_ELEMENTWISE = (
    "Add Subtract Multiply Divide TrueDivide DivideNoNan FloorDivide Mod Power Maximum Minimum Where Clip "
    "Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr LogicalNot Negative Absolute "
    "Abs Sign Square Sqrt Rsqrt Reciprocal Exp Expm1 Log Log1p Sin Cos Tanh Erf Floor Ceil Round Isnan "
    "NanToNum Sigmoid Relu Relu6 LeakyRelu Elu Selu Celu Gelu Silu HardSigmoid HardSilu HardTanh "
    "LogSigmoid Softplus Softsign Squareplus OnesLike ZerosLike"
)
_SAME = "Cast StopGradient Copy Identity ConvertToTensor"
_ALONG = "Softmax LogSoftmax Cumsum Cumprod Flip Roll Sort"
_REDUCED = "Mean Sum Max Min Amax Amin Std Var Prod All Any Median Logsumexp CountNonzero Argmax Argmin"

OPERATIONS: dict[str, rules.Rule] = {
    **_by_kind(rules.merge, _ELEMENTWISE),
    **_by_kind(rules.passes, f"{_SAME} Resize"),
    **_by_kind(rules.concatenate, "Concatenate"),
    **_by_kind(rules.reshape, "Reshape"),
    **_by_kind(tensors.moved, "Transpose Swapaxes Moveaxis"),
    **_by_kind(tensors.along, _ALONG),
    **_by_kind(tensors.reduced, _REDUCED),
    **_by_kind(tensors.expand, "ExpandDims"),
    **_by_kind(tensors.squeeze, "Squeeze"),
    **_by_kind(tensors.get_item, "GetItem"),
    **_by_kind(tensors.split, "Split"),
    **_by_kind(tensors.stack, "Stack"),
    **_by_kind(tensors.pad, "Pad"),
    **_by_kind(tensors.repeated, "Repeat Tile"),
    **_by_kind(tensors.broadcast, "BroadcastTo"),
    **_by_kind(tensors.take, "Take"),
    **_by_kind(products.matmul, "Matmul"),
    **_by_kind(products.einsum, "Einsum"),
    **_by_kind(products.scaled_attention, "DotProductAttention"),
}
"""{class of an operation, as arithmetic on tensors puts into a graph: its rule}."""

SEVERAL_AXES = set(
    f"{_ELEMENTWISE} {_SAME} {_ALONG} {_REDUCED} {_GLOBAL} "
    "Transpose Swapaxes Moveaxis Permute ExpandDims Squeeze EinsumDense GetItem Split Matmul Einsum Dense "
    "Dot DotProductAttention Dropout Activation ReLU LeakyReLU ELU Identity "
    "LayerNormalization RMSNormalization UnitNormalization "
    "KeptLayerNormalization KeptRMSNormalization KeptUnitNormalization".split()
)
"""Kinds whose rules are also right where channels lie on other axes than the last."""

SIZES: dict[str, dict[str, tuple[str, int]]] = {
    **_by_kind({"units": ("kernel", -1)}, "Dense"),
    **_by_kind({"filters": ("kernel", -1)}, "Conv1D Conv2D Conv3D"),
    **_by_kind({"filters": ("kernel", -2)}, "Conv1DTranspose Conv2DTranspose Conv3DTranspose"),
    **_by_kind({"filters": ("pointwise_kernel", -1)}, "SeparableConv1D SeparableConv2D"),
    **_by_kind({"units": ("cell.recurrent_kernel", -2)}, "LSTM GRU SimpleRNN"),
    **_by_kind({"units": ("recurrent_kernel", -2)}, "LSTMCell GRUCell SimpleRNNCell"),
    **_by_kind({"filters": ("cell.recurrent_kernel", -2)}, "ConvLSTM1D ConvLSTM2D ConvLSTM3D"),
    **_by_kind({"output_dim": ("embeddings", 1)}, "Embedding KeptRows ReversibleEmbedding"),
    **_by_kind({"projection_dim": ("gamma", 0)}, "LayerScale"),
    "MultiHeadAttention": {
        "num_heads": ("_query_dense.kernel", 1),
        "key_dim": ("_query_dense.kernel", 2),
        "value_dim": ("_value_dense.kernel", 2),
    },
    "GroupedQueryAttention": {
        "num_query_heads": ("_query_dense.kernel", 1),
        "num_key_value_heads": ("_key_dense.kernel", 1),
        "head_dim": ("_query_dense.kernel", 2),
    },
}
"""{class: {setting: (weight, axis of that length)}}."""
