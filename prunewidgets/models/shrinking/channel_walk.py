"""The walk through a model's graph that finds out which channels have to go together.

A *channel* is one place on the last axis of a tensor. Every layer that makes channels of its own (a
convolution its filters, an LSTM its units) gets new *atoms*, numbers from 0, one for each; the walk carries
them along with the tensors. Where two tensors are added, the atoms that meet are tied. What is tied lives or
dies together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np


@dataclass(frozen=True)
class Channels:
    """A tensor in the walk.

    Attributes:
        atoms: (channels,) int array: which atom lies at each place of the last axis.
        shape: The tensor's, without the batch; None where it is not known.
    """

    atoms: np.ndarray
    shape: tuple[Any, ...]


@dataclass(frozen=True)
class Axis:
    """One axis of a weight (or, without a weight, of a layer's output) that lies along channels."""

    layer: keras.Layer
    name: str
    weight: str
    axis: int
    atoms: np.ndarray
    role: str


@dataclass
class Call:
    """One use of a layer in the graph, as its rule sees it.

    Attributes:
        walk: To make, tie and fix atoms.
        layer: The layer or operation.
        name: Its name, with those of the models it is nested in.
        args: Its arguments; tensors are ``Channels``.
        kwargs: Its keyword arguments.
        outputs: The shapes of what it returns, without the batch.
    """

    walk: "Walk"
    layer: Any
    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outputs: list[tuple[Any, ...]]

    @property
    def inputs(self) -> list[Channels]:
        """All tensors among the arguments."""
        leaves = keras.tree.flatten((self.args, self.kwargs))
        return [leaf for leaf in leaves if isinstance(leaf, Channels)]

    @property
    def kind(self) -> str:
        """The class of the layer."""
        return type(self.layer).__name__

    def makes(self, n: int, part: str = "") -> np.ndarray:
        """The layer's own atoms, the same each time it is used."""
        return self.walk.atoms(self.name + part, n)

    def put(self, weight: str, axis: int, atoms: np.ndarray, role: str) -> None:
        """Say which atoms lie along one axis of a weight; a weight that is not there is passed over.

        Args:
            weight: Attribute of the layer, such as "kernel" or "cell.kernel".
            axis: From the front or, negative, from the back.
            atoms: One for each place.
            role: "makes", "carries" or "reads".
        """
        variable = weight_of(self.layer, weight)
        if variable is not None:
            self.walk.put(Axis(self.layer, self.name, weight, axis % len(variable.shape), atoms, role))

    def fix(self, why: str, *atoms: np.ndarray) -> None:
        """Nothing of these atoms (of all inputs, if none are given) can be removed."""
        for some in atoms or [tensor.atoms for tensor in self.inputs]:
            self.walk.fix(some, why)


@dataclass
class Walk:
    """What is known about the atoms so far.

    Attributes:
        parents: For each atom a smaller one it is tied to, or itself.
        makers: {name of what makes atoms: its atoms}, in the order of the graph.
        axes: {(id of a layer, weight, axis): where atoms lie}.
        reasons: Atoms that cannot be removed, and why; the first reason counts.
        unknown: {name: why}, of layers that no rule is known for.
        aliases: {name of a use of a layer: other names under which the same layer is used}.
        held: {id of a layer: why}, of layers that something uses in a way that no rule is known for.
    """

    parents: list[int] = field(default_factory=list)
    makers: dict[str, np.ndarray] = field(default_factory=dict)
    axes: dict[tuple[int, str, int], Axis] = field(default_factory=dict)
    reasons: list[tuple[np.ndarray, str]] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, list[str]] = field(default_factory=dict)
    held: dict[int, str] = field(default_factory=dict)

    def atoms(self, name: str, n: int) -> np.ndarray:
        """The n atoms of this name, made when first asked for."""
        if name not in self.makers:
            self.makers[name] = self._new(n)
        return self.makers[name]

    def dead_end(self, n: int, why: str) -> np.ndarray:
        """Make n atoms that belong to nothing that could be removed."""
        atoms = self._new(n)
        self.fix(atoms, why)
        return atoms

    def tie(self, first: np.ndarray, second: np.ndarray) -> None:
        """Let the atoms at the same places of two arrays go together."""
        for one, other in zip(first.tolist(), second.tolist(), strict=True):
            one, other = self.root(one), self.root(other)
            self.parents[max(one, other)] = min(one, other)

    def fix(self, atoms: np.ndarray, why: str) -> None:
        """Nothing of this can be removed."""
        self.reasons.append((atoms, why))

    def fix_held(self) -> None:
        """Fix what lies along the weights of held layers, which may be called elsewhere too."""
        for axis in self.axes.values():
            if id(axis.layer) in self.held:
                self.fix(axis.atoms, self.held[id(axis.layer)])

    def put(self, axis: Axis) -> None:
        """Note where atoms lie; at the second use of a shared layer they are tied to those of the first."""
        first = self.axes.setdefault((id(axis.layer), axis.weight, axis.axis), axis)
        if first is not axis:
            self.tie(first.atoms, axis.atoms)
            others = self.aliases.setdefault(first.name, [])
            if axis.name not in (first.name, *others):
                others.append(axis.name)

    def root(self, atom: int) -> int:
        """The smallest atom that this one goes together with."""
        parents = self.parents
        while parents[atom] != atom:
            parents[atom] = parents[parents[atom]]
            atom = parents[atom]
        return atom

    def roots(self) -> np.ndarray:
        """The root of every atom."""
        return np.array([self.root(atom) for atom in range(len(self.parents))], int)

    def _new(self, n: int) -> np.ndarray:
        start = len(self.parents)
        self.parents.extend(range(start, start + n))
        return np.arange(start, start + n)


def weight_of(layer: Any, path: str) -> keras.Variable | None:
    """The variable behind an attribute such as "cell.kernel"; None if the layer has none."""
    for part in path.split("."):
        layer = getattr(layer, part, None)
    return layer


def graph_of(model: keras.Model) -> keras.Model | None:
    """The model as a graph of layers; None if it has none that can be seen."""
    if isinstance(model, keras.Sequential):
        return model._functional
    return model if hasattr(model, "_nodes_by_depth") else None


def calls(graph: keras.Model) -> Iterator[Any]:
    """The uses of layers in the order in which they are computed; Keras has no public name for them."""
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        yield from (node for node in graph._nodes_by_depth[depth] if not node.is_input)


def through(walk: Walk, model: keras.Model, inputs: list[np.ndarray], within: str, rule: Any) -> list[Any]:
    """Walk through a model.

    Args:
        walk: Collects what is found.
        model: A Sequential or Functional model.
        inputs: The atoms of its inputs.
        within: What to put before the names of its layers.
        rule: Function from a ``Call`` to the atoms of its outputs.

    Returns:
        The atoms of its outputs.
    """
    graph: Any = graph_of(model)
    for number, atoms in enumerate(inputs):
        walk.put(Axis(model, within, f"input {number}", -1, atoms, "width"))
    known = {
        id(tensor): Channels(atoms, tuple(tensor.shape[1:]))
        for tensor, atoms in zip(graph.inputs, inputs, strict=True)
    }
    for node in calls(graph):
        args, kwargs = node.arguments.fill_in(known)
        shapes = [tuple(tensor.shape[1:]) for tensor in node.outputs]
        found = rule(Call(walk, node.operation, within + node.operation.name, args, kwargs, shapes))
        found = found if isinstance(found, list) else [found] * len(shapes)
        for tensor, atoms, shape in zip(node.outputs, found, shapes, strict=True):
            known[id(tensor)] = Channels(atoms, shape)
    return [known[id(tensor)].atoms for tensor in graph.outputs]


def last(shape: Mapping[Any, Any] | tuple[Any, ...]) -> int:
    """The number of channels of a tensor of this shape; 1 where it has none or it is not known."""
    return (shape[-1] if shape else 1) or 1
