"""Lay masks over values of a model's variables, for a forward pass that leaves the model as it is."""

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from ..holding.held_variable import masked
from .checked_masks import checked_masks


def masked_values(
    model: keras.Model,
    values: list[tf.Tensor],
    variables: Mapping[str, keras.Variable],
    masks: Mapping[str, np.ndarray],
) -> list[tf.Tensor]:
    """Return values of ``model.variables``, zero where a mask removes them; see ``checked_masks``."""
    kept = {id(variables[name]): mask for name, mask in checked_masks(masks, variables, model.name).items()}
    return [
        masked(value, kept[id(variable)]) if id(variable) in kept else value
        for variable, value in zip(model.variables, values, strict=True)
    ]
