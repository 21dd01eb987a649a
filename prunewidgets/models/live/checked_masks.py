"""Check that masks fit the weights of a model."""

from collections.abc import Callable, Mapping

import keras
import numpy as np

from ...core.arrays import is_within
from ...core.masks import Masks

Choose = Callable[[Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]
"""A function from the prunable weights by name, read-only, to masks."""


def checked_masks(
    masks: Mapping[str, np.ndarray], variables: Mapping[str, keras.Variable], model: str
) -> Masks:
    """Return the masks as ``Masks`` keyed by weight name, after checking that each one fits a weight.

    Args:
        masks: The masks as given, keyed by weight name or by the name of a layer with one prunable weight.
        variables: The prunable weights by name.
        model: The name of the model.

    Raises:
        TypeError: If ``masks`` is not a mapping.
        ValueError: If a name or shape does not match the model.
    """
    if not isinstance(masks, Mapping):
        raise TypeError(
            f"Masks are needed here, not {type(masks).__name__}: make them with pw.Masks.from_threshold "
            "or pw.Masks.from_sparsity from pw.score(live.weights)."
        )
    masks = _by_weight(masks if isinstance(masks, Masks) else Masks(masks), variables, model)
    for name, kept in masks.items():
        if kept.shape != tuple(variables[name].shape):
            raise ValueError(
                f"The mask of {name!r} has shape {kept.shape}, the weight "
                f"{tuple(variables[name].shape)}. Make the masks from this model's own weights: "
                "pw.score(live.weights)."
            )
    return masks


def _by_weight(masks: Masks, variables: Mapping[str, keras.Variable], model: str) -> Masks:
    """Return the masks keyed by weight name; a layer's name stands for its one prunable weight."""
    names = {}
    for name in masks:
        found = [own for own in variables if is_within(own, name)]
        if len(found) != 1 and name not in variables:
            raise ValueError(
                f"The masks name {name!r}, which fits no weight of {model!r}; masks can name: "
                f"{', '.join(variables)}."
            )
        names[name] = name if name in variables else found[0]
    if all(name == own for name, own in names.items()):
        return masks
    return Masks({names[name]: kept for name, kept in masks.items()}, masks.threshold)
