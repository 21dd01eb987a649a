"""Criteria that need data: scores from the gradients of the loss on examples. A higher score means: keep."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ...core.arrays import float_arrays, refuse_non_finite
from ...core.criteria import CRITERIA, score
from ...core.layouts import like
from ...utils.progress_bar import progress
from ..live.forward import Structure
from ..live.held_variable import masked
from ..live.live_model import LiveModel, as_live
from ..live.weights import Layers
from .curvature import diagonal
from .gradients import Gradients

Scores = dict[str, tf.Tensor]


def taylor(gradients: Gradients) -> Scores:
    """The mean over batches of |g·w|: by how much the loss would change, to first order, without the weight.

    Source: Molchanov et al., "Pruning convolutional neural networks for resource efficient inference"
        (2017), there for activations; Molchanov et al., "Importance estimation for neural network pruning"
        (2019), for weights, with (g·w)² in place of its root |g·w|.
    """
    return gradients.mean(lambda gradient, weight: tf.abs(gradient * weight))


def snip(gradients: Gradients) -> Scores:
    """|g·w| with the gradient over all examples, divided by its sum over all weights that are scored.

    Source: Lee et al., "SNIP: Single-shot network pruning based on connection sensitivity" (2019), there
        before any training.
    """
    products = gradients.mean(lambda gradient, weight: gradient * weight)
    total = sum(float(tf.reduce_sum(tf.abs(tf.cast(product, tf.float64)))) for product in products.values())
    # Where no weight has any effect, all scores are 0.
    return {name: tf.abs(product) / (total or 1.0) for name, product in products.items()}


def obd(gradients: Gradients) -> Scores:
    """½ h w², h the second derivative of the loss: the rise of a loss at its minimum without the weight.

    h is exact for networks of dense and convolutional layers with ReLU and max pooling, see
    ``curvature.diagonal``. The time it takes grows with the number of examples and with that of classes.

    Source: LeCun, Denker and Solla, "Optimal brain damage" (1990), section 2: the saliency h_kk u_k² / 2.
    """
    weights = {name: tf.cast(gradients.values[place], tf.float32) for name, place in gradients.places.items()}
    curvature = diagonal(gradients)
    return {name: curvature[name] * tf.square(weight) / 2 for name, weight in weights.items()}


def movement(gradients: Gradients, steps: int = 100, learning_rate: float = 0.01, seed: int = 0) -> Scores:
    """−Σ w·g over the steps of a fine-tuning by plain SGD: positive for weights that moved away from zero.

    A copy of the values is trained, in batches drawn anew in each pass over the examples, as ``fit`` trains:
    with dropout, and with normalisation by the statistics of each batch. (By its moving averages, a step can
    grow without bound.) Weights that the model holds at zero stay there.

    Args:
        gradients: Where from, and the batch size.
        steps: How many updates.
        learning_rate: Of SGD.
        seed: For the order of the examples.

    Raises:
        ValueError: ``steps`` below 1.

    Source: Sanh, Wolf and Rush, "Movement pruning: Adaptive sparsity by fine-tuning" (2020), section 4, with
        the learning rate of the scores left out, as it does not change their order.
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}; movement needs at least one update.")
    model, values = gradients.model, list(gradients.values)
    free = {id(variable) for variable in model.trainable_variables}
    trained = [place for place, variable in enumerate(model.variables) if id(variable) in free]
    sums = {name: tf.zeros(values[place].shape) for name, place in gradients.places.items()}
    places = sorted({*trained, *gradients.places.values()})
    for batch in progress(gradients.shuffled(steps, seed), "batch", steps):
        step = gradients.at(values, batch, places, True)
        slopes, values = dict(zip(places, step.slopes, strict=True)), list(step.values)
        for name, place in gradients.places.items():
            sums[name] -= tf.cast(values[place], tf.float32) * tf.cast(slopes[place], tf.float32)
        for place in trained:
            new = values[place] - tf.cast(learning_rate, values[place].dtype) * slopes[place]
            values[place] = masked(new, gradients.held[place]) if place in gradients.held else new
    return sums


DATA_CRITERIA: dict[str, Callable[[Gradients], Scores]] = {
    "taylor": taylor,
    "snip": snip,
    "obd": obd,
    "movement": movement,
}

_WAY_OUT = "Look for NaN in x and y; with 'movement', take a lower learning rate or fewer steps."


def data_score(
    model: keras.Model | LiveModel,
    x: Structure,
    y: Any,
    criterion: str = "taylor",
    batch_size: int = 128,
    layers: Layers = None,
    exclude: Layers = None,
    sample_weight: Any = None,
    class_weight: Mapping[int, float] | None = None,
    **options: Any,
) -> dict[str, np.ndarray]:
    """Return a score for every prunable weight from examples; the higher, the more it should be kept.

    The model stays as it is: gradients are taken on a copy of its values, at inference ("movement": as in
    training), of the loss it was compiled with, without regularisers. As in Keras, padding that a layer masks
    and labels that the loss ignores do not count. Use training or validation examples: a network that was
    pruned by looking at the test set is not measured by it any more.

    Args:
        model: A built and compiled Keras 3 model, or a LiveModel that chose its own prunable weights.
        x: Inputs, as for ``LiveModel.evaluate``.
        y: Targets, as the compiled loss takes them.
        criterion: "taylor", "snip", "obd" or "movement", see the functions of these names.
        batch_size: Examples per gradient. "taylor" takes the absolute value of each batch's gradient and
            "movement" an update after each, so their scores depend on it.
        layers: Score these only: names of layers or weights, classes, expressions or a function, see
            ``LiveModel``.
        exclude: Leave these out.
        sample_weight: Weights in the loss, one per example or per answer, as for ``fit``.
        class_weight: Weights of the classes in place of those, as for ``fit``.
        **options: For "movement": ``steps``, ``learning_rate`` and ``seed``.

    Returns:
        {name: float32 array}, names and shapes as in ``LiveModel(model).weights``. What the model holds at
        zero has a score just below all others.

    Raises:
        ValueError: An unknown criterion, a model that is not compiled, x and y of different length, scores
            that are NaN or infinite; with "obd" a loss that is no cross-entropy over classes.
    """
    live = as_live(model, layers, exclude)
    weights = {"sample_weight": sample_weight, "class_weight": class_weight}
    return _score(live, live.snapshot().weights, criterion, (x, y), batch_size, weights, **options)


def scores_of(
    live: LiveModel,
    weights: Mapping[str, np.ndarray],
    criterion: Any,
    seed: int = 0,
    data: tuple[Any, Any] | None = None,
) -> dict[str, np.ndarray]:
    """Return the scores of weights by any criterion: the one place that knows which of them need data.

    Args:
        live: The model that the weights belong to.
        weights: {name: array}, all or some of its prunable weights, at the values to score.
        criterion: Name of a criterion, or a function as in ``pw.score``.
        seed: For criterion "random".
        data: (x, y) or (x, y, sample_weight) for the criteria in ``DATA_CRITERIA``; others do not look at it.

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
    if not isinstance(data, tuple | list) or len(data) not in (2, 3):
        raise ValueError(
            "data is a pair, (x, y), of examples and targets, or (x, y, sample_weight); not "
            f"{type(data).__name__}."
        )
    return _score(live, weights, criterion, data[:2], weighted=dict(zip(["sample_weight"], data[2:])))  # noqa: B905


def _score(
    live: LiveModel,
    weights: Mapping[str, np.ndarray],
    criterion: str,
    data: tuple[Any, Any],
    batch_size: int = 128,
    weighted: Mapping[str, Any] | None = None,
    **options: Any,
) -> dict[str, np.ndarray]:
    _check_name(criterion)
    float_arrays(weights, "weights")  # NaN has a name here, and none later
    gradients = Gradients(live, weights, *data, batch_size, **weighted or {})
    scores = DATA_CRITERIA[criterion](gradients, **options)
    arrays = {name: np.array(values, np.float32) for name, values in scores.items()}
    for name, array in arrays.items():
        refuse_non_finite(array, name, "scores", _WAY_OUT)
    return removed_first(like(weights, arrays), live.applied or {})


def removed_first(scores: Mapping[str, np.ndarray], kept: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same scores, but just below all others where a mask removes the weight: it goes first again."""
    lowest = min((array.min() for array in scores.values() if array.size), default=0.0)
    below = np.nextafter(lowest, -np.inf, dtype=np.result_type(*scores.values()))
    ranked = {
        name: np.where(kept[name], array, below) if name in kept else array for name, array in scores.items()
    }
    return like(scores, ranked)


def _check_name(criterion: Any) -> None:
    if criterion not in tuple(DATA_CRITERIA):
        raise ValueError(
            f"criterion {criterion!r} is not known here; those that need data: {', '.join(DATA_CRITERIA)}; "
            f"those that need none, see pw.score: {', '.join(CRITERIA)}."
        )
