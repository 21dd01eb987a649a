"""Measured: from a model's outputs, batch by batch, to how many answers were right."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import keras
import numpy as np

from .evaluate import as_labels, binary_cut, only_output, predicted_labels
from .forward import Structure


class Measured(NamedTuple):
    """What a measurement knows after one more batch.

    Attributes:
        predicted: int64 class labels of this batch alone, -1 where an output was NaN.
        labels: The true ones beside them, same shape.
        seen: Answers compared so far, in all batches.
        correct: How many of those were right.
    """

    predicted: np.ndarray
    labels: np.ndarray
    seen: int
    correct: int


def compare(passes: Iterator[Structure], model: keras.Model, y: Any, n: int) -> Iterator[Measured]:
    """Compare the outputs of each forward pass with the labels of its examples.

    Args:
        passes: The outputs for consecutive batches.
        model: Tells whether a single output is a probability or a logit.
        y: Labels of all ``n`` examples, integers or one-hot.
        n: How many examples there are.
    """
    labels, cut = None, 0.0
    start = seen = correct = 0
    for part in passes:
        outputs = only_output(part)
        if labels is None:  # the shape of a subclassed model's output is not known before
            labels = as_labels(y, n, outputs.shape)
            cut = binary_cut(model) if outputs.shape[-1] == 1 else cut
        predicted = predicted_labels(outputs, cut)
        true = labels[start : start + len(predicted)]
        start += len(predicted)
        seen += true.size
        correct += int((predicted == true).sum())
        yield Measured(predicted, true, seen, correct)
