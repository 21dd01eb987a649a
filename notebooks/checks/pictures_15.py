"""The pictures of chapter 15: points on a plane, where a network says 1, and how far each pruning got."""

from collections.abc import Mapping

import keras
import numpy as np
import pandas as pd

from prunewidgets.plots.sheet import COLOURS, MARKERS

from .pictures import INK, Picture, themed

EDGE = 1.05


@themed
def plane(x: np.ndarray, y: np.ndarray, models: Mapping[str, keras.Model] | None = None) -> Picture:
    """Draw the points of both classes, and for each model a line around where it says 1.

    Args:
        x: (n, 2) points from −1 to 1.
        y: (n,) classes, 0 and 1.
        models: {title: model with one sigmoid output}; without any, the points alone.
    """
    models = models or {}
    titles = list(models) or ["the points"]
    picture = Picture((4.4, 4.0, 3.4)[min(len(titles), 3) - 1])
    steps = np.linspace(-EDGE, EDGE, 201, dtype=np.float32)
    grid = np.stack(np.meshgrid(steps, steps), axis=-1)
    said = [f"{len(x)} points, {int(y.sum())} of them of class 1"]
    for place, title in enumerate(titles):
        axes = picture.add_subplot(1, len(titles), place + 1, xlabel="x1", ylabel="x2", aspect="equal")
        axes.set_title(title)
        if models:
            answers = models[title](grid.reshape(-1, 2)).numpy().reshape(grid.shape[:2])
            axes.contourf(steps, steps, answers, [0.5, 1.1], colors=[COLOURS[0]], alpha=0.25)
            right = np.mean((models[title](x).numpy()[:, 0] > 0.5) == (y == 1))
            said.append(f"{title}: {right:.1%} right".replace("%", " %"))
        for kind, (colour, marker) in enumerate(zip((COLOURS[1], COLOURS[0]), MARKERS, strict=False)):
            axes.plot(
                *x[y == kind].T, marker, color=colour, markersize=6 - len(titles), label=f"class {kind}"
            )
        axes.set_xlim(-EDGE, EDGE)
        axes.set_ylim(-EDGE, EDGE)
    picture.legend(*axes.get_legend_handles_labels(), loc="outside upper right", ncols=2)
    picture.description = f"{'. '.join(said)}."
    return picture


@themed
def fewest(found: pd.DataFrame, smallest: int) -> Picture:
    """Draw the fewest weights of each run that is still always right, beside the fewest there can be.

    Args:
        found: one row per run with ``units``, ``seed`` and ``weights``.
        smallest: the fewest weights that the search found.
    """
    picture = Picture(3.2)
    axes = picture.add_subplot(xlabel="hidden units to begin with", ylabel="fewest weights, all right")
    widths = sorted(found["units"].unique())
    said = []
    for place, units in enumerate(widths):
        own = found[found["units"] == units]
        shift = np.linspace(-0.12, 0.12, len(own)) if len(own) > 1 else [0.0]
        axes.plot(place + np.asarray(shift), own["weights"], "o", color=COLOURS[0], markersize=9)
        said.append(f"from {units} units: {', '.join(map(str, own['weights']))}")
    axes.axhline(smallest, color=INK, linestyle=":")
    axes.text(-0.45, smallest, f"the search: {smallest}", va="bottom")
    axes.set_xticks(range(len(widths)), [str(units) for units in widths])
    axes.set_xlim(-0.5, len(widths) - 0.5)
    axes.set_ylim(0, None)
    picture.description = f"The fewest weights of each run; the search has {smallest}. {'; '.join(said)}."
    return picture
