"""Compare scattered zeros with removing whole units until the same number of weights is left."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from math import prod

import keras
import numpy as np

from ...core.unit_masks import unit_masks
from ..layers.positions import positions
from ..layers.weights import named_variables
from ..shrinking.channels import ChannelGroups, channel_groups
from ..shrinking.shrink import shrink
from ..shrinking.unit_scores import unit_score

_HALVINGS = 12  # of the interval of shares: finer than one unit in 4000


def cut_to(model: keras.Model, left: int, prunable: Iterable[str]) -> keras.Model | None:
    """Remove the same share of units from every group until at most ``left`` weights are left.

    The units with the largest L2 norm are kept, and at least one in each group. If even the smallest such
    model has more than ``left`` weights, it is returned.

    Args:
        model: A built Sequential or Functional model; it is not changed.
        left: How many of the prunable weights may be left, at most.
        prunable: Names of the weights that count.

    Returns:
        A smaller model; None if no unit of it can be removed.

    Raises:
        ValueError: A graph that cannot be rewritten.
    """
    groups = channel_groups(model)
    if not groups:
        return None
    scores = unit_score(model)
    shapes = {n: tuple(v.shape) for n, v in named_variables(model).items() if n in set(prunable)}
    enough, too_little = 1.0, 0.0
    if _count(shapes, groups, unit_masks(scores, 0.0)) <= left:
        enough = 0.0
    for _ in range(_HALVINGS if enough else 0):
        share = (enough + too_little) / 2
        if _count(shapes, groups, unit_masks(scores, share)) <= left:
            enough = share
        else:
            too_little = share
    return shrink(model, unit_masks(scores, enough))


def compared(small: keras.Model, model: keras.Model, prunable: Iterable[str]) -> dict[str, dict[str, int]]:
    """Count parameters and multiply-adds of a smaller model and of the original.

    Returns:
        {"parameters": {"value", "base"}} for the prunable weights, and the same under "multiply_adds" for one
        example if they can be counted; "value" is the smaller model, "base" the original.
    """
    counts: dict[str, dict[str, int]] = {"parameters": {}, "multiply_adds": {}}
    for side, each in (("value", small), ("base", model)):
        variables = {n: v for n, v in named_variables(each).items() if n in set(prunable)}
        counts["parameters"][side] = sum(prod(variable.shape) for variable in variables.values())
        with suppress(ValueError):
            uses = positions(each, variables)
            counts["multiply_adds"][side] = sum(uses[n] * prod(v.shape) for n, v in variables.items())
    return {what: sides for what, sides in counts.items() if len(sides) == 2}


def _count(
    shapes: Mapping[str, tuple[int, ...]], groups: ChannelGroups, masks: Mapping[str, np.ndarray]
) -> int:
    """Return the number of weights left in arrays of these shapes under the masks."""
    axes = {name: [np.ones(length, bool) for length in shape] for name, shape in shapes.items()}
    for name, kept in masks.items():
        for part in groups[name].parts:
            if part.weight in axes:
                own = part.units >= 0
                axes[part.weight][part.axis][own] = kept[part.units[own]]
    return sum(prod(int(kept.sum()) for kept in each) for each in axes.values())
