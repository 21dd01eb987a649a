"""A model layer by layer anew: each layer as large as its kept units need, with the weights that stay."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from .channel_kinds import SIZES, known
from .channel_walk import Axis, graph_of, weight_of
from .channels import ChannelGroups, Found
from .kept_rows import KeptRows, rows_left


def rebuilt(
    model: keras.Model, found: Found, masks: dict[str, np.ndarray], zeros: bool = False
) -> keras.Model:
    """A new model with the weights that stay.

    Args:
        model: The old one.
        found: Its groups; ``NOTHING`` for a whole copy.
        masks: {name of a group: (units,) bool array}, checked.
        zeros: Keep the sizes, and put zeros where units are removed.
    """
    refuse_learned(model)
    successors = Successors(Sizes(found, {} if zeros else masks))
    with keras.saving.custom_object_scope(own_objects(model)):
        smaller = keras.models.clone_model(model, clone_function=successors)
    successors.take_weights(Sizes(found, masks), zeros)
    take_up(smaller)
    return smaller


NOTHING = Found(ChannelGroups([], {}), {}, np.array([], object), np.array([], int))


class Successors:
    """What comes in place of each layer: one successor, however often the layer is used."""

    def __init__(self, sizes: "Sizes") -> None:
        """None are made yet."""
        self._sizes = sizes
        self._made: dict[int, tuple[Any, Any]] = {}  # id of a layer -> (the layer, its successor)

    def __call__(self, layer: Any) -> Any:
        """The successor of a layer or operation, without weights yet."""
        if id(layer) not in self._made:
            self._made[id(layer)] = (layer, _successor(layer, self._sizes, self))
        return self._made[id(layer)][1]

    def take_weights(self, sizes: "Sizes", zeros: bool = False) -> None:
        """Copy what stays of the weights of each layer."""
        for layer, new in self._made.values():
            if isinstance(layer, keras.Layer) and graph_of(layer) is None:
                _copy_weights(layer, new, sizes, zeros)


class Sizes:
    """How much of each axis is kept."""

    def __init__(self, found: Found, masks: dict[str, np.ndarray]) -> None:
        """Spread the masks of groups over the atoms."""
        self.axes = found.axes
        self.axes_of: dict[int, list[tuple[str, int, Axis]]] = {}  # id of a layer -> weight, axis, places
        for (owner, weight, axis), noted in found.axes.items():
            self.axes_of.setdefault(owner, []).append((weight, axis, noted))
        self.kept_atoms = np.ones(len(found.unit_of), bool)
        for name, kept in masks.items():
            own = found.group_of == name
            self.kept_atoms[own] = kept[found.unit_of[own]]

    def kept(self, layer: Any, weight: str, axis: int) -> np.ndarray | None:
        """A boolean array along the axis; None if the walk found no channels there."""
        noted = self.axes.get((id(layer), weight, axis))
        return None if noted is None else self.kept_atoms[noted.atoms]

    def count(self, layer: Any, weight: str, axis: int) -> int:
        """The new length of an axis of a weight."""
        shape = weight_of(layer, weight).shape
        kept = self.kept(layer, weight, axis % len(shape))
        return shape[axis] if kept is None else int(kept.sum())


def _successor(layer: Any, sizes: Sizes, successor: Any) -> Any:
    """A layer like this one, without weights yet, of its new size."""
    if isinstance(layer, keras.Model):
        graph = graph_of(layer)
        if graph is None:
            return type(layer).from_config(layer.get_config())
        inputs = []
        for number, tensor in enumerate(graph.inputs):
            kept = sizes.kept(layer, f"input {number}", -1)
            shape = tensor.shape if kept is None or not tensor.shape[1:] else (*tensor.shape[:-1], kept.sum())
            inputs.append(keras.Input(batch_shape=tuple(shape), dtype=tensor.dtype, name=tensor.name))
        inputs = keras.tree.pack_sequence_as(layer.input, inputs)
        return keras.models.clone_model(layer, input_tensors=inputs, clone_function=successor)
    if type(layer) is keras.layers.Lambda:  # its configuration would be code, which Keras refuses to read
        given = {"mask": layer.mask, "arguments": layer.arguments, "dtype": layer.dtype_policy}
        return keras.layers.Lambda(layer.function, layer._output_shape, name=layer.name, **given)
    config = resized(layer, sizes)
    rows = sizes.kept(layer, "embeddings", 0)
    if rows is not None and not rows.all():
        return KeptRows.from_config(config | {"kept": int(rows.sum())})
    return type(layer).from_config(config)


def resized(layer: Any, sizes: Sizes) -> dict[str, Any]:
    """The configuration of a layer with the numbers of units that are left."""
    config = layer.get_config()
    if not known(layer) or not isinstance(layer, keras.Layer):
        return config
    kind = type(layer).__name__
    for setting, (weight, axis) in SIZES.get(kind, {}).items():
        config[setting] = sizes.count(layer, weight, axis)
    if kind == "MultiHeadAttention":
        if len(layer._output_dense.kernel.shape) == 3:  # by default that of the query, which may shrink alone
            config["output_shape"] = (sizes.count(layer, "_output_dense.kernel", -1),)
    elif kind.startswith("Conv") and config.get("groups", 1) > 1 and layer.kernel.shape[-2] == 1:
        config["groups"] = config["filters"] // (layer.filters // layer.groups)  # depthwise
    elif kind == "Reshape" and config["target_shape"][-1:] not in [(), (-1,)]:
        if (kept := sizes.kept(layer, "output", -1)) is not None:
            config["target_shape"] = (*config["target_shape"][:-1], int(kept.sum()))
    elif kind == "TimeDistributed":
        config["layer"] |= {"config": resized(layer.layer, sizes), "build_config": None}
    elif kind == "Bidirectional" and hasattr(layer.forward_layer, "units"):
        for setting, within in (("layer", "forward_layer"), ("backward_layer", "backward_layer")):
            units = sizes.count(layer, f"{within}.cell.recurrent_kernel", -2)
            config[setting]["config"]["units"] = units
            config[setting]["build_config"] = None  # or the layer would be built at once, in its old size
    return config


def _copy_weights(layer: Any, new: Any, sizes: Sizes, zeros: bool) -> None:
    """What stays of each weight; statistics and random seeds too."""
    kept: dict[int, list[np.ndarray | None]] = {}
    for part in _with_inner(layer):
        for weight, axis, noted in sizes.axes_of.get(id(part), ()):
            if noted.role != "width":
                variable = weight_of(noted.layer, weight)
                along = kept.setdefault(id(variable), [None] * len(variable.shape))
                along[axis] = sizes.kept_atoms[noted.atoms]
    for old, target in zip(layer.variables, new.variables, strict=type(new) is type(layer)):
        values = old.numpy()
        for axis, keep in enumerate(kept.get(id(old), ())):
            if keep is None or keep.all():
                continue
            if not zeros:
                values = np.compress(keep, values, axis=axis)
            elif not old.name.startswith("moving_"):  # statistics of what is multiplied by zero
                values[(slice(None),) * axis + (~keep,)] = 0
        target.assign(values)
    if isinstance(new, KeptRows) and not zeros:
        new.keep(rows_left(layer, sizes.kept(layer, "embeddings", 0)))


def _with_inner(layer: Any) -> Iterator[Any]:
    """The layer and the one within a TimeDistributed."""
    yield layer
    if isinstance(getattr(layer, "layer", None), keras.Layer):
        yield from _with_inner(layer.layer)


def refuse_learned(model: keras.Model) -> None:
    """Raise ValueError if a layer knows words that neither its configuration nor its weights tell."""
    for layer in model._flatten_layers(include_self=False):
        if hasattr(layer, "get_vocabulary") and layer.get_config().get("vocabulary") is None:
            raise ValueError(
                f"The layer {layer.name!r} has learned its vocabulary by adapt, which a copy would not know. "
                "Leave it out of the model, and give the model what it returns."
            )


def take_up(model: keras.Model) -> None:
    """To be called when weights were assigned: Normalization computes with tensors that it makes of them."""
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()


def own_objects(model: keras.Model) -> dict[str, Any]:
    """Classes and functions that Keras does not know by name: those of the reader's own layers and losses."""
    compiled = getattr(model, "_compile_config", None)
    found = keras.tree.flatten(compiled.config) if compiled is not None else []
    for layer in model._flatten_layers():
        found += [layer, *(value for value in vars(layer).values() if callable(value))]
    own = {}
    for thing in found:
        named = thing if isinstance(thing, type) or hasattr(thing, "__name__") else type(thing)
        if not named.__module__.startswith(("keras.", "builtins")):
            own[named.__name__] = named
    return own
