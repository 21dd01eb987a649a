"""The picture of chapter 13: what is kept of accuracy and of neighbours, one row of bars for each network."""

import numpy as np
import pandas as pd

from prunewidgets.plots.sheet import COLOURS

from .pictures import INK, Picture, themed

HATCHES = ("", "//")


@themed
def kept_of_each(frame: pd.DataFrame) -> Picture:
    """Draw accuracy and neighbours kept, both from 0 to 1, as two bars for each row, with their numbers.

    Args:
        frame: columns "accuracy" and "neighbours kept", one row for each network; the first row's accuracy
            is drawn as a line.
    """
    columns = ["accuracy", "neighbours kept"]
    picture = Picture(1.3 + 0.5 * len(frame))
    axes = picture.add_subplot(xlabel="share, 0 to 1", xlim=(0, 1.15))
    for column, name in enumerate(columns):
        places = np.arange(len(frame)) + 0.4 * column - 0.2
        look = {"color": COLOURS[column], "hatch": HATCHES[column], "label": name, "edgecolor": "white"}
        axes.barh(places, frame[name], 0.38, **look)
        for place, value in zip(places, frame[name], strict=True):
            axes.text(value, place, f" {value:.2f}", va="center")
    axes.axvline(frame["accuracy"].iloc[0], color=INK, linestyle=":", zorder=0)
    axes.set_yticks(range(len(frame)), [str(name) for name in frame.index])
    axes.invert_yaxis()
    picture.legend(loc="outside upper right", ncols=2)
    rows = [
        f"{name}: accuracy {a:.3f}, neighbours kept {k:.3f}" for name, a, k in frame[columns].itertuples()
    ]
    picture.description = f"Two bars for each network. {'; '.join(rows)}."
    return picture
