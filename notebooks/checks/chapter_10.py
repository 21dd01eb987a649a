"""The checks of chapter 10: low rank, shared values, and the file.

As in all checks, the truth is computed from its definition, with NumPy, whenever an answer is checked.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import prunewidgets as pw
import prunewidgets.models  # noqa: F401  keeps TensorFlow's greeting off the page
from prunewidgets.plots.sheet import COLOURS

from .answers import number, read, unanswered
from .exercises import Result, check, right, still_open, stopped, wrong
from .pictures import INK, Picture, themed
from .pictures_10 import at_ranks, number_line  # noqa: F401  drawn by the chapter


@themed
def energies(matrices: dict[str, np.ndarray]) -> Picture:
    """For each matrix the share of its energy that the first ranks keep, against the share of all ranks."""
    figure = Picture(height=4.5)
    said = []
    axes = figure.add_subplot(xlabel="rank ÷ full rank", ylabel="energy kept")
    for (name, matrix), colour, dashes in zip(matrices.items(), COLOURS, ("-", "--", "-.") * 3, strict=False):
        squares = np.linalg.svd(matrix, compute_uv=False) ** 2
        kept = np.concatenate([[0], np.cumsum(squares) / squares.sum()])
        axes.plot(np.linspace(0, 1, kept.size), kept, color=colour, linestyle=dashes, label=name)
        said.append(f"{name}: a tenth keeps {100 * kept[round(kept.size / 10)]:.0f} %")
    axes.plot([0, 1], [0, 1], color=INK, linestyle=":", label="every rank the same")
    axes.legend()
    figure.description = f"The energy that the first ranks keep. {'; '.join(said)} of the energy."
    return figure


def widest(answer: Any, shape: tuple[int, int]) -> Result:
    """Check the largest rank at which two layers hold fewer weights than one."""
    m, n = shape
    truth = max(rank for rank in range(min(m, n) + 1) if rank * (m + n) < m * n)
    return check(
        "chapter_10.widest",
        answer,
        lambda rank: int(rank) == rank == truth,
        {
            "equal": lambda rank: np.isclose(float(rank), m * n / (m + n)),
            "full": lambda rank: rank == min(m, n),
            "one_layer": lambda rank: rank in (max(m, n) - 1, min(m, n) - 1),
            "weights": lambda rank: rank in (truth * (m + n), m * n),
        },
        m=m,
        n=n,
        truth=truth,
        full=min(m, n),
        two=truth * (m + n),
        one=m * n,
    )


def kmeans_step(function: Callable[[Any, Any], Any], weights: np.ndarray) -> Result:
    """Check one step of k-means: each weight joins the nearest value, each value becomes its group's mean.

    Args:
        function: from (weights, values) to the new values.
        weights: on these the step is repeated, from four values, until nothing changes; the end is compared
            with `pw.quantization`.
    """
    exercise = "chapter_10.kmeans_step"
    few, two, three = (
        np.array([0.1, 0.2, 0.5, 0.9, 1.0, 1.7]),
        np.array([0.3, 1.0]),
        np.array([0.1, 0.5, 1.2]),
    )
    weights = np.asarray(weights, np.float64)
    try:
        given = [function(few.copy(), start.copy()) for start in (two, three)]
        if unanswered(given):
            return still_open(exercise)
        found, other = (np.asarray(part, np.float64) for part in given)
        lonely = np.asarray(function(few.copy(), np.array([-9.0, *two])), np.float64)
        values, rounds = _repeated(function, weights)
    except Exception as error:
        return stopped(exercise, "step", error)
    joined = [few[:3], few[3:]]  # by hand: the border of 0.3 and 1.0 is 0.65
    mistakes = {
        "groups": found.shape == few.shape and set(found.tolist()) <= {0.0, 1.0, 2.0},
        "each_weight": found.shape == few.shape,
        "count": found.shape != (2,),
        "unchanged": np.allclose(found, two) if found.shape == (2,) else False,
        "median": found.shape == (2,) and np.allclose(found, [np.median(part) for part in joined]),
        "all": found.shape == (2,) and np.allclose(found, few.mean()),
        "order": found.shape == (2,) and np.allclose(found[::-1], [part.mean() for part in joined]),
        "hint": found.shape != (2,) or not np.allclose(found, [part.mean() for part in joined]),
        "fixed": other.shape != (3,) or not np.allclose(other, [0.15, 0.5, 1.2]),
        "empty": lonely.shape != (3,) or not np.allclose(lonely, [-9, *(part.mean() for part in joined)]),
    }
    mistake = next((name for name, holds in mistakes.items() if holds), "")
    if mistake:
        return wrong(exercise, mistake)
    end = pw.quantization.cluster_values(weights, 2).codebook
    if values.shape != (4,) or not np.allclose(values, end, rtol=1e-3, atol=1e-5):
        return wrong(exercise, "fixed")
    written = ", ".join(f"{value:.3f}" for value in values)
    return right(exercise, rounds=rounds, values=written, off=np.abs(values - end).max())


def _repeated(function: Callable[[Any, Any], Any], weights: np.ndarray) -> tuple[np.ndarray, int]:
    """Take steps from four even values until nothing changes; return the values and the number of steps."""
    values = np.linspace(weights.min(), weights.max(), 4)
    for taken in range(300):  # as many as pw.quantization takes at most
        before, values = values, np.asarray(function(weights.copy(), values.copy()), np.float64)
        if values.shape != before.shape or np.array_equal(before, values):
            return values, taken
    return values, 300


def better_pair(answer: Any, weights: np.ndarray, found: np.ndarray) -> Result:
    """Check for two values that are nearer to the nonzero weights than those that k-means ended with."""
    nonzeros = weights[weights != 0]

    def error(pair: Any) -> float:
        return float(np.min((nonzeros[:, None] - np.asarray(pair, float)) ** 2, axis=1).sum())

    pair = list(answer.values()) if isinstance(answer, dict) else answer
    pair = read(list(pair) if isinstance(pair, set) else pair)
    two = isinstance(pair, list | tuple | np.ndarray) and len(pair) == 2 and all(map(number, pair))
    best = error(found)
    return check(
        "chapter_10.better_pair",
        pair,
        lambda values: two and error(values) < best - 1e-6,
        {
            "not_two": lambda values: not two,
            "same": lambda values: np.allclose(np.sort(np.asarray(values, float)), found, atol=1e-3),
        },
        best=best,
        own=error(pair) if two else best,
    )


def file_on_disk(path: Any, digits: tuple[Any, Any], at_most: int, at_least: float) -> Result:
    """Check a compact file: its size, and the accuracy of the model that is read back from it."""
    exercise = "chapter_10.file_on_disk"
    values: dict[str, Any] = {"at_most": at_most, "at_least": f"{100 * at_least:g}"}
    if unanswered(path):
        return still_open(exercise, **values)
    try:
        model = pw.load_compact(path)
        size = Path(path).stat().st_size
    except (TypeError, ValueError, OSError) as error:
        return wrong(exercise, "no_file", error=error, **values)
    accuracy = pw.LiveModel(model).evaluate(*digits)
    values |= {"size": size, "accuracy": accuracy}
    faults = {(True, True): "both", (True, False): "too_large", (False, True): "too_bad"}
    fault = faults.get((size > at_most, accuracy < at_least))
    return wrong(exercise, fault, **values) if fault else right(exercise, **values)
