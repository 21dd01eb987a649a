"""Remove units: the same network with smaller layers, or with its old sizes and zeros."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from ...core.masks import Masks
from ..plain_error import innermost
from .channels import Found, find
from .rebuild import rebuilt
from .rule_check import check_rules, names_of, own_layers


def mask_units(model: keras.Model, masks: Any) -> keras.Model:
    """Return a copy of the same size in which the weights that make or read removed units are zero.

    Its outputs are those of ``shrink`` with the same masks, so it shows what a cut does without other sizes.
    Where the smaller model cannot compute the same as zeros in the old sizes, this one follows it: a layer,
    RMS or unit normalisation takes its statistics over the kept channels alone. It is replaced by a layer
    of this package (``KeptLayerNormalization``, ``KeptRMSNormalization``, ``KeptUnitNormalization``, and
    ``KeptGroupNormalization`` for a single group), so import the package before loading such a model. A
    ``GroupNormalization`` with several groups loses whole groups, and stays as it is.

    Args:
        model: A built Sequential or Functional model; it is not changed.
        masks: ``Masks`` or {name of a group: (units,) boolean array, True = kept}; groups left out stay
            whole. For the names see ``channel_groups``.

    Returns:
        A model with the same outputs as ``shrink`` with the same masks; compiled like the original, with the
        state of its optimizer, if the original is compiled. Nothing holds the zeros while it trains.

    Raises:
        ValueError: A name or length that the model does not have, or a graph that cannot be rewritten.

    Example:
        >>> model = pw.models.small_cnn(seed=0)
        >>> masked = pw.mask_units(model, {"conv_1": np.arange(16) < 12})
        >>> kernel = masked.get_layer("conv_1").kernel.numpy()
        >>> kernel.shape, int(np.count_nonzero(kernel))
        ((3, 3, 1, 16), 108)
    """
    found = find(model)
    checked = _checked(found, masks, empty=True)
    return rebuilt(model, found, checked, zeros=True, optimizer=True)


def shrink(model: keras.Model, masks: Any) -> keras.Model:
    """Return a smaller model without the removed units; the remaining weights are copied.

    It is an ordinary Keras model: it trains, saves and loads like any other. Normalisations take their
    statistics over the channels that are left. Attention layers divide by the square root of the width of
    their keys, so what is left of the queries is scaled to make up for a smaller one. Only if the masks name
    rows of embeddings (``"words/rows"``), it contains a layer of this package, ``KeptRows``, which stores
    which rows are left; the others read as zero.

    Args:
        model: A built Sequential or Functional model; it is not changed. Zeros that a ``LiveModel`` holds
            in it are copied, but nothing holds them in the smaller model.
        masks: ``Masks`` or {name of a group: (units,) boolean array, True = kept}; groups left out stay
            whole. For the names see ``channel_groups``; to make masks from scores, ``unit_masks``.

    Returns:
        The smaller model, with the same layer names; compiled like the original if that is compiled. Its
        optimizer goes on where the original's is: steps, learning rate, and what is gathered about the
        weights that are left. So its training goes on as that of the masked model whose zeros are held,
        step by step, if the optimizer treats each weight by itself (as Adam and SGD do, and Muon and
        clipping by norm do not) and no keys of attention are removed: scaled queries have other gradients,
        to which their moments are converted. Adafactor, Ftrl, and optimizers of your own that derive from
        none of the others, start at their first step, with a warning. For a new optimizer, call ``compile``.

    Raises:
        ValueError: A name or length that the model does not have, a group that would have no units left,
            a graph that cannot be rewritten, or a rule of ``register_channels`` that is wrong.

    Example:
        >>> model = pw.models.small_cnn(seed=0)
        >>> smaller = pw.shrink(model, {"conv_1": np.arange(16) < 12})
        >>> smaller.get_layer("conv_1").filters
        12
        >>> model.count_params(), smaller.count_params()
        (56714, 55522)
    """
    found = find(model)
    checked = _checked(found, masks)
    own = own_layers(model)
    try:
        small = rebuilt(model, found, checked, optimizer=True)
    except Exception as error:
        if not own:
            raise
        raise ValueError(
            f"The smaller model cannot be made; the rule registered for {names_of(own)} may be wrong. "
            f"{innermost(error)}"
        ) from error
    if own:
        check_rules(model, found, checked, small)
    return small


def _checked(found: Found, masks: Any, empty: bool = False) -> dict[str, np.ndarray]:
    """Return the checked masks by group; ``empty`` allows groups without units."""
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
                "masks from unit_score of this model."
            )
        if not empty and not kept.any():
            raise ValueError(
                f"the masks leave nothing of '{name}': all of its {units:,} units would go, and no smaller "
                "layer is left. Keep at least one, as pw.unit_masks does."
            )
    return dict(masks)
