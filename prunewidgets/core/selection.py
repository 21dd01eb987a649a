"""Exact selection: which scores to remove, given how many, with ties resolved."""

from collections.abc import Mapping

import numpy as np

from .thresholds import just_above, score_dtype

_MANY = 100_000
"""With more scores than this, a sample is used first to narrow the search."""


def keep_largest(scores: Mapping[str, np.ndarray], removed: int) -> tuple[dict[str, np.ndarray], float]:
    """Remove exactly `removed` scores, the lowest first; of equal scores, the earlier one is removed.

    The order is that of a stable sort over all arrays, one after the other in C order; but only the k-th
    score is searched for, because sorting 25 million scores takes ten times as long.

    Args:
        scores: {name: finite float array}.
        removed: the number of scores to remove, from 0 to all.

    Returns:
        ({name: bool array, True = kept}, τ): τ alone removes at most `removed`; the rest are ties at τ.
    """
    dtype = score_dtype(scores)
    total = sum(array.size for array in scores.values())
    if total == 0:
        return {name: np.ones(array.shape, bool) for name, array in scores.items()}, 0.0
    if removed == total:
        largest = max(array.max() for array in scores.values() if array.size)
        return {name: np.zeros(array.shape, bool) for name, array in scores.items()}, just_above(
            dtype.type(largest)
        )
    cut, below = _kth(list(scores.values()), removed, dtype)
    ties = removed - below
    kept = {}
    for name, array in scores.items():
        kept[name], ties = _keep_from(array, cut, ties)
    return kept, float(cut)


def keep_largest_of_each(scores: np.ndarray, removed: int) -> np.ndarray:
    """Remove exactly `removed` scores of each output, the lowest first; of equal ones, the earlier.

    Args:
        scores: finite float array (…, weights of an output, outputs).
        removed: the number to remove of each output, from 0 to all.

    Returns:
        A bool array of the same shape, True = kept.
    """
    if removed == 0 or removed == scores.shape[-2]:
        return np.full(scores.shape, removed == 0)
    rows = np.ascontiguousarray(scores.swapaxes(-1, -2))  # partition is far faster along the last axis
    cut = np.partition(rows, removed, axis=-1)[..., removed, None]
    keep = rows >= cut
    extra = np.count_nonzero(keep, axis=-1) - (rows.shape[-1] - removed)  # ties with the cut, all kept so far
    for place in zip(*np.nonzero(extra), strict=True):
        ties = np.flatnonzero(rows[place] == cut[place])
        keep[place][ties[: extra[place]]] = False
    return np.ascontiguousarray(keep.swapaxes(-1, -2))


def _kth(arrays: list[np.ndarray], k: int, dtype: np.dtype) -> tuple[np.floating, int]:
    """Return the score at index k in ascending order (0 is the lowest), and how many scores are lower.

    Only scores near it are copied and partitioned; all others are counted in place.
    Source: R. W. Floyd and R. L. Rivest, "Expected time bounds for selection" (1975), in one round.
    """
    for low, high in (_bracket(arrays, k, dtype), (-np.inf, np.inf)):
        below, near = 0, []
        for array in arrays:
            inside = np.asarray(array >= low)
            below += array.size - int(np.count_nonzero(inside))
            inside &= array <= high
            near.append(array[inside])
        candidates = np.concatenate(near, dtype=dtype)
        place = k - below
        if 0 <= place < candidates.size:  # otherwise the sample misled, and all scores are candidates
            break
    candidates.partition(place)
    return candidates[place], below + int(np.count_nonzero(candidates[:place] < candidates[place]))


def _bracket(arrays: list[np.ndarray], k: int, dtype: np.dtype) -> tuple[float, float]:
    """Return two numbers that most likely enclose the k-th score, from a sample of all scores."""
    total = sum(array.size for array in arrays)
    if total <= _MANY:
        return -np.inf, np.inf
    sample = np.concatenate([array.ravel()[:: stride(total)] for array in arrays], dtype=dtype)
    rank, margin = k * sample.size // total, int(3 * sample.size**0.5)  # at least 6 standard deviations
    first, last = max(0, rank - margin), min(sample.size - 1, rank + margin)
    sample.sort()  # faster in NumPy than a partition at two places
    # The extremes of the sample are not the extremes of all scores.
    return -np.inf if first == 0 else sample[first], np.inf if last == sample.size - 1 else sample[last]


def stride(total: int) -> int:
    """Return the sampling step: one score in this many; odd, because rows often have an even length."""
    return int(total ** (1 / 3)) // 8 | 1


def _keep_from(array: np.ndarray, cut: np.floating, ties: int) -> tuple[np.ndarray, int]:
    """Return a mask of scores >= cut without the first `ties` equal to it, and the ties left to remove."""
    if ties == 0:
        return np.asarray(array >= cut), 0
    equal = np.asarray(array == cut)
    count = int(np.count_nonzero(equal))
    if count <= ties:
        return np.asarray(array > cut), ties - count
    keep = np.asarray(array >= cut)
    first = np.flatnonzero(equal)[:ties]  # positions in C order, whatever the array's memory layout
    keep.flat[first] = False
    return keep, 0
