"""Examples: inputs and labels on which one live model is measured repeatedly, and can be cancelled."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np
import tensorflow as tf

from ..data.arrays import Structure, as_arrays, count
from ..data.inputs import batches_for
from ..data.labels import check_length
from ..measuring.accuracy import Accuracy
from ..measuring.measured import Measured
from ..measuring.metric import ChosenMetric, Metric, chosen_metric
from ..measuring.prepared import Prepared, kept_bytes
from .live_model import LiveModel
from .snapshot import Snapshot

QUICK = 1_000
"""Number of examples, drawn once with a fixed seed, that give the first answer if there are many more."""


class Reading(NamedTuple):
    """The result of one measurement.

    Attributes:
        value: Accuracy, or what the metric returned.
        n: Number of examples measured (of positions if the model answers per position).
        predicted: int64 labels predicted for all examples; None with a metric or for a part of them.
        labels: The true labels, same shape; None in the same cases.
    """

    value: Accuracy | float
    n: int
    predicted: np.ndarray | None = None
    labels: np.ndarray | None = None


class Examples:
    """Inputs with their labels, for many measurements.

    Args:
        x: Inputs with one row per example; a list or dict of arrays for several inputs.
        y: Labels, integers or one-hot; anything the metric takes.
        metric: What to measure. Defaults to accuracy; see ``LiveModel.evaluate``.
        sample_weight: One weight per example or per answer.
        shuffled: Whether a random part may stand for all examples. Use False where the answers depend on the
            order.

    Attributes:
        n: How many examples there are.
        order: Their rows in the order of measuring; those of the first answer come first.

    Raises:
        ValueError: If x and y have different lengths, or there are no examples.
    """

    def __init__(
        self,
        x: Structure,
        y: Any,
        metric: Metric | None = None,
        sample_weight: Any = None,
        shuffled: bool = True,
    ) -> None:
        """Check the examples and draw the part for the first answer, which is measured first."""
        self.x, self.metric = as_arrays(x), chosen_metric(metric)
        self.n = count(self.x)
        if self.metric is None:
            check_length(y, self.n)
        # A metric may take any structure; labels are one array.
        self.y = as_arrays(y) if self.metric is not None else np.asarray(y)
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight)
        for part in tf.nest.flatten(self.y):
            check_length(part, self.n)
        self._shuffled = shuffled
        rows = np.random.default_rng(0).permutation(self.n) if shuffled else np.arange(self.n)
        self.order = np.concatenate([np.sort(rows[:QUICK]), np.sort(rows[QUICK:])])
        self._prepared: Prepared | None = None  # inputs in this order, without any weights
        # The masks and what `quick` has measured with them: `all` continues from there.
        self._begun: tuple[Any, Iterator[Measured], list[Measured]] | None = None

    @property
    def kept_bytes(self) -> int:
        """Size in bytes of the copy of the inputs that is kept after the first measurement."""
        return 0 if self.metric is not None else kept_bytes(self.x)

    @property
    def many(self) -> bool:
        """Whether there are enough examples for a first answer from a part of them to be worth its time."""
        return self._shuffled and self.n > 2 * QUICK

    def quick(
        self,
        live: LiveModel,
        snapshot: Snapshot,
        masks: Mapping[str, np.ndarray],
        outdated: Callable[[], bool],
    ) -> Reading | None:
        """Measure these weights on the first part only; return None if that became outdated meanwhile."""
        if self.metric is not None:
            return self._by_metric(live, snapshot, masks, self.order[:QUICK], outdated)
        steps = self._steps(live, snapshot, masks)
        done: list[Measured] = []
        self._begun = masks, steps, done
        for step in steps:
            if outdated():
                return None
            done.append(step)
            if sum(len(part.predicted) for part in done) >= QUICK:
                break
        return Reading(step.accuracy, step.seen)

    def all(
        self,
        live: LiveModel,
        snapshot: Snapshot,
        masks: Mapping[str, np.ndarray],
        outdated: Callable[[], bool],
    ) -> Reading | None:
        """Measure these weights on all examples; return None if that became outdated meanwhile.

        After ``quick`` with the same masks only the remaining examples are measured.
        """
        if self.metric is not None:
            return self._by_metric(live, snapshot, masks, slice(None), outdated)
        begun, self._begun = self._begun, None
        if begun is not None and begun[0] is masks:
            return self._collect(*begun[1:], outdated)
        return self._collect(self._steps(live, snapshot, masks), [], outdated)

    def outputs(
        self, live: LiveModel, snapshot: Snapshot, masks: Mapping[str, np.ndarray], rows: np.ndarray
    ) -> Structure:
        """Return the model's outputs for some of the examples; None if they depend on the ones before."""
        if not self._shuffled:
            return None
        some = tf.nest.map_structure(lambda part: part[rows], self.x)
        return live.predict(some, masks, snapshot=snapshot)

    def _steps(
        self, live: LiveModel, snapshot: Snapshot, masks: Mapping[str, np.ndarray]
    ) -> Iterator[Measured]:
        """Yield one measurement after each batch, beginning with the part for the first answer."""
        if self._prepared is None:  # once: copying the inputs takes a fifth of the time of a pass
            self._prepared = replace(cast(Prepared, live.prepare(self.x, self.order)), values=[])
        prepared = replace(self._prepared, values=snapshot.values)
        weights = None if self.sample_weight is None else self.sample_weight[self.order]
        return live.measure(prepared, self.y[self.order], masks, sample_weight=weights)

    def _collect(
        self, steps: Iterator[Measured], done: list[Measured], outdated: Callable[[], bool]
    ) -> Reading | None:
        """Join all steps of a measurement, with the labels in the order of the examples."""
        for step in steps:
            if outdated():
                return None
            done.append(step)
        back = np.argsort(self.order)
        predicted = np.concatenate([step.predicted for step in done])[back]
        labels = np.concatenate([step.labels for step in done])[back]
        return Reading(done[-1].accuracy, done[-1].seen, predicted, labels)

    def _by_metric(
        self,
        live: LiveModel,
        snapshot: Snapshot,
        masks: Mapping[str, np.ndarray],
        rows: np.ndarray | slice,
        outdated: Callable[[], bool],
    ) -> Reading | None:
        x, y, weights = tf.nest.map_structure(
            lambda array: None if array is None else array[rows], (self.x, self.y, self.sample_weight)
        )
        # Not by live.prepare, which would copy all inputs for this one pass.
        batches = until_outdated(outdated, batches_for(live.model, x))
        until = Prepared(snapshot.values, batches, count(x))
        try:
            value = live.evaluate(until, y, masks, self.metric, sample_weight=weights)
        except OutdatedError:
            return None
        check_shown(value, self.metric)
        return None if outdated() else Reading(value, count(x))


class OutdatedError(Exception):
    """Ends a measurement whose result is no longer wanted."""


def until_outdated(outdated: Callable[[], bool], batches: Iterable[Any]) -> Iterator[Any]:
    """Yield batches; raise OutdatedError before the next one if the result is no longer wanted."""
    for batch in batches:
        if outdated():
            raise OutdatedError
        yield batch


def check_shown(value: float, metric: ChosenMetric | None) -> None:
    """Raise ValueError if the value of a metric is one that no view can show."""
    if metric is not None and not math.isfinite(value):
        raise ValueError(
            f"The metric {metric.measure.name!r} is {value} here, which no view can show: check it with "
            "live.evaluate, or measure something that stays finite."
        )
