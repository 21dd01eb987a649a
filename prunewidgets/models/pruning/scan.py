"""Prune one layer, or one group of units, at a time, and measure the rest: the loop of sensitivity scans."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ...core.masks import Masks, warn_emptied
from ...core.user_line import user_line
from ..live.live_model import LiveModel
from ..measuring.accuracy import Accuracy, as_columns

Row = dict[str, Any]


def scan(
    live: LiveModel,
    whole: Any,
    firsts: Mapping[str, str],
    levels: list[float],
    masks_at: Callable[[str, float], Masks],
    value: Callable[[Masks, Any], Accuracy | float],
    what: str,
    common: Row,
) -> Iterator[Row]:
    """Yield a row for each part of the model and level, with all other parts whole.

    Args:
        live: The model.
        whole: Its prepared examples.
        firsts: {name of a part: the first weight in the model that its masks change}.
        levels: Sparsities.
        masks_at: A function from a name and a level to masks.
        value: A function from masks, and the examples as they reach the first weight, to what is measured.
        what: What masks remove: "weights" or "units".
        common: Columns that are the same in all rows.
    """
    prepared, emptied = whole, set[str]()
    for name, first in firsts.items():
        prepared = live.prepare_before(first, whole, prepared)
        for level in levels:
            masks = masks_at(name, level)
            if level > 0 and masks.removed == 0:
                warnings.warn(
                    f"Sparsity {level:g} removes nothing from {name!r}, which has {masks.size:,} {what}; its "
                    "row shows the unpruned model. Use a larger sparsity to see an effect.",
                    stacklevel=user_line(),
                )
            warn_once_emptied(masks, level, emptied)
            yield {"layer": name} | measured_row(masks, value(masks, prepared)) | common


def warn_once_emptied(masks: Masks, sparsity: float, said: set[str]) -> None:
    """Warn once about each layer that has no weights left at a sparsity below 1."""
    if sparsity < 1:
        warn_emptied(masks, f"At sparsity {sparsity:g}: ", said)
        said.update(masks.emptied)


def measured_row(masks: Masks, measured: Accuracy | float) -> Row:
    """Return the columns that masks and what was measured with them give."""
    return {
        "sparsity": masks.sparsity,
        "threshold": masks.threshold if isinstance(masks.threshold, float) else np.nan,
        **as_columns(measured),
        "removed": masks.removed,
        "total": masks.size,
    }
