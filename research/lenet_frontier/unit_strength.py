"""Scores that are higher for weights of strong units, so that the kept weights concentrate in few units.

A unit's strength is the geometric mean of two norms, that of its incoming and that of its outgoing weights,
relative to the mean strength in its layer. With magnitudes alone, a LeNet-5 of few weights spreads them over
hundreds of units with three inputs each.
Source: similar to Park et al., "Lookahead: a far-sighted alternative of magnitude-based pruning" (2020),
where a magnitude is multiplied by the norms of the weights before and after it.
"""

import numpy as np

from .dead_ends import as_inputs, read_by


def scores_by_strength(kernels: list[np.ndarray], power: float) -> list[np.ndarray]:
    """Return |w| × (strength of the unit that w makes × strength of the unit that w reads) ^ power.

    Args:
        kernels: First layer first, as in `dead_ends`. Inputs and outputs of the network count as 1.
        power: 0 does not change the magnitudes.
    """
    scores = [np.abs(kernel) for kernel in kernels]
    for number in range(len(kernels) - 1):
        made = np.square(kernels[number]).reshape(-1, kernels[number].shape[-1]).sum(axis=0)
        read = np.square(read_by(kernels, number)).sum(axis=(0, 2))
        strength = (made * read) ** 0.25  # sums of squares are squares of the norms
        alive = strength > 0
        factor = (strength / strength[alive].mean()) ** power if alive.any() else np.ones_like(strength)
        scores[number] = scores[number] * factor
        scores[number + 1] = scores[number + 1] * as_inputs(kernels, number, factor)[:, None]
    return scores
