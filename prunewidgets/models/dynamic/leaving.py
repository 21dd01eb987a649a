"""Who leaves where, read from the outputs of all exits, and what that costs and gets right."""

from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any

import keras
import numpy as np
import pandas as pd

from ..data.arrays import Structure
from ..data.labels import as_labels
from ..live.live_model import LiveModel
from ..measuring.accuracy import Accuracy
from .exits import exit_layers, exit_multiply_adds

_COLUMNS = ["threshold", "accuracy", "low", "high", "n", "multiply_adds"]


def exit_curve(model: keras.Model, x: Structure, y: Any, thresholds: float | Iterable[float]) -> pd.DataFrame:
    """Measure accuracy and mean multiply-adds of a model with early exits at each threshold.

    An example leaves at the first exit whose largest probability is at least the threshold, and at the end
    if there is none. At a threshold above 1 everyone goes to the end. All outputs are computed once, for all
    examples; ``exit_runner`` is what really stops early.

    Choose the threshold on examples that neither the exits nor the model were trained with, and that the
    final test does not use.

    Args:
        model: A model made by ``early_exits``.
        x: Inputs, as for ``LiveModel.evaluate``.
        y: Labels, integers or one-hot.
        thresholds: Probabilities, 0 or more; a single number stands for a list of one.

    Returns:
        One row per threshold: threshold, accuracy, low, high (95 % interval), n (examples), multiply_adds
        (mean of an example), then the share of the examples that leaves at each output, in a column of its
        name. ``attrs["multiply_adds"]``: {name of an output: multiply-adds of an example that leaves there}.

    Raises:
        ValueError: A model without exits, outputs that are not probabilities, a threshold below 0, or x and
            y that do not fit.

    Example:
        >>> exits = pw.early_exits(pw.models.pretrained("lenet_5"), ["pool_1"])  # an exit that knows nothing
        >>> _, (x, y) = pw.datasets.mnist()
        >>> frame = pw.exit_curve(exits, x[:1000], y[:1000], [0, 1.01])
        >>> frame[["threshold", "multiply_adds", "exit_pool_1", "dense_2"]]
           threshold  multiply_adds  exit_pool_1  dense_2
        0       0.00       316800.0          1.0      0.0
        1       1.01      2321800.0          0.0      1.0
        >>> bool(frame["accuracy"][1] > 0.98)
        True
    """
    given = list(thresholds) if isinstance(thresholds, Iterable) else [thresholds]
    check_thresholds(given)
    levels = [float(level) for level in given]
    if not exit_layers(model):
        raise ValueError(f"The model {model.name!r} has no early exits: add some with pw.early_exits.")
    outputs = checked_outputs(LiveModel(model).predict(x), model)
    labels = as_labels(y, len(outputs[0]), outputs[0].shape)
    answers = np.stack([one.argmax(axis=-1) for one in outputs])
    spent = exit_multiply_adds(model)
    rows = []
    for level in levels:
        places = leaving(outputs, level)
        last = answers[places, np.arange(len(labels))]
        accuracy = Accuracy(int((last == labels).sum()), len(labels))
        share = np.bincount(places, minlength=len(outputs)) / len(labels)
        numbers = [level, float(accuracy), *accuracy.interval, accuracy.n]
        rows.append([*numbers, float(share @ np.array(list(spent.values()))), *share])
    frame = pd.DataFrame(rows, columns=[*_COLUMNS, *spent])
    frame.attrs["multiply_adds"] = spent
    return frame


def leaving(outputs: Sequence[np.ndarray], threshold: float) -> np.ndarray:
    """Return the number of the output at which each example leaves.

    Args:
        outputs: For each exit, and for the end, (examples, classes) probabilities.
        threshold: The least largest probability with which an example leaves; compared in the precision of
            the outputs.

    Returns:
        (examples,) int64, from 0.
    """
    sure = [one.max(axis=-1) >= one.dtype.type(threshold) for one in outputs[:-1]]
    return np.argmax([*sure, np.ones(len(outputs[-1]), bool)], axis=0)


def check_thresholds(levels: Iterable[float]) -> None:
    """Raise ValueError for a threshold that is below 0 or not a number."""
    for level in levels:
        if not (isinstance(level, Real) and level >= 0):
            raise ValueError(f"The threshold {level!r} is no probability: give a number from 0 to 1.")


def checked_outputs(outputs: Sequence[np.ndarray], model: keras.Model) -> list[np.ndarray]:
    """Return the outputs of all exits as arrays, or raise ValueError if they are not probabilities."""
    arrays = [np.asarray(one) for one in outputs]
    for name, one in zip(model.output_names, arrays, strict=True):
        whole = one.ndim == 2 and one.shape[1] > 1 and (one >= 0).all()
        if not whole or not np.allclose(one.sum(axis=1), 1, atol=1e-2):
            raise ValueError(
                f"The output {name!r} of {model.name!r} is not (examples, classes) probabilities, which sum "
                "to 1: let each exit, and the end, finish with a softmax."
            )
    return arrays
