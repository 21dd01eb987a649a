"""Units: the same number of weights left, but by cutting out whole units, to set beside scattered zeros."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from math import prod

import keras
import numpy as np

from ...core.masks import Masks
from ..live.positions import positions
from ..live.weights import named_variables
from ..shrinking.channels import ChannelGroups, channel_groups
from ..shrinking.shrink import shrink
from ..shrinking.unit_scores import unit_scores

_HALVINGS = 12  # of the interval of shares: finer than one unit in 4000


def cut_to(model: keras.Model, left: int, prunable: Iterable[str]) -> keras.Model | None:
    """Cut the same share of units out of every group until no more than so many weights are left.

    The units with the largest norm (L2) stay, and at least one of each group: where that is still more than
    asked for, it is the smallest model that there is.

    Args:
        model: A built Sequential or Functional model; it stays as it is.
        left: How many of the prunable weights may be left.
        prunable: Names of the weights that count.

    Returns:
        A smaller model; None if no unit of it can be removed.

    Raises:
        ValueError: A graph that cannot be rewritten.
    """
    groups, scores = channel_groups(model), unit_scores(model)
    if not groups:
        return None
    shapes = {n: tuple(v.shape) for n, v in named_variables(model).items() if n in set(prunable)}
    enough, too_little = 1.0, 0.0
    if _count(shapes, groups, _masks(scores, 0.0)) <= left:
        enough = 0.0
    for _ in range(_HALVINGS if enough else 0):
        share = (enough + too_little) / 2
        if _count(shapes, groups, _masks(scores, share)) <= left:
            enough = share
        else:
            too_little = share
    return shrink(model, _masks(scores, enough))


def compared(small: keras.Model, model: keras.Model, prunable: Iterable[str]) -> dict[str, dict[str, int]]:
    """What is counted of a smaller model beside the one that it was cut from.

    Returns:
        {"parameters": {"value", "base"}} of the prunable weights, and "multiply_adds" for one example where
        they can be counted.
    """
    counts: dict[str, dict[str, int]] = {"parameters": {}, "multiply_adds": {}}
    for side, each in (("value", small), ("base", model)):
        variables = {n: v for n, v in named_variables(each).items() if n in set(prunable)}
        counts["parameters"][side] = sum(prod(variable.shape) for variable in variables.values())
        with suppress(ValueError):
            uses = positions(each, variables)
            counts["multiply_adds"][side] = sum(uses[n] * prod(v.shape) for n, v in variables.items())
    return {what: sides for what, sides in counts.items() if len(sides) == 2}


def _masks(scores: Mapping[str, np.ndarray], share: float) -> dict[str, np.ndarray]:
    """The best units of each group; where none would be left, the very best."""
    masks = Masks.from_sparsity(dict(scores), share, scope="layer")
    return {
        name: kept if kept.any() else np.arange(len(kept)) == np.argmax(scores[name])
        for name, kept in masks.items()
    }


def _count(
    shapes: Mapping[str, tuple[int, ...]], groups: ChannelGroups, masks: Mapping[str, np.ndarray]
) -> int:
    """How many weights arrays of these shapes keep."""
    axes = {name: [np.ones(length, bool) for length in shape] for name, shape in shapes.items()}
    for name, kept in masks.items():
        for part in groups[name].parts:
            if part.weight in axes:
                own = part.units >= 0
                axes[part.weight][part.axis][own] = kept[part.units[own]]
    return sum(prod(int(kept.sum()) for kept in each) for each in axes.values())
