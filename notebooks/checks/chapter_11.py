"""The checks of chapter 11: what is in a file, where a sparse kernel wins, what a last layer does.

As in all checks, the truth is computed from its definition, whenever an answer is checked.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from prunewidgets.models import Accuracy  # noqa: F401  keeps TensorFlow's greeting off the page
from prunewidgets.plots.sheet import COLOURS, MARKERS

from .answers import number
from .exercises import Result, check, check_function
from .pictures import INK, Picture, themed
from .pictures_11 import bars, times  # noqa: F401  drawn by the chapter
from .texts import text


@themed
def ratio_to_sparsity(curve: pd.DataFrame) -> Picture:
    """Draw per batch: time of the dense product ÷ time of the sparse one, against sparsity; 1 is a draw."""
    figure = Picture(height=4.5)
    said = []
    axes = figure.add_subplot(xlabel="sparsity", ylabel="dense time ÷ sparse time", yscale="log")
    for (batch, part), colour, marker in zip(curve.groupby("batch"), COLOURS, MARKERS, strict=False):
        axes.plot(part.sparsity, part.ratio, color=colour, marker=marker, label=f"batch {batch}")
        ratios = ", ".join(f"{r:.2g} at {s:g}" for s, r in zip(part.sparsity, part.ratio, strict=True))
        said.append(f"batch {batch}: {ratios}")
    axes.axhline(1, color=INK, linestyle=":", label="a draw")
    axes.legend()
    figure.description = f"Dense time ÷ sparse time against the sparsity. {'; '.join(said)}."
    return figure


def numbers_for_each_weight(answer: Any, model: Any) -> Result:
    """Check how many numbers a `.keras` file holds for each trainable number of the model."""
    weights = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    beside = sum(int(np.prod(v.shape)) for v in model.optimizer.variables)
    truth = round(1 + beside / weights)
    trained = any(np.any(v.numpy()) for v in model.optimizer.variables if len(v.shape))
    untrained = text("chapter_11.numbers_for_each_weight", "untrained")
    return check(
        "chapter_11.numbers_for_each_weight",
        answer,
        lambda given: given == truth,
        {
            "nearly": lambda given: 0 < abs(float(given) - truth) < 0.1,
            "beside": lambda given: given == truth - 1,
            "bytes": lambda given: abs(float(given) - 4 * truth) < 0.5,
            "all": lambda given: float(given) > 1000,
        },
        truth=truth,
        untrained="" if trained else f"{untrained} ",
    )


def break_even_kernel(function: Callable[[float], Any], measured: float | None = None) -> Result:
    """Check a function from k to the sparsity from which a sparse kernel wins.

    The sparse one takes k times as long for each weight that it does not skip: it wins once (1 − s)·k < 1.

    Args:
        function: from k to a sparsity.
        measured: a k that was measured; a right function is asked for it too.
    """
    exercise = "chapter_11.break_even_kernel"
    ks = np.array([1.0, 2.0, 4.0, 5.0, 10.0, 100.0])
    answers = {
        "": 1 - 1 / ks,
        "percent": 100 - 100 / ks,
        "density": 1 / ks,
        "ratio": ks,
        "half": 1 - 1 / (2 * ks),
    }
    yours = ""
    if measured is not None:
        yours = text(exercise, "yours", k=measured, s=100 * max(0, 1 - 1 / measured))
    return check_function(exercise, "wins_from", function, [(k,) for k in ks.tolist()], answers, yours=yours)


def last_layer(answer: Any, sizes: Mapping[str, int], places: Mapping[str, int]) -> Result:
    """Check the pair (share of the weights, share of the multiply-adds) that 90 % of the last kernel are."""
    *_, last = sizes
    weights, work = sum(sizes.values()), sum(sizes[name] * places[name] for name in sizes)
    share, done = 0.9 * sizes[last] / weights, 0.9 * sizes[last] * places[last] / work

    def two(given: Any) -> bool:
        return isinstance(given, tuple | list) and len(given) == 2 and all(map(number, given))

    def pair(first: float, second: float) -> Callable[[Any], bool]:
        return lambda given: two(given) and np.allclose(np.asarray(given, float), (first, second), 0.05, 0)

    return check(
        "chapter_11.last_layer",
        answer,
        pair(share, done),
        {
            "two": lambda given: not two(given),
            "percent": pair(100 * share, 100 * done),
            "whole_layer": pair(share / 0.9, done / 0.9),
            "kept": pair(1 - share, 1 - done),
            "swapped": pair(done, share),
            "counts": pair(0.9 * sizes[last], 0.9 * sizes[last] * places[last]),
            "equal": lambda given: np.isclose(float(given[0]), float(given[1]), rtol=0.05),
            "second": lambda given: np.isclose(float(given[0]), share, rtol=0.05),
            "first": lambda given: np.isclose(float(given[1]), done, rtol=0.05),
        },
        share=100 * share,
        done=100 * done,
    )
