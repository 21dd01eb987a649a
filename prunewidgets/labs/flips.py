"""Flips: examples that a model classified correctly before pruning and classifies wrongly now."""

from typing import Any

import numpy as np

MOST_SHOWN = 12
"""Most flips that are shown, the first ones in the order of the examples."""


def flips(before: np.ndarray, now: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the indices of the examples that flipped from right to wrong, ascending.

    Args:
        before: (n,) predicted labels of the unpruned model.
        now: (n,) predicted labels of the pruned one.
        labels: (n,) true labels.
    """
    return np.flatnonzero((before == labels) & (now != labels))


def describe(indices: np.ndarray, now: np.ndarray, labels: np.ndarray) -> list[dict[str, int]]:
    """Return [{"index", "label", "read"}] of the first few."""
    return [{"index": int(i), "label": int(labels[i]), "read": int(now[i])} for i in indices[:MOST_SHOWN]]


def image_shape(x: Any) -> list[int]:
    """Return [height, width, channels] if the examples look like small images, else [0, 0, 0].

    Args:
        x: array of shape (n, height, width) or (n, height, width, 1 or 3); anything else is not an image.
    """
    shape: tuple[Any, ...] = getattr(x, "shape", ())
    if len(shape) == 3 and shape[1] == shape[2]:  # square, to exclude series of vectors
        shape = (*shape, 1)
    fits = len(shape) == 4 and shape[3] in (1, 3) and all(4 <= side <= 256 for side in shape[1:3])
    return [int(side) for side in shape[1:]] if fits else [0, 0, 0]


def images(x: np.ndarray, indices: np.ndarray) -> bytes:
    """Return the first few of these examples as grey or RGB bytes, each scaled to its own range of values."""
    shown = np.asarray(x[indices[:MOST_SHOWN]], np.float32)
    axes = tuple(range(1, shown.ndim))
    low, high = shown.min(axis=axes, keepdims=True), shown.max(axis=axes, keepdims=True)
    return np.round(255 * (shown - low) / np.maximum(high - low, 1e-12)).astype(np.uint8).tobytes()
