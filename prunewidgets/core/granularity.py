"""Granularity: which weights are removed together. A group's score is the mean of its weights' scores.

For |w| this is the L1 norm of Li et al. 2017 ("Pruning Filters for Efficient ConvNets") divided by the number
of weights, so that groups of different sizes can be ranked together. Which axes a group spans depends on the
kind of layer, see `layouts`; if the layout is not known, Keras's Dense and convolution are assumed.
"""

import warnings
from typing import NamedTuple

import numpy as np

from .layouts import KERAS, Layout


class Granularity(NamedTuple):
    """What one group consists of, and which arrays have such groups."""

    meaning: str
    window: bool | None
    """True: for convolution kernels; False: for kernels without spatial axes; None: for any array."""
    apart: tuple[str, ...]
    """The axes of a layout along which the groups differ; the scores are averaged over all other axes."""
    unit: bool = False
    """Whether all gates of a recurrent unit are removed together."""


_OUTPUT = ("outputs", "groups")

GRANULARITIES: dict[str, Granularity] = {
    "weight": Granularity("one weight", None, ()),
    "row": Granularity("all weights leaving one input", False, ("inputs", "groups")),
    "column": Granularity("all weights entering one output: a column of a kernel", False, _OUTPUT),
    "kernel": Granularity(
        "the spatial slice between one input and one output channel", True, ("inputs", *_OUTPUT)
    ),
    "filter": Granularity("everything that makes one output channel", True, _OUTPUT, unit=True),
    "neuron": Granularity(
        "all weights entering one neuron: a column of a Dense kernel, those of all gates of a recurrent one",
        False,
        _OUTPUT,
        unit=True,
    ),
}


def group_scores(
    scores: np.ndarray, granularity: str, name: str = "weights", layout: Layout | None = None
) -> np.ndarray:
    """Return one score per group: the mean over its weights.

    Args:
        scores: float array, the scores of one layer.
        granularity: a name from `GRANULARITIES`.
        name: the layer's name, for the error.
        layout: the layer's axes; None means Keras's Dense or convolution.

    Returns:
        An array of the same dtype with length 1 along the averaged axes, so that it broadcasts against
        `scores`; where the gates of a recurrent unit are removed together it is shorter along the outputs,
        see `spread`. With "weight", and for empty arrays, `scores` itself.

    Raises:
        ValueError: the granularity is unknown, or does not fit this array.
    """
    if granularity not in GRANULARITIES:
        raise ValueError(
            f"granularity {granularity!r} is not known; choose one of {', '.join(GRANULARITIES)}."
        )
    groups, axes = GRANULARITIES[granularity], layout or KERAS
    if granularity == "weight":
        return scores
    _check_fit(groups, granularity, name, scores.shape, axes)
    if scores.size == 0:
        return scores
    pooled = _pooled(groups, scores.ndim, axes)
    if _gates(groups, axes):
        axis = axes.outputs[-1] % scores.ndim
        scores = _parted(scores, axes.gates, axis)
        pooled = (axis, *(place + (place > axis) for place in pooled))
        # Summed in float64, so that groups of equal scores in another order still tie in float32.
        means = scores.mean(axis=pooled, keepdims=True, dtype=np.float64).astype(scores.dtype)
        return means.squeeze(axis)
    return scores.mean(axis=pooled, keepdims=True, dtype=np.float64).astype(scores.dtype)


def spread(
    kept: np.ndarray, shape: tuple[int, ...], granularity: str, layout: Layout | None = None
) -> np.ndarray:
    """Return a read-only array with the decision for each weight, from one per group (see `group_scores`)."""
    axes = layout or KERAS
    if kept.size and granularity != "weight" and _gates(GRANULARITIES[granularity], axes):
        kept = np.concatenate([kept] * axes.gates, axis=axes.outputs[-1])
    return np.broadcast_to(kept, shape)


def _check_fit(
    groups: Granularity, granularity: str, name: str, shape: tuple[int, ...], layout: Layout
) -> None:
    places = len(layout.places(len(shape))) if layout.fits(len(shape)) else -1
    if places < 0 or (places > 0) != groups.window:
        needs = "a convolution kernel" if groups.window else "a matrix (2 axes), as in a Dense layer"
        needs += " (3 or more axes)" if groups.window else ""
        kind = f" and is in a layer of class {layout.of}" if layout.of else ""
        raise ValueError(
            f"granularity '{granularity}' needs {needs}, but '{name}' has shape {shape}{kind}; "
            "choose granularity='weight', or give only the layers that fit (layers=..., exclude=...)."
        )
    assumed(name, layout)


def assumed(name: str, layout: Layout) -> None:
    """Warn if the kind of layer is not known, so that its layout is only assumed."""
    if not layout.known:
        warnings.warn(
            f"'{name}' is in a layer of class {layout.of}, whose axes are not known: the last two are "
            "assumed to be inputs and outputs, as in Keras's Dense and convolutions. If that is wrong, "
            "leave it out.",
            stacklevel=2,
        )


def _pooled(groups: Granularity, ndim: int, layout: Layout) -> tuple[int, ...]:
    apart = {axis % ndim for kind in groups.apart for axis in getattr(layout, kind)}
    return tuple(axis for axis in range(ndim) if axis not in apart)


def _gates(groups: Granularity, layout: Layout) -> bool:
    return groups.unit and layout.gates > 1


def _parted(array: np.ndarray, gates: int, axis: int) -> np.ndarray:
    """Return the array with its output axis split in two: gates, then units."""
    return array.reshape(*array.shape[:axis], gates, -1, *array.shape[axis + 1 :])
