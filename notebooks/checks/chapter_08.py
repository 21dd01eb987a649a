"""The checks of chapter 08: better criteria; and small helpers for its pictures.

As in all checks, the truth is computed from its definition, with NumPy, whenever an answer is checked.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from prunewidgets.models import Accuracy  # noqa: F401  keeps TensorFlow's greeting off the page
from prunewidgets.plots.sheet import COLOURS

from .answers import unanswered
from .exercises import Result, check, right, still_open, stopped, wrong
from .pictures import Picture, themed
from .pictures_08 import valley  # noqa: F401  drawn by the chapter


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


def taylor_score(function: Callable[[Any, Any], Any], weights: Any, gradients: Any, package: Any) -> Result:
    """Check a function from weights and the gradients of several batches to the mean of |g·w|.

    Args:
        function: what the student wrote.
        weights: a kernel.
        gradients: a gradient of the same shape for each batch.
        package: what `pw.data_score` gives for them.
    """
    exercise = "chapter_08.taylor_score"
    w, g = np.array([[2.0, -1.0, 0.5]]), np.array([[[1.0, 3.0, -2.0]], [[-1.0, 1.0, 0.0]]])
    try:
        small, large = function(w.copy(), [batch.copy() for batch in g]), function(weights, gradients)
        if unanswered(small):
            return still_open(exercise)
        small, large = np.asarray(small, np.float64), np.asarray(large, np.float64)
    except Exception as error:
        return stopped(exercise, "taylor", error)
    truth, means = (
        _mean_size(g, w),
        {
            "cancelled": abs(g.mean(axis=0) * w),
            "sign": (g * w).mean(axis=0),
            "no_weight": abs(g).mean(axis=0),
            "squares": ((g * w) ** 2).mean(axis=0),
            "last_batch": abs(g[-1] * w),
        },
    )
    if small.shape != w.shape:
        return wrong(exercise, "shape", given=f"an array of shape {small.shape}", wanted=w.shape)
    for scale in (1, len(g)):  # a sum over the batches is the same order
        if np.allclose(small, scale * truth):
            scores = _mean_size(gradients, weights)
            if not np.allclose(large, len(gradients) * scores if scale > 1 else scores, rtol=1e-3, atol=1e-9):
                return wrong(exercise, "fixed")
            off = np.abs(scores - package).max() / scores.max()
            return right(exercise, off=off)
        for mistake, values in means.items():
            if np.allclose(small, scale * values):
                return wrong(exercise, mistake)
    return wrong(exercise)


def _mean_size(gradients: Any, weights: Any) -> np.ndarray:
    """The mean of |gradient · weight| over the batches, weight by weight."""
    sizes = np.zeros(np.shape(weights))
    for place in np.ndindex(sizes.shape):
        sizes[place] = sum(abs(float(g[place]) * float(weights[place])) for g in gradients) / len(gradients)
    return sizes


def silent_weights(answer: Any, images: np.ndarray, kernel: np.ndarray) -> Result:
    """Check how many weights of the first layer belong to pixels that are 0 in every image."""
    pixels = int(np.sum(np.all(images.reshape(len(images), -1) == 0, axis=0)))
    seldom = int(np.sum(np.any(images.reshape(len(images), -1) == 0, axis=0)))
    neurons = kernel.shape[1]
    return check(
        "chapter_08.silent_weights",
        answer,
        lambda count: count == pixels * neurons,
        {
            "pixels": lambda count: count == pixels,
            "others": lambda count: count == kernel.size - pixels * neurons,
            "in_one": lambda count: count == seldom * neurons,
        },
        pixels=pixels,
        neurons=neurons,
        weights=pixels * neurons,
    )


def predicts_the_rise(function: Callable[[Any, Any], Any], sample: pd.DataFrame) -> Result:
    """Check that a function of −g·w and ½hw² orders the sampled weights like the true rise of the loss."""
    exercise = "chapter_08.predicts_the_rise"
    down, obd = (sample[name].to_numpy(np.float64) for name in ("down", "obd"))
    alone = _rank_correlation(down, sample["rise"])
    try:
        answer = function(down.copy(), obd.copy())
        if unanswered(answer):
            return still_open(exercise)
        reached = _rank_correlation(answer, sample["rise"])
    except Exception as error:
        return stopped(exercise, "predicted", error)
    if reached > 0.97:  # False for NaN, if all numbers are the same
        return right(exercise, reached=reached, alone=alone)
    known = {
        "turned": -(down + obd),
        "difference": down - obd,
        "size": abs(down) + obd,
        "down_alone": down,
        "obd_alone": obd,
        "product": down * obd,
    }
    same = (name for name, other in known.items() if _rank_correlation(answer, pd.Series(other)) > 0.9999)
    return wrong(exercise, next(same, "hint"), reached=reached, alone=alone)


def kept_places(two_of_four: Any, anywhere: Any, column: np.ndarray) -> Result:
    """Check which places of a column stay in 2:4, and which if as many may lie anywhere."""
    pattern, free = _two_of_four(np.abs(column)), _largest(np.abs(column), 4)
    signed = [_two_of_four(column), _largest(column, 4)]
    every = set(range(len(column)))
    lost = np.abs(column[sorted(free)]).sum() - np.abs(column[sorted(pattern)]).sum()

    def sets(given: Any) -> list[set[int]]:
        return [set(np.ravel(places).tolist()) for places in given]

    return check(
        "chapter_08.kept_places",
        tuple(list(places) if isinstance(places, set) else places for places in (two_of_four, anywhere)),
        lambda given: sets(given) == [pattern, free],
        {
            "swapped": lambda given: sets(given) == [free, pattern],
            "from_one": lambda given: sets(given) == [{p + 1 for p in places} for places in (pattern, free)],
            "removed": lambda given: sets(given) == [every - pattern, every - free],
            "signed": lambda given: sets(given) == signed,
            "not_two": lambda given: any(len(sets(given)[0] & set(four)) != 2 for four in _fours(column)),
            "not_four": lambda given: len(sets(given)[1]) != 4,
        },
        lost=lost,
    )


def _two_of_four(values: np.ndarray) -> set[int]:
    """The places of the two largest of each four."""
    return {four[place] for four in _fours(values) for place in _largest(values[four], 2)}


def _fours(values: np.ndarray) -> list[list[int]]:
    return [list(range(start, start + 4)) for start in range(0, len(values), 4)]


def _largest(values: np.ndarray, n: int) -> set[int]:
    """The places of the n largest values."""
    return set(np.argsort(-values)[:n].tolist())


def _rank_correlation(values: Any, truth: pd.Series) -> float:
    """Spearman's, of one number per weight with the truth."""
    return float(pd.Series(np.asarray(values, np.float64), truth.index).rank().corr(truth.rank()))
