"""Masks of whole units: so many of each group stay, never none, in numbers that hardware likes."""

import sys
from collections.abc import Mapping

import numpy as np

from .arrays import by_weight, float_arrays, is_whole
from .masks import Masks
from .selection import keep_largest
from .thresholds import checked_sparsity


class UnitMasks(Masks):
    """Masks of units, which say so."""

    _counted = "units"


def unit_masks(
    scores: Mapping[str, np.ndarray],
    sparsity: float | Mapping[str, float],
    scope: str = "layer",
    round_to: int = 1,
    min_units: int = 1,
) -> Masks:
    """Return masks that keep the best units of each group, for ``shrink`` and ``mask_units``.

    Unlike ``Masks.from_sparsity``, this never removes all units of a group, and the numbers of units that
    stay can be multiples of 8, say, which suits the kernels of many CPUs and GPUs. Numbers are rounded up:
    where 13 of 20 units would stay, 16 do with ``round_to=8``, and all 20 where 17 would. So no more than the
    share asked for is removed, but for rounding to whole units, and ``masks.sparsity`` is the share of units
    that is. Of equal scores, the earlier unit is removed.

    Args:
        scores: {name of a group: (units,) array}, from ``unit_score``.
        sparsity: The share of units to remove, from 0 to 1; or {name of a group: share}, which implies scope
            "layer" and leaves other groups whole.
        scope: "layer" removes the share from each group, exactly round(share · units) before the rules
            below. "global" ranks the units of all groups together, for scores that can be compared between
            groups, such as "taylor" and "batch_norm": round(share · units of all groups), or as many as
            ``min_units`` allows. Defaults to "layer".
        round_to: The number of units that stay in a group is a multiple of this, or the group stays whole.
            Defaults to 1.
        min_units: At least so many units stay in each group, or all if it has fewer. Defaults to 1.

    Returns:
        {name of a group: (units,) boolean array, True = kept}, as ``Masks``.

    Raises:
        ValueError: A share outside 0 to 1, a group that is not known, ``round_to`` or ``min_units`` below 1,
            another scope, scores with more than one axis, NaN.

    Example:
        >>> model = pw.models.small_cnn(seed=0)
        >>> masks = pw.unit_masks(pw.unit_score(model), 0.6, round_to=8)
        >>> masks
        Masks: 56 of 112 units removed (50.00 %)
        >>> {name: int(kept.sum()) for name, kept in masks.items()}
        {'conv_1': 8, 'conv_2': 16, 'dense_1': 32}
        >>> pw.unit_masks(pw.unit_score(model), 0.99).emptied
        ()
    """
    if scope not in ("layer", "global"):
        raise ValueError(f"scope {scope!r} is not known for units; choose 'layer' or 'global'.")
    for what, number in (("round_to", round_to), ("min_units", min_units)):
        if not is_whole(number, 1, sys.maxsize):
            raise ValueError(f"{what} is {number!r}; it has to be a whole number, 1 or more.")
    step = int(round_to)
    arrays = float_arrays(scores)
    for name, units in arrays.items():
        if units.ndim != 1:
            raise ValueError(
                f"the scores of '{name}' have shape {units.shape}; units have one score each, as from "
                "pw.unit_score. For single weights use pw.Masks.from_sparsity."
            )
    # The best of each group stay, whatever their scores.
    safe = {n: min(units.size, -(-int(min_units) // step) * step) for n, units in arrays.items()}
    orders = {name: np.argsort(units, kind="stable") for name, units in arrays.items()}
    rest = {n: units[orders[n][: units.size - safe[n]]] for n, units in arrays.items()}
    removed: dict[str, int] = {}
    if isinstance(sparsity, Mapping) or scope == "layer":
        shares = sparsity if isinstance(sparsity, Mapping) else dict.fromkeys(arrays, sparsity)
        shares = by_weight(shares, arrays, "sparsity")
        for name, share in shares.items():
            removed[name] = min(rest[name].size, round(checked_sparsity(share) * arrays[name].size))
    else:
        total = round(checked_sparsity(sparsity) * sum(units.size for units in arrays.values()))
        kept, _ = keep_largest(rest, min(total, sum(units.size for units in rest.values())))
        removed = {name: int((~mask).sum()) for name, mask in kept.items()}
    masks = {}
    for name, units in arrays.items():
        stay = min(units.size, -(-(units.size - removed.get(name, 0)) // step) * step)
        masks[name] = np.ones(units.size, bool)
        masks[name][orders[name][: units.size - stay]] = False
    return UnitMasks(masks)
