"""The weights that make each unit, and criteria of these alone."""

from collections.abc import Callable, Iterator

import numpy as np

from .channels import ChannelGroup, Part

Weights = dict[str, np.ndarray]
Criterion = Callable[[np.ndarray], np.ndarray]
"""Maps the weights of all units in one layer, (units, weights per unit), to their scores, (units,)."""


def l1(rows: np.ndarray) -> np.ndarray:
    """Return Σ|w| of each unit: Li et al., "Pruning filters for efficient ConvNets" (2017), section 3.1."""
    return np.abs(rows).sum(axis=1)


def l2(rows: np.ndarray) -> np.ndarray:
    """Return √Σw² of each unit."""
    return np.sqrt(np.square(rows).sum(axis=1))


def geometric_median(rows: np.ndarray) -> np.ndarray:
    """Return each unit's summed distance to all others, which can replace it if it is near their centre.

    Source: He et al., "Filter pruning via geometric median for deep convolutional neural networks
        acceleration" (2019), equation 4.
    """
    squares = np.square(rows).sum(axis=1)
    distances = squares[:, None] + squares - 2 * rows @ rows.T
    np.fill_diagonal(distances, 0)
    return np.sqrt(np.maximum(distances, 0)).sum(axis=1)


KERNEL_CRITERIA: dict[str, Criterion] = {"l1": l1, "l2": l2, "geometric_median": geometric_median}
BLOCK = 2**16
"""Weights in a block that is summed at once: it stays in the processor's cache."""


def unit_rows(group: ChannelGroup, weights: Weights) -> Iterator[np.ndarray]:
    """Yield the weights that make the units, by layer: (units, weights per unit) float64, zero-padded."""
    for part in _makers(group, weights):
        values = weights[part.weight]
        slices = np.moveaxis(values, part.axis, 0).reshape(len(part.units), -1).astype(np.float64)
        places = np.flatnonzero(part.units >= 0)
        order = places[np.argsort(part.units[places], kind="stable")]
        counts = np.bincount(part.units[places], minlength=group.units)
        column = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
        rows = np.zeros((group.units, counts.max(), slices.shape[1]))
        rows[part.units[order], column] = slices[order]
        yield rows.reshape(group.units, -1)


def _makers(group: ChannelGroup, weights: Weights) -> Iterator[Part]:
    """Yield the axes of kernels along which the units are made."""
    for part in group.parts:
        bias = part.weight.rpartition("/")[2].startswith("bias")
        if part.role == "makes" and weights[part.weight].ndim > 1 and not bias:
            yield part


def norms(group: ChannelGroup, weights: Weights, criterion: str) -> np.ndarray:
    """Return what ``l1`` or ``l2`` of ``unit_rows`` does, without a float64 copy of every weight."""
    total = np.zeros(group.units)
    for part in _makers(group, weights):
        values = np.moveaxis(weights[part.weight], part.axis, -1)
        rows = values.reshape(-1, values.shape[-1])
        along, step = np.zeros(rows.shape[1]), max(1, BLOCK // rows.shape[1])
        for start in range(0, len(rows), step):
            block = rows[start : start + step].astype(np.float64)
            along += np.abs(block).sum(0) if criterion == "l1" else np.einsum("ij,ij->j", block, block)
        inside = part.units >= 0
        own = np.bincount(part.units[inside], along[inside], group.units)
        total += own if criterion == "l1" else np.sqrt(own)
    return total


def judged(group: ChannelGroup, weights: Weights, judge: Criterion) -> np.ndarray:
    """Return the scores by a function of rows, summed over the layers that make the units."""
    total = np.zeros(group.units)
    for rows in unit_rows(group, weights):
        found = np.asarray(judge(rows))
        if found.shape != (group.units,):
            raise ValueError(
                f"the criterion returned shape {found.shape} for the {group.units:,} units of "
                f"'{group.name}'; it has to return one score for each row."
            )
        total += found
    return total
