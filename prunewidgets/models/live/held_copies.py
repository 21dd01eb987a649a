"""Copies of a pruned model made by ``copy`` and ``pickle``: they hold removed weights at zero too."""

import copyreg
import warnings
from typing import Any

import keras
import numpy as np

from .held_variable import kept_of
from .weights import named_variables


def copies_hold(kind: type) -> None:
    """Make copies of models of a class hold the masks that the original holds.

    ``copyreg`` goes by the exact class. Keras's own classes are registered as well, because a model that
    contains the pruned one is usually of one of them.
    """
    for model in (kind, keras.Sequential, keras.Model, keras.src.models.Functional):
        copyreg.pickle(model, _reduced)


def _reduced(model: keras.Model) -> tuple[Any, ...]:
    """Return how to rebuild the model as Keras does, followed by applying its masks."""
    keras_way = model.__reduce_ex__(2)
    masks = {
        name: kept
        for name, variable in named_variables(model).items()
        if (kept := kept_of(variable)) is not None
    }
    if not masks:
        return keras_way
    if len(keras_way) > 2:
        warnings.warn(
            f"The class of {model.name!r} makes its own copies, which do not hold removed weights at zero: "
            "hold them again with LiveModel(copy).apply(pw.Masks.from_zeros(LiveModel(copy).weights)).",
            stacklevel=3,
        )
        return keras_way
    return _held, (*keras_way, masks)


def _held(build: Any, arguments: tuple[Any, ...], masks: dict[str, np.ndarray]) -> keras.Model:
    from ...core.masks import Masks
    from .state import apply  # imported here, as it imports this module

    model = build(*arguments)
    variables = named_variables(model)
    apply(model, {name: variables[name] for name in masks}, Masks(masks))
    return model
