"""A copy of a model in which some layers have a gate for their channels."""

from collections.abc import Mapping
from typing import Any

import keras

from .channel_gate import ChannelGate
from .exits import calls_of, graph_of


def gate_channels(model: keras.Model, keep: Mapping[str, int]) -> keras.Model:
    """Return a copy of a model that keeps only some channels of some layers, chosen for each example.

    Behind each of these layers comes a ``ChannelGate`` that reads what the layer reads. The gates begin at
    random, so the copy has to be trained.

    Args:
        model: A built Sequential or Functional model; it does not change.
        keep: {name of a layer: how many of its channels each example keeps}.

    Returns:
        A Functional model, not compiled, with the model's weights; the gate behind ``conv_2`` is called
        ``conv_2_gate``. Zeros of the model are in it but not held, see ``hold_zeros``.

    Raises:
        TypeError: Not a Keras 3 model, or ``keep`` is no mapping from names.
        ValueError: A model without a graph of layers, a name that it does not have, a number of channels that
            the layer does not have, or a layer that is called several times or does not read one tensor.

    Example:
        >>> gated = pw.gate_channels(pw.models.small_cnn(seed=0), {"conv_2": 8})
        >>> gated.get_layer("conv_2_gate").kernel.shape  # from 16 channels that conv_2 reads, to its 32
        TensorShape([16, 32])

    Source: see ``ChannelGate``.
    """
    graph_of(model)
    if not isinstance(keep, Mapping):
        raise TypeError(f"keep is {keep!r}; give {{name of a layer: channels that each example keeps}}.")
    unknown = [name for name in keep if name not in {layer.name for layer in model.layers}]
    if unknown:
        names = ", ".join(layer.name for layer in model.layers)
        raise ValueError(f"The model {model.name!r} has no layer {unknown[0]!r}; it has {names}.")

    for name in keep:
        _check_place(model, name)

    def call(layer: keras.Layer, *args: Any, **kwargs: Any) -> Any:
        made = layer(*args, **kwargs)
        if layer.name not in keep:
            return made
        return ChannelGate(keep[layer.name], name=f"{layer.name}_gate")(made, args[0])

    graph = keras.Model(model.inputs, model.outputs, name=f"{model.name}_gated")
    gated = keras.models.clone_model(graph, call_function=call)
    for layer in model.layers:
        if layer.weights:  # an input has none, and Keras may give that of the copy another name
            gated.get_layer(layer.name).set_weights(layer.get_weights())
    return gated


def _check_place(model: keras.Model, name: str) -> None:
    """Raise ValueError for a layer behind which a gate cannot stand: not called once, on one tensor."""
    calls = calls_of(model, name)
    reads = len(calls[0][1].input_tensors) if calls else 0
    if len(calls) == 1 and reads == 1:
        return
    what = "reads nothing" if not calls else f"reads {reads} tensors"
    what = f"is called {len(calls)} times" if len(calls) > 1 else what
    raise ValueError(
        f"The layer {name!r} of {model.name!r} {what}; a gate stands behind a layer that is called once and "
        "reads one tensor, by which it chooses."
    )
