"""The checks of chapter 08: better criteria; and small helpers for its pictures.

As in all checks, the truth is computed from its definition, with NumPy, whenever an answer is checked.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from prunewidgets.models import Accuracy  # noqa: F401  keeps TensorFlow's greeting off the page
from prunewidgets.plots.sheet import COLOURS

from .answers import number
from .pictures import Picture, themed
from .pictures_08 import valley  # noqa: F401  drawn by the chapter
from .verdicts import check, say, stopped


def mostly(picture: np.ndarray) -> str:
    """Return where the mean of a picture is larger: "middle" (half of its sides), "edge" or "everywhere"."""
    quarter = len(picture) // 4
    inner = np.zeros(picture.shape, bool)
    inner[quarter:-quarter, quarter:-quarter] = True
    middle, edge = picture[inner].mean(), picture[~inner].mean()
    if 0.8 * edge < middle < 1.25 * edge:
        return "everywhere"
    return "middle" if middle > edge else "edge"


@themed
def pictures(named: dict[str, np.ndarray]) -> Picture:
    """Pictures side by side, each with its name and its own scale."""
    figure = Picture(height=2.8)
    figure.set_size_inches(3.2 * len(named), 2.8)
    for axes, (name, picture) in zip(figure.subplots(1, len(named)), named.items(), strict=True):
        figure.colorbar(axes.imshow(picture, cmap="cividis"), ax=axes)
        axes.set(title=name, xticks=[], yticks=[])
    means = "; ".join(f"{name}: {mostly(picture)}" for name, picture in named.items())
    figure.description = f"Maps side by side, each with its own scale. Where each is larger: {means}."
    return figure


@themed
def scatter(x: pd.Series, y: pd.Series) -> Picture:
    """A point for each weight, with two ranks from 0 to 1 that have their names."""
    figure = Picture(height=4)
    figure.set_size_inches(5, 4)
    axes = figure.add_subplot(xlabel=f"rank by {x.name}", ylabel=f"rank by {y.name}")
    axes.scatter(x, y, s=2, color=COLOURS[0])
    figure.description = (
        f"{len(x)} weights, rank by {x.name} against rank by {y.name}: correlation {x.corr(y):.2f}. "
        f"{y.duplicated(keep=False).sum()} lie on level lines: they share their {y.name} with others."
    )
    return figure


def silent_weights(answer: Any, images: np.ndarray, kernel: np.ndarray) -> None:
    """Check how many weights of the first layer belong to pixels that are 0 in every image."""
    pixels = int(np.sum(np.all(images.reshape(len(images), -1) == 0, axis=0)))
    truth = pixels * kernel.shape[1]
    hint = "Which pixels have a largest value of 0 over all images? Then count their weights in all columns."
    if number(answer) and answer == pixels:
        hint = "These are the pixels. To how many neurons does each of them send its value?"
    check(
        answer,
        lambda count: count == truth,
        "how many weights of dense_1 belong to pixels that are dark in all training digits?",
        hint,
        f"{truth:,}: {pixels} pixels × {kernel.shape[1]} neurons. They can all go, whatever their size.",
    )


def predicts_the_rise(function: Callable[[Any, Any], Any], sample: pd.DataFrame) -> None:
    """Check that a function of −g·w and ½hw² orders the sampled weights like the true rise of the loss."""
    columns = [sample[name].to_numpy(np.float64) for name in ("down", "obd")]
    alone = _rank_correlation(sample["down"], sample["rise"])
    try:
        answer = function(*columns)
        reached = ... if answer is ... else _rank_correlation(answer, sample["rise"])
    except Exception as error:
        stopped("clerk", error)
        return
    if reached is ...:
        return say("○ not answered yet: clerk still returns ...; let it return one number for each weight.")
    if not reached > 0.97:  # NaN if all numbers are the same
        return say(
            f"✗ Its rank correlation with the rise is {reached:.2f}, and more than 0.97 is asked for; −g·w "
            f"alone reaches {alone:.2f}. Look at the table of the three weights."
        )
    say(
        f"✓ rank correlation {reached:.3f}, −g·w alone {alone:.3f}. Slope and bend together are a good "
        "picture of the loss, close by."
    )


def kept_places(two_of_four: Any, anywhere: Any, column: np.ndarray) -> None:
    """Check which places of a column stay in 2:4, and which if as many may lie anywhere."""
    largest = {int(start + place) for start in (0, 4) for place in _largest(column[start : start + 4], 2)}
    free = {int(place) for place in _largest(column, 4)}
    lost = np.abs(column[sorted(free)]).sum() - np.abs(column[sorted(largest)]).sum()
    check(
        tuple(list(places) if isinstance(places, set) else places for places in (two_of_four, anywhere)),
        lambda given: [set(np.ravel(places).tolist()) for places in given] == [largest, free],
        "which places stay in 2:4, and which if the four largest may lie anywhere?",
        "Places count from 0. In 2:4, look at places 0 to 3 alone and then at 4 to 7, two of each; the sign "
        "does not count.",
        f"2:4 must keep a smaller weight in one group and lose a larger one in the other, {lost:.1f} of |w| "
        "in all. That is its price.",
    )


def _largest(values: np.ndarray, n: int) -> np.ndarray:
    """The places of the n largest |values|."""
    return np.argsort(-np.abs(values))[:n]


def _rank_correlation(values: Any, truth: pd.Series) -> float:
    """Spearman's, of one number per weight with the truth."""
    return float(pd.Series(np.asarray(values, np.float64), truth.index).rank().corr(truth.rank()))
