"""The walk through a model's graph that finds which channels have to be removed together.

A *channel* is one position on the last axis of a tensor. Every layer that makes its own channels (the filters
of a convolution, the units of an LSTM) gets new *atoms*, one for each, numbered from 0; the walk carries them
along with the tensors. Where two tensors are added, the atoms at the same position are tied. Tied atoms are
kept or removed together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

CONSTANT = "constant "
"""With a number, the name under which an axis of a constant argument is kept."""


@dataclass(frozen=True)
class Channels:
    """A tensor in the walk.

    Attributes:
        atoms: (channels,) int array: the atom at each position of the last axis.
        shape: Shape of the tensor, without the batch; None where a length is not known.
        others: {axis: its atoms} for channels on other axes, counted from the end: -2, -3, …
        zero: Whether removed channels are zero in the masked model.
    """

    atoms: np.ndarray
    shape: tuple[Any, ...]
    others: dict[int, np.ndarray] = field(default_factory=dict)
    zero: bool = False

    @property
    def axes(self) -> dict[int, np.ndarray]:
        """{axis: its atoms} of all axes with channels, counted from the end."""
        return {-1: self.atoms, **self.others}


@dataclass(frozen=True)
class Axis:
    """One axis of a weight (or of a layer's input or output) along which channels lie.

    ``scaled``: the layer divides by the square root of the length of this axis, so its values are multiplied
    by the square root of the portion that is kept.
    """

    layer: keras.Layer
    name: str
    weight: str
    axis: int
    atoms: np.ndarray
    role: str
    scaled: bool = False


@dataclass
class Call:
    """One use of a layer in the graph, as its rule sees it.

    Attributes:
        walk: The walk, which makes, ties and fixes atoms.
        layer: The layer or operation.
        name: Name of the layer, prefixed with those of the models it is nested in.
        args: Its positional arguments; tensors are ``Channels``.
        kwargs: Its keyword arguments.
        outputs: The shapes of its outputs, without the batch.
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
        """The class name of the layer."""
        return type(self.layer).__name__

    def makes(self, n: int, part: str = "") -> np.ndarray:
        """Return the atoms that the layer makes, the same each time it is used."""
        return self.walk.atoms(self.name + part, n)

    def put(self, weight: str, axis: int, atoms: np.ndarray, role: str, scaled: bool = False) -> None:
        """Record which atoms lie along one axis of a weight; a weight that the layer lacks is ignored.

        Args:
            weight: Attribute of the layer, such as "kernel" or "cell.kernel".
            axis: Index of the axis; negative counts from the last.
            atoms: One for each position.
            role: "makes", "carries" or "reads".
            scaled: See ``Axis``.
        """
        variable = weight_of(self.layer, weight)
        if variable is not None:
            place = axis % len(variable.shape)
            self.walk.put(Axis(self.layer, self.name, weight, place, atoms, role, scaled))

    def fix(self, why: str, *atoms: np.ndarray) -> None:
        """Mark these atoms (those of all inputs if none are given) as not removable."""
        for some in atoms or [one for tensor in self.inputs for one in tensor.axes.values()]:
            self.walk.fix(some, why)

    def constant(self, place: int, axis: int, atoms: np.ndarray) -> None:
        """Record which atoms lie along one axis of a constant among the positional arguments."""
        axis %= np.ndim(self.args[place])
        self.walk.put(Axis(self.layer, self.name, f"{CONSTANT}{place}", axis, atoms, "width"))


@dataclass
class Walk:
    """What is known about the atoms so far.

    Attributes:
        count: Number of atoms.
        ties: Arrays of the same length, whose atoms at the same positions are tied.
        makers: {name of what makes atoms: its atoms}, in the order of the graph.
        axes: {(id of a layer, weight, axis): where atoms lie}.
        reasons: Atoms that cannot be removed, and why; the first reason counts.
        unknown: {name: why} for layers without a rule.
        aliases: {name of a use of a layer: other names under which the same layer is used}.
        held: {id of a layer: why} for layers that something without a rule uses.
    """

    count: int = 0
    ties: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    makers: dict[str, np.ndarray] = field(default_factory=dict)
    axes: dict[tuple[int, str, int], Axis] = field(default_factory=dict)
    reasons: list[tuple[np.ndarray, str]] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, list[str]] = field(default_factory=dict)
    held: dict[int, str] = field(default_factory=dict)

    def atoms(self, name: str, n: int) -> np.ndarray:
        """Return the n atoms of this name, and make them at the first request."""
        if name not in self.makers:
            self.makers[name] = self._new(n)
        return self.makers[name]

    def dead_end(self, n: int, why: str) -> np.ndarray:
        """Make n atoms that cannot be removed."""
        atoms = self._new(n)
        self.fix(atoms, why)
        return atoms

    def tie(self, first: np.ndarray, second: np.ndarray) -> None:
        """Tie the atoms at the same positions of two arrays."""
        if len(first) != len(second):
            raise ValueError(f"{len(first)} channels are tied to {len(second)}.")
        self.ties.append((first, second))

    def fix(self, atoms: np.ndarray, why: str) -> None:
        """Mark these atoms as not removable, with the reason."""
        self.reasons.append((atoms, why))

    def fix_held(self) -> None:
        """Fix the atoms along the weights of held layers, which may be called elsewhere too."""
        for axis in self.axes.values():
            if id(axis.layer) in self.held:
                self.fix(axis.atoms, self.held[id(axis.layer)])

    def put(self, axis: Axis) -> None:
        """Record where atoms lie; at the second use of a shared layer, tie them to those of the first."""
        first = self.axes.setdefault((id(axis.layer), axis.weight, axis.axis), axis)
        if first is not axis:
            self.tie(first.atoms, axis.atoms)
            others = self.aliases.setdefault(first.name, [])
            if axis.name not in (first.name, *others):
                others.append(axis.name)

    def roots(self) -> np.ndarray:
        """Return for each atom the smallest atom that it is tied to, directly or through others."""
        if not self.ties:
            return np.arange(self.count)
        first, second = (np.concatenate(side) for side in zip(*self.ties, strict=True))
        edges = coo_array((np.ones(len(first), bool), (first, second)), (self.count, self.count))
        labels = connected_components(edges, directed=False)[1]
        return np.unique(labels, return_index=True)[1][labels]

    def _new(self, n: int) -> np.ndarray:
        self.count += n
        return np.arange(self.count - n, self.count)


def weight_of(layer: Any, path: str) -> keras.Variable | None:
    """Return the variable behind an attribute such as "cell.kernel", or None if the layer lacks it."""
    for part in path.split("."):
        layer = getattr(layer, part, None)
    return layer


def graph_of(model: keras.Model) -> keras.Model | None:
    """Return the model as a graph of layers, or None if it has no visible graph."""
    if isinstance(model, keras.Sequential):
        return model._functional
    return model if hasattr(model, "_nodes_by_depth") else None


def calls(graph: keras.Model) -> Iterator[Any]:
    """Yield the uses of layers in the order of computation; Keras has no public API for them."""
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        yield from (node for node in graph._nodes_by_depth[depth] if not node.is_input)


def through(walk: Walk, model: keras.Model, inputs: list[np.ndarray], within: str, rule: Any) -> list[Any]:
    """Walk through a model.

    Args:
        walk: Collects the results.
        model: A Sequential or Functional model.
        inputs: The atoms of its inputs.
        within: Prefix for the names of its layers.
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
        for tensor, one, shape in zip(node.outputs, found, shapes, strict=True):
            known[id(tensor)] = (
                replace(one, shape=shape) if isinstance(one, Channels) else Channels(one, shape)
            )
    for tensor in graph.outputs:
        for atoms in known[id(tensor)].others.values():
            walk.fix(atoms, f"they come out of {model.name} on another axis than the last")
    return [known[id(tensor)].atoms for tensor in graph.outputs]


def channel_count(shape: tuple[Any, ...]) -> int:
    """Return the number of channels of a tensor of this shape; 1 if it has none or it is not known."""
    return (shape[-1] if shape else 1) or 1
