"""Rules of the user's for layers of their own: what such a layer does with channels, in one line."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import keras
import numpy as np

from .channel_rules import unknown
from .channel_walk import Axis, Call, weight_of

OUTPUT = "registered output"
"""Name of the axis of a layer's output under which its channels are kept."""

_ROLES = ("reads", "makes", "carries")
_RULES: dict[type, dict[str, Any]] = {}


def register_channels(layer_class: type[keras.Layer], rule: Literal["passes"] | Mapping[str, Any]) -> None:
    """Say what a layer class of your own does with channels, so that units can be removed around it.

    Channels are the positions on the last axis of a tensor. The rule holds for this class, not for classes
    derived from it, until Python ends. ``shrink`` compares what such layers compute in the smaller model with
    what they compute in that of ``mask_units``, on random inputs, and says which rule is wrong.

    Args:
        layer_class: The class of the layer, which has one input and one output, and a ``get_config`` from
            which it can be made again.
        rule: "passes" for a layer that treats each channel by itself and has no weights for them, such as
            an activation. Otherwise {role: {weight: axis}} with the attributes of the layer that hold the
            weights ("kernel"; "gate.kernel" for those of a layer within):

            - "carries": weights with a value for each channel that comes in; the same channels go out.
            - "reads": the axis of a weight along which the channels lie that come in.
            - "makes": the axis along which the channels lie that go out. They are new units, as of a dense
              layer, and ``"units"`` names the argument of the class that gives their number.

    Raises:
        TypeError: Not a class of layers.
        ValueError: A class of Keras's own, or a rule that says none of this.

    Example:
        >>> class ChannelScale(keras.layers.Layer):
        ...     def build(self, shape):
        ...         self.gamma = self.add_weight(shape=(shape[-1],), initializer="ones")
        ...
        ...     def call(self, x):
        ...         return x * self.gamma
        >>> pw.register_channels(ChannelScale, {"carries": {"gamma": 0}})
        >>> model = keras.Sequential(
        ...     [keras.Input((4,)), keras.layers.Dense(6), ChannelScale(), keras.layers.Dense(2)]
        ... )
        >>> pw.shrink(model, {model.layers[0].name: np.arange(6) < 4}).layers[1].gamma.shape
        TensorShape([4])

        A dense layer of your own, ``Gated(width)``, has
        ``{"reads": {"kernel": 0}, "makes": {"kernel": 1, "bias": 0}, "units": "width"}``.
    """
    if not (isinstance(layer_class, type) and issubclass(layer_class, keras.layers.Layer)):
        raise TypeError(f"register_channels takes a class of layers, not {layer_class!r:.60}.")
    if layer_class.__module__.startswith(("keras.", "prunewidgets.")):
        raise ValueError(f"{layer_class.__name__} has its rule already; register classes of your own.")
    _RULES[layer_class] = _checked({} if isinstance(rule, str) and rule == "passes" else rule)


def _checked(rule: Any) -> dict[str, Any]:
    shape = isinstance(rule, Mapping) and rule.keys() <= {*_ROLES, "units"}
    parts = [rule[role] for role in _ROLES if role in rule] if shape else []
    shape = shape and all(
        isinstance(part, Mapping) and all(isinstance(axis, int) for axis in part.values()) for part in parts
    )
    makes = shape and bool(rule.get("makes"))
    if not shape or makes != ("units" in rule) or makes != bool(rule.get("reads")):
        raise ValueError(
            f'The rule {rule!r:.120} is not one: give "passes", or {{"carries": {{weight: axis}}}}, or '
            '{"reads": {weight: axis}, "makes": {weight: axis}, "units": name of the argument}.'
        )
    return dict(rule)


def is_registered(layer: Any) -> bool:
    """Return whether there is a rule of the user's for the class of a layer."""
    return type(layer) in _RULES


def registered(call: Call) -> np.ndarray | list[np.ndarray]:
    """Handle a layer by the user's rule for its class."""
    rule = _RULES[type(call.layer)]
    if len(call.inputs) != 1 or len(call.outputs) != 1:
        return unknown(call, "the rule registered for its class is for one input and one output")
    atoms = given = call.inputs[0].atoms
    if rule.get("makes"):
        weight, axis = next(iter(rule["makes"].items()))
        atoms = call.makes(_length(call, weight, axis) or 0)
    for role in _ROLES:
        for weight, axis in rule.get(role, {}).items():
            along, length = atoms if role == "makes" else given, _length(call, weight, axis)
            if length is None:  # a bias that the layer does not use, say
                continue
            if length != len(along):
                raise ValueError(
                    f"{_wrong(call.layer)}: its weight {weight!r} has {length} positions on axis {axis}, for "
                    f"{len(along)} channels."
                )
            owner, name = owner_of(call.layer, weight)
            replace(call, layer=owner).put(name, axis, along, role)
    call.walk.put(Axis(call.layer, call.name, OUTPUT, -1, atoms, "width"))
    return atoms


def owner_of(layer: keras.Layer, weight: str) -> tuple[Any, str]:
    """Return the layer that has a weight such as "gate.kernel", and the name of the weight there."""
    path, _, name = weight.rpartition(".")
    return weight_of(layer, path) if path else layer, name


def _length(call: Call, weight: str, axis: int) -> int | None:
    owner, name = owner_of(call.layer, weight)
    if not hasattr(owner, name):
        raise ValueError(
            f"{_wrong(call.layer)}: it names the weight {weight!r}, which the layer does not have."
        )
    variable = getattr(owner, name)
    if variable is None:
        return None
    if not -len(variable.shape) <= axis < len(variable.shape):
        raise ValueError(
            f"{_wrong(call.layer)}: it names axis {axis} of {weight!r}, which has the shape "
            f"{tuple(variable.shape)}."
        )
    return int(variable.shape[axis])


def _wrong(layer: Any) -> str:
    return f"The rule registered for {type(layer).__name__} does not fit the layer {layer.name!r}"


def new_units(layer: Any) -> tuple[str, str, int] | None:
    """Return the argument of a layer that gives its number of units, a weight, and the axis they lie on."""
    rule = _RULES.get(type(layer), {})
    if "units" not in rule:
        return None
    return (rule["units"], *next(iter(rule["makes"].items())))
