"""AccuracyCurve: measured accuracy against sparsity."""

from typing import Any

import numpy as np
import pandas as pd
import traitlets as t

from ..core.measures import Measure, measure_of, shown
from .assets import module
from .view import View

LINES_BY = ("method", "layer", "kind", "criterion", "scope", "granularity", "seed")
"""Columns that separate the lines, where their values differ; seeds of one method share a colour."""


class AccuracyCurve(View):
    """Measured points with their intervals; click one, or press the arrow keys, to choose it.

    Lines of one method share a colour and an entry of the legend: those of its seeds. If all pruned points
    lie at 90 % or above, the axis of sparsity starts stretched, and says so.

    Thresholds and sparsities are known only at measured points: setting either of them chooses the nearest
    measured point.

    Example:
        >>> model = pw.models.pretrained("lenet_300_100")
        >>> _, (x, y) = pw.datasets.mnist()
        >>> curve = pw.AccuracyCurve(pw.accuracy_curve(model, x, y, [0, 0.5, 0.9]))
        >>> curve.sparsity = 0.6  # chooses the nearest measured point
        >>> curve.sparsity
        0.5
    """

    view_name = "curve"
    script = t.Unicode(module(view_name)).tag(sync=True)

    series: "t.List[Any]" = t.List().tag(sync=True)
    # Name, direction and range of what is shown, {} for the accuracy: see core/measures.py.
    measure: "t.Dict[str, Any]" = t.Dict().tag(sync=True)

    def __init__(self, frame: pd.DataFrame) -> None:
        """Show a frame.

        Args:
            frame: from `pw.accuracy_curve` or `pw.sensitivity`; needs the columns sparsity and accuracy (0 to
                1), and uses low, high, threshold and the columns that separate lines (method, layer, kind,
                criterion, scope, granularity, seed). Of another metric its ``attrs`` have the name: the axis
                then has the range of the values, and says which are better.

        Raises:
            TypeError: not a DataFrame.
            ValueError: a column is missing or holds something other than fractions.
        """
        series = series_of(frame)
        super().__init__(measure=shown_measure(frame))
        self.series = series
        self._derive_sparsity()

    def show_frame(self, frame: pd.DataFrame) -> None:
        """Show another frame, or the same one after more was measured."""
        series = series_of(frame)
        with self.hold_sync():
            self.measure, self.series = shown_measure(frame), series
        self._derive_sparsity()

    def _sparsity_now(self) -> float:
        # The threshold may lie between measured ones; take the nearest measured point.
        point = self._nearest("threshold", "sparsity")
        return self._last_set("sparsity") if point is None else point["sparsity"]

    def _reachable(self, sparsity: float) -> float:
        measured = [point["sparsity"] for line in self.series for point in line["points"]]
        return min(measured, key=lambda other: abs(other - sparsity), default=sparsity)

    def _move_to_sparsity(self, sparsity: float) -> None:
        point = self._nearest("sparsity", "threshold")
        if point is not None and point["threshold"] is not None:
            self.threshold = point["threshold"]

    def _nearest(self, key: str, then: str) -> dict[str, Any] | None:
        """Return the point nearest in `key`; of several (lines share sparsities) the nearest in `then`."""

        def distance(point: dict[str, Any], name: str) -> float:
            return np.inf if point[name] is None else abs(point[name] - self._last_set(name))

        points = [p for line in self.series for p in line["points"] if p[key] is not None]
        return min(points, key=lambda point: (distance(point, key), distance(point, then)), default=None)


def series_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return [{"name", "method", "points": [{sparsity, accuracy, low, high, threshold}]}], None for missing.

    The method is the name without the seed.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"a curve is a pandas DataFrame, see pw.accuracy_curve, not {type(frame).__name__}.")
    measure = measure_of(frame)
    value = value_column(frame, measure)
    for column in ("sparsity", value):
        if column not in frame:
            raise ValueError(
                f"the frame has no column {column!r} (columns: {list(frame.columns)}); "
                "pw.accuracy_curve(model, x, y, sparsities) makes one."
            )
        numeric = frame.empty or pd.api.types.is_numeric_dtype(frame[column])  # no rows have no type either
        fractions = column == "sparsity" or measure.is_accuracy
        if not numeric or (fractions and not frame[column].between(0, 1).all()):
            other = "; for another measure, name it: frame.attrs['measure'] = 'mae'" * (column == "accuracy")
            kind = "fractions from 0 to 1 (write 75 % as 0.75)" if fractions else "numbers"
            raise ValueError(f"column {column!r} must hold {kind}{other}.")
    if value != "accuracy":
        frame = frame.assign(accuracy=frame[value])
    if not measure.is_accuracy:  # a metric may have no value, or infinity, where much is removed
        frame = frame[np.isfinite(frame["accuracy"].to_numpy(float, na_value=np.nan))]
    by = [column for column in LINES_BY if column in frame and frame[column].nunique(dropna=False) > 1]
    lines = frame.groupby(by, sort=False, dropna=False) if by else [((), frame)]
    return [{**_line_names(by, key), "points": _points(rows)} for key, rows in lines]


def value_column(frame: pd.DataFrame, measure: Measure) -> str:
    """Return the column that holds the values of a measure."""
    return measure.name if measure.name in frame else "accuracy"


def shown_measure(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the measure of a frame for a view; one that leaves the range 0 to 1 is no share."""
    measure = measure_of(frame)
    inside = frame[value_column(frame, measure)].dropna().between(0, 1).all()
    return shown(measure._replace(share=bool(measure.share and inside)))


def _line_names(by: list[str], key: Any) -> dict[str, str]:
    values = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
    method = [str(value) for name, value in values.items() if name != "seed"]
    seed = [f"seed {value}" for name, value in values.items() if name == "seed"]
    return {"name": ", ".join(method + seed), "method": ", ".join(method)}


def _points(rows: pd.DataFrame) -> list[dict[str, float | None]]:
    columns = ["sparsity", "accuracy", "low", "high", "threshold"]
    values = rows.reindex(columns=columns).to_numpy(float, na_value=np.nan)
    return [
        {name: None if np.isnan(v) else float(v) for name, v in zip(columns, row, strict=True)}
        for row in values
    ]
