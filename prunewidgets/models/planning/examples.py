"""The examples of a plan: some to search with, some to say what it expects."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ...core.measures import value_text
from ..live.accuracy import Accuracy
from ..live.batch import Batch, map_arrays
from ..live.live_model import LiveModel
from ..live.metric import ChosenMetric
from ..live.source import source_of

LEAST = 10
"""Fewer examples than this cannot be divided."""


def parted(model: keras.Model, x: Any, y: Any, sample_weight: Any, steps: int | None) -> tuple[Batch, Batch]:
    """Return four fifths of the examples and the other fifth, drawn with a fixed seed.

    Raises:
        ValueError: If there are fewer than ten, they do not fit the model, or they are a data set that cannot
            be joined in memory.
    """
    source = source_of(model, x, y, sample_weight, steps=steps)
    whole = source.arrays or _joined(source.kept(), source.kind)
    if whole.n < LEAST:
        raise ValueError(f"A plan needs at least {LEAST} examples to measure with, not {whole.n}.")
    order = np.random.default_rng(0).permutation(whole.n)
    search, held = np.sort(order[whole.n // 5 :]), np.sort(order[: whole.n // 5])
    return _rows(whole, search), _rows(whole, held)


def _rows(batch: Batch, rows: np.ndarray) -> Batch:
    return Batch(*(map_arrays(lambda array: array[rows], part) for part in batch))


def _joined(batches: list[Batch] | None, kind: str) -> Batch:
    if batches is None:
        raise ValueError(
            f"This {kind} has more than 500 MB of examples; a plan measures a part of them as well: pass "
            "steps=, the number of batches to read."
        )
    try:
        return Batch(
            *(
                None
                if parts[0] is None
                else tf.nest.map_structure(lambda *arrays: np.concatenate(arrays), *parts)
                for parts in zip(*batches, strict=True)
            )
        )
    except ValueError as error:
        raise ValueError(
            f"The batches of this {kind} differ in their shapes, and a plan needs them in one array: pad "
            "them to one length."
        ) from error


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

    def value(
        self, live: LiveModel, x: Any, data: Batch, masks: Mapping[str, np.ndarray] | None
    ) -> Accuracy | float:
        """Measure these masks; ``x`` are the inputs of the data, or prepared."""
        return live.evaluate(x, data.y, masks, self.chosen, sample_weight=data.sample_weight)

    def score(self, value: Accuracy | float) -> float:
        """Return the value, or the negative one where lower ones are better."""
        lower = self.chosen is not None and self.chosen.measure.direction == "min"
        return -float(value) if lower else float(value)

    def shown(self, value: Accuracy | float) -> str:
        """Return a value for a reader."""
        return str(value) if isinstance(value, Accuracy) else self.shown_damage(value)

    def shown_damage(self, value: float) -> str:
        """Return a difference between two values for a reader."""
        if self.chosen is None:
            return f"{value:.1%}"
        return value_text(value, self.chosen.measure)
