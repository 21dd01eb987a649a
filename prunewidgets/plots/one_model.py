"""Static figures from measured frames and plain arrays; the live views are in `widgets`.

A frame is what `accuracy_curve` or `sensitivity` returns, or anything that pandas can convert to one. Names
of layers and criteria are shown verbatim, never interpreted as mathtext or HTML. matplotlib and plotly are
imported when first used.
"""

import html
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.arrays import float_arrays
from ..core.criteria import score
from ..core.masks import Masks
from ..core.measures import Measure, measure_of, number_text

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go
    from matplotlib.figure import Figure

BINS = 101
"""An odd number, so that one bar is centred on zero."""
MEASURED = ("sparsity", "accuracy", "low", "high", "n", "removed", "criterion", "seed")
SPARSITY_AXIS = "sparsity (% of prunable weights removed)"


def curve(frame: Any) -> "Figure":
    """Draw accuracy, or another metric, against sparsity: a line with a 95 % band per criterion and scope.

    Random pruning has a line for each seed, all in one colour.

    Args:
        frame: from `accuracy_curve`, or several of these combined with `pandas.concat`.

    Raises:
        ValueError: the frame is empty or lacks a column.

    Example:
        >>> model = pw.models.pretrained("lenet_300_100")
        >>> _, (x, y) = pw.datasets.mnist()
        >>> figure = pw.plots.curve(pw.accuracy_curve(model, x, y, [0, 0.5, 0.9]))
        >>> figure.axes[0].get_ylabel()
        'accuracy on 10,000 examples (%)'
        >>> figure.savefig("curve.png")
    """
    frame = _checked(frame, "scope")
    return _lines_figure(frame, frame["criterion"] + ", " + frame["scope"], SPARSITY_AXIS)


def sensitivity(frame: Any) -> "Figure":
    """Draw accuracy against sparsity with one layer pruned at a time: a line with a 95 % band per layer.

    Args:
        frame: from `sensitivity` or `unit_sensitivity`, or several of these combined with `pandas.concat`.

    Raises:
        ValueError: the frame is empty or lacks a column.

    Example:
        >>> model = pw.models.pretrained("lenet_300_100")
        >>> _, (x, y) = pw.datasets.mnist()
        >>> figure = pw.plots.sensitivity(pw.sensitivity(model, x[:1000], y[:1000], [0, 0.5, 0.9]))
        >>> figure.axes[0].get_xlabel()
        'sparsity of the layer (% of its weights removed)'
        >>> figure.savefig("sensitivity.png")
    """
    frame = _checked(frame, "layer")
    labels = frame["layer"]
    if frame["criterion"].nunique() > 1 or (frame["criterion"] == "random").any():
        labels = labels + ", " + frame["criterion"]
    units = frame.attrs.get("removed") == "units"
    whose = "group (% of its units removed)" if units else "layer (% of its weights removed)"
    return _lines_figure(frame, labels, f"sparsity of the {whose}")


def histogram(weights: Any, threshold: float | None = None) -> "Figure":
    """Draw a histogram of the signed weights, with the range that τ removes on both sides of zero.

    Args:
        weights: {name: array}, all in one histogram; or one array.
        threshold: weights with ``|w| < threshold`` are marked as removed. Defaults to no mark.

    Raises:
        ValueError: weights are NaN or infinite, or the threshold is negative or NaN.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> figure = pw.plots.histogram(pw.LiveModel(model).weights, threshold=0.05)
        >>> figure.axes[0].get_ylabel()
        'number of weights'
        >>> figure.savefig("histogram.png")
    """
    from .sheet import COLOURS, NotebookFigure, plain_text

    arrays = float_arrays(weights, "weights")
    largest = max((float(np.abs(array).max()) for array in arrays.values() if array.size), default=0.0) or 1.0
    edges = np.linspace(-largest, largest, BINS + 1)
    # In float64, so that bars have a nonzero width even if all weights are subnormal in float32.
    counts = sum(np.histogram(array.astype(np.float64), edges)[0] for array in arrays.values())
    figure = NotebookFigure()
    axes = figure.add_subplot(xlabel="weight w", ylabel="number of weights")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.stairs(np.broadcast_to(counts, BINS), edges, fill=True, color=COLOURS[0])
    if threshold is not None:
        masks = Masks.from_threshold(score(arrays), threshold)
        cut = masks.threshold
        assert isinstance(cut, float)  # a single τ was given
        zone = min(cut, largest)
        share = f"{masks.removed:,} of {masks.size:,} ({100 * masks.sparsity:.2f} %)"
        label = f"removed: |w| < {cut:.4g}\n{share}"
        axes.axvspan(-zone, zone, facecolor=COLOURS[1], alpha=0.25, hatch="//", label=label)
        axes.legend()
    plain_text(figure)
    return figure


def curve_plotly(frame: Any) -> "go.Figure":
    """Draw the same as `curve` as a plotly figure with zoom and hover; a plain `go.Figure`, not a widget.

    Raises:
        ValueError: the frame is empty or lacks a column.

    Example:
        >>> model = pw.models.pretrained("lenet_300_100")
        >>> _, (x, y) = pw.datasets.mnist()
        >>> figure = pw.plots.curve_plotly(pw.accuracy_curve(model, x, y, [0, 0.5, 0.9]))
        >>> figure.layout.yaxis.title.text
        'accuracy on 10,000 examples (%)'
        >>> figure.write_html("curve.html")
    """
    import plotly.graph_objects as go

    from .on_pages import INK
    from .sheet import PLOTLY, SYMBOLS, plotly_colour

    frame = _checked(frame, "scope")
    percent, axis = _accuracy_axis(frame)
    figure = go.Figure(layout=PLOTLY)
    figure.update_layout(xaxis_title=SPARSITY_AXIS, yaxis_title=axis, hovermode="closest")
    for number, label, seed, first, line in _lines(frame, frame["criterion"] + ", " + frame["scope"]):
        x, y = 100 * line["sparsity"], percent * line["accuracy"]
        errors = {
            "array": percent * line["high"] - y,
            "arrayminus": y - percent * line["low"],
            "symmetric": False,
        }
        figure.add_scatter(
            x=x,
            y=y,
            error_y=errors if line["low"].notna().any() else None,
            name=plotly_text(label),
            legendgroup=str(number),
            showlegend=first,
            mode="lines+markers",
            line={"color": plotly_colour(number)},
            marker={"symbol": SYMBOLS[number % len(SYMBOLS)], "size": 9},
            hovertemplate=f"%{{x:.2f}} % removed{seed}<br>%{{y:,.5g}}",
        )
    unpruned = _unpruned(frame)
    if unpruned is not None:
        label = _unpruned_label(percent, unpruned)
        figure.add_hline(percent * unpruned, line_dash="dash", line_color=INK, annotation_text=label)
    return figure


def _lines_figure(frame: "pd.DataFrame", labels: "pd.Series", sparsity_axis: str) -> "Figure":
    from .sheet import MARKERS, NotebookFigure, Values, colour, plain_text

    percent, accuracy_axis = _accuracy_axis(frame)
    figure = NotebookFigure()
    axes = figure.add_subplot(xlabel=sparsity_axis, ylabel=accuracy_axis)
    axes.yaxis.set_major_formatter(Values())
    handles, names = [], []
    for number, label, _, first, line in _lines(frame, labels):
        x, marker = 100 * line["sparsity"], MARKERS[number % len(MARKERS)]
        drawn = axes.plot(x, percent * line["accuracy"], color=colour(number), marker=marker)
        if first:
            handles += drawn
            names.append(label)
        axes.fill_between(
            x, percent * line["low"], percent * line["high"], color=colour(number), alpha=0.2, lw=0
        )
    unpruned = _unpruned(frame)
    if unpruned is not None:
        handles.append(axes.axhline(percent * unpruned, color="0.4", linestyle="--", zorder=0))
        names.append(_unpruned_label(percent, unpruned))
    title = "bands: 95 % interval" if frame["low"].notna().any() else None
    figure.legend(handles, names, loc="outside right upper", title=title)
    axes.grid(alpha=0.3)
    plain_text(figure)
    return figure


def _checked(frame: Any, group: str) -> "pd.DataFrame":
    import pandas as pd

    attrs, frame = dict(getattr(frame, "attrs", {})), pd.DataFrame(frame)
    missing = [column for column in (*MEASURED, group) if column not in frame]
    if missing and (len(frame) or len(frame.columns)):
        source = "sensitivity" if group == "layer" else "accuracy_curve"
        raise ValueError(f"the frame lacks the columns {missing}; give what `{source}` returns.")
    if not len(frame):
        raise ValueError("the frame has no rows, so there is nothing to draw; measure at least one sparsity.")
    frame = frame.astype({"criterion": str, group: str} | dict.fromkeys(MEASURED[:4], float))
    frame = frame.reset_index(drop=True)  # combined frames repeat their row numbers
    frame.attrs = attrs
    return frame


def _lines(
    frame: "pd.DataFrame", labels: "pd.Series"
) -> Iterator[tuple[int, str, str, bool, "pd.DataFrame"]]:
    """Yield number and name of the method, text such as ", seed 3", whether it is the method's first, rows.

    Only the random criterion has a seed; all others ignore it.
    """
    seeds = (", seed " + frame["seed"].astype(str)).where(frame["criterion"] == "random", "")
    for number, (label, method) in enumerate(frame.groupby(labels, sort=False)):
        for place, (seed, line) in enumerate(method.groupby(seeds, sort=False)):
            yield number, short(label), str(seed), place == 0, line.sort_values("sparsity")


def short(label: str) -> str:
    """Return a name, shortened in the middle if it is longer than fits in a legend."""
    return label if len(label) <= 40 else f"{label[:19]}…{label[-20:]}"


def _accuracy_axis(frame: "pd.DataFrame") -> tuple[float, str]:
    """Return the factor and the axis label; a metric that is no share keeps its unit."""
    measure = measure_of(frame)
    if not measure.is_accuracy:
        return (100.0 if measure.share else 1.0), value_axis(measure)
    examples = f" on {frame['n'].iloc[0]:,} examples" if frame["n"].nunique() == 1 else ""
    if frame["low"].isna().all():
        return 1.0, f"metric{examples}"
    return 100.0, f"accuracy{examples} (%)"


def value_axis(measure: Measure) -> str:
    """Return the label of an axis of values of a metric: its name, unit, and which of them are better."""
    better = {"min": "lower is better", "max": "higher is better"}.get(measure.direction or "")
    notes = [note for note in ("%" if measure.share else "", better) if note]
    return short(measure.name) + (f" ({', '.join(notes)})" if notes else "")


def _unpruned(frame: "pd.DataFrame") -> float | None:
    """Return the accuracy measured with nothing removed, or None if missing or not the same in all lines."""
    values = frame.loc[frame["removed"] == 0, "accuracy"].unique()
    return float(values[0]) if len(values) == 1 else None


def _unpruned_label(percent: float, value: float) -> str:
    return f"unpruned {percent * value:.2f} %" if percent == 100 else f"unpruned {number_text(value)}"


def plotly_text(text: str) -> str:
    """Return text escaped so that plotly shows it verbatim, not <b> as HTML or $…$ as TeX."""
    return html.escape(text, quote=False).replace("$", "&#36;")
