"""How many nearest neighbours of each vector stay, when a network that makes vectors is pruned."""

from typing import Any

import numpy as np


def neighbors_kept(before: Any, after: Any, n: int = 10) -> float:
    """Return the share of each vector's n nearest others that are still among its n nearest.

    Near means of similar direction (cosine). Where two are equally near, the earlier one counts as nearer.

    Args:
        before: (examples, width) vectors of the same examples, such as those of the whole encoder.
        after: (examples, another or the same width) vectors of the pruned one.
        n: Neighbours of each, 1 to examples − 1.

    Returns:
        The mean over all examples, 0 to 1. Vectors that have nothing to do with the first ones keep about
        n ÷ (examples − 1).

    Raises:
        ValueError: The vectors are not of the same number of examples, not finite, or n is out of range.

    Example:
        >>> before = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]])
        >>> pw.neighbors_kept(before, before[:, ::-1], n=1)
        1.0
        >>> pw.neighbors_kept(before, before * [1, 0.01], n=1)
        0.75
    """
    whole, pruned = (_directions(vectors, name) for vectors, name in ((before, "before"), (after, "after")))
    count = len(whole)
    if len(pruned) != count:
        raise ValueError(
            f"before has {count} vectors and after {len(pruned)}; give those of the same examples."
        )
    if not 1 <= n < count:
        raise ValueError(f"n is {n!r}; {count} vectors have from 1 to {count - 1} neighbours each.")
    first, second = _nearest(whole, n), _nearest(pruned, n)
    return float(np.mean([np.isin(a, b).mean() for a, b in zip(first, second, strict=True)]))


def _directions(vectors: Any, name: str) -> np.ndarray:
    """Return vectors of length 1 in float64; a vector of zeros stays as it is."""
    vectors = np.asarray(vectors, np.float64)
    if vectors.ndim != 2 or not np.isfinite(vectors).all():
        raise ValueError(
            f"{name} has to be a table of finite numbers, (examples, width), not {vectors.shape}."
        )
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths == 0, 1, lengths)


def _nearest(directions: np.ndarray, n: int) -> np.ndarray:
    likeness = directions @ directions.T
    np.fill_diagonal(likeness, -np.inf)
    return np.argsort(-likeness, axis=1, kind="stable")[:, :n]
