"""Statistics of batch normalisation, measured again on examples: after pruning the old ones no longer fit."""

from typing import Any

import keras
import numpy as np
from keras import ops

from ..data.source import source_of
from ..holding.state import state_of
from ..layers.built import check_built


def refresh_statistics(model: keras.Model, x: Any, batch_size: int = 128, steps: int | None = None) -> None:
    """Measure the means and variances of all batch normalisations again; no weight changes.

    What a layer gets changes when weights or units before it are removed, and its stored mean and variance
    are those of the whole model. Training moves them to the new values, but slowly: with Keras's momentum of
    0.99, a third of the old ones is still there after a hundred batches. So refresh them after pruning,
    before judging what a cut costs, and again after a short training.

    The examples go through the model as in training (dropout is active), and the statistics are the means
    over the batches, each counted by its examples. Frozen layers (``trainable = False``) keep theirs. If
    reading the examples fails or is interrupted, all keep theirs.

    Args:
        model: A built model; its statistics change, and nothing else.
        x: Examples to measure on, without labels: some hundred of those that it was trained on. Or a data set
            of batches.
        batch_size: Examples in a batch; a variance is measured within one. Defaults to 128.
        steps: Batches of a data set to read, needed if it has no end. Defaults to all.

    Raises:
        ValueError: If the model has no batch normalisation, the examples do not fit, or what is measured is
            NaN or infinite.

    Example:
        >>> model = pw.models.pretrained("digit_detector")
        >>> small = pw.shrink(model, pw.unit_masks(pw.unit_score(model), 0.2))
        >>> x, y = pw.datasets.digit_scenes(300)
        >>> grid = pw.detection.Grid(8)
        >>> metric = pw.detection.DetectionMetric(grid.found, grid.truth)
        >>> before = pw.LiveModel(small).evaluate(x, y, metric=metric)
        >>> pw.refresh_statistics(small, x)
        >>> pw.LiveModel(small).evaluate(x, y, metric=metric) > before + 0.1
        True

    Source: Li et al., "EagleEye: fast sub-net evaluation for efficient neural network pruning" (2020),
        "adaptive batch normalization".
    """
    check_built(model)
    layers = [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
    ]
    if not layers:
        raise ValueError(
            f"The model {model.name!r} has no batch normalisation that is not frozen, so there are no "
            "statistics to refresh."
        )
    data = source_of(model, x, steps=steps, batch_size=batch_size, labels=False, keep=False)
    state = state_of(model)
    old = [(layer.momentum, layer.moving_mean.numpy(), layer.moving_variance.numpy()) for layer in layers]
    seen, finished = 0, False
    try:
        for batch in data:
            with state.lock:
                for layer in layers:
                    if not seen:  # NaN times a momentum of 0 would stay
                        layer.moving_mean.assign(ops.zeros_like(layer.moving_mean))
                        layer.moving_variance.assign(ops.zeros_like(layer.moving_variance))
                    layer.momentum = seen / (seen + batch.n)  # the first batch replaces what is there
                model(batch.x, training=True)
            seen += batch.n
        _check_finite(layers, model)
        finished = True
    finally:
        with state.lock:
            for layer, (momentum, mean, variance) in zip(layers, old, strict=True):
                layer.momentum = momentum
                if not finished:
                    layer.moving_mean.assign(mean)
                    layer.moving_variance.assign(variance)


def _check_finite(layers: list[keras.layers.BatchNormalization], model: keras.Model) -> None:
    """Raise ValueError for the first layer whose statistics are no numbers; later ones follow from it."""
    for layer in layers:
        if not np.isfinite([layer.moving_mean.numpy(), layer.moving_variance.numpy()]).all():
            raise ValueError(
                f"The statistics of {layer.name!r} in {model.name!r} would be NaN or infinite, so all are as "
                "they were. Look at the examples, and at the weights before this layer."
            )
