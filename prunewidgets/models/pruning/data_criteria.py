"""Criteria that need data: scores from the gradients of the loss on examples (higher = keep)."""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ...core.arrays import float_arrays, refuse_non_finite
from ...core.criteria import CRITERIA, score
from ...core.layouts import like
from ...utils.progress_bar import progress
from ..data.source import is_stream, source_of
from ..holding.held_variable import masked
from ..layers.weights import Layers
from ..live.live_model import LiveModel, as_live
from .curvature import diagonal
from .gradients import Gradients
from .loss_data import Data, LossData, parts_of
from .without_labels import synflow, wanda

Scores = dict[str, tf.Tensor]


def taylor(gradients: Gradients) -> Scores:
    """Return the mean over batches of |g·w|: the first-order change of the loss if the weight is removed.

    Source: Molchanov et al., "Pruning convolutional neural networks for resource efficient inference"
        (2017), for activations; Molchanov et al., "Importance estimation for neural network pruning"
        (2019), for weights, with (g·w)² instead of its square root |g·w|.
    """
    return gradients.mean(lambda gradient, weight: tf.abs(gradient * weight))


def snip(gradients: Gradients) -> Scores:
    """Return |g·w| with the gradient over all examples, divided by its sum over all scored weights.

    Source: Lee et al., "SNIP: Single-shot network pruning based on connection sensitivity" (2019), where it
        is used before any training.
    """
    products = gradients.mean(lambda gradient, weight: gradient * weight)
    total = sum(float(tf.reduce_sum(tf.abs(tf.cast(product, tf.float64)))) for product in products.values())
    # If no weight has any effect, all scores are 0.
    return {name: tf.abs(product) / (total or 1.0) for name, product in products.items()}


def obd(gradients: Gradients) -> Scores:
    """Return ½ h w²: how much the loss rises from its minimum if the weight is removed.

    h, the second derivative of the loss, is exact for networks of dense and convolutional layers with ReLU
    and max pooling, see ``curvature.diagonal``. The time grows with the number of examples and the number of
    classes, or of the numbers in an output with a mean squared error.

    Source: LeCun, Denker and Solla, "Optimal brain damage" (1990), section 2: the saliency h_kk u_k² / 2.
    """
    weights = {name: tf.cast(gradients.values[place], tf.float32) for name, place in gradients.places.items()}
    curvature = diagonal(gradients)
    return {name: curvature[name] * tf.square(weight) / 2 for name, weight in weights.items()}


def grasp(gradients: Gradients) -> Scores:
    """Return w · (H g): how much removing the weight would lower the norm of the gradient, to first order.

    g is the gradient over all examples and H the second derivative of the loss. Weights whose removal raises
    the norm most have the lowest scores. The loss is the compiled one, where the paper's code divides the
    outputs before the softmax by 200.

    Source: Wang, Zhang and Grosse, "Picking winning tickets before training by preserving gradient flow"
        (2020), equation 8, where −w · (H g) is the score and the highest are removed.
    """
    products = gradients.curved(gradients.mean(lambda gradient, weight: gradient))
    weights = {name: tf.cast(gradients.values[place], tf.float32) for name, place in gradients.places.items()}
    return {name: weights[name] * product for name, product in products.items()}


def movement(gradients: Gradients, steps: int = 100, learning_rate: float = 0.01, seed: int = 0) -> Scores:
    """Return −Σ w·g over steps of fine-tuning by plain SGD: positive for weights that moved away from zero.

    A copy of the values is trained as ``fit`` trains, in batches that are shuffled in each pass over the
    examples: with dropout, and with normalisation by the statistics of each batch. (With normalisation by
    moving averages, steps can grow without bound.) Weights that the model holds at zero stay there.

    Args:
        gradients: The gradients to use; they also set the batch size.
        steps: Number of updates. Defaults to 100.
        learning_rate: Learning rate of SGD. Defaults to 0.01.
        seed: Random seed for the order of the examples.

    Raises:
        ValueError: If ``steps`` is below 1.

    Source: Sanh, Wolf and Rush, "Movement pruning: Adaptive sparsity by fine-tuning" (2020), section 4,
        without the learning rate of the scores, which does not change their order.
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}; movement needs at least one update.")
    model, values = gradients.model, list(gradients.values)
    free = {id(variable) for variable in model.trainable_variables}
    trained = [place for place, variable in enumerate(model.variables) if id(variable) in free]
    sums = {name: tf.zeros(values[place].shape) for name, place in gradients.places.items()}
    places = sorted({*trained, *gradients.places.values()})
    for batch in progress(islice(gradients.data.shuffled(seed), steps), "batch", steps):
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
    "grasp": grasp,
}
NO_LABELS: dict[str, Callable[..., dict[str, np.ndarray]]] = {"wanda": wanda, "synflow": synflow}
"""Those that take no labels, and "synflow" no examples either."""

_WAY_OUT = "Look for NaN in x and y; with 'movement', take a lower learning rate or fewer steps."


def data_score(
    model: keras.Model | LiveModel,
    x: Any = None,
    y: Any = None,
    criterion: str = "taylor",
    batch_size: int = 128,
    layers: Layers = None,
    exclude: Layers = None,
    sample_weight: Any = None,
    class_weight: Mapping[int, float] | None = None,
    steps: int | None = None,
    **options: Any,
) -> dict[str, np.ndarray]:
    """Return a score for every prunable weight, computed from examples (higher = keep).

    The model does not change: gradients are those of the compiled loss, without regularisers, on a copy of
    the values, at inference ("movement": in training mode). As in Keras, padding that a layer masks and
    labels that the loss ignores do not count; with several outputs it is the weighted sum of their losses.
    Use training or validation examples: the test set is no fair measure of a network that was pruned with it.

    A data set is read batch by batch and not held in memory, so that it may be larger than memory.

    Args:
        model: A built and compiled Keras 3 model, or a LiveModel with its own choice of prunable weights.
        x: Inputs, as for ``LiveModel.evaluate``; or batches (x, y) or (x, y, sample_weight), as for ``fit``:
            a ``tf.data.Dataset``, a ``PyDataset`` or a function that makes a generator. "synflow" needs none.
        y: Targets, as the compiled loss takes them. "wanda" and "synflow" need none, nor a compiled model.
        criterion: "taylor" (the default), "snip", "grasp", "obd", "movement", "wanda" or "synflow", see
            ``pw.methods``.
        batch_size: Examples per gradient, also if those of a data set come in other batches. Defaults to
            128. "taylor" takes the absolute value for each batch and "movement" makes an update after each,
            so their scores depend on it.
        layers: Score these only: names of layers or weights, classes, regular expressions or a function,
            see ``LiveModel``. Defaults to all.
        exclude: Leave these out.
        sample_weight: Weights in the loss, one per example or per answer, as for ``fit``.
        class_weight: {class: weight}, instead of ``sample_weight``, as for ``fit``.
        steps: Batches of a data set to read, needed if it has no end. Defaults to all. For "movement": the
            number of updates, on batches in the data set's own order.
        **options: For "movement": ``learning_rate`` and ``seed``.

    Returns:
        {name: float32 array}, names and shapes as in ``LiveModel(model).weights``. Weights that the model
        holds at zero have a score just below all others.

    Raises:
        ValueError: If the criterion is unknown, the model is not compiled, x and y differ in length, or
            scores are NaN or infinite; with "obd", if a loss is neither a cross-entropy over the
            classes of one answer per example, without ``ignore_class``, nor a mean squared error.

    Example:
        >>> model = pw.models.pretrained("lenet_300_100")
        >>> (x, y), _ = pw.datasets.mnist()
        >>> scores = pw.data_score(model, x[:256], y[:256], "taylor")
        >>> pw.Masks.from_sparsity(scores, 0.9)
        Masks: 239,580 of 266,200 weights removed (90.00 %)
    """
    live = as_live(model, layers, exclude)
    weights, data = live.snapshot().weights, (x, y, sample_weight)
    return _score(live, weights, criterion, data, batch_size, class_weight, steps, **options)


def scores_of(
    live: LiveModel,
    weights: Mapping[str, np.ndarray],
    criterion: Any,
    seed: int = 0,
    data: Data | None = None,
    steps: int | None = None,
) -> dict[str, np.ndarray]:
    """Return the scores of weights by any criterion, with or without data.

    Args:
        live: The model that the weights belong to.
        weights: {name: array}, all or some of its prunable weights, at the values to score.
        criterion: Name of a criterion, or a function as in ``pw.score``.
        seed: Random seed for criterion "random".
        data: (x, y) or (x, y, sample_weight) for the criteria in ``DATA_CRITERIA``, (x, None) for "wanda",
            or a data set of such batches; others ignore it.
        steps: Batches of a data set to read, as for ``data_score``.

    Raises:
        ValueError: If the criterion is unknown, it needs data and there are none, or ``pw.score`` or
            ``data_score`` refuses its input.
    """
    if not isinstance(criterion, str) or criterion in CRITERIA:
        return score(weights, criterion, seed)
    _check_name(criterion)
    if criterion == "synflow":
        data = (None, None)
    if data is None:
        raise ValueError(
            f"criterion {criterion!r} scores weights on examples, and there are none: pass data=(x, y), "
            "training or validation examples rather than those it is tested on."
        )
    return _score(live, weights, criterion, parts_of(data), steps=steps)


def read_again(
    model: keras.Model, criterion: Any, data: Data | None, steps: int | None = None
) -> Data | None:
    """Return data for scores that are computed several times: a small data set is kept in memory."""
    if data is None or criterion not in tuple([*DATA_CRITERIA, "wanda"]) or criterion == "movement":
        return data
    x, y, weights = parts_of(data)
    return source_of(model, x, y, weights, steps=steps, labels=criterion != "wanda") if is_stream(x) else data


def _score(
    live: LiveModel,
    weights: Mapping[str, np.ndarray],
    criterion: str,
    data: tuple[Any, Any, Any],
    batch_size: int = 128,
    class_weight: Mapping[int, float] | None = None,
    steps: int | None = None,
    **options: Any,
) -> dict[str, np.ndarray]:
    _check_name(criterion)
    float_arrays(weights, "weights")  # here the error can name the weight that has NaN, later it cannot
    scores: Mapping[str, Any]
    if criterion == "wanda":
        scores = wanda(live, weights, data[0], batch_size, steps, **options)
    elif criterion == "synflow":
        scores = synflow(live, weights, **options)
    else:
        if endless := criterion == "movement":  # it makes as many updates, however many batches there are
            options, steps = ({} if steps is None else {"steps": steps}) | options, None
        keep = criterion == "grasp"  # reads the examples twice
        x, y, weighted = data
        batches = LossData(live.model, x, y, batch_size, weighted, class_weight, steps, keep, endless)
        scores = DATA_CRITERIA[criterion](Gradients(live, weights, batches), **options)
    arrays = {name: np.array(values, np.float32) for name, values in scores.items()}
    for name, array in arrays.items():
        refuse_non_finite(array, name, "scores", _WAY_OUT)
    return removed_first(like(weights, arrays), live.applied or {})


def removed_first(scores: Mapping[str, np.ndarray], kept: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the scores, with removed weights just below all others, so that they are removed first again."""
    lowest = min((array.min() for array in scores.values() if array.size), default=0.0)
    below = np.nextafter(lowest, -np.inf, dtype=np.result_type(*scores.values()))
    ranked = {
        name: np.where(kept[name], array, below) if name in kept else array for name, array in scores.items()
    }
    return like(scores, ranked)


def _check_name(criterion: Any) -> None:
    if criterion not in (*DATA_CRITERIA, *NO_LABELS):
        named = ", ".join([*DATA_CRITERIA, *NO_LABELS])
        raise ValueError(
            f"criterion {criterion!r} is not known here; those that need data: {named}; "
            f"those that need none, see pw.score: {', '.join(CRITERIA)}."
        )
