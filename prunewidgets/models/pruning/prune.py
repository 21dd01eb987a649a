"""Prune in one call: compute scores, make masks, and apply them."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from ...core.masks import Masks
from ..live.live_model import LiveModel, as_live
from ..live.weights import Layers
from .data_criteria import scores_of


def prune(
    model: keras.Model | LiveModel,
    sparsity: float | Mapping[str, float],
    criterion: Any = "magnitude",
    scope: str = "global",
    granularity: str = "weight",
    seed: int = 0,
    data: tuple[Any, Any] | None = None,
    layers: Layers = None,
    exclude: Layers = None,
) -> Masks:
    """Remove the weights with the lowest scores from the live model and hold the zeros.

    ``LiveModel(model).restore()`` undoes it.

    Args:
        model: A built Keras 3 model, or a LiveModel with its own choice of prunable weights.
        sparsity: Share to remove, 0 to 1; or {name of a layer or weight: share}, which leaves the others
            unpruned.
        criterion: Name of a criterion or a function, see ``pw.score``, or the name of one that needs data,
            see ``data_score``. Defaults to "magnitude".
        scope: "global" (the default) ranks all layers together, "layer" takes the share from each.
        granularity: What is removed together, see ``prunewidgets.core.granularity``. Defaults to "weight".
        seed: Random seed for criterion "random".
        data: (x, y), training or validation examples, for a criterion that needs data.
        layers: Prune these only: names of layers or weights, classes, regular expressions or a function, see
            ``LiveModel``. Defaults to all.
        exclude: Do not prune these.

    Returns:
        The masks, now applied.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> pw.prune(model, sparsity=0.9)
        Masks: 239,580 of 266,200 weights removed (90.00 %)
        >>> pw.LiveModel(model).restore()
    """

    def choose(weights: Mapping[str, np.ndarray]) -> Masks:
        scores = scores_of(live, weights, criterion, seed, data)
        return Masks.from_sparsity(scores, sparsity, scope, granularity)

    live = as_live(model, layers, exclude)
    return live.apply_chosen(choose)
