"""Criteria that need data: scores from the gradients of the loss on examples. A higher score means: keep."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ..arrays import float_arrays, refuse_non_finite
from ..criteria import CRITERIA, score
from .forward import Structure
from .gradients import Gradients
from .live import LiveModel, as_live

Scores = dict[str, tf.Tensor]


def taylor(gradients: Gradients) -> Scores:
    """The mean over batches of |g·w|: by how much the loss would change, to first order, without the weight.

    Source: Molchanov et al., "Pruning convolutional neural networks for resource efficient inference"
        (2017), equation 7, there for activations; Molchanov et al., "Importance estimation for neural network
        pruning" (2019), section 3.1, for weights, with (g·w)² in place of its root |g·w|.
    """
    return gradients.mean(lambda gradient, weight: tf.abs(gradient * weight))


def snip(gradients: Gradients) -> Scores:
    """|g·w| with the gradient over all examples, divided by its sum over all weights that are scored.

    Source: Lee et al., "SNIP: Single-shot network pruning based on connection sensitivity" (2019), equation
        6, there before any training.
    """
    products = gradients.mean(lambda gradient, weight: gradient * weight)
    total = sum(float(tf.reduce_sum(tf.abs(tf.cast(product, tf.float64)))) for product in products.values())
    # Where no weight has any effect, all scores are 0.
    return {name: tf.abs(product) / (total or 1.0) for name, product in products.items()}


DATA_CRITERIA: dict[str, Callable[[Gradients], Scores]] = {
    "taylor": taylor,
    "snip": snip,
}


def data_score(
    model: keras.Model | LiveModel,
    x: Structure,
    y: Any,
    criterion: str = "taylor",
    batch_size: int = 128,
) -> dict[str, np.ndarray]:
    """Return a score for every prunable weight from examples; the higher, the more it should be kept.

    The model stays as it is: gradients are taken on a copy of its values, at inference (dropout off, moving
    averages in normalisation), of the loss it was compiled with, without regularisers. Use training or
    validation examples: a network that was pruned by looking at the test set is not measured by it any more.

    Args:
        model: A built and compiled Keras 3 model, or a LiveModel that chose its own prunable weights.
        x: Inputs, as for ``LiveModel.evaluate``.
        y: Targets, as the compiled loss takes them.
        criterion: "taylor" or "snip".
        batch_size: Examples per gradient. "taylor" takes the absolute value of each batch's gradient, so its
            scores depend on it.

    Returns:
        {name: float32 array}, names and shapes as in ``LiveModel(model).weights``.

    Raises:
        ValueError: An unknown criterion, a model that is not compiled, x and y of different length, scores
            that are NaN or infinite.
    """
    live = as_live(model)
    return _score(live, live.snapshot().weights, criterion, x, y, batch_size)


def scores_of(
    live: LiveModel,
    weights: Mapping[str, np.ndarray],
    criterion: Any,
    seed: int = 0,
    data: tuple | None = None,
) -> dict[str, np.ndarray]:
    """Return the scores of weights by any criterion: the one place that knows which of them need data.

    Args:
        live: The model that the weights belong to.
        weights: {name: array}, all or some of its prunable weights, at the values to score.
        criterion: Name of a criterion, or a function as in ``pw.score``.
        seed: For criterion "random".
        data: (x, y) for the criteria in ``DATA_CRITERIA``; others do not look at it.

    Raises:
        ValueError: An unknown criterion, one that needs data where none is given, and whatever ``pw.score``
            and ``data_score`` refuse.
    """
    if not isinstance(criterion, str) or criterion in CRITERIA:
        return score(weights, criterion, seed)
    _check_name(criterion)
    if data is None:
        raise ValueError(
            f"criterion {criterion!r} scores weights on examples, and there are none: pass data=(x, y), "
            "training or validation examples rather than those it is tested on."
        )
    x, y = data
    return _score(live, weights, criterion, x, y)


def _score(
    live: LiveModel,
    weights: Mapping[str, np.ndarray],
    criterion: str,
    x: Structure,
    y: Any,
    batch_size: int = 128,
) -> dict[str, np.ndarray]:
    _check_name(criterion)
    float_arrays(weights, "weights")  # NaN has a name here, and none later
    scores = DATA_CRITERIA[criterion](Gradients(live, weights, x, y, batch_size))
    arrays = {name: np.array(values, np.float32) for name, values in scores.items()}
    for name, array in arrays.items():
        refuse_non_finite(array, name, "scores", "Look for NaN in x and y, and for a loss that overflows.")
    return arrays


def _check_name(criterion: Any) -> None:
    if criterion not in tuple(DATA_CRITERIA):
        raise ValueError(
            f"criterion {criterion!r} is not known here; those that need data: {', '.join(DATA_CRITERIA)}; "
            f"those that need none, see pw.score: {', '.join(CRITERIA)}."
        )
