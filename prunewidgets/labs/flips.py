"""Flips: examples that a model classified correctly before pruning and classifies wrongly now."""

from typing import Any

import numpy as np

from ..core.layouts import picture_shape
from ..models.data.labels import are_probabilities
from ..models.live.examples import Examples
from ..models.live.streamed_examples import AnyExamples

MOST_SHOWN = 12
"""Most flips that are shown, the first ones in the order of the examples."""


def can_flip(model: Any, examples: AnyExamples) -> bool:
    """Return whether examples are right or wrong one by one: no metric, arrays, one answer per example."""
    shape = getattr(model, "output_shape", None)  # None of a subclassed model
    one_answer = not isinstance(shape, tuple) or len(shape) <= 2
    return examples.metric is None and isinstance(examples, Examples) and one_answer


def flips(before: np.ndarray, now: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the indices of the examples that flipped from right to wrong, ascending.

    Args:
        before: (n,) predicted labels of the unpruned model.
        now: (n,) predicted labels of the pruned one.
        labels: (n,) true labels.
    """
    return np.flatnonzero((before == labels) & (now != labels))


def describe(indices: np.ndarray, now: np.ndarray, labels: np.ndarray) -> list[dict[str, Any]]:
    """Return [{"index", "label", "read"}] of the first few."""
    return [{"index": int(i), "label": int(labels[i]), "read": int(now[i])} for i in indices[:MOST_SHOWN]]


def probabilities(outputs: Any, answers: list[int]) -> list[float] | None:
    """Return the probability that a model gives to each of its answers; None if it gives none.

    Args:
        outputs: (n, classes) outputs of the model, as arrays of its structure.
        answers: the n classes that it was found to answer; if these outputs say otherwise, none is given.
    """
    outputs = np.asarray(outputs, np.float64) if isinstance(outputs, np.ndarray) else np.empty(0)
    if outputs.ndim != 2 or outputs.shape[1] < 2 or len(outputs) != len(answers):
        return None
    if not are_probabilities(outputs) or not np.array_equal(outputs.argmax(axis=1), answers):
        return None
    return [float(min(share, 1.0)) for share in outputs.max(axis=1)]


def image_shape(x: Any) -> list[int]:
    """Return [height, width, channels] if the examples look like small images, else [0, 0, 0].

    Args:
        x: array of shape (n, height, width) or (n, height, width, 1 or 3); anything else is not an image.
    """
    return list(picture_shape(getattr(x, "shape", ())[1:])) or [0, 0, 0]


def images(x: np.ndarray, indices: np.ndarray) -> bytes:
    """Return the first few of these examples as grey or RGB bytes, each scaled to its own range of values."""
    shown = np.asarray(x[indices[:MOST_SHOWN]], np.float32)
    axes = tuple(range(1, shown.ndim))
    low, high = shown.min(axis=axes, keepdims=True), shown.max(axis=axes, keepdims=True)
    return np.round(255 * (shown - low) / np.maximum(high - low, 1e-12)).astype(np.uint8).tobytes()
