"""The picture of chapter 11: bars beside each other, with their numbers written."""

import numpy as np
import pandas as pd
from matplotlib.patheffects import withStroke

from prunewidgets.plots.sheet import COLOURS

from .pictures import INK, Picture, themed

HATCHES = ("", "//", "..")


@themed
def bars(
    frame: pd.DataFrame,
    unit: str,
    low: pd.DataFrame | None = None,
    high: pd.DataFrame | None = None,
) -> Picture:
    """Draw each row as bars, one for each column, as a share of the first; the numbers stand beside them.

    Args:
        frame: one column for each network, one row for each thing that is compared.
        unit: what the numbers are.
        low: where a spread begins, in the same rows and columns. Defaults to no spread.
        high: where it ends.
    """
    share = frame.div(frame.iloc[:, 0], axis=0)
    picture = Picture(1.1 + 0.3 * share.size + 0.1 * len(share))
    axes = picture.add_subplot(xlabel=f"share of “{frame.columns[0]}”; the numbers: {unit}")
    wide, said = 0.8 / frame.shape[1], []
    for column, name in enumerate(frame):
        places = np.arange(len(frame)) + (column + 0.5) * wide - 0.4
        look = {"color": COLOURS[column], "hatch": HATCHES[column], "label": name, "edgecolor": "white"}
        axes.barh(places, share[name], 0.9 * wide, **look)
        ends = share[name].to_numpy()
        if low is not None and high is not None:
            ends = (high[name] / frame.iloc[:, 0]).to_numpy()
            starts = (low[name] / frame.iloc[:, 0]).to_numpy()
            edge = [withStroke(linewidth=6, foreground="white")]  # grey on orange would not be seen
            axes.hlines(places, starts, ends, color=INK, linewidth=3, path_effects=edge)
        for place, end, value in zip(places, np.maximum(ends, share[name]), frame[name], strict=True):
            axes.text(end, place, f" {written(value)}", va="center")
    axes.axvline(1, color=INK, linestyle=":", zorder=0)
    axes.set_yticks(range(len(frame)), [str(name) for name in frame.index])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.2 * max(share.to_numpy().max(), 0 if high is None else axes.get_xlim()[1]))
    picture.legend(loc="outside upper right", ncols=frame.shape[1])
    for row, values in frame.iterrows():
        texts = [f"{name} {written(value)}" for name, value in values.items()]
        if low is not None and high is not None:
            spread = zip(low.loc[row], high.loc[row], strict=True)
            texts = [f"{t} ({written(a)} to {written(b)})" for t, (a, b) in zip(texts, spread, strict=True)]
        said.append(f"{row}: {', '.join(texts)}")
    picture.description = f"Bars with their numbers ({unit}). {'; '.join(said)}."
    return picture


def times(measured: pd.DataFrame) -> Picture:
    """Draw what `pw.latency` returns: medians as bars, with a line from the lower to the upper quartile."""
    case = measured["runner"] + ", batch " + measured["batch"].astype(str)
    wide = measured.assign(case=case).pivot(index="case", columns="model")
    order = list(dict.fromkeys(measured["model"]))
    median, low, high = (wide[name][order] for name in ("median_ms", "low_ms", "high_ms"))
    return bars(median, "median in ms; lines: half of all runs", low, high)


def written(value: float) -> str:
    """Return a number as it stands beside its bar."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
