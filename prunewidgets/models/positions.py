"""How often a layer uses each weight of its kernel for one example: what multiply-adds are counted with."""

from collections.abc import Iterator
from math import prod

import keras
from keras import layers

_CONVOLUTIONS = (
    layers.Conv1D,
    layers.Conv2D,
    layers.Conv3D,
    layers.DepthwiseConv1D,
    layers.DepthwiseConv2D,
    layers.SeparableConv1D,
    layers.SeparableConv2D,
)
_TRANSPOSED = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)
_RECURRENT = (layers.SimpleRNN, layers.LSTM, layers.GRU, layers.Bidirectional)


def positions(model: keras.Model, variables: dict[str, keras.Variable]) -> dict[str, int]:
    """Uses per example of each weight: 1 in a dense layer, height × width of the output in a convolution.

    Of a transposed convolution the input's positions count, of a recurrent layer the time steps; an embedding
    is looked up, which multiplies nothing: 0.

    Args:
        model: Sequential or Functional, nested ones too; the sizes are read from its graph.
        variables: The weights to count for, by name.

    Returns:
        {name: uses}, in the order of ``variables``.

    Raises:
        ValueError: A weight of a layer whose uses cannot be read: of another kind, called several times, in a
            subclassed model, or with a size that is only known when data comes.
    """
    uses = {id(variable): count for variable, count in _uses(model)}
    unknown = [name for name, variable in variables.items() if uses.get(id(variable)) is None]
    if unknown:
        raise ValueError(
            f"How often these weights are used for one example cannot be read from the model "
            f"{model.name!r}: {', '.join(unknown)}. Count it by hand and pass the ledger your own "
            "positions, {name: uses}."
        )
    return {name: uses[id(variable)] for name, variable in variables.items()}


def _uses(model: keras.Model) -> Iterator[tuple[keras.Variable, int | None]]:
    once = _called_once(model)
    for layer in model.layers:
        if isinstance(layer, keras.Model) and layer.name in once:
            yield from _uses(layer)
            continue
        try:
            count = _uses_of(layer) if layer.name in once else None
        except (AttributeError, TypeError, ValueError):  # a subclassed model, or an open size (None)
            count = None
        for variable in layer.variables:
            yield variable, count


def _called_once(model: keras.Model) -> set[str]:
    """Names of the layers that the model's graph calls exactly once; their ``output`` is all there is."""
    if isinstance(model, keras.Sequential):
        return {layer.name for layer in model.layers}
    try:
        config = model.get_config()
    except NotImplementedError:  # a layer of the user's own without get_config
        return set()
    return {layer["name"] for layer in config.get("layers", ()) if len(layer["inbound_nodes"]) == 1}


def _uses_of(layer: keras.Layer) -> int | None:
    # The time axis of TimeDistributed counts like one more axis of space.
    kind = layer.layer if isinstance(layer, layers.TimeDistributed) else layer
    if isinstance(kind, layers.Embedding):
        return 0
    if isinstance(kind, layers.Dense):
        return prod(layer.output.shape[1:-1])
    if isinstance(kind, _CONVOLUTIONS + _TRANSPOSED):
        shape = layer.input.shape if isinstance(kind, _TRANSPOSED) else layer.output.shape
        channels = shape[-1 if kind.data_format == "channels_last" else -1 - kind.rank]
        return prod(shape[1:]) // channels
    if isinstance(layer, _RECURRENT):
        return prod(layer.input.shape[1:2])
    return None
