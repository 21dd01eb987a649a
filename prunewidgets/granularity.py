"""Granularity: what is removed together. A group's score is the mean of its members' scores.

For |w| that is the L1 norm of Li et al. 2017 ("Pruning Filters for Efficient ConvNets"), per weight, so that
groups of different size can be ranked together. Keras's layouts are assumed: Dense (inputs, outputs),
convolution (…space, inputs, outputs). In a depthwise kernel each (input, multiplier) slice is a filter of
its own, so use "kernel" there.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Granularity(NamedTuple):
    """What one group is, which arrays have it, and which axes it spans."""

    meaning: str
    needs: str
    fits: Callable[[int], bool]
    """Whether an array with this many axes has such groups."""
    axes: Callable[[int], tuple[int, ...]]
    """The axes pooled into one score, for an array with this many axes."""


def _matrix(axis: int, meaning: str) -> Granularity:
    return Granularity(meaning, "a matrix (2 axes)", lambda ndim: ndim == 2, lambda ndim: (axis,))


def _convolution(kept: int, meaning: str) -> Granularity:
    return Granularity(
        meaning,
        "a convolution kernel (3 or more axes)",
        lambda ndim: ndim >= 3,
        lambda ndim: tuple(range(ndim - kept)),
    )


GRANULARITIES: dict[str, Granularity] = {
    "weight": Granularity("one weight", "any array", lambda ndim: True, lambda ndim: ()),
    "row": _matrix(1, "all weights leaving one input"),
    "column": _matrix(0, "all weights entering one output"),
    "kernel": _convolution(2, "the spatial slice between one input and one output channel"),
    "filter": _convolution(1, "everything that makes one output channel"),
    "neuron": _matrix(0, "all weights entering one neuron: a column of a Dense kernel"),
}


def group_scores(scores: np.ndarray, granularity: str, name: str = "weights") -> np.ndarray:
    """Return one score per group: the mean over its members.

    Args:
        scores: float array, the scores of one layer.
        granularity: a name from `GRANULARITIES`.
        name: the layer's name, for the error.

    Returns:
        An array of the same dtype with length 1 along the pooled axes, so that it broadcasts against
        `scores`. "weight" and arrays without weights come back as they are.

    Raises:
        ValueError: an unknown granularity, or one that this array does not have.
    """
    if granularity not in GRANULARITIES:
        raise ValueError(
            f"granularity {granularity!r} is not known; choose one of {', '.join(GRANULARITIES)}."
        )
    groups = GRANULARITIES[granularity]
    if not groups.fits(scores.ndim):
        raise ValueError(
            f"granularity '{granularity}' needs {groups.needs}, but '{name}' has shape {scores.shape}; "
            "choose granularity='weight', or give only the layers that fit."
        )
    axes = groups.axes(scores.ndim)
    if not axes or scores.size == 0:
        return scores
    # Summed in float64, so that equal members in another order still tie in float32.
    return scores.mean(axis=axes, keepdims=True, dtype=np.float64).astype(scores.dtype)
