"""Measure curves of accuracy against sparsity, for the whole model or by layer."""

from collections.abc import Iterable, Iterator
from typing import Any

import keras
import pandas as pd

from ...core.layouts import like
from ...core.masks import Masks
from ...core.measures import attrs_of
from ...core.thresholds import checked_levels
from ...utils.finished import keep_finished
from ..data.arrays import Structure
from ..data.source import is_stream
from ..layers.weights import Layers
from ..live.live_model import LiveModel, as_live
from ..measuring.metric import ChosenMetric, Metric, chosen_metric
from ..measuring.streamed import refuse_labels_beside
from .data_criteria import scores_of
from .loss_data import Data
from .scan import Row, measured_row, scan, warn_once_emptied

_NUMBERS = ["sparsity", "threshold", "accuracy", "low", "high", "n", "removed", "total"]
CURVE_COLUMNS = [*_NUMBERS, "criterion", "scope", "seed"]
SENSITIVITY_COLUMNS = ["layer", *_NUMBERS, "criterion", "seed"]


def accuracy_curve(
    model: keras.Model | LiveModel,
    x: Structure,
    y: Any = None,
    sparsities: Iterable[float] | float | None = None,
    criterion: Any = "magnitude",
    scope: str = "global",
    granularity: str = "weight",
    seed: int = 0,
    metric: Metric | None = None,
    data: Data | None = None,
    layers: Layers = None,
    exclude: Layers = None,
    sample_weight: Any = None,
    direction: str | None = None,
    steps: int | None = None,
) -> pd.DataFrame:
    """Measure the accuracy at each sparsity on masked copies, without training or changing the model.

    ``criterion="random"`` with a seed is the baseline that any criterion has to beat. Ctrl-C keeps the
    finished rows, warns, and sets ``frame.attrs["complete"]`` to False.

    Args:
        model: A built Keras 3 model, or a LiveModel with its own choice of prunable weights.
        x: Inputs or a data set, as for ``LiveModel.evaluate``. A data set of at most 500 MB is read once.
        y: Labels, as for ``LiveModel.evaluate``; left out where x is a data set.
        sparsities: Shares to remove, each from 0 to 1; a single number stands for a list of one. Needed;
            give it by name where y is left out.
        criterion: Name of a criterion or a function, see ``pw.score``, or the name of one that needs data,
            see ``data_score``. Defaults to "magnitude".
        scope: "global" (the default) ranks all layers together, "layer" takes the share from each; "output"
            and "erk" see ``Masks.from_sparsity``.
        granularity: What is removed together, see ``prunewidgets.core.granularity``. Defaults to "weight".
        seed: Random seed for criterion "random".
        metric: What to measure instead of accuracy, see ``LiveModel.evaluate``. Its values are in a column of
            its name, such as "mae"; ``low``, ``high`` and ``n`` are NaN.
        data: (x, y), or a data set, for a criterion that needs data: training or validation examples, not
            x and y above.
        layers: Prune these only: names of layers or weights, classes, regular expressions or a function, see
            ``LiveModel``. Defaults to all.
        exclude: Do not prune these.
        sample_weight: One weight per example or per answer.
        direction: "max" if higher values of the metric are better, "min" if lower ones are. Defaults to what
            Keras or the metric's name says; figures show it.
        steps: Number of batches to read of a data set, in x as in ``data``; needed if it has no end.

    Returns:
        One row per sparsity: sparsity (reached), threshold (NaN where each layer has its own), accuracy,
        low, high (95 % interval), n (answers compared), removed, total (weights), criterion, scope, seed.
        With a metric there is a last column of its name, ``accuracy`` holds the same values, and ``attrs``
        has measure, direction and share (whether the values go from 0 to 1).

    Raises:
        ValueError: If a sparsity is outside 0 to 1, or ``evaluate`` or ``pw.score`` refuses its input.

    Example:
        >>> model = pw.models.pretrained("lenet_300_100")
        >>> _, (x, y) = pw.datasets.mnist()
        >>> frame = pw.accuracy_curve(model, x, y, [0, 0.5, 0.9])
        >>> frame[["sparsity", "accuracy", "removed"]].round(2)
           sparsity  accuracy  removed
        0       0.0      0.98        0
        1       0.5      0.98   133100
        2       0.9      0.93   239580
    """
    levels, live = levels_of(sparsities), as_live(model, layers, exclude)
    chosen = chosen_metric(metric, live.model, direction)
    rows = curve_rows(
        live, x, y, levels, criterion, scope, granularity, seed, chosen, data, set(), sample_weight, steps
    )
    return collected(rows, len(levels), CURVE_COLUMNS, chosen)


def sensitivity(
    model: keras.Model | LiveModel,
    x: Structure,
    y: Any = None,
    sparsities: Iterable[float] | float | None = None,
    criterion: Any = "magnitude",
    granularity: str = "weight",
    seed: int = 0,
    metric: Metric | None = None,
    data: Data | None = None,
    layers: Layers = None,
    exclude: Layers = None,
    sample_weight: Any = None,
    direction: str | None = None,
    steps: int | None = None,
) -> pd.DataFrame:
    """Measure the accuracy with one layer pruned at a time and all others unpruned.

    Arguments and behaviour are as in ``accuracy_curve``. Use a split that the final test does not use.

    Returns:
        One row per layer and sparsity: layer, sparsity (of that layer), threshold, accuracy, low, high, n,
        removed, total (weights of that layer), criterion, seed. A warning says if a sparsity above 0 removes
        nothing from a small layer.

    Example:
        >>> model = pw.models.pretrained("lenet_300_100")
        >>> _, (x, y) = pw.datasets.mnist()
        >>> frame = pw.sensitivity(model, x, y, [0.5, 0.9])
        >>> frame[["layer", "sparsity", "accuracy"]].round(2)
                    layer  sparsity  accuracy
        0  dense_1/kernel       0.5      0.98
        1  dense_1/kernel       0.9      0.96
        2  dense_2/kernel       0.5      0.98
        3  dense_2/kernel       0.9      0.94
        4  dense_3/kernel       0.5      0.98
        5  dense_3/kernel       0.9      0.81

    Source: Han et al., "Learning both weights and connections for efficient neural networks" (2015),
        section 5, figure 6.
    """
    live, levels = as_live(model, layers, exclude), levels_of(sparsities)
    chosen = chosen_metric(metric, live.model, direction)
    refuse_labels_beside(x, y, sample_weight)
    scores = scores_of(live, live.weights, criterion, seed, data, steps if is_stream(data) else None)
    rows = scan(
        live,
        live.prepare(x, steps=steps),
        {name: name for name in live.names},
        levels,
        lambda name, level: Masks.from_sparsity(
            like(scores, {name: scores[name]}), level, "global", granularity
        ),
        lambda masks, seen: live.evaluate(seen, y, masks, chosen, sample_weight=sample_weight),
        "weights",
        {"criterion": name_of(criterion), "seed": seed},
    )
    return collected(rows, len(levels) * len(live.names), SENSITIVITY_COLUMNS, chosen)


def curve_rows(
    model: keras.Model | LiveModel,
    x: Structure,
    y: Any,
    sparsities: Iterable[float],
    criterion: Any = "magnitude",
    scope: str = "global",
    granularity: str = "weight",
    seed: int = 0,
    metric: Metric | None = None,
    data: Data | None = None,
    emptied: set[str] | None = None,
    sample_weight: Any = None,
    steps: int | None = None,
) -> Iterator[Row]:
    """Yield the rows of ``accuracy_curve`` one by one, so that points can be shown as they are measured.

    Layers with no weights left are added to ``emptied`` and named in a warning. If ``emptied`` is None there
    is no warning, for threads whose warnings are not shown.
    """
    refuse_labels_beside(x, y, sample_weight)
    live = as_live(model)
    scores = scores_of(live, live.weights, criterion, seed, data, steps if is_stream(data) else None)
    prepared = live.prepare(x, steps=steps)
    for sparsity in sparsities:
        masks = Masks.from_sparsity(scores, sparsity, scope, granularity)
        if emptied is not None:
            warn_once_emptied(masks, sparsity, emptied)
        row = measured_row(masks, live.evaluate(prepared, y, masks, metric, sample_weight=sample_weight))
        yield row | {"criterion": name_of(criterion), "scope": scope, "seed": seed}


def levels_of(sparsities: Iterable[float] | float | None) -> list[float]:
    """Return the sparsities, checked."""
    if sparsities is None:
        raise TypeError(
            "sparsities is missing; where x is a data set and y is left out, write sparsities=[...]."
        )
    return checked_levels(sparsities)


def collected(
    rows: Iterator[Row], planned: int, columns: list[str], metric: ChosenMetric | None
) -> pd.DataFrame:
    """Collect the rows in a frame."""
    finished: list[Row] = []
    complete = keep_finished(rows, finished, "row", planned, stacklevel=4)
    frame = pd.DataFrame(finished, columns=columns)
    return with_metric(frame, metric, complete)


def with_metric(frame: pd.DataFrame, metric: ChosenMetric | None, complete: bool = True) -> pd.DataFrame:
    """Return a frame of measured values with a column for a metric, and what is known about it."""
    frame.attrs["complete"] = complete
    if metric is not None:
        frame.attrs |= attrs_of(metric.measure)
        frame[column_of(metric)] = frame["accuracy"]
    return frame


def column_of(metric: ChosenMetric) -> str:
    """Return the column of a metric.

    Raises:
        ValueError: If the frame uses the name for something else.
    """
    name = metric.measure.name
    if name in {*CURVE_COLUMNS, *SENSITIVITY_COLUMNS}:
        raise ValueError(f"The metric {name!r} has the name of another column of the frame; rename it.")
    return name


def name_of(criterion: Any) -> str:
    """Return what a frame calls a criterion."""
    return criterion if isinstance(criterion, str) else getattr(criterion, "__name__", repr(criterion))
