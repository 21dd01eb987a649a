"""The examples of a plan: some to search with, some to say what it expects."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ...core.measures import value_text
from ..data.batch import Batch, map_arrays
from ..data.source import source_of
from ..live.live_model import LiveModel
from ..measuring.accuracy import Accuracy
from ..measuring.metric import ChosenMetric

LEAST = 10
"""Fewer examples than this cannot be divided."""


def parted(model: keras.Model, x: Any, y: Any, sample_weight: Any, steps: int | None) -> tuple[Batch, Batch]:
    """Return four fifths of the examples and the other fifth, drawn with a fixed seed.

    Where batches differ in their shapes, each part is a Batch whose x is a list of batches, which hold their
    own labels and weights.

    Raises:
        ValueError: If there are fewer than ten, they do not fit the model, or they are a data set that does
            not fit in memory.
    """
    source = source_of(model, x, y, sample_weight, steps=steps)
    batches = [source.arrays] if source.arrays else source.kept()
    if batches is None:
        raise ValueError(
            f"This {source.kind} has more than 500 MB of examples; a plan measures a part of them as well: "
            "pass steps=, the number of batches to read."
        )
    n = sum(batch.n for batch in batches)
    if n < LEAST:
        raise ValueError(f"A plan needs at least {LEAST} examples to measure with, not {n}.")
    held = np.zeros(n, bool)
    held[np.random.default_rng(0).permutation(n)[: n // 5]] = True
    return _chosen(batches, ~held), _chosen(batches, held)


def _chosen(batches: list[Batch], chosen: np.ndarray) -> Batch:
    """Return the examples that are chosen, a boolean for each, in one batch if their shapes allow it."""
    ends = np.cumsum([batch.n for batch in batches])
    rows = [np.flatnonzero(own) for own in np.split(chosen, ends[:-1])]
    parts = [_rows(batch, own) for batch, own in zip(batches, rows, strict=True) if len(own)]
    try:
        return Batch(
            *(
                None
                if arrays[0] is None
                else tf.nest.map_structure(lambda *each: np.concatenate(each), *arrays)
                for arrays in zip(*parts, strict=True)
            )
        )
    except ValueError:  # sequences that were padded batch by batch
        return Batch([tuple(part for part in batch if part is not None) for batch in parts])


def _rows(batch: Batch, rows: np.ndarray) -> Batch:
    return Batch(*(map_arrays(lambda array: array[rows], part) for part in batch))


class Judge(NamedTuple):
    """How a choice is judged: by its accuracy, or by a metric with a direction.

    Attributes:
        chosen: The metric; None for the accuracy.
    """

    chosen: ChosenMetric | None

    @property
    def name(self) -> str:
        """The name of what is measured, also of its column."""
        return "accuracy" if self.chosen is None else self.chosen.measure.name

    @property
    def lower(self) -> bool:
        """Whether lower values are better."""
        return self.chosen is not None and self.chosen.measure.direction == "min"

    def value(
        self, live: LiveModel, x: Any, data: Batch, masks: Mapping[str, np.ndarray] | None
    ) -> Accuracy | float:
        """Measure these masks; ``x`` are the inputs of the data, or prepared."""
        return live.evaluate(x, data.y, masks, self.chosen, sample_weight=data.sample_weight)

    def score(self, value: Accuracy | float) -> float:
        """Return the value, or the negative one where lower ones are better."""
        return -float(value) if self.lower else float(value)

    def shown(self, value: Accuracy | float) -> str:
        """Return a value for a reader."""
        return str(value) if isinstance(value, Accuracy) else self.shown_damage(value)

    def shown_damage(self, value: float) -> str:
        """Return a difference between two values for a reader."""
        if self.chosen is None:
            return f"{value:.1%}"
        return value_text(value, self.chosen.measure)
