"""Measured: count the correct answers in a model's outputs, batch by batch."""

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any, NamedTuple

import keras
import numpy as np

from ..data.labels import (
    LEFT_OUT,
    as_labels,
    as_weights,
    binary_cut,
    ignored_label,
    only_output,
    predicted_labels,
    spread_mask,
)
from ..forward.passes import Answers
from .accuracy import Accuracy
from .metric_value import Part


class Measured(NamedTuple):
    """The state of a measurement after one more batch.

    Attributes:
        predicted: int64 class labels of this batch alone, -1 where an output was NaN.
        labels: The true labels, same shape; ``LEFT_OUT`` where the answer does not count.
        seen: Number of answers compared so far, in all batches.
        correct: Number of those that were correct.
        weight: Total weight of the answers compared; equals ``seen`` without sample
            weights, in batches of one length.
        right: Total weight of the correct answers.
        squares: Sum of the squared weights.
    """

    predicted: np.ndarray
    labels: np.ndarray
    seen: int
    correct: int
    weight: float
    right: float
    squares: float

    @property
    def accuracy(self) -> Accuracy:
        """The accuracy so far.

        Raises:
            ValueError: If no answer counted.
        """
        if not self.seen:
            raise ValueError(
                "Nothing in y counts: all of it is padding, a label that the loss ignores, or of weight 0."
            )
        return Accuracy(self.correct, self.seen, self.right / self.weight, self.weight**2 / self.squares)


def compare(
    passes: Iterator[Answers], model: keras.Model, y: Any, n: int, sample_weight: Any = None
) -> Iterator[Measured]:
    """Compare the outputs of each forward pass with the labels of its examples.

    What Keras leaves out of its accuracy and loss is left out here too: masked positions (padding), labels
    that the loss ignores, weights of 0.

    Args:
        passes: The answers for consecutive batches.
        model: Decides whether a single output is a probability or a logit, and which label is ignored.
        y: Labels of all ``n`` examples, integers or one-hot.
        n: Number of examples.
        sample_weight: One weight per example or per answer.
    """

    def labelled() -> Iterator[_Labelled]:
        labels, weights, start = None, None, 0
        for part in passes:
            outputs = only_output(part.outputs)
            if labels is None or weights is None:  # a subclassed model's output shape is only known now
                labels = as_labels(y, n, outputs.shape, ignored_label(model))
                weights = as_weights(sample_weight, labels.shape)
            rows = slice(start, start := start + len(outputs))
            yield _Labelled(outputs, part.masks[0], labels[rows], weights[rows])

    return _counted(labelled(), model)


def compare_parts(parts: Iterable[Part], model: keras.Model) -> Iterator[Measured]:
    """Compare as ``compare`` does, where each batch brings its own labels and weights.

    Keras averages over the positions of a batch before it averages over batches. So where these differ in
    length, as with sequences padded batch by batch, a position of a shorter batch has more weight.
    """

    def labelled() -> Iterator[_Labelled]:
        first = 0
        for part in parts:
            outputs = only_output(part.answers.outputs)
            labels = as_labels(part.y, len(outputs), outputs.shape, ignored_label(model))
            weights = as_weights(part.sample_weight, labels.shape)
            positions = prod(labels.shape[1:])
            if positions != (first := first or positions):
                weights = weights * first / positions
            yield _Labelled(outputs, part.answers.masks[0], labels, weights)

    return _counted(labelled(), model)


class _Labelled(NamedTuple):
    outputs: np.ndarray
    mask: Any
    labels: np.ndarray
    weights: np.ndarray


def _counted(batches: Iterable[_Labelled], model: keras.Model) -> Iterator[Measured]:
    cut, sums = None, np.zeros(5)
    for outputs, mask, labels, weights in batches:
        if cut is None:
            cut = binary_cut(model) if outputs.shape[-1] == 1 else 0.0
        predicted = predicted_labels(outputs, cut)
        weight = np.where(spread_mask(mask, predicted.shape), weights, 0.0)
        weight[labels == LEFT_OUT] = 0.0
        true = np.where(weight != 0, labels, LEFT_OUT)
        right = predicted == true
        sums += [(weight != 0).sum(), right.sum(), weight.sum(), weight[right].sum(), (weight**2).sum()]
        yield Measured(predicted, true, int(sums[0]), int(sums[1]), *map(float, sums[2:]))
