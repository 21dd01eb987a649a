"""Prune in one call: compute scores, make masks, and apply them."""

import sys
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from ...core.arrays import is_whole
from ...core.layouts import like
from ...core.masks import Masks
from ...core.thresholds import checked_sparsity
from ..layers.weights import Layers
from ..live.live_model import LiveModel, as_live
from .data_criteria import read_again, removed_first, scores_of
from .loss_data import Data


def prune(
    model: keras.Model | LiveModel,
    sparsity: float | Mapping[str, float],
    criterion: Any = "magnitude",
    scope: str = "global",
    granularity: str = "weight",
    seed: int = 0,
    data: Data | None = None,
    layers: Layers = None,
    exclude: Layers = None,
    rounds: int = 1,
    steps: int | None = None,
) -> Masks:
    """Remove the weights with the lowest scores from the live model and hold the zeros.

    ``LiveModel(model).restore()`` undoes it.

    Args:
        model: A built Keras 3 model, or a LiveModel with its own choice of prunable weights.
        sparsity: Share to remove, 0 to 1; or {name of a layer or weight: share}, which leaves the others
            unpruned.
        criterion: Name of a criterion or a function, see ``pw.score``, or the name of one that needs data,
            see ``data_score``. Defaults to "magnitude".
        scope: "global" (the default) ranks all layers together, "layer" takes the share from each, "output"
            from the weights of each output, and "erk" more from large layers, see ``Masks.from_sparsity``.
        granularity: What is removed together, see ``prunewidgets.core.granularity``. Defaults to "weight".
        seed: Random seed for criterion "random".
        data: (x, y) or (x, y, sample_weight), training or validation examples, for a criterion that needs
            data; (x, None) for "wanda"; or a data set of such batches, as for ``data_score``.
        layers: Prune these only: names of layers or weights, classes, regular expressions or a function, see
            ``LiveModel``. Defaults to all.
        exclude: Do not prune these.
        rounds: Number of times to score and remove, each time the same share of the weights that are left; in
            each round the others are scored anew without what is removed. Defaults to 1. "synflow" is meant
            for 100.
        steps: Batches of a data set in ``data`` to read, as for ``data_score``. Defaults to all.

    Returns:
        The masks, now applied.

    Raises:
        ValueError: If a sparsity is outside 0 to 1, a name is unknown, or ``rounds`` is below 1.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> pw.prune(model, sparsity=0.9)
        Masks: 239,580 of 266,200 weights removed (90.00 %)
        >>> pw.LiveModel(model).restore()
    """
    if not is_whole(rounds, 1, sys.maxsize):
        raise ValueError(f"rounds is {rounds!r}; it has to be a whole number, 1 or more.")

    def choose(weights: Mapping[str, np.ndarray]) -> Masks:
        masks, left = Masks({}), weights
        for number in range(1, rounds + 1):
            scores = scores_of(live, left, criterion, seed, examples, steps)
            share = sparsity if number == rounds else _share_of_round(sparsity, number / rounds)
            scores = removed_first(scores, masks) if masks else scores
            masks = Masks.from_sparsity(scores, share, scope, granularity)
            left = like(weights, masks.apply(weights)) if number < rounds else left
        return masks

    live = as_live(model, layers, exclude)
    examples = data if rounds == 1 else read_again(live.model, criterion, data, steps)
    return live.apply_chosen(choose)


def _share_of_round(sparsity: float | Mapping[str, float], done: float) -> float | dict[str, float]:
    """Return the sparsity after this part of the rounds, each of which leaves the same share of the rest."""
    if isinstance(sparsity, Mapping):
        return {name: 1 - (1 - checked_sparsity(share)) ** done for name, share in sparsity.items()}
    return 1 - (1 - checked_sparsity(sparsity)) ** done
