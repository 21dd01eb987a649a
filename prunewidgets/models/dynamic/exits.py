"""Early exits: small classifiers along a network, at which an example can leave before the end."""

from collections.abc import Callable, Iterable
from math import prod
from typing import Any, TypeAlias

import keras

from ..layers.built import check_built
from ..layers.positions import positions
from ..layers.weights import is_prunable, named_variables

PREFIX = "exit_"
"""What the name of an exit begins with; the name of the layer that it is behind follows."""

Head: TypeAlias = Callable[[str], keras.Layer]
"""From a name to a layer, or a whole model, of that name that makes class probabilities."""


def early_exits(model: keras.Model, layers: Iterable[str], head: Head | None = None) -> keras.Model:
    """Add classifiers behind some layers of a model, where an example can leave early.

    The new model has the model's own layers, not copies. So training it trains the model too, unless the
    model is frozen before (``model.trainable = False``), and zeros held in one are held in the other.

    Args:
        model: A built Sequential or Functional model with one input and one output, class probabilities. It
            does not change.
        layers: Names of the layers behind which there is to be an exit.
        head: A function from a name to a layer of that name, which makes class probabilities from the output
            of one of these layers. Defaults to Flatten and Dense with softmax.

    Returns:
        A model, not compiled, with an output for each exit, in the order in which an example reaches them,
        and the model's own output as the last. An exit has the name of its layer behind ``exit_``.

    Raises:
        TypeError: Not a Keras 3 model.
        ValueError: A model without a graph of layers or with several inputs or outputs, a layer that it does
            not have or calls several times, no layers, or a head that is no layer of the name.

    Example:
        >>> model = pw.models.lenet_5(seed=0)
        >>> exits = pw.early_exits(model, ["pool_1", "pool_2"])
        >>> exits.output_names
        ['exit_pool_1', 'exit_pool_2', 'dense_2']
        >>> exits.get_layer("conv_1") is model.get_layer("conv_1")
        True

        >>> y = np.zeros(1, np.int64)  # each exit has a loss of its own, for the same labels
        >>> exits.compile("adam", ["sparse_categorical_crossentropy"] * 3)
        >>> history = exits.fit(np.zeros((1, 28, 28, 1), np.float32), [y] * 3, verbose=0)

    Source: Teerapittayanon, McDanel and Kung, "BranchyNet: fast inference via early exiting from deep neural
        networks" (2016).
    """
    names = [layers] if isinstance(layers, str) else list(dict.fromkeys(layers))
    if not names:
        raise ValueError("layers is empty; name the layers behind which there is to be an exit.")
    graph = graph_of(model)
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise ValueError(
            f"The model {model.name!r} has {len(graph.inputs)} inputs and {len(graph.outputs)} outputs; "
            "early exits need one of each."
        )
    last = graph.outputs[0]
    made = head or _flat(last.shape[-1])
    found = sorted((output_of(model, name) for name in names), key=lambda one: -one[0])
    exits = [_named(made, PREFIX + name)(tensor) for _, name, tensor in found]
    return keras.Model(graph.inputs, [*exits, last], name=f"{model.name}_with_exits")


def exit_multiply_adds(model: keras.Model) -> dict[str, int]:
    """Return the multiply-adds of an example that leaves at each output, with all that it has passed.

    Counted as in ``costs``: those of the prunable weights, whether they are zero or not.

    Args:
        model: A model with early exits, see ``early_exits``.

    Returns:
        {name of the output: multiply-adds}, the last output last.

    Raises:
        ValueError: If the uses of a weight cannot be read from the model.
    """
    counts = {}
    for number, name in enumerate(model.output_names):
        part = keras.Model(model.inputs, model.outputs[: number + 1], name=model.name)
        weights = {name: v for name, v in named_variables(part).items() if is_prunable(v)}
        uses = positions(part, weights)
        counts[name] = sum(uses[key] * prod(variable.shape) for key, variable in weights.items())
    return counts


def exit_layers(model: keras.Model) -> list[str]:
    """Return the names of the layers behind which a model has exits; none for a model with one output.

    Raises:
        TypeError: Not a Keras 3 model.
        ValueError: A model without a graph of layers, or outputs that ``early_exits`` did not add.
    """
    graph_of(model)
    if len(model.outputs) == 1:
        return []
    others = [name for name in model.output_names[:-1] if not name.startswith(PREFIX)]
    if others:
        raise ValueError(
            f"The outputs {', '.join(others)} of {model.name!r} are not early exits. Build the model with "
            "pw.early_exits(model, layers)."
        )
    return [name.removeprefix(PREFIX) for name in model.output_names[:-1]]


def graph_of(model: keras.Model) -> keras.Model:
    """Return the Functional model that has the graph of a model, which it is itself if not Sequential."""
    check_built(model)
    graph = getattr(model, "_functional", model)  # of a Sequential model
    if not hasattr(graph, "_nodes_by_depth"):
        raise ValueError(
            f"The model {model.name!r} has no graph of layers, and early exits need one: build it as "
            "Sequential or Functional, beginning with keras.Input."
        )
    return graph


def output_of(model: keras.Model, name: str) -> tuple[int, str, keras.KerasTensor]:
    """Return how far from the end a layer is called, its name again, and its output there.

    ``layer.output`` fails for a layer that other models call too.
    """
    found = calls_of(model, name)
    if len(found) != 1:
        every = ", ".join(layer.name for layer in model.layers)
        times = "calls it several times" if found else f"has none of that name; it has {every}"
        raise ValueError(f"An exit behind the layer {name!r}: the model {model.name!r} {times}.")
    depth, node = found[0]
    if depth == 0:
        raise ValueError(f"The layer {name!r} is the last of {model.name!r}: there everyone leaves.")
    return depth, name, node.outputs[0]


def calls_of(model: keras.Model, name: str) -> list[tuple[int, Any]]:
    """Return how far from the end a layer is called, and the node of the graph, for each of its calls."""
    return [
        (depth, node)
        for depth, nodes in graph_of(model)._nodes_by_depth.items()
        for node in nodes
        if not node.is_input and node.operation.name == name
    ]


def _named(head: Head, name: str) -> keras.Layer:
    """Return the layer that a head makes, which ``exit_layers`` finds again by its name."""
    layer = head(name)
    if not isinstance(layer, keras.Layer) or layer.name != name:
        raise ValueError(f"head has to return a layer named {name!r}, and returned {layer!r}.")
    return layer


def _flat(classes: int) -> Head:
    def head(name: str) -> keras.Layer:
        flat, dense = (
            keras.layers.Flatten(name="flatten"),
            keras.layers.Dense(classes, "softmax", name="dense"),
        )
        return keras.Sequential([flat, dense], name=name)

    return head
