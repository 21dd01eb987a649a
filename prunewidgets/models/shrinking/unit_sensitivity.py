"""Which groups of units tolerate removal: measured with a share of one group removed at a time."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import keras
import pandas as pd

from ...core.masks import Masks
from ...core.unit_masks import unit_masks
from ..data.arrays import Structure
from ..data.source import is_stream
from ..layers.weights import Layers
from ..live.live_model import LiveModel
from ..measuring.accuracy import Accuracy
from ..measuring.metric import Metric, chosen_metric
from ..measuring.streamed import refuse_labels_beside
from ..pruning.curves import SENSITIVITY_COLUMNS, collected, levels_of, name_of
from ..pruning.loss_data import Data, parts_of
from ..pruning.scan import scan
from .channels import find
from .rebuild import rebuilt
from .sizes import Sizes
from .unit_scores import unit_score


def unit_sensitivity(
    model: keras.Model | LiveModel,
    x: Structure,
    y: Any = None,
    sparsities: Iterable[float] | float | None = None,
    criterion: Any = "l2",
    seed: int = 0,
    metric: Metric | None = None,
    data: Data | None = None,
    layers: Layers = None,
    exclude: Layers = None,
    sample_weight: Any = None,
    direction: str | None = None,
    steps: int | None = None,
) -> pd.DataFrame:
    """Measure the accuracy with units of one group removed at a time, and all others whole.

    A group is what has to be removed together: filters, neurons or heads with all that makes and reads them,
    see ``channel_groups``. Each row shows what ``mask_units`` would compute, and so what the smaller model of
    ``shrink`` would; the model itself does not change. Use a split that the final test does not use. Ctrl-C
    keeps the finished rows, as in ``accuracy_curve``.

    Args:
        model: A built Sequential or Functional model; of a LiveModel, its model.
        x: Inputs or a data set, as for ``LiveModel.evaluate``. A data set of at most 500 MB is read once.
        y: Labels; left out where x is a data set.
        sparsities: Shares of the units of each group to remove, from 0 to 1; at least one unit stays.
        criterion: Which units go first, see ``unit_score``. Defaults to "l2".
        seed: Random seed for criterion "random".
        metric: What to measure instead of accuracy, as in ``accuracy_curve``.
        data: (x, y), (x, y, sample_weight) or a data set for criterion "taylor": training or validation
            examples, not x and y above.
        layers: Only groups that one of these layers makes, see ``unit_score``. Defaults to all.
        exclude: Leave out groups that one of these makes.
        sample_weight: One weight per example or per answer.
        direction: "max" if higher values of the metric are better, "min" if lower ones are.
        steps: Number of batches to read of a data set, in x as in ``data``; needed if it has no end.

    Returns:
        One row per group and sparsity, with the columns of ``sensitivity``, so that ``pw.plots.sensitivity``
        draws it: layer (the group's name), sparsity (removed ÷ units of that group), threshold (NaN),
        accuracy, low, high, n, removed, total (units of that group), criterion, seed. With a metric there is
        a last column of its name. A warning says if a sparsity above 0 removes no unit of a small group.

    Raises:
        ValueError: No units that can be removed, a sparsity outside 0 to 1, or ``unit_score`` or
            ``LiveModel.evaluate`` refuses its input.

    Example:
        >>> model = pw.models.pretrained("small_cnn")
        >>> _, (x, y) = pw.datasets.mnist()
        >>> frame = pw.unit_sensitivity(model, x[:500], y[:500], [0.25, 0.5])
        >>> frame[["layer", "sparsity", "removed", "total"]]
             layer  sparsity  removed  total
        0   conv_1      0.25        4     16
        1   conv_1      0.50        8     16
        2   conv_2      0.25        8     32
        3   conv_2      0.50       16     32
        4  dense_1      0.25       16     64
        5  dense_1      0.50       32     64

    Source: Li et al., "Pruning filters for efficient ConvNets" (2017), section 3.2, figure 2b.
    """
    model = model.model if isinstance(model, LiveModel) else model
    levels, chosen = levels_of(sparsities), chosen_metric(metric, model, direction)
    refuse_labels_beside(x, y, sample_weight)
    scores = _scores(model, criterion, seed, data, layers, exclude, steps)
    found = find(model)
    if not scores:
        raise ValueError(f"The model {model.name!r} has no units that can be removed: {found.groups}")
    weights = {name: [part.weight for part in found.groups[name].parts] for name in scores}
    live = LiveModel(model, layers=list(dict.fromkeys(weight for own in weights.values() for weight in own)))
    whole = live.prepare(x, steps=steps)

    def value(masks: Masks, seen: Any) -> Accuracy | float:
        by_weight = Sizes(found, dict(masks), zeros=True).weight_masks(model)
        if by_weight is not None:
            return live.evaluate(seen, y, by_weight, chosen, sample_weight=sample_weight)
        copy = LiveModel(rebuilt(model, found, dict(masks), zeros=True))
        inputs = replace(whole, values=copy.snapshot().values)
        return copy.evaluate(inputs, y, None, chosen, sample_weight=sample_weight)

    rows = scan(
        live,
        whole,
        {name: min(own, key=live.names.index) for name, own in weights.items()},
        levels,
        lambda name, level: unit_masks({name: scores[name]}, level),
        value,
        "units",
        {"criterion": name_of(criterion), "seed": seed},
    )
    frame = collected(rows, len(levels) * len(scores), SENSITIVITY_COLUMNS, chosen)
    frame.attrs["removed"] = "units"  # for the axis of a figure
    return frame


def _scores(
    model: keras.Model,
    criterion: Any,
    seed: int,
    data: Data | None,
    layers: Layers,
    exclude: Layers,
    steps: int | None,
) -> dict[str, Any]:
    """Return the scores of units, by the data if there are any."""
    x, y, sample_weight = (None, None, None) if data is None else parts_of(data)
    return unit_score(
        model,
        x,
        y,
        criterion,
        seed=seed,
        layers=layers,
        exclude=exclude,
        sample_weight=sample_weight,
        steps=steps if is_stream(data) else None,
    )
