"""Figures of compared methods: a line through the means, a band of ± one standard deviation, a dot per run.

A frame is what `compare_methods` returns, or anything that pandas can convert to one. Names of methods are
shown verbatim.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..core.measures import measure_of
from ..experiments.measures import measure_in
from ..experiments.summary import summarize_runs
from .one_model import SPARSITY_AXIS, plotly_text, short, value_axis

__all__ = ["comparison", "comparison_plotly"]

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go
    from matplotlib.figure import Figure

LEGEND = "lines: means, bands: ± sd, dots: runs"


def comparison(frame: Any) -> "Figure":
    """Draw the measure against sparsity: for each method the means, a band of ± one sd, each run as a dot.

    If a method has only one sparsity, an error bar replaces the band. An accuracy is drawn in per cent.

    Args:
        frame: from `compare_methods`, or several of these combined with `pandas.concat`.

    Raises:
        ValueError: the frame is empty or lacks a column.

    Example:
        >>> runs = {"method": ["fine-tuned", "fine-tuned", "gradual", "gradual"], "seed": [0, 1, 0, 1]}
        >>> runs |= {"sparsity": [0.9, 0.9, 0.9, 0.9], "accuracy": [0.95, 0.96, 0.97, 0.98]}
        >>> figure = pw.comparison_plots.comparison(runs)
        >>> figure.axes[0].get_ylabel()
        'accuracy (%)'
        >>> figure.savefig("comparison.png")
    """
    from .sheet import MARKERS, NotebookFigure, Values, colour, plain_text

    figure = NotebookFigure()
    axes = figure.add_subplot(xlabel=SPARSITY_AXIS, ylabel=_value_axis(frame))
    axes.yaxis.set_major_formatter(Values())
    handles, names = [], []
    for number, (name, runs, line) in enumerate(_methods(frame)):
        look: dict[str, Any] = {"color": colour(number), "marker": MARKERS[number % len(MARKERS)]}
        if len(line) > 1:
            low, high = line["mean"] - line["sd"], line["mean"] + line["sd"]
            axes.fill_between(line["sparsity"], low, high, color=colour(number), alpha=0.2, lw=0)
        else:
            axes.errorbar(line["sparsity"], line["mean"], line["sd"], color=colour(number), capsize=5)
        axes.plot(runs["sparsity"], runs["value"], linestyle="", markersize=4, alpha=0.4, **look)
        handles += axes.plot(line["sparsity"], line["mean"], **look)
        names.append(name)
    figure.legend(handles, names, loc="outside right upper", title=LEGEND)
    axes.grid(alpha=0.3)
    plain_text(figure)
    return figure


def comparison_plotly(frame: Any) -> "go.Figure":
    """Draw the same as `comparison` as a plotly figure, with zoom and hover.

    Raises:
        ValueError: the frame is empty or lacks a column.

    Example:
        >>> runs = {"method": ["fine-tuned", "fine-tuned", "gradual", "gradual"], "seed": [0, 1, 0, 1]}
        >>> runs |= {"sparsity": [0.9, 0.9, 0.9, 0.9], "accuracy": [0.95, 0.96, 0.97, 0.98]}
        >>> figure = pw.comparison_plots.comparison_plotly(runs)
        >>> figure.layout.yaxis.title.text
        'accuracy (%)'
        >>> figure.write_html("comparison.html")
    """
    import plotly.graph_objects as go

    from .sheet import PLOTLY, SYMBOLS, plotly_colour

    unit = " %" if measure_in(frame) == "accuracy" else ""
    figure = go.Figure(layout=PLOTLY | {"legend_title_text": LEGEND})
    figure.update_layout(xaxis_title=SPARSITY_AXIS, yaxis_title=_value_axis(frame), hovermode="closest")
    for number, (name, runs, line) in enumerate(_methods(frame)):
        symbol = SYMBOLS[number % len(SYMBOLS)]
        look = {"legendgroup": str(number), "name": plotly_text(name)}  # one click hides the whole method
        sd = line.dropna()
        low, high = sd["mean"] - sd["sd"], sd["mean"] + sd["sd"]
        if len(sd) > 1:
            figure.add_scatter(
                x=[*sd["sparsity"], *sd["sparsity"][::-1]],
                y=[*high, *low[::-1]],
                fill="toself",
                mode="none",
                fillcolor=_faint(plotly_colour(number)),
                hoverinfo="skip",
                showlegend=False,
                **look,
            )
        figure.add_scatter(
            x=runs["sparsity"],
            y=runs["value"],
            mode="markers",
            marker={"symbol": symbol, "size": 5, "color": plotly_colour(number), "opacity": 0.4},
            customdata=runs["seed"],
            hovertemplate=f"%{{x:.2f}} % removed<br>%{{y:,.5g}}{unit}, seed %{{customdata}}",
            showlegend=False,
            **look,
        )
        figure.add_scatter(
            x=line["sparsity"],
            y=line["mean"],
            error_y={"array": line["sd"]} if len(line) == 1 else None,
            mode="lines+markers",
            line={"color": plotly_colour(number)},
            marker={"symbol": symbol, "size": 9},
            customdata=line[["sd", "n"]],
            hovertemplate=f"%{{x:.2f}} % removed<br>mean %{{y:,.5g}}{unit}, "
            "sd %{customdata[0]:.3g}, %{customdata[1]} runs",
            **look,
        )
    return figure


def _methods(frame: Any) -> Iterator[tuple[str, "pd.DataFrame", "pd.DataFrame"]]:
    """Yield name, single runs and summary of each method, shares in per cent, by ascending sparsity."""
    import pandas as pd

    runs, measure = pd.DataFrame(frame), measure_in(frame)
    scale = 100 if measure == "accuracy" else 1
    missing = [column for column in ("method", "seed") if column not in runs]
    if missing:
        raise ValueError(f"the frame lacks the columns {missing}; give what `compare_methods` returns.")
    for name, line in summarize_runs(runs, measure).groupby("method", sort=False):
        own = runs.loc[runs["method"] == name, ["sparsity", measure, "seed"]] * [100, scale, 1]
        shown = line.assign(sparsity=100 * line["sparsity"], mean=scale * line["mean"], sd=scale * line["sd"])
        yield short(str(name)), own.rename(columns={measure: "value"}), shown.sort_values("sparsity")


def _value_axis(frame: Any) -> str:
    """Return the axis label, with the number of examples if it is given and the same for every run."""
    import pandas as pd

    measure = measure_in(frame)
    if measure != "accuracy":
        return value_axis(measure_of(frame)._replace(share=False))
    frame = pd.DataFrame(frame)
    if {"n", "low", "high"} <= set(frame) and frame["n"].nunique(dropna=False) == 1:
        return f"accuracy on {frame['n'].iloc[0]:,.0f} examples (%)"
    return "accuracy (%)"


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.2)"
