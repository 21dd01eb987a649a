"""Removing units for real: the same network with smaller layers, and its twin of the old size with zeros."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from ...core.masks import Masks
from .channels import Found, find
from .rebuild import rebuilt


def mask_units(model: keras.Model, masks: Any) -> keras.Model:
    """Return a copy of the same size in which removed units are zero: what makes them and what reads them.

    Args:
        model: A built Sequential or Functional model; it stays as it is.
        masks: ``Masks`` or {name of a group: (units,) boolean array, True = kept}; groups left out stay
            whole. For the names see ``channel_groups``.

    Returns:
        A model that answers as ``shrink`` of the same masks does; compiled like the original, with a new
        optimizer, if that is compiled.

    Raises:
        ValueError: A name or length that the model does not have, or a graph that cannot be rewritten.
    """
    found = find(model)
    checked = _checked(found, masks, empty=True)
    return rebuilt(model, found, checked, zeros=True)


def shrink(model: keras.Model, masks: Any) -> keras.Model:
    """Return a really smaller model without the removed units; the weights that stay are copied.

    It is an ordinary Keras model: it trains, saves and loads like any other. Only where masks name rows of
    embeddings (``"words/rows"``) it has a layer of this package, ``KeptRows``, which knows which are left;
    the others read as zero.

    Args:
        model: A built Sequential or Functional model; it stays as it is. Zeros that a ``LiveModel`` holds
            in it are copied, but nothing holds them in the smaller one.
        masks: ``Masks`` or {name of a group: (units,) boolean array, True = kept}; groups left out stay
            whole. For the names see ``channel_groups``; for scores to make masks from, ``unit_scores``.

    Returns:
        The smaller model, with the same names of layers; compiled like the original, with a new optimizer,
        if that is compiled.

    Raises:
        ValueError: A name or length that the model does not have, a group that nothing would be left of,
            or a graph that cannot be rewritten.
    """
    found = find(model)
    return rebuilt(model, found, _checked(found, masks))


def _checked(found: Found, masks: Any, empty: bool = False) -> dict[str, np.ndarray]:
    """The masks by group; ``empty`` allows that nothing is left."""
    if not isinstance(masks, Mapping):
        raise ValueError("masks are given as {name of a group: boolean array}, or as pw.Masks.")
    masks = masks if isinstance(masks, Masks) else Masks(masks)
    for name, kept in masks.items():
        if name not in found.groups:
            raise ValueError(f"There is a mask for {name!r}, but {found.groups.why_not(name)}")
        units = found.groups[name].units
        if kept.shape != (units,):
            raise ValueError(
                f"the mask for '{name}' has shape {kept.shape}, but the group has {units:,} units: make the "
                "masks from unit_scores of this model."
            )
        if not empty and not kept.any():
            raise ValueError(
                f"the masks leave nothing of '{name}': all of its {units:,} units would go, and no smaller "
                "layer is left. Keep at least one."
            )
    return dict(masks)
