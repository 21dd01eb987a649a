"""Scores of weights that count for more where their units are strong, so that those left meet in few units.

A unit's strength is the geometric mean of two norms: that of the weights that it reads with and that of those
that read it; relative to the mean strength in its layer. With magnitudes alone, a LeNet-5 of few weights
spreads them over hundreds of units with three inputs each.
Source: near to Park et al., "Lookahead: a far-sighted alternative of magnitude-based pruning" (2020), where a
magnitude is multiplied by the norms of the weights before and behind it.
"""

import numpy as np

from .dead_ends import as_inputs


def scores_by_strength(kernels: list[np.ndarray], power: float) -> list[np.ndarray]:
    """|w| × (strength of the unit that w makes × strength of the unit that w reads) ^ power.

    Args:
        kernels: First layer first, as in `dead_ends`. Inputs of the net and its outputs count as 1.
        power: 0 leaves the magnitudes as they are.
    """
    scores = [np.abs(kernel) for kernel in kernels]
    for number in range(len(kernels) - 1):
        strength = np.sqrt(_norm_in(kernels[number]) * _norm_out(kernels, number))
        alive = strength > 0
        factor = (strength / strength[alive].mean()) ** power if alive.any() else np.ones_like(strength)
        scores[number] = scores[number] * factor
        scores[number + 1] = scores[number + 1] * as_inputs(kernels, number, factor)[:, None]
    return scores


def _norm_in(kernel: np.ndarray) -> np.ndarray:
    """Of each unit, the norm of the weights that it reads its inputs with."""
    return np.sqrt(np.square(kernel).reshape(-1, kernel.shape[-1]).sum(axis=0))


def _norm_out(kernels: list[np.ndarray], number: int) -> np.ndarray:
    """Of each unit of a layer, the norm of the weights that the next layer reads it with."""
    onward = np.square(kernels[number + 1])
    if kernels[number].ndim > onward.ndim:  # flattened: a filter is read at each place
        onward = onward.reshape(-1, kernels[number].shape[-1], onward.shape[-1])
    return np.sqrt(onward.sum(axis=tuple(axis for axis in range(onward.ndim) if axis != onward.ndim - 2)))
