"""What is sent to the browser: weights as one binary buffer, sampled where there are too many to send."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core.layouts import KERAS, layouts_of
from ..core.thresholds import score_dtype, sorted_scores

MOST_SENT = 4_000_000
"""Most weights that a view sends whole (16 MB as float32); with more it shows a sample, marked as one."""

STOPS = 65_536
"""Largest number of stops of a sampled view's slider. The count at each stop is exact."""

LAYER_STOPS = 8_192
"""The same for a single layer: a model has many layers."""


def pack(
    weights: Mapping[str, np.ndarray],
    scores: Mapping[str, np.ndarray],
    criterion: str,
    ordered: np.ndarray,
) -> dict[str, Any]:
    """Return the traits of a `WeightView` for these weights.

    Args:
        weights: {name: float32 or float64 array}.
        scores: {name: array}, same shapes.
        criterion: for "magnitude" the browser computes |w| itself and no scores are sent.
        ordered: all scores, ascending.
    """
    dtype = score_dtype(scores)
    total = sum(array.size for array in weights.values())
    share = min(1.0, MOST_SENT / total) if total else 1.0
    axes = layouts_of(weights)
    layers, sent_weights, sent_scores, offset = [], [], [], 0
    for name, array in weights.items():
        steps = sampling(array.shape, share)
        part = sampled(array, steps)
        layers.append(
            {
                "name": name,
                "shape": list(part.shape),
                "full_shape": list(array.shape),
                "steps": steps,
                "size": array.size,
                "offset": offset,
                "count": part.size,
                "channels": axes.get(name, KERAS).channels(array.ndim) if array.ndim > 2 else [],
                "picture": list(axes.get(name, KERAS).picture),
            }
        )
        offset += part.size
        sent_weights.append(part.ravel())
        sent_scores.append(sampled(scores[name], steps).ravel())
    stop_lists, stops, below = [], [], []
    if share < 1:
        for name in ("", *scores):
            own, most = (sorted_scores(scores[name]), LAYER_STOPS) if name else (ordered, STOPS)
            values, counts, size = stops_of(own, most)
            stop_lists.append({"name": name, "length": len(values), "total": size})
            stops.append(values)
            below.append(counts)
    return {
        "layers": layers,
        "dtype": dtype.name,
        "criterion": criterion,
        "weights": to_bytes(sent_weights, dtype),
        "scores": b"" if criterion == "magnitude" else to_bytes(sent_scores, dtype),
        "stop_lists": stop_lists,
        "stops": to_bytes(stops, dtype),
        "stops_below": to_bytes(below, np.dtype(np.float64)),
    }


def sampling(shape: tuple[int, ...], share: float) -> list[int]:
    """Return n for each axis: every n-th index is sent, so that about `share` of the array is sent."""
    steps = [1] * len(shape)
    if share >= 1 or not shape:
        return steps
    # If the second-to-last axis is short, it stays whole, and the last one is sampled more coarsely.
    down = min(int(np.ceil(np.sqrt(1 / share))), max(1, shape[-2] // 8)) if len(shape) > 1 else 1
    steps[-1] = int(np.ceil(1 / share / down))
    steps[-2:-1] = [down] if len(shape) > 1 else []
    return steps


def sampled(array: np.ndarray, steps: list[int]) -> np.ndarray:
    """Return every n-th index of each axis, n as in `sampling`."""
    return array[tuple(slice(None, None, step) for step in steps)]


def stops_of(ordered: np.ndarray, most: int | None = None) -> tuple[np.ndarray, np.ndarray, int]:
    """Return (distinct scores at evenly spaced ranks, number of scores below each, number of all scores)."""
    most = STOPS if most is None else min(most, STOPS)
    places = np.linspace(0, ordered.size - 1, min(most, ordered.size)).round().astype(np.int64)
    values = np.unique(ordered[places])
    return values, np.searchsorted(ordered, values, side="left").astype(np.float64), ordered.size


def to_bytes(arrays: list[np.ndarray], dtype: np.dtype) -> bytes:
    """Return the arrays one after another as little-endian bytes."""
    if not arrays:
        return b""
    return np.concatenate(arrays, dtype=dtype).astype(dtype.newbyteorder("<"), copy=False).tobytes()
