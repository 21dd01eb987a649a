"""The new length of each axis of each weight, and of the unit counts in a layer's configuration."""

from typing import Any

import keras
import numpy as np

from ..layers.weights import named_variables
from .channel_kinds import SIZES, known
from .channel_walk import CONSTANT, Axis, weight_of
from .channels import ChannelGroups, Found
from .einsum_rules import kernel_labels
from .kept_channels import successor_of
from .kept_rows import KeptRows
from .norm_rules import OVER
from .registered import new_units, owner_of

NOTHING = Found(ChannelGroups([], {}), {}, np.array([], object), np.array([], int))


class Sizes:
    """The kept positions of each axis.

    Args:
        found: The groups of a model.
        masks: {name of a group: (units,) bool array}.
        zeros: Keep the lengths, and put zeros where units are removed.
    """

    def __init__(self, found: Found, masks: dict[str, np.ndarray], zeros: bool = False) -> None:
        """Apply the masks of groups to the atoms."""
        self.axes, self.zeros = found.axes, zeros
        self.kept_atoms = np.ones(len(found.unit_of), bool)
        for name, kept in masks.items():
            own = found.group_of == name
            self.kept_atoms[own] = kept[found.unit_of[own]]
        self._along: dict[int, dict[int, Axis]] = {}  # id of a variable -> {axis: its atoms}
        self._given: dict[int, list[tuple[str, int, Axis]]] = {}  # id of an operation -> what it is given
        for (owner, weight, axis), noted in found.axes.items():
            if weight == "key" or weight.startswith(CONSTANT):
                self._given.setdefault(owner, []).append((weight, axis, noted))
            if noted.role != "width":
                self._along.setdefault(id(weight_of(noted.layer, weight)), {})[axis] = noted

    def left(
        self, variable: keras.Variable, state: keras.Variable | None = None, power: int = -1
    ) -> np.ndarray:
        """Return the kept values of a variable; with ``zeros``, in the old shape with zeros elsewhere.

        Args:
            variable: A weight.
            state: What an optimizer has gathered about it: its values are taken instead.
            power: The power of the gradient to which these are proportional; -1 for the weight's own values.
        """
        values = variable.numpy() if state is None else state.numpy()
        for axis, noted in self._along.get(id(variable), {}).items():
            keep = self.kept_atoms[noted.atoms]
            if keep.all():
                continue
            if not self.zeros:
                values = np.compress(keep, values, axis=axis)
                if noted.scaled:  # gradients of weights times c are divided by c
                    values = (values * np.sqrt(keep.mean()) ** -power).astype(values.dtype)
            elif not variable.name.startswith("moving_"):  # statistics of channels multiplied by zero
                values[(slice(None),) * axis + (~keep,)] = 0
        return values

    def weight_masks(self, model: keras.Model) -> dict[str, np.ndarray] | None:
        """Return masks of weights with which the model computes what it would with ``zeros``.

        None if masks of weights cannot say it: a normalisation has to leave out channels, or a constant
        argument of an operation needs zeros.
        """
        for noted in self.axes.values():
            over = noted.weight == OVER and getattr(noted.layer, "groups", 1) == 1
            if (over or noted.weight.startswith(CONSTANT)) and not self.kept_atoms[noted.atoms].all():
                return None
        masks: dict[str, np.ndarray] = {}
        for name, variable in named_variables(model).items():
            for axis, noted in self._along.get(id(variable), {}).items():
                keep = self.kept_atoms[noted.atoms]
                if not keep.all() and not variable.name.startswith("moving_"):
                    mask = masks.setdefault(name, np.ones(tuple(variable.shape), bool))
                    mask[(slice(None),) * axis + (~keep,)] = False
        return masks

    def kept(self, layer: Any, weight: str, axis: int) -> np.ndarray | None:
        """Return a boolean array along the axis, True = kept; None if the walk found no channels there."""
        noted = self.axes.get((id(layer), weight, axis))
        if noted is None:
            return None
        return np.ones(len(noted.atoms), bool) if self.zeros else self.kept_atoms[noted.atoms]

    def kind(self, layer: Any, config: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Return the class of what replaces a layer, and its configuration, from one of the new sizes."""
        rows = self.kept(layer, "embeddings", 0)
        if rows is not None and not rows.all():
            return KeptRows, config | {"kept": int(rows.sum())}
        noted = self.axes.get((id(layer), OVER, -1))
        if noted is not None:
            return successor_of(layer, config, self.kept_atoms[noted.atoms], self.zeros)
        return type(layer), config

    def count(self, layer: Any, weight: str, axis: int) -> int:
        """Return the new length of an axis of a weight."""
        variable: Any = weight_of(layer, weight)
        shape = variable.shape
        kept = self.kept(layer, weight, axis % len(shape))
        return shape[axis] if kept is None else int(kept.sum())

    def arguments(self, operation: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the arguments of an operation, with constants and slices for the channels that are left."""
        changed = list(args)
        for weight, axis, noted in self._given.get(id(operation), ()):
            kept = self.kept_atoms[noted.atoms]
            if weight == "key":
                changed[1] = changed[1] if self.zeros else _sliced(operation, changed[1], kept)
                continue
            place = int(weight.removeprefix(CONSTANT))
            values = np.moveaxis(np.array(changed[place]), axis, -1)
            values = values * kept.astype(values.dtype) if self.zeros else values[..., kept]
            changed[place] = np.moveaxis(values, -1, axis)
        return tuple(changed)

    def keywords(self, operation: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the keyword arguments of an operation, with a factor that depends on the old width."""
        noted = self.axes.get((id(operation), "scale", -1))
        if noted is None or self.zeros or self.kept_atoms[noted.atoms].all():
            return kwargs
        return kwargs | {"scale": len(noted.atoms) ** -0.5}


def _sliced(operation: Any, key: Any, kept: np.ndarray) -> Any:
    """Return the key of a tensor whose last part is a slice of channels, for the kept ones."""
    *parts, end = key if isinstance(key, tuple) else (key,)
    if not kept[end].any():
        raise ValueError(f"The masks leave nothing of the channels that '{operation.name}' takes: keep one.")
    start, stop, _ = end.indices(len(kept))
    return (*parts, slice(int(kept[:start].sum()), int(kept[:stop].sum())))


def resized(layer: Any, sizes: Sizes) -> dict[str, Any]:
    """Return a layer's configuration with the new numbers of units; inner layers' are unchanged."""
    config = layer.get_config()
    kind = type(layer).__name__
    if not known(layer):
        return config | own_units(layer, config, sizes)
    if not isinstance(layer, keras.Layer):
        return config | _operation(layer, kind, config, sizes)
    for setting, (weight, axis) in SIZES.get(kind, {}).items():
        config[setting] = sizes.count(layer, weight, axis)
        if not config[setting]:
            raise ValueError(f"the masks leave nothing of its {setting}; keep at least one")
    if kind == "MultiHeadAttention":
        if len(layer._output_dense.kernel.shape) == 3:  # defaults to the query's, which may shrink alone
            config["output_shape"] = (sizes.count(layer, "_output_dense.kernel", -1),)
    elif kind == "EinsumDense" and (labels := kernel_labels(layer.equation)) is not None:
        _, kernel, after = labels
        lengths = {label: sizes.count(layer, "kernel", place) for place, label in enumerate(kernel)}
        whole = layer.partial_output_shape
        config["output_shape"] = tuple(
            n if n is None else lengths.get(label, n) for label, n in zip(after[1:], whole, strict=True)
        )
    elif kind.startswith("Conv") and config.get("groups", 1) > 1 and layer.kernel.shape[-2] == 1:
        config["groups"] = config["filters"] // (layer.filters // layer.groups)  # depthwise
    elif kind.endswith("GroupNormalization") and layer.groups > 1:
        if (kept := sizes.kept(layer, OVER, -1)) is not None:
            config["groups"] = int(kept.sum()) * layer.groups // len(kept)
    elif kind == "Reshape" and config["target_shape"][-1:] not in [(), (-1,)]:
        if (kept := sizes.kept(layer, "output", -1)) is not None:
            config["target_shape"] = (*config["target_shape"][:-1], int(kept.sum()))
    return config


def own_units(layer: Any, config: dict[str, Any], sizes: Sizes) -> dict[str, Any]:
    """Return what changes in the configuration of a layer with a rule of the user's."""
    new = new_units(layer)
    if new is None:
        return {}
    setting, weight, axis = new
    if setting not in config:
        raise ValueError(
            f"the rule registered for it calls the number of its units {setting!r}, which is not in its "
            "configuration"
        )
    owner, name = owner_of(layer, weight)
    units = sizes.count(owner, name, axis)
    if not units:
        raise ValueError(f"the masks leave nothing of its {setting}; keep at least one")
    return {setting: units}


def _operation(operation: Any, kind: str, config: dict[str, Any], sizes: Sizes) -> dict[str, Any]:
    """Return what changes in the configuration of an operation that names lengths of axes."""
    setting = {"Reshape": "newshape", "BroadcastTo": "shape"}.get(kind)
    if setting and (kept := sizes.kept(operation, "output", -1)) is not None:
        *lengths, last = config[setting]
        return {setting: (*lengths, last if last == -1 else int(kept.sum()))}
    if kind == "Split" and (kept := sizes.kept(operation, "input", -1)) is not None:
        parts = config["indices_or_sections"]
        ends = np.arange(1, parts) * len(kept) // parts if isinstance(parts, int) else parts
        pieces = [int(part.sum()) for part in np.split(kept, ends)]
        if not all(pieces):
            raise ValueError(f"the masks leave nothing of its part {pieces.index(0) + 1} of {len(pieces)}")
        return {"indices_or_sections": np.cumsum(pieces)[:-1].tolist()}
    return {}
