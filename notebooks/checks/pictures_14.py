"""The picture of chapter 14: a measure against the share of numbers removed, one line for each way."""

from collections.abc import Mapping

import pandas as pd

from prunewidgets.plots.sheet import COLOURS

from .pictures import Picture, themed

MARKS = "os^Dv"


@themed
def curves(frames: Mapping[str, pd.DataFrame], measure: str = "mrr") -> Picture:
    """Draw the measure of each frame against its sparsity.

    Args:
        frames: {what was removed: frame of ``pw.accuracy_curve``, or one with these two columns}.
        measure: the column to draw.
    """
    picture = Picture(3.6)
    axes = picture.add_subplot(xlabel="share of the numbers removed", ylabel=measure)
    said = []
    for place, (name, frame) in enumerate(frames.items()):
        colour, mark = COLOURS[place % len(COLOURS)], MARKS[place % len(MARKS)]
        axes.plot(frame["sparsity"], frame[measure], color=colour, marker=mark, label=name)
        values = zip(frame["sparsity"], frame[measure], strict=True)
        said.append(f"{name}: " + ", ".join(f"{value:.2f} at {100 * share:.0f} %" for share, value in values))
    axes.set_ylim(0, 1)
    axes.legend()
    picture.description = f"{measure} against the share of the numbers removed. {'; '.join(said)}."
    return picture
