"""Measuring: what a LiveModel does without changing its model: read weights, evaluate, predict, prepare."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ...core.layouts import Layout, ModelArrays
from ..data.arrays import Structure, count
from ..data.inputs import inputs_for
from ..data.labels import check_length
from ..data.source import refuse_steps
from ..forward.passes import Answers
from ..holding import state as model_state
from ..measuring.accuracy import Accuracy
from ..measuring.compiled_metrics import refuse_several_outputs
from ..measuring.measured import Measured, compare, compare_parts
from ..measuring.metric import Metric, chosen_metric
from ..measuring.metric_value import Part, value_of, value_on
from ..measuring.prepared import Prepared, answers, before, joined, prepare
from ..measuring.streamed import (
    Stream,
    answered_pieces,
    is_streamed,
    outputs_of,
    refuse_labels_beside,
    stream_before,
    stream_of,
)
from .masked_values import masked_values
from .snapshot import Snapshot, take_snapshot


class Measuring:
    """A model whose weights are read, and measured under masks in a copy of them.

    Attributes:
        model: The model itself.
    """

    model: keras.Model
    layouts: dict[str, Layout]
    _variables: dict[str, keras.Variable]
    _numbers: dict[str, int]
    _state: model_state.State

    @property
    def lock(self) -> threading.RLock:
        """The lock held while weights are read or written; training in another thread must hold it too."""
        return self._state.lock

    def snapshot(self, original: bool = False) -> Snapshot:
        """Return every variable as it is now, or as it was before the first apply; nothing is copied."""
        with self.lock:
            taken = take_snapshot(self.model, self._variables, self._state.earlier if original else {})
        return replace(taken, weights=ModelArrays(taken.weights, self.layouts, self._numbers))

    def evaluate(
        self,
        x: Structure | Prepared | Stream,
        y: Any = None,
        masks: Mapping[str, np.ndarray] | None = None,
        metric: Metric | None = None,
        batch_size: int | None = None,
        snapshot: Snapshot | None = None,
        sample_weight: Any = None,
        steps: int | None = None,
    ) -> Accuracy | float:
        """Measure the model's accuracy with masks applied to a copy of its weights.

        As in Keras, padding that a layer masks (``mask_zero=True``) does not count; neither does a label that
        the loss ignores (``ignore_class=``).

        Args:
            x: Inputs with one row per example; a list or dict of arrays for several inputs. Or a data set
                of batches ``(x, y)`` or ``(x, y, sample_weight)`` as for ``fit``: a ``tf.data.Dataset``, a
                ``keras.utils.PyDataset``, a torch ``DataLoader``, a function that makes a generator, any
                iterable; it is read batch by batch. Or the result of ``prepare``.
            y: Integer labels or one-hot rows; one label per position if the model answers per position. Left
                out where x is a data set.
            masks: {name: boolean array}, True = kept. Defaults to None, the model as it is.
            metric: What to measure instead of accuracy: the name of a Keras metric, such as "mae", or of a
                number of ``model.evaluate(return_dict=True)``, such as "loss" or "boxes_mae"; a metric
                object; or ``metric(y, predictions) -> float``, which gets all predictions as NumPy arrays.
            batch_size: Examples per forward pass. Defaults to a size chosen for the model, or to the batches
                of the data set.
            snapshot: Values of the variables to measure. Defaults to the present ones.
            sample_weight: One weight per example or per answer, as for ``weighted_metrics`` in Keras.
            steps: Number of batches to read of a data set; needed if it has no end.

        Returns:
            Accuracy, a float with ``.correct``, ``.n`` and ``.interval``; with a metric, a plain float.

        Raises:
            ValueError: If x and y differ in length, the model has no class for a label, masks do not fit, or
                a data set is empty, endless, not in batches or without labels.
        """
        chosen = chosen_metric(metric, self.model)
        if chosen is not None and is_streamed(x):
            values, stream = self._stream(x, y, masks, batch_size, snapshot, sample_weight, steps)
            return value_of(chosen, self.model, self._parts(stream, values), values)
        if chosen is not None:
            refuse_steps(steps)
            n = x.n if isinstance(x, Prepared) else count(x := inputs_for(self.model, x))
            values = self._values(x, masks, snapshot)
            passes = answers(self.model, self._variables, self._state.forward, values, x, batch_size)
            return value_on(chosen, self.model, passes, y, n, values, sample_weight)
        *_, last = self.measure(x, y, masks, batch_size, snapshot, sample_weight, steps)
        return last.accuracy

    def measure(
        self,
        x: Structure | Prepared | Stream,
        y: Any = None,
        masks: Mapping[str, np.ndarray] | None = None,
        batch_size: int | None = None,
        snapshot: Snapshot | None = None,
        sample_weight: Any = None,
        steps: int | None = None,
    ) -> Iterator[Measured]:
        """Measure as ``evaluate`` does, batch by batch; close the iterator to cancel the rest.

        The weights are read once, when this is called: later changes to the model have no effect on it.

        Yields:
            ``Measured(predicted, labels, seen, correct, …)`` after each batch.
        """
        refuse_several_outputs(self.model)
        if is_streamed(x):
            values, stream = self._stream(x, y, masks, batch_size, snapshot, sample_weight, steps)
            return compare_parts(self._parts(stream, values), self.model)
        refuse_steps(steps)
        n = x.n if isinstance(x, Prepared) else count(x := inputs_for(self.model, x))
        check_length(y, n)
        return compare(self._answers(x, masks, batch_size, snapshot), self.model, y, n, sample_weight)

    def predict(
        self,
        x: Structure | Prepared | Stream,
        masks: Mapping[str, np.ndarray] | None = None,
        batch_size: int | None = None,
        snapshot: Snapshot | None = None,
        steps: int | None = None,
    ) -> Structure:
        """Return the outputs with masks applied to a copy of the weights, as NumPy arrays.

        Arguments are as in ``evaluate``; the batches of a data set may have labels or none.
        """
        if is_streamed(x):
            values, stream = self._stream(x, None, masks, batch_size, snapshot, None, steps, labels=False)
            return outputs_of(self._parts(stream, values, labels=False))
        refuse_steps(steps)
        return joined(self._answers(x, masks, batch_size, snapshot))[0]

    def prepare(
        self, x: Structure | Stream, order: np.ndarray | None = None, steps: int | None = None
    ) -> Prepared | Stream:
        """Prepare inputs for many measurements of the weights as they are now, even if the model changes.

        A data set of at most 500 MB is read now and kept, with its labels and in the order in which it came;
        a larger one is read again in each measurement.

        Args:
            x: Inputs, as for ``evaluate``.
            order: The indices of all examples in the order to measure them; for arrays only. Defaults to
                their own order.
            steps: Number of batches to read of a data set; needed if it has no end.
        """
        values = self.snapshot().values
        if not is_streamed(x):
            refuse_steps(steps)
            return prepare(values, x, self.model, order)
        if order is not None:
            raise ValueError("order is for arrays; a data set is measured in the order in which it is read.")
        return stream_of(self.model, values, x, steps)

    def prepare_before(
        self, name: str, whole: Prepared | Stream, last: Prepared | Stream | None = None
    ) -> Prepared | Stream:
        """Run prepared inputs up to the layers that masks on this or later weights change, if possible.

        ``last`` is what this returned for the same inputs and an earlier weight, to continue from.
        """
        move: Any = stream_before if isinstance(whole, Stream) else before
        return move(whole, self.model, self._variables[name], self._state.forward, last)

    def _stream(
        self,
        x: Any,
        y: Any,
        masks: Mapping[str, np.ndarray] | None,
        batch_size: int | None,
        snapshot: Snapshot | None,
        sample_weight: Any,
        steps: int | None,
        labels: bool = True,
    ) -> tuple[list[tf.Tensor], Stream]:
        """Return the weights, read and masked now, and a data set to be read once with them."""
        refuse_labels_beside(x, y, sample_weight)
        if batch_size is not None:
            raise ValueError("batch_size is for arrays; a data set is measured in its own batches.")
        values = self._values(x, masks, snapshot)
        return values, stream_of(self.model, values, x, steps, keep=False, labels=labels)

    def _parts(self, stream: Stream, values: list[tf.Tensor], labels: bool = True) -> Iterator[Part]:
        return answered_pieces(stream, self.model, self._variables, self._state.forward, values, labels)

    def _answers(
        self,
        x: Structure | Prepared,
        masks: Mapping[str, np.ndarray] | None,
        batch_size: int | None,
        snapshot: Snapshot | None,
    ) -> Iterator[Answers]:
        """Return an iterator of one forward pass per batch; the weights are read and masked now."""
        values = self._values(x, masks, snapshot)
        return answers(self.model, self._variables, self._state.forward, values, x, batch_size)

    def _values(
        self,
        x: Structure | Prepared | Stream,
        masks: Mapping[str, np.ndarray] | None,
        snapshot: Snapshot | None,
    ) -> list[tf.Tensor]:
        values = x.values if isinstance(x, Prepared | Stream) else (snapshot or self.snapshot()).values
        return values if masks is None else masked_values(self.model, values, self._variables, masks)
