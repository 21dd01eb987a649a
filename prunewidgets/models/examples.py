"""Examples: inputs and labels on which one live model is measured again and again, cancellable."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from .accuracy import Accuracy
from .forward import Structure, as_arrays, count
from .live import LiveModel, Metric

QUICK = 1_000
"""So many examples, drawn once with a fixed seed, give the first answer where there are many more."""


class Reading(NamedTuple):
    """One measurement.

    Attributes:
        value: Accuracy, or what the metric returned.
        predicted: int64 labels read by the model, None with a metric.
        labels: The true ones, same shape, None with a metric.
    """

    value: Accuracy | float
    predicted: np.ndarray | None = None
    labels: np.ndarray | None = None


class Examples:
    """Inputs with their labels.

    Args:
        x: Inputs with one row per example; a list or dict of arrays for several inputs.
        y: Labels, integers or one-hot; anything the metric takes.
        metric: ``metric(y, predictions) -> float`` in place of accuracy.

    Attributes:
        n: How many examples there are.

    Raises:
        ValueError: x and y of different length, or no examples.
    """

    def __init__(self, x: Structure, y: Any, metric: Metric | None = None) -> None:
        """Check them and draw the part for a first answer."""
        self.x, self.y, self.metric = as_arrays(x), np.asarray(y), metric
        self.n = count(self.x)
        if self.y.ndim == 0 or len(self.y) != self.n:
            found = "no length" if self.y.ndim == 0 else f"{len(self.y):,}"
            raise ValueError(f"x holds {self.n:,} examples and y {found}; they need the same length.")
        rows = np.sort(np.random.default_rng(0).permutation(self.n)[:QUICK])
        self._quick = tf.nest.map_structure(lambda part: part[rows], self.x), self.y[rows]

    @property
    def many(self) -> bool:
        """Whether a first answer from a part of them is worth its time."""
        return self.n > 2 * QUICK

    def quick(
        self, live: LiveModel, masks: Mapping[str, np.ndarray], outdated: Callable[[], bool]
    ) -> Reading | None:
        """Measure on the first part only; None if it became outdated meanwhile."""
        return _read(live, *self._quick, masks, self.metric, outdated)

    def all(
        self, live: LiveModel, masks: Mapping[str, np.ndarray] | None, outdated: Callable[[], bool]
    ) -> Reading | None:
        """Measure on all examples; None if it became outdated meanwhile."""
        return _read(live, self.x, self.y, masks, self.metric, outdated)


def _read(
    live: LiveModel,
    x: Structure,
    y: np.ndarray,
    masks: Mapping[str, np.ndarray] | None,
    metric: Metric | None,
    outdated: Callable[[], bool],
) -> Reading | None:
    if metric is not None:
        value = float(live.evaluate(x, y, masks, metric))
        return None if outdated() else Reading(value)
    steps = []
    for step in live.measure(x, y, masks):
        if outdated():
            return None
        steps.append(step)
    predicted = np.concatenate([step.predicted for step in steps])
    labels = np.concatenate([step.labels for step in steps])
    return Reading(Accuracy(steps[-1].correct, steps[-1].seen), predicted, labels)
