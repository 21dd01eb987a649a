"""Pruning in one call: scores, masks, and the masks applied."""

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
        model: A built Keras 3 model, or a LiveModel that chose its own prunable weights.
        sparsity: Share to remove, 0 to 1; or {name of a layer or weight: share}, which leaves the others
            whole.
        criterion: Name of a criterion or a function, see ``pw.score``; or one that needs data, see
            ``data_score``.
        scope: "global" ranks all layers together, "layer" takes the share from each.
        granularity: What is removed together, see ``prunewidgets.core.granularity``.
        seed: For criterion "random".
        data: (x, y), training or validation examples, for a criterion that needs data.
        layers: Prune these only: names of layers or weights, classes, expressions or a function, see
            ``LiveModel``.
        exclude: Leave these whole.

    Returns:
        The masks, now applied.
    """

    def choose(weights: Mapping[str, np.ndarray]) -> Masks:
        scores = scores_of(live, weights, criterion, seed, data)
        return Masks.from_sparsity(scores, sparsity, scope, granularity)

    live = as_live(model, layers, exclude)
    return live.apply_chosen(choose)
