"""Copies of a pruned model made by ``copy`` and ``pickle``: they hold removed weights at zero too."""

import copyreg
import warnings
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from ..layers.weights import named_variables
from .held_variable import kept_of


def copies_hold(kind: type) -> None:
    """Make copies of models of a class hold the masks that the original holds.

    ``copyreg`` goes by the exact class. All other classes of models that there are now are registered as
    well, because a model that contains the pruned one may be of any of them. One for which somebody else
    has registered a way to copy keeps that way.
    """
    for model in {kind, keras.Model, *_subclasses(keras.Model)}:
        copyreg.dispatch_table.setdefault(model, _reduced)


def _subclasses(kind: type) -> Iterator[type]:
    below: type
    for below in kind.__subclasses__():
        yield below
        yield from _subclasses(below)


def masks_of(model: keras.Model) -> dict[str, np.ndarray]:
    """Return {name: mask} of the weights that are held at zero in parts, whichever model holds them.

    If there are any, also of those that the model's own masks name and keep whole: a sparsity counts them.
    """
    from .state import masks_in_model, state_of  # imported here, as it imports this module

    variables = named_variables(model)
    masks = {name: kept for name, variable in variables.items() if (kept := kept_of(variable)) is not None}
    named: Any = masks_in_model(model, state_of(model)) if masks else None
    return {
        name: masks.get(name, np.ones(variable.shape, bool))
        for name, variable in variables.items()
        if name in masks or name in (named or ())
    }


def hold_masks(model: keras.Model, masks: dict[str, np.ndarray]) -> None:
    """Hold masks in a copy of the model that held them."""
    from ...core.masks import Masks
    from .state import apply  # imported here, as it imports this module

    variables = named_variables(model)
    if lost := [name for name in masks if name not in variables]:
        warnings.warn(
            f"The copy of {model.name!r} has no weights named {', '.join(lost)}; nothing holds their zeros: "
            "hold them again with pw.hold_zeros(copy), and give layers names that stay the same in copies.",
            stacklevel=3,
        )
        masks = {name: kept for name, kept in masks.items() if name in variables}
    apply(model, {name: variables[name] for name in masks}, Masks(masks))


def _reduced(model: keras.Model) -> tuple[Any, ...]:
    """Return how to rebuild the model as Keras does, followed by applying its masks."""
    keras_way = model.__reduce_ex__(2)
    masks = masks_of(model)
    if not masks:
        return keras_way
    if len(keras_way) > 2:
        warnings.warn(
            f"The class of {model.name!r} makes its own copies, which do not hold removed weights at zero: "
            "hold them again with pw.hold_zeros(copy).",
            stacklevel=3,
        )
        return keras_way
    return _held, (*keras_way, masks)


def _held(build: Any, arguments: tuple[Any, ...], masks: dict[str, np.ndarray]) -> keras.Model:
    model = build(*arguments)
    hold_masks(model, masks)
    return model
