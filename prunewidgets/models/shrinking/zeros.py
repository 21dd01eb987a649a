"""Whether removed channels of a tensor are zero in the masked model.

Most layers do not care: the weights that would read a removed channel are zero too. Products of two tensors
that are summed over channels, such as the scores of attention, have no weights for them.
"""

import keras

from .channel_walk import Call

_FUNCTIONS = set(
    "linear relu relu6 leaky_relu elu selu celu gelu silu hard_silu tanh hard_tanh softsign soft_shrink "
    "hard_shrink tanh_shrink mish ReLU LeakyReLU ELU NoneType".split()
)
_MAKES = set(
    "Dense Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose SeparableConv1D "
    "SeparableConv2D DepthwiseConv1D DepthwiseConv2D Embedding KeptRows ReversibleEmbedding "
    "MultiHeadAttention GroupedQueryAttention LSTM GRU SimpleRNN LayerScale".split()
)
_NORMS = set("BatchNormalization GroupNormalization LayerNormalization".split())
_KEEPS = set(
    "Dropout AlphaDropout GaussianDropout SpatialDropout1D SpatialDropout2D SpatialDropout3D Identity "
    "ActivityRegularization ReLU ELU LeakyReLU PReLU RepeatVector StochasticDepth Activation Permute Reshape "
    "Flatten AveragePooling1D AveragePooling2D MaxPooling1D MaxPooling2D GlobalAveragePooling1D "
    "GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D UpSampling1D UpSampling2D ZeroPadding1D "
    "ZeroPadding2D Cropping1D Cropping2D Cast StopGradient Copy Transpose Swapaxes Moveaxis ExpandDims "
    "Squeeze Mean Sum Max Min Amax Amin GetItem Split Stack Resize Tile Repeat BroadcastTo Flip Roll Cumsum "
    "Relu Relu6 LeakyRelu Elu Selu Celu Gelu Silu HardSilu Tanh Softsign Negative Absolute Abs Square Sqrt "
    "Concatenate UnitNormalization RMSNormalization".split()
)
_SUMS = {"Add", "Subtract", "Maximum", "Minimum", "Average"}


def stays_zero(call: Call) -> bool:
    """Return whether the removed channels of a layer's outputs are zero, on every axis that has channels."""
    kind, inputs = call.kind, call.inputs
    if any(getattr(call.layer, name, None) is not None for name in ("activation", "recurrent_activation")):
        function = call.layer.activation
        if getattr(function, "__name__", type(function).__name__) not in _FUNCTIONS:
            return False
    only_last = not any(tensor.others for tensor in inputs)  # a bias is added at every place of the others
    if kind in _MAKES:
        return only_last
    if kind in _NORMS:  # without a scale, zeros in a group are moved by its mean
        return only_last and bool(call.layer.scale)
    given = [tensor.zero for tensor in inputs]
    if kind == "Multiply":
        return any(given)
    if kind in ("Divide", "TrueDivide"):
        return getattr(call.args[0], "zero", False)
    if kind in _SUMS:
        numbers = [leaf for leaf in keras.tree.flatten(call.args) if isinstance(leaf, int | float)]
        return all(given) and not numbers
    return kind in _KEEPS and all(given)
