"""StreamedExamples: a data set on which one live model is measured repeatedly, as ``Examples`` are arrays."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from ..data.arrays import Structure
from ..data.batch import Batch
from ..data.inputs import inputs_for
from ..data.source import refuse_steps, source_of
from ..layers.batch_states import recurrent_states
from ..measuring.metric import Metric, chosen_metric
from ..measuring.streamed import Stream, is_streamed, refuse_labels_beside, stream_of
from .examples import Examples, OutdatedError, Reading, check_shown, until_outdated
from .live_model import LiveModel
from .snapshot import Snapshot


class StreamedExamples:
    """Batches with their labels, for many measurements, where they do not make arrays.

    They are too many to be kept, or differ in shape. Offers what ``Examples`` does, but nothing that needs
    one example at a time: no first answer from a part, no predicted labels.

    Args:
        live: The model to measure.
        x: The data set, or a stream of it.
        metric: What to measure. Defaults to accuracy; see ``LiveModel.evaluate``.

    Attributes:
        x: The batches, for ``LiveModel.evaluate``; y and sample_weight are None, since they hold them.
        n: Number of examples.
        many: Whether a first answer comes from a part of them: False.
    """

    y: Any = None
    sample_weight: Any = None
    many = False

    def __init__(self, live: LiveModel, x: Any, metric: Metric | None = None) -> None:
        """Read the data once: to keep them, or to count them."""
        stream = stream_of(live.model, [], x, labels=True)
        self.x: Any = stream
        self.metric = chosen_metric(metric, live.model)
        self.n = stream.n or sum(piece.n for piece in stream.pieces)

    @property
    def kept_bytes(self) -> int:
        """Size in bytes of the inputs that are kept."""
        return int(self.x.nbytes)

    def all(
        self,
        live: LiveModel,
        snapshot: Snapshot,
        masks: Mapping[str, np.ndarray],
        outdated: Callable[[], bool],
    ) -> Reading | None:
        """Measure these weights on all examples; return None if that became outdated meanwhile."""
        pieces = until_outdated(outdated, self.x.pieces)
        stream = Stream(snapshot.values, pieces)
        try:
            if self.metric is not None:
                value = live.evaluate(stream, None, masks, self.metric)
                check_shown(value, self.metric)
                return Reading(value, self.n)
            *_, last = live.measure(stream, None, masks)
        except OutdatedError:
            return None
        return Reading(last.accuracy, last.seen)

    quick = all

    def outputs(self, *state: Any) -> Structure:
        """Return None: these examples are not numbered."""
        return None


AnyExamples: TypeAlias = Examples | StreamedExamples


def examples_of(
    live: LiveModel,
    x: Any,
    y: Any = None,
    metric: Metric | None = None,
    sample_weight: Any = None,
    steps: int | None = None,
) -> AnyExamples:
    """Return arrays or a data set as examples to measure on; a small data set is read once, as arrays.

    Args:
        live: The model to measure.
        x: Inputs or a data set, as for ``LiveModel.evaluate``.
        y: Labels, if x is arrays.
        metric: What to measure. Defaults to accuracy.
        sample_weight: Weights, if x is arrays.
        steps: Number of batches to read of a data set.
    """
    shuffled = not recurrent_states(live.model)  # otherwise an answer depends on the examples before it
    if not is_streamed(x):
        refuse_steps(steps)
        return Examples(inputs_for(live.model, x), y, metric, sample_weight, shuffled)
    refuse_labels_beside(x, y, sample_weight)
    if isinstance(x, Stream):
        return StreamedExamples(live, x, metric)
    source = source_of(live.model, x, steps=steps)
    if (kept := source.kept()) is None or (whole := _joined(kept)) is None:
        return StreamedExamples(live, source, metric)
    return Examples(*whole[:2], metric, whole[2], shuffled)


def _joined(batches: list[Batch]) -> Batch | None:
    """Join batches to arrays; None if they differ in shape, or have weights for each output."""
    weight = batches[0].sample_weight
    if weight is not None and not hasattr(weight, "shape"):
        return None
    forms = {
        str(
            [tf.nest.map_structure(lambda array: array.shape[1:], part) for part in batch if part is not None]
        )
        for batch in batches
    }
    if len(forms) > 1:
        return None
    return Batch(
        *(
            None
            if parts[0] is None
            else tf.nest.map_structure(lambda *arrays: np.concatenate(arrays), *parts)
            for parts in zip(*batches, strict=True)
        )
    )
