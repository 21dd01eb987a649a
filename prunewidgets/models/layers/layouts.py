"""The table of layouts: which axes of a layer's weights are inputs and outputs, by class of layer.

Granularities, patterns and pictures use it, see ``prunewidgets.layouts``.
"""

from collections.abc import Callable, Mapping

import keras

from ...core.layouts import Layout, from_einsum
from .pictures import pictures
from .weights import is_prunable, named_variables, owners

Rule = Callable[[keras.Layer, keras.Variable], Layout]


def _conv(layer: keras.Layer, kernel: keras.Variable) -> Layout:
    return Layout(parts=layer.groups)


def _einsum(layer: keras.Layer, kernel: keras.Variable) -> Layout:
    return from_einsum(layer.equation, len(kernel.shape))


def _gates(cell: keras.Layer, kernel: keras.Variable) -> Layout:
    units = cell.filters if hasattr(cell, "filters") else cell.units
    return Layout(gates=kernel.shape[-1] // units)


_MATRIX = Layout()
_TRANSPOSED = Layout(inputs=(-1,), outputs=(-2,))
_DEPTHWISE = Layout(inputs=(), groups=(-2,))  # each input has its own outputs

_TABLE: dict[str, dict[str, Layout | Rule]] = {
    "Dense": {"kernel": _MATRIX},
    "EinsumDense": {"kernel": _einsum},  # attention layers consist of these
    "Conv1D Conv2D Conv3D": {"kernel": _conv},
    "Conv1DTranspose Conv2DTranspose Conv3DTranspose": {"kernel": _TRANSPOSED},
    "DepthwiseConv1D DepthwiseConv2D": {"kernel": _DEPTHWISE},
    "SeparableConv1D SeparableConv2D": {"depthwise_kernel": _DEPTHWISE, "pointwise_kernel": _MATRIX},
    "SimpleRNNCell GRUCell LSTMCell ConvLSTMCell": {"kernel": _gates, "recurrent_kernel": _gates},
    "Embedding": {"embeddings": _MATRIX},  # the words are its inputs
    "ReversibleEmbedding": {"reverse_embeddings": _MATRIX},
}
LAYOUTS: dict[str, dict[str, Layout | Rule]] = {
    kind: names for kinds, names in _TABLE.items() for kind in kinds.split()
}
"""{Keras class: {name of a weight: its layout, or a function that returns it for a layer and weight}}.
A subclass of one of these has the same layouts."""


def layout_of(layer: keras.Layer, variable: keras.Variable) -> Layout:
    """Return the layout of one of a layer's own weights; if not in the table, a default, ``known=False``."""
    for kind in type(layer).__mro__:
        known = LAYOUTS.get(kind.__name__, {}) if kind.__module__.startswith("keras.") else {}
        if variable.name in known:
            found = known[variable.name]
            layout = found(layer, variable) if callable(found) else found
            return layout._replace(of=type(layer).__name__)
    return Layout(of=type(layer).__name__, known=False)


def model_layouts(model: keras.Model, variables: Mapping[str, keras.Variable]) -> dict[str, Layout]:
    """Return {name: layout} for the weights with two axes or more."""
    of, seen = owners(model), pictures(model)
    return {
        name: layout_of(of.get(id(variable), [model])[-1], variable)._replace(
            picture=seen.get(id(variable), ())
        )
        for name, variable in variables.items()
        if len(variable.shape) > 1
    }


def weight_numbers(model: keras.Model) -> dict[str, int]:
    """Return {name: number} for all weights of a model: kernels and embeddings first, in the model's order.

    Keras numbers layer names across all models of a process, so anything that must be the same for the same
    model uses these numbers instead of names.
    """
    named = named_variables(model)
    kernels = [name for name, variable in named.items() if is_prunable(variable)]
    others = [name for name in named if name not in set(kernels)]
    return {name: number for number, name in enumerate([*kernels, *others])}
