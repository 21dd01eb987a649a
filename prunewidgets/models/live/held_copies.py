"""Copies of a pruned model made by ``copy`` and ``pickle``: what is removed is held in them too."""

import copyreg
import warnings
from typing import Any

import keras
import numpy as np

from .held_variable import kept_of
from .weights import named_variables


def copies_hold(kind: type) -> None:
    """Let copies of models of a class hold what the model holds.

    ``copyreg`` is asked for the exact class. Models around the pruned one are mostly of Keras's own classes.
    """
    for model in (kind, keras.Sequential, keras.Model, keras.src.models.Functional):
        copyreg.pickle(model, _reduced)


def _reduced(model: keras.Model) -> tuple[Any, ...]:
    """How Keras copies the model, and then the masks."""
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
            f"{model.name!r} is copied by its own class's way, and the copy does not hold what is removed: "
            "hold it again with LiveModel(copy).apply(pw.Masks.from_zeros(LiveModel(copy).weights)).",
            stacklevel=3,
        )
        return keras_way
    return _held, (*keras_way, masks)


def _held(build: Any, arguments: tuple[Any, ...], masks: dict[str, np.ndarray]) -> keras.Model:
    from ...core.masks import Masks
    from .state import apply  # which needs this file

    model = build(*arguments)
    variables = named_variables(model)
    apply(model, {name: variables[name] for name in masks}, Masks(masks))
    return model
