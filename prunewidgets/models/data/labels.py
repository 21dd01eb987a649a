"""Turn model outputs into class labels, and y into labels to compare them with."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from .arrays import refuse_streams

_WAY_OUT = (
    "Pass metric=..., a function metric(y, predictions) -> float that gets all predictions as NumPy arrays."
)


LEFT_OUT = -2
"""The label of an answer that does not count; no model predicts it."""


def check_length(y: Any, n: int) -> None:
    """Raise ValueError if y does not have one row for each of n examples."""
    refuse_streams(y, "y")
    if isinstance(y, Mapping):
        raise ValueError(
            f"y is a dict of {len(y)}, as for a model with several outputs, and one array is needed here. "
            f"Name what to measure as Keras does, metric='loss' or metric='{next(iter(y), 'output')}_mae'; "
            "or pass a function metric(y, predictions) -> float that gets all predictions."
        )
    shape = np.shape(y)
    if not shape or shape[0] != n:
        found = f"{shape[0]:,}" if shape else "no length"
        raise ValueError(f"x holds {n:,} examples and y {found}; they need the same length.")


def as_labels(y: Any, n: int, output_shape: tuple[Any, ...], ignored: int | None = None) -> np.ndarray:
    """Return the true labels as integers, one per answer of the model.

    Args:
        y: Integer labels, one label per position for a model that answers per token or pixel, or one-hot
            rows.
        n: Number of examples.
        output_shape: Shape of the model's output: examples first, classes last (1 = binary).
        ignored: A label that does not count, whether or not there is a class for it.

    Returns:
        int64 array of shape (n, ...): the output's shape without the last axis; ``LEFT_OUT`` where the label
        is ignored.

    Raises:
        ValueError: If y has another length, its values are not labels, or a label has no class in the output.
    """
    check_length(y, n)
    labels = np.asarray(y)
    if labels.dtype.kind not in "biuf":
        raise ValueError(f"y has dtype {labels.dtype}; labels are integers from 0. {_WAY_OUT}")
    classes = output_shape[-1]
    places = (n, *output_shape[1:-1])
    if classes > 1 and labels.ndim == len(output_shape) and labels.shape[-1] == classes:
        return _from_one_hot(labels).reshape(places)
    if labels.size != np.prod(places, dtype=np.int64) or labels.shape[1:] not in (
        places[1:],
        (*places[1:], 1),
    ):
        raise ValueError(
            f"y has shape {labels.shape} and the model's output {(n, *output_shape[1:])}: neither one label "
            f"per answer nor one-hot. {_WAY_OUT}"
        )
    if ignored is not None:
        counts = labels != ignored
        _check_range(labels[counts], 2 if classes == 1 else classes)
        labels = np.where(counts, labels, LEFT_OUT)
    else:
        _check_range(labels, 2 if classes == 1 else classes)
    return labels.astype(np.int64).reshape(places)


def as_weights(sample_weight: Any, places: tuple[int, ...]) -> np.ndarray:
    """Return one weight for each answer, 1 if none are given.

    Args:
        sample_weight: One per example, or one per answer, as Keras takes them.
        places: The shape of the labels.

    Returns:
        float64 array of shape ``places``.

    Raises:
        ValueError: If the shape does not fit, or a weight is negative, NaN or infinite.
    """
    if sample_weight is None:
        return np.ones(places)
    weights = np.asarray(sample_weight, np.float64)
    if weights.ndim == len(places) + 1 and weights.shape[-1] == 1:
        weights = weights[..., 0]
    if weights.ndim == 0 or weights.shape != places[: weights.ndim]:
        raise ValueError(
            f"sample_weight has shape {np.shape(sample_weight)} and the labels {places}: give one weight per "
            "example or one per answer."
        )
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError("sample_weight holds a negative number, NaN or infinity; weights are 0 or more.")
    return np.broadcast_to(weights.reshape(weights.shape + (1,) * (len(places) - weights.ndim)), places)


def spread_mask(mask: Any, places: tuple[int, ...]) -> np.ndarray:
    """Return Keras's mask of an output as one boolean per answer; all True if none fits."""
    if mask is None:
        return np.ones(places, bool)
    mask = np.asarray(mask, bool)
    if mask.ndim > len(places) or mask.shape != places[: mask.ndim]:
        return np.ones(places, bool)
    return np.broadcast_to(mask.reshape(mask.shape + (1,) * (len(places) - mask.ndim)), places)


def ignored_label(model: keras.Model) -> int | None:
    """Return the label that the loss ignores, see ``SparseCategoricalCrossentropy(ignore_class=)``."""
    return getattr(only_loss(model), "ignore_class", None)


def predicted_labels(outputs: np.ndarray, cut: float) -> np.ndarray:
    """Return the class with the largest output, the first if two are equal.

    For a single output the class is 1 if the output is above ``cut``, else 0.

    Args:
        outputs: Float array of shape (n, ..., classes).
        cut: Boundary for a single output: 0.5 for probabilities, 0 for logits. Unused for two or more.

    Returns:
        int64 array of shape (n, ...); -1, which is never correct, where an output is NaN.
    """
    labels = (outputs[..., 0] > cut).astype(np.int64) if outputs.shape[-1] == 1 else outputs.argmax(axis=-1)
    missing = np.isnan(outputs)
    if missing.any():
        labels[missing.any(axis=-1)] = -1
    return labels


def are_probabilities(outputs: np.ndarray) -> bool:
    """Return whether outputs (..., classes) are probabilities: none negative, each row with a sum of 1."""
    return bool((outputs >= 0).all() and np.allclose(outputs.sum(axis=-1), 1, atol=1e-3))


def binary_cut(model: keras.Model) -> float:
    """Return the boundary between class 0 and class 1 for a single output: 0.5 for a sigmoid, 0 for a logit.

    The loss that the model was compiled with decides; without one, the activation of its last layer.

    Raises:
        ValueError: If neither decides it, or the loss is one for regression.
    """
    loss = keras.losses.get(only_loss(model))
    name = getattr(loss, "name", None) or getattr(loss, "__name__", type(loss).__name__)
    binary = (keras.losses.BinaryCrossentropy, keras.losses.BinaryFocalCrossentropy)
    if isinstance(loss, binary) or name in ("binary_crossentropy", "binary_focal_crossentropy"):
        return 0.0 if getattr(loss, "from_logits", False) else 0.5
    if loss is None:
        activation = getattr(model.layers[-1], "activation", None) if model.layers else None
        if activation in (keras.activations.sigmoid, keras.activations.hard_sigmoid):
            return 0.5
    raise ValueError(
        f"The model {model.name!r} has a single output per example, and neither its loss ({name}) nor its "
        "last layer says whether that is a probability, a logit or no class at all. Compile it with "
        f"keras.losses.BinaryCrossentropy(from_logits=True or False). {_WAY_OUT}"
    )


def only_loss(model: keras.Model) -> Any:
    """Return the loss of a model; of one with one output without the list or dict it was given in."""
    loss = getattr(model, "loss", None)
    parts = list(loss.values()) if isinstance(loss, Mapping) else loss
    several = len(getattr(model, "outputs", None) or ()) > 1  # of which one may have a loss
    if isinstance(parts, list | tuple) and len(parts) == 1 and not several:
        return parts[0]
    return loss


def only_output(outputs: Any) -> np.ndarray:
    """Return the one float output of a model as an array of shape (n, ..., classes).

    Raises:
        ValueError: If there are several outputs, or the output is not a score per class.
    """
    if isinstance(outputs, list | tuple | dict) and len(outputs) == 1:
        (outputs,) = outputs.values() if isinstance(outputs, dict) else outputs
    if isinstance(outputs, list | tuple | dict):
        raise ValueError(f"The model has {len(outputs)} outputs, and accuracy needs one. {_WAY_OUT}")
    array = np.asarray(outputs)
    if array.dtype.kind in "biu":
        raise ValueError(f"The model's output has dtype {array.dtype}, not one score per class. {_WAY_OUT}")
    return array[:, np.newaxis] if array.ndim == 1 else array


def _check_range(labels: np.ndarray, classes: int) -> None:
    """Raise ValueError unless all labels are whole numbers from 0 to classes - 1."""
    if labels.dtype.kind == "f" and not (labels == np.floor(labels)).all():
        wrong = labels[labels != np.floor(labels)].flat[0]
        raise ValueError(f"y holds {wrong}, which is not a label; labels are integers from 0. {_WAY_OUT}")
    low, high = labels.min(initial=0), labels.max(initial=0)
    if low < 0 or high >= classes:
        raise ValueError(
            f"y holds the label {low if low < 0 else high}, and the model's output has {classes} classes, 0 "
            f"to {classes - 1}. Check that x and y belong to this model. {_WAY_OUT}"
        )


def _from_one_hot(rows: np.ndarray) -> np.ndarray:
    """Return the index of the single 1 in each row."""
    if not (((rows == 0) | (rows == 1)).all() and (rows.sum(axis=-1) == 1).all()):
        raise ValueError(f"y has one column per class, but not exactly one 1 in each row. {_WAY_OUT}")
    return rows.argmax(axis=-1).astype(np.int64)
