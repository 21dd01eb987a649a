"""Which units of a model can be removed, and what has to be removed with each of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import keras
import numpy as np

from ..layers.built import check_keras
from ..layers.weights import named_variables
from .channel_kinds import channels
from .channel_walk import Axis, Walk, channel_count, graph_of, through, weight_of
from .sharing import tied


@dataclass(frozen=True)
class Part:
    """An axis of a weight along which units of a group lie.

    Attributes:
        layer: Name of the layer.
        weight: Name of the weight, such as ``conv_2/kernel``.
        axis: Index of the axis.
        units: (length of the axis,) int array: the unit at each position; -1 where it is none of this group.
        role: "makes": the weights that produce the unit. "carries": batch normalisation and the like, which
            are removed with it. "reads": the weights that take the unit as input, or, for the keys of an
            attention layer, those that are multiplied by it.
    """

    layer: str
    weight: str
    axis: int
    units: np.ndarray
    role: str


@dataclass(frozen=True)
class ChannelGroup:
    """Units that can be removed one at a time, each from all layers at once.

    Attributes:
        name: The name of the first layer that makes them.
        units: Number of units.
        parts: All axes of weights along which they lie.
        aliases: {layer of a part: other names of it}, for a layer that is used both in a
            ``TimeDistributed`` and directly, for example.
    """

    name: str
    units: int
    parts: tuple[Part, ...]
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def made_by(self) -> tuple[str, ...]:
        """The layers that make the units: several if their outputs are added, for example."""
        return self._layers("makes")

    @property
    def carried_by(self) -> tuple[str, ...]:
        """The layers with weights for each unit that make no units: batch normalisation, depthwise."""
        return self._layers("carries")

    @property
    def read_by(self) -> tuple[str, ...]:
        """The layers whose weights read the units."""
        return self._layers("reads")

    def _layers(self, role: str) -> tuple[str, ...]:
        layers = [part.layer for part in self.parts if part.role == role]
        return tuple(dict.fromkeys(name for one in layers for name in (one, *self.aliases.get(one, ()))))

    def __repr__(self) -> str:
        """Return the layers that make, carry and read the units, in one line."""
        carried = f", carried by {', '.join(self.carried_by)}" if self.carried_by else ""
        read = f", read by {', '.join(self.read_by)}" if self.read_by else ""
        return f"{self.name}: {self.units:,} units made by {', '.join(self.made_by)}{carried}{read}"


class ChannelGroups(Mapping[str, ChannelGroup]):
    """{name: ChannelGroup}, in the order of the graph.

    Attributes:
        fixed: {name of a layer: one sentence on why its units cannot be removed}. Every layer with weights
            is either in a group or here.
    """

    def __init__(self, groups: list[ChannelGroup], fixed: dict[str, str]) -> None:
        """Store the groups in the order given."""
        self._groups = {group.name: group for group in groups}
        self.fixed = dict(fixed)

    def __getitem__(self, name: str) -> ChannelGroup:
        """Return one group."""
        try:
            return self._groups[name]
        except KeyError:
            raise KeyError(self.why_not(name)) from None

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._groups)

    def __len__(self) -> int:
        """Return the number of groups."""
        return len(self._groups)

    def why_not(self, name: str) -> str:
        """Return a sentence on why there is no group of this name."""
        if name in self.fixed:
            return f"the units of '{name}' cannot be removed. {self.fixed[name]}"
        for group in self.values():
            if name in (*group.made_by, *group.carried_by):
                return (
                    f"'{name}' has no group of its own: its units are removed with those of '{group.name}'."
                )
        return f"there is no group {name!r}; there are {', '.join(self) or 'none'}."

    def __repr__(self) -> str:
        """Return one line for each group and each fixed layer."""
        fixed = [f"{name} (fixed): {why}" for name, why in self.fixed.items()]
        return "\n".join([*map(repr, self.values()), *fixed])


ROWS = "/rows"
"""Suffix of the name of a group of rows of an embedding."""


def channel_groups(model: keras.Model, embedding_rows: bool = False) -> ChannelGroups:
    """Find the units that can be removed from a model, and which have to be removed together.

    Units are filters, neurons, recurrent units, columns of embeddings; in attention layers, heads
    (``"…/heads"``), the width of queries and keys (``"…/keys"``) and of values (``"…/values"``; one group
    ``"…/width"`` in a ``GroupQueryAttention``). Outputs that are added or multiplied are coupled: the same
    unit is removed from each layer that makes it, from the normalisation behind it, and from all layers that
    read it. So the residual stream of a transformer is one group: a unit of it is removed from the
    embeddings, from what each block reads and adds, and from the normalisations between them. The channels of
    one group of a ``GroupNormalization`` are one unit, since the groups keep their size.

    Args:
        model: A built Sequential or Functional model; nested models may also be either.
        embedding_rows: Also find rows of embeddings (``"…/rows"``), one for each word. A model with rows
            removed contains a layer of this package, so import the package before loading such a model.
            Defaults to False.

    Returns:
        The groups; layers whose units cannot be removed are in ``.fixed``.

    Raises:
        TypeError: Not a Keras 3 model.
        ValueError: Not built, or subclassed, so that there is no visible graph.

    Example:
        >>> groups = pw.channel_groups(pw.models.small_cnn(seed=0))
        >>> groups
        conv_1: 16 units made by conv_1, read by conv_2
        conv_2: 32 units made by conv_2, read by dense_1
        dense_1: 64 units made by dense_1, read by dense_2
        dense_2 (fixed): Its units stay: they are the model's output.

    Source: Li et al., "Pruning filters for efficient ConvNets" (2017), sections 3.1 and 3.3; Fang et al.,
        "DepGraph: Towards any structural pruning" (2023), section 3, for coupled channels in general.
    """
    groups = find(model).groups
    if embedding_rows:
        return groups
    fixed = {name: why for name, why in groups.fixed.items() if not name.endswith(ROWS)}
    return ChannelGroups([g for g in groups.values() if not g.name.endswith(ROWS)], fixed)


@dataclass(frozen=True)
class Found:
    """The groups, with what is needed to rebuild the model.

    Attributes:
        groups: As ``channel_groups`` returns them.
        axes: {(id of a layer, weight, axis): the atoms along it}.
        group_of: For each atom, the name of its group; "" if it is fixed.
        unit_of: For each atom, its unit in the group.
    """

    groups: ChannelGroups
    axes: dict[tuple[int, str, int], Axis]
    group_of: np.ndarray
    unit_of: np.ndarray


def find(model: keras.Model) -> Found:
    """Walk through a model and sort the atoms into groups; see ``channel_groups``."""
    walk = walked(model)
    roots = walk.roots()
    reasons: dict[int, str] = {}
    for atoms, reason in walk.reasons:
        for root in np.unique(roots[atoms]).tolist():
            reasons.setdefault(root, reason)
    group_of, unit_of = np.full(len(roots), "", object), np.zeros(len(roots), int)
    names: dict[str, int] = {}
    fixed: dict[str, str] = {}
    for makers in _families(walk, roots):
        own = np.unique(np.concatenate([roots[walk.makers[name]] for name in makers]))
        why = next((reasons[root] for root in own.tolist() if root in reasons), None)
        if why is None and len(own) < 2:
            alone = all(len(walk.makers[name]) == 1 for name in makers)
            why = "there is only one" if alone else "they can only be removed together"
        if why is not None:
            fixed |= {name: f"Its units stay: {why}." for name in makers}
            continue
        names[makers[0]] = len(own)
        place = np.searchsorted(own, roots)
        inside = own[np.minimum(place, len(own) - 1)] == roots
        group_of[inside], unit_of[inside] = makers[0], place[inside]
    variables = {id(variable): name for name, variable in named_variables(model).items()}
    parts: dict[str, list[Part]] = {name: [] for name in names}
    for axis in walk.axes.values():
        if axis.role == "width":
            continue
        weight = variables[id(weight_of(axis.layer, axis.weight))]
        for name in dict.fromkeys(group_of[axis.atoms].tolist()):
            if name:
                units = np.where(group_of[axis.atoms] == name, unit_of[axis.atoms], -1)
                units.flags.writeable = False
                parts[name].append(Part(axis.name, weight, axis.axis, units, axis.role))
    groups = [ChannelGroup(name, units, tuple(parts[name]), walk.aliases) for name, units in names.items()]
    moved = {name for group in groups for name in (*group.made_by, *group.carried_by)}
    unnamed = _fixed_carriers(walk, roots, reasons) | walk.unknown
    fixed |= {name: _sentence(why) for name, why in unnamed.items() if name not in moved | fixed.keys()}
    return Found(ChannelGroups(groups, fixed), walk.axes, group_of, unit_of)


def walked(model: keras.Model) -> Walk:
    """Walk through a whole model, and fix its inputs and outputs."""
    check_keras(model)
    graph = graph_of(model)
    if graph is None:
        raise ValueError(
            f"The model {model.name!r} has no graph that could be rewritten: it is "
            + (
                "subclassed. Make the same network with keras.Model(inputs, outputs) or keras.Sequential."
                if model.built and not isinstance(model, keras.Sequential)
                else "not built. Begin it with keras.Input(shape)."
            )
        )
    walk = Walk()
    inputs = [
        walk.dead_end(channel_count(tuple(t.shape[1:])), "they meet the model's input") for t in graph.inputs
    ]
    for atoms in through(walk, model, inputs, "", channels):
        walk.reasons.insert(0, (atoms, "they are the model's output"))  # the reason to report first
    for variable, owners in tied(model).values():
        names = " and ".join(layer.name for layer in owners)
        walk.held |= dict.fromkeys(map(id, owners), f"{names} both own {variable.path}")
    walk.fix_held()
    return walk


def _families(walk: Walk, roots: np.ndarray) -> list[list[str]]:
    """Return the makers that share units, directly or through others, in the order of the graph."""
    members: dict[str, list[str]] = {}
    family: dict[int, str] = {}  # root -> first maker of its family
    for name, atoms in walk.makers.items():
        own = set(roots[atoms].tolist())
        joined = list(dict.fromkeys(family[root] for root in sorted(own) if root in family))
        head, rest = (joined[0], joined[1:]) if joined else (name, [])
        for other in rest:
            members[head] = members[head] + members.pop(other)
            family = {root: head if first == other else first for root, first in family.items()}
        members.setdefault(head, []).append(name)
        family |= dict.fromkeys(own, head)
    order = {name: number for number, name in enumerate(walk.makers)}
    sorted_members = [sorted(names, key=order.__getitem__) for names in members.values()]
    return sorted(sorted_members, key=lambda names: order[names[0]])


def _fixed_carriers(walk: Walk, roots: np.ndarray, reasons: dict[int, str]) -> dict[str, str]:
    """Return {name: why} of batch normalisation and the like that belongs to fixed channels."""
    found: dict[str, str] = {}
    for axis in walk.axes.values():
        if axis.role == "carries":
            why = [reasons[root] for root in roots[axis.atoms].tolist() if root in reasons]
            found |= {axis.name: why[0]} if why else {}
    return found


def _sentence(why: str) -> str:
    return f"Its channels stay: {why}."
