"""Draw our pruned LeNets beside the published ones: `python -m research.lenet_frontier.chart`.

Read `runs.jsonl` and `published.json` in `runs`, write `notebooks/pictures/frontier.png`, print the means.
"""

import json

import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure

from prunewidgets.plots.on_pages import STYLE
from prunewidgets.plots.sheet import COLOURS

from .checkpoints import FOLDER, ROOT
from .frontier import ROWS, SUPERSEDED, finished

PICTURE = ROOT / "notebooks" / "pictures" / "frontier.png"
TITLES = {"lenet_300_100": "LeNet-300-100", "lenet_5": "LeNet-5 (Caffe)"}
OURS, THEIRS = COLOURS[:2]
MARKERS = {
    "Sparse Momentum": "s",
    "GSM": "^",
    "Sparse Variational Dropout": "D",
    "OLMP": "v",
    "Dynamic Network Surgery": "p",
}


def table() -> pd.DataFrame:
    """Return mean and standard deviation of the error over the seeds, one line per row of runs."""
    runs = pd.DataFrame(
        run | {"net": run["settings"]["net"], "masks": run["settings"]["masks"]} for run in finished()
    )
    groups = runs.groupby(["net", "masks", "row"], sort=False)
    frame = groups.agg(
        ratio=("ratio", "first"),
        ratio_with_biases=("ratio_with_biases", "first"),
        mean=("error_percent", "mean"),
        sd=("error_percent", "std"),
        seeds=("seed", "count"),
        minutes=("seconds", lambda seconds: seconds.mean() / 60),
    )
    return frame.reset_index().sort_values(["net", "ratio", "row"])


def chart(frame: pd.DataFrame, published: dict[str, list[dict]]) -> Figure:
    """Draw error against compression ratio, one panel per network."""
    figure = Figure(figsize=(10, 4.2), dpi=150, layout="constrained")
    for axes, (net, title) in zip(figure.subplots(1, 2), TITLES.items(), strict=True):
        ours = frame[(frame["net"] == net) & frame["row"].isin(ROWS.keys() - SUPERSEDED)]
        seeds = ours["seeds"].min()
        axes.errorbar(
            ours["ratio"],
            ours["mean"],
            ours["sd"],
            color=OURS,
            marker="o",
            capsize=4,
            label=f"this workbook, mean ± sd of {seeds} seeds" if len(ours) else None,
        )
        theirs = pd.DataFrame(published[net])
        for method, points in theirs.groupby("method", sort=False):
            axes.plot(
                points["ratio"],
                points["error_percent"],
                MARKERS[method],
                color=THEIRS,
                fillstyle="none",
                markersize=8,
                label=f"{method}, {points['year'].iloc[0]}",
            )
        axes.set_xscale("log")
        axes.set_xticks([10, 20, 50, 100, 300], ["10×", "20×", "50×", "100×", "300×"])
        axes.set_xticks([], minor=True)
        axes.set_title(title)
        axes.set_xlabel("compression ratio (dense weights ÷ weights kept)")
        axes.set_ylabel("error on 10,000 test digits (%)")
        axes.margins(x=0.12, y=0.15)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=9, frameon=False)
    return figure


if __name__ == "__main__":
    frame = table()
    published = json.loads((FOLDER / "published.json").read_text(encoding="utf-8"))
    with rc_context(STYLE):  # reads on light and dark pages
        chart(frame, published).savefig(PICTURE)
    print(frame.round(3).to_string(index=False))
