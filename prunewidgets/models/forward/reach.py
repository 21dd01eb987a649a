"""Check that masks reach the outputs: find weights that a layer reads without going through Keras."""

from collections.abc import Iterator, Mapping
from typing import Any

import keras

from ...core.arrays import is_within

_OPAQUE = ("PyFunc", "PyFuncStateless", "EagerPyFunc")
_COPIES = ("Const", "Placeholder")


def unreached(model: keras.Model, graph: Any, read: set[int]) -> dict[int, str]:
    """Return variables whose layer computes with them, but whose new values a traced pass does not use.

    This does not test whether the outputs change: a dead unit, or a branch with unused outputs, is no
    mistake, and neither is a layer that is not called at all.

    Args:
        model: The model that was traced with other values for its variables.
        graph: The graph of the trace.
        read: Ids of the variables whose value was read through Keras in it.

    Returns:
        {id of a variable: name of its layer}, where the graph captures the variable itself, as with a
        SavedModel; or where nothing read the value through Keras and the layer runs Python code at run
        time, or has a constant of the variable's shape.
    """
    captured = {id(external) for external, _ in graph.captures}
    suspects = list(_suspects(graph))
    found = {}
    for layer in model._flatten_layers():
        scopes = {layer.name, f"{layer.name}_1"}  # Keras opens it twice in a graph
        near = [shape for parts, shape in suspects if scopes & parts]
        for variable in [*layer._trainable_variables, *layer._non_trainable_variables]:
            handle = getattr(variable._value, "handle", None)
            held = handle is not None and id(handle) in captured
            copied = id(variable) not in read and (None in near or tuple(variable.shape) in near)
            if held or copied:
                found[id(variable)] = layer.name
    return found


def refuse_unreached(
    model: keras.Model, variables: Mapping[str, keras.Variable], unreached: Mapping[int, str]
) -> None:
    """Raise ValueError if masks on one of these variables would change nothing; its layer is named."""
    for name, variable in variables.items() if unreached else ():
        if id(variable) in unreached:
            layer = unreached[id(variable)]
            # The name of a layer in a nested model has that model's name in front.
            fits = layer if is_within(name, layer) else name.rpartition("/")[0]
            raise ValueError(
                f"The layer {layer!r} of {model.name!r} uses {name!r} without reading it "
                "through Keras (as a SavedModel or code of another library does), so a mask would not "
                "change its outputs. Build it from Keras layers, or leave it out: LiveModel(model, "
                f"exclude={fits!r})."
            )


def _suspects(graph: Any) -> Iterator[tuple[set[str], tuple[int | None, ...] | None]]:
    """Yield (name scopes, shape) of each operation that may stand for a weight; shape None fits any."""
    arguments = {id(tensor) for tensor in graph.inputs} - {id(internal) for _, internal in graph.captures}
    for operation in graph.get_operations():
        scopes = set(operation.name.split("/")[:-1])
        if operation.type in _OPAQUE:
            yield scopes, None
        elif operation.type in _COPIES and id(operation.outputs[0]) not in arguments:
            tensor = operation.outputs[0]
            if tensor.dtype.is_floating and tensor.shape.rank is not None:
                yield scopes, tuple(tensor.shape)
