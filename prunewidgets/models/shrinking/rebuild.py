"""Rebuild a model layer by layer: each layer sized for its kept units, with the remaining weights."""

from typing import Any

import keras
import numpy as np

from ...utils.uninterrupted import uninterrupted
from ..holding.lora import refuse_adapters
from .channels import Found
from .moments import carry_optimizer
from .sharing import refuse_old_weights
from .sizes import Sizes
from .successors import Pair, Successors


@uninterrupted()  # else Keras leaves a name scope open: later models get other names
def rebuilt(
    model: keras.Model,
    found: Found,
    masks: dict[str, np.ndarray],
    zeros: bool = False,
    pairs: dict[int, Pair] | None = None,
    optimizer: bool = False,
) -> keras.Model:
    """Return a new model with the remaining weights; what the old one shares is shared in the same way.

    Args:
        model: The old model.
        found: Its groups; ``NOTHING`` for a full copy.
        masks: {name of a group: (units,) bool array}, checked.
        zeros: Keep the sizes, and put zeros where units are removed. Defaults to False.
        pairs: {id of a layer: the two layers that replace it}; the caller sets their weights.
        optimizer: Carry the state of the optimizer. Defaults to False, a new one.

    Raises:
        ValueError: A layer that cannot be rebuilt from its configuration, or shares what a copy would not,
            or is pruned and has adapters.
    """
    refuse_learned(model)
    refuse_adapters(model)
    own = own_objects(model)
    sizes = Sizes(found, masks, zeros)
    successors = Successors(model, sizes, pairs)
    with keras.saving.custom_object_scope(own):
        new = successors.clone(model)
    new_of = successors.take_weights()
    if optimizer:
        carry_optimizer(model, new, new_of, sizes)
    refresh_normalization(new)
    if own:
        refuse_old_weights(model, new)
    return new


def refuse_learned(model: keras.Model) -> None:
    """Raise ValueError if a layer has a vocabulary that neither its configuration nor its weights hold."""
    for layer in model._flatten_layers(include_self=False):
        if hasattr(layer, "get_vocabulary") and layer.get_config().get("vocabulary") is None:
            raise ValueError(
                f"The layer {layer.name!r} has learned its vocabulary by adapt, which a copy would lose. "
                "Leave it out of the model, and pass its outputs to the model."
            )


def refresh_normalization(model: keras.Model) -> None:
    """Update the tensors that Normalization derives from its weights; call after assigning weights."""
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()


def own_objects(model: keras.Model) -> dict[str, Any]:
    """Return {name: class or function} of those that Keras does not know: the user's layers and losses."""
    compiled = getattr(model, "_compile_config", None)
    found = keras.tree.flatten(compiled.config) if compiled is not None else []
    for layer in model._flatten_layers():
        # Without enable_lora, which holding a mask sets on the layer.
        found += [layer, *(v for name, v in vars(layer).items() if callable(v) and name != "enable_lora")]
    own = {}
    for thing in found:
        named = thing if isinstance(thing, type) or hasattr(thing, "__name__") else type(thing)
        if not named.__module__.startswith(("keras.", "builtins")):
            own[named.__name__] = named
    return own
