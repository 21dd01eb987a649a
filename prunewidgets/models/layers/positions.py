"""Count how often a layer uses each weight of its kernel for one example, to count multiply-adds."""

from collections.abc import Iterator
from math import prod
from typing import Any

import keras
from keras import layers

Shape = tuple[Any, ...]  # integers, None for an axis without a fixed size
Call = dict[str | int, Shape]  # input shapes of one call of a layer, by index or name of the argument
_UNKNOWN: list[Any] = [None]  # in place of calls: reading a size from it raises TypeError

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
_CELLS = (layers.SimpleRNNCell, layers.LSTMCell, layers.GRUCell)
_RECURRENT_CONVOLUTIONS = (layers.ConvLSTM1D, layers.ConvLSTM2D, layers.ConvLSTM3D)


class UnknownUsesError(ValueError):
    """It cannot be read from a model how often it uses some weights.

    Attributes:
        names: The names of these weights.
    """

    def __init__(self, model: keras.Model, names: list[str]) -> None:
        """Say which weights, and what to do for a ledger."""
        self.names = names
        super().__init__(
            f"How often these weights are used for one example cannot be read from the model "
            f"{model.name!r}: {', '.join(names)}. If its Input has an open size, build "
            "it with a fixed one; or count the uses by hand: pw.ledger.ledger(weights, masks, positions), "
            "with positions = {name: uses}."
        )


def positions(model: keras.Model, variables: dict[str, keras.Variable]) -> dict[str, int]:
    """Return the uses of each weight per example: 1 in a Dense layer, output height × width in a Conv2D.

    For a transposed convolution this is the number of input positions, for a recurrent layer the number of
    time steps, for attention the number of query positions (query, output) or of key and value positions
    (key, value). An embedding is looked up, which takes no multiplication: 0, unless it is used in reverse.
    A layer that is called several times is counted each time. A layer of your own has the uses of each of its
    weights in one call as its attribute ``uses_per_example``.

    Products without weights, such as those of queries with keys, are not included.

    Args:
        model: Sequential or Functional, nested ones too; the sizes are read from its graph.
        variables: The weights to count for, by name.

    Returns:
        {name: uses}, in the order of ``variables``.

    Raises:
        ValueError: If the uses of a weight cannot be read: its layer is of another kind, in a subclassed
            model, or has a size that is only known once there is data.
    """
    uses: dict[int, int | None] = {}
    for variable, count in _uses(model, 1):
        before = uses.get(id(variable), 0)
        uses[id(variable)] = None if count is None or before is None else before + count
    found = {name: uses.get(id(variable)) for name, variable in variables.items()}
    unknown = [name for name, count in found.items() if count is None]
    if unknown:
        raise UnknownUsesError(model, unknown)
    return {name: count for name, count in found.items() if count is not None}


def _uses(model: keras.Model, times: int) -> Iterator[tuple[keras.Variable, int | None]]:
    """Yield each variable with its uses; one that several layers share comes several times."""
    calls = _calls(model)
    for layer in model.layers:
        of_layer = calls.get(layer.name)
        if isinstance(layer, keras.Model) and of_layer:
            yield from _uses(layer, times * len(of_layer))
            continue
        for variable in layer.variables:
            try:
                counts = [_uses_of(layer, variable, call) for call in of_layer or _UNKNOWN]
                yield variable, times * sum(counts)
            except (AttributeError, KeyError, NotImplementedError, TypeError, ValueError):
                yield variable, None  # a subclassed model, another kind of layer, or an unknown size (None)


def _calls(model: keras.Model) -> dict[str, list[Call]]:
    """Return {name of a layer: its calls in the model's graph}; empty if the model has no graph."""
    if isinstance(model, keras.Sequential):
        # Only those of its own graph: a layer also keeps nodes from each `add` and from models that share it.
        steps = model._functional._nodes_by_depth.values() if model._functional else ()
        return {node.operation.name: [_shapes(node.arguments)] for nodes in steps for node in nodes}
    try:
        config = model.get_config()
    except NotImplementedError:  # a custom layer without get_config
        return {}
    return {
        layer["name"]: [_call(node) for node in layer["inbound_nodes"]] for layer in config.get("layers", ())
    }


def _shapes(arguments: Any) -> Call:
    """Return the shapes of the tensors in a layer's arguments, including a mask passed by name."""
    given = dict(enumerate(arguments.args)) | arguments.kwargs
    shapes = {name: part.shape for name, part in given.items() if isinstance(part, keras.KerasTensor)}
    return shapes | _direction(given)


def _call(node: dict[str, Any]) -> Call:
    arguments = dict(enumerate(node["args"])) | node["kwargs"]
    shapes = {
        name: tuple(part["config"]["shape"])
        for name, part in arguments.items()
        if isinstance(part, dict) and part.get("class_name") == "__keras_tensor__"
    }
    return shapes | _direction(arguments)


def _direction(arguments: dict[str | int, Any]) -> Call:
    """Return a marker, in place of a shape, if an embedding is used in reverse."""
    return {"reverse": ()} if arguments.get("reverse", arguments.get(1)) is True else {}


def _uses_of(layer: keras.Layer, variable: keras.Variable, call: Call) -> int:
    if isinstance(own := getattr(layer, "uses_per_example", None), int):
        return own
    # The time axis of TimeDistributed counts like one more spatial axis.
    kind = layer.layer if isinstance(layer, layers.TimeDistributed) else layer
    if isinstance(kind, layers.ReversibleEmbedding) and "reverse" in call:
        used = kind.embeddings if kind.tie_weights else kind.reverse_embeddings
        return prod(call[0][1:-1]) if variable is used else 0
    if isinstance(kind, layers.Embedding):
        return 0
    if isinstance(layer, layers.MultiHeadAttention | layers.GroupQueryAttention):
        return _uses_in_attention(layer, variable, call)
    before = call[0]
    after = layer.compute_output_shape(before)
    if isinstance(kind, layers.Dense):
        return prod(after[1:-1])
    if isinstance(kind, layers.EinsumDense):
        return _uses_in_einsum(kind.equation, before, after)
    if isinstance(kind, _CONVOLUTIONS + _TRANSPOSED):
        shape = before if isinstance(kind, _TRANSPOSED) else after
        channels = shape[-1 if kind.data_format == "channels_last" else -1 - kind.rank]
        return prod(shape[1:]) // channels
    return _uses_in_time(layer.forward_layer if isinstance(layer, layers.Bidirectional) else layer, before)


def _uses_in_time(layer: keras.Layer, before: Shape) -> int:
    if isinstance(layer, _RECURRENT_CONVOLUTIONS):  # at each position, at each time step
        shape, cell = layer.compute_output_shape(before), layer.cell
        shape = shape if isinstance(shape[-1], int) else shape[0]  # the states may be returned too
        places = shape[-1 - cell.rank : -1] if cell.data_format == "channels_last" else shape[-cell.rank :]
        return prod((before[1], *places))
    cells = getattr(layer.cell, "cells", [layer.cell]) if isinstance(layer, layers.RNN) else [None]
    if all(isinstance(cell, _CELLS) for cell in cells):
        return prod(before[1:2])
    raise NotImplementedError(layer)


def _uses_in_einsum(equation: str, before: Shape, after: Shape) -> int:
    """Return the product of all axes but those of the batch and the kernel: the uses of the kernel."""
    inputs, of_kernel = equation.partition("->")[0].split(",")
    outputs = equation.partition("->")[2]
    sizes: dict[str, Any] = {}
    for letters, shape in ((inputs, before), (outputs, after)):
        start, dots, end = letters.partition("...")
        found = dict(zip(start, shape, strict=False)) | dict(
            zip(reversed(end), reversed(shape), strict=False)
        )
        sizes |= {letter: size for letter, size in found.items() if sizes.get(letter) is None}
        if dots:
            sizes["..."] = prod(shape[max(1, len(start)) : len(shape) - len(end)])
    batch = inputs[0]  # "." is the ellipsis, whose first axis is left out above
    return prod(size for letter, size in sizes.items() if letter not in of_kernel and letter != batch)


def _uses_in_attention(layer: keras.Layer, variable: keras.Variable, call: Call) -> int:
    query, value = call.get(0, call.get("query")), call.get(1, call.get("value"))
    key = call.get(2, call.get("key")) or value
    asked: dict[str, Any] = {"query": query, "attention_output": query, "key": key, "value": value}
    shape = asked[variable.path.split("/")[-2]]
    return prod(shape[1:-1])
