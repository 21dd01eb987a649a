"""A model as a list of steps that a page without a kernel computes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from ..layers.weights import named_variables
from ..shrinking.channel_walk import calls, graph_of
from .page_steps import NotInPages, Step, steps_of


@dataclass
class PageGraph:
    """What a page needs to run a model.

    Attributes:
        steps: in the order of computation: {"op", "inputs": [numbers of tensors], "output": number of a
            tensor, "weights": {role: name of an array}, and the settings of the operation}.
        inputs: [{"tensor": number, "shape": without the batch}].
        output: number of the tensor that is the answer.
        arrays: {name: float32 array}, the prunable ones named as in `LiveModel.weights`.
        missing: what a page cannot compute, as "name (Kind)"; with any, the rest is of no use.
    """

    steps: list[Step] = field(default_factory=list)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    output: int = -1
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def page_graph(model: keras.Model) -> PageGraph:
    """Return a model as steps for a page.

    Args:
        model: a built Keras 3 model, Sequential or Functional, nested ones too, with one output.

    Returns:
        The graph. Its `missing` names what a page cannot compute.
    """
    graph, found = graph_of(model), PageGraph()
    if graph is None:
        found.missing.append(f"{model.name} (a subclassed model)")
    elif len(graph.outputs) != 1:
        found.missing.append(f"{model.name} ({len(graph.outputs)} outputs)")
    else:
        _Walk(model, found).all(graph)
    return found


class _Walk:
    """Numbers the tensors and collects the steps."""

    def __init__(self, model: keras.Model, found: PageGraph) -> None:
        self.found, self.tensors = found, 0
        self.names = {id(variable): name for name, variable in named_variables(model).items()}

    def all(self, graph: Any) -> None:
        """Add the steps of the whole model."""
        inputs = [self.new() for _ in graph.inputs]
        for number, tensor in zip(inputs, graph.inputs, strict=True):
            self.found.inputs.append({"tensor": number, "shape": list(tensor.shape[1:])})
        (self.found.output,) = self.model(graph, inputs)

    def new(self) -> int:
        """Return the number of one more tensor."""
        self.tensors += 1
        return self.tensors - 1

    def model(self, graph: Any, inputs: list[int]) -> list[int]:
        """Add the steps of a model, or of one nested in it; return the numbers of its outputs."""
        known = {id(tensor): number for tensor, number in zip(graph.inputs, inputs, strict=True)}
        for node in calls(graph):
            sources = [known[id(tensor)] for tensor in node.arguments.keras_tensors]
            layer = node.operation
            inner = graph_of(layer) if isinstance(layer, keras.Model) else None
            outputs = self.model(inner, sources) if inner is not None else self.layer(layer, node, sources)
            known |= {id(tensor): number for tensor, number in zip(node.outputs, outputs, strict=True)}
        return [known[id(tensor)] for tensor in graph.outputs]

    def layer(self, layer: Any, node: Any, sources: list[int]) -> list[int]:
        """Add the steps of one use of a layer; return the numbers of its outputs."""
        try:
            steps = list(self.named(steps_of(layer, node)))
        except NotInPages:
            named = f"{layer.name} ({type(layer).__name__})"
            if named not in self.found.missing:  # a shared layer is used more than once
                self.found.missing.append(named)
            return [self.new() for _ in node.outputs]
        for step in steps:
            step["inputs"], step["output"] = sources, self.new()
            self.found.steps.append(step)
            sources = [step["output"]]
        return sources[:1]

    def named(self, steps: Iterator[Step]) -> Iterator[Step]:
        """Put the names of the weights in place of the variables."""
        for step in steps:
            variables = step.get("weights", {})
            step["weights"] = {role: self.names[id(variable)] for role, variable in variables.items()}
            self.found.arrays |= {self.names[id(v)]: np.asarray(v, np.float32) for v in variables.values()}
            yield step
