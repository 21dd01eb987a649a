"""The immediate checks of chapter 10: low rank, shared values, and the file.

As in `checks.py`, the truth is computed here from its definition, with NumPy, whenever an answer is checked.
"""

from pathlib import Path
from typing import Any

import checks
import keras
import numpy as np

import prunewidgets as pw
from prunewidgets.figures import COLOURS, NotebookFigure


def energies(matrices: dict[str, np.ndarray]) -> NotebookFigure:
    """For each matrix the share of its energy that the first ranks keep, against the share of all ranks."""
    figure = NotebookFigure()
    axes = figure.add_subplot(xlabel="rank ÷ full rank", ylabel="energy kept")
    for (name, matrix), colour in zip(matrices.items(), COLOURS, strict=False):
        squares = np.linalg.svd(matrix, compute_uv=False) ** 2
        kept = np.concatenate([[0], np.cumsum(squares) / squares.sum()])
        axes.plot(np.linspace(0, 1, kept.size), kept, color=colour, label=name)
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="every rank the same")
    axes.legend()
    return figure


def widest(answer: Any, shape: tuple[int, int]) -> None:
    """Check the largest rank at which two layers hold fewer weights than one."""
    m, n = shape
    truth = max(rank for rank in range(min(m, n) + 1) if rank * (m + n) < m * n)
    checks.check(
        answer,
        lambda rank: int(rank) == rank == truth,
        f"up to which rank have two layers fewer weights than one kernel of {m} × {n}?",
        f"One has {m} · {n} weights, two have rank · ({m} + {n}). At equal numbers nothing is won.",
        f"{truth} · {m + n} is {truth * (m + n):,}, one rank more would not be less than {m * n:,}. The "
        f"full rank is {min(m, n)}: before anything is saved, a quarter of the ranks has to go.",
    )


def better_pair(answer: Any, weights: np.ndarray, found: np.ndarray) -> None:
    """Check for two values that are nearer to the nonzero weights than those that k-means ended with."""
    nonzeros = weights[weights != 0]

    def error(pair: Any) -> float:
        return float(np.min((nonzeros[:, None] - np.asarray(pair, float)) ** 2, axis=1).sum())

    best = error(found)
    checks.check(
        answer,
        lambda pair: np.shape(pair) == (2,) and error(pair) < best - 1e-6,
        f"which two values have a squared error below {best:.4f}?",
        "Move one weight, the one halfway, to the other group, and take the means anew.",
        "k-means goes downhill from where it starts, and stops in the first valley. With thousands of "
        "weights it matters less.",
    )


def file_on_disk(path: Any, digits: tuple[Any, Any], at_most: int, at_least: float) -> None:
    """Check a compact file: its size, and the accuracy of the model that is read back from it."""
    question = f"write a file of at most {at_most:,} bytes that reads at least {at_least:.1%} of the digits."
    if checks.unanswered(path):
        return checks.check(..., bool, question, "", "")
    size = Path(path).stat().st_size if Path(path).is_file() else None
    if size is None:
        return checks.say(f"✗ There is no file {path}.")
    model = pw.load_compact(path)
    if not isinstance(model, keras.Model):
        return checks.say(f"✗ {path} holds no model.")
    accuracy = pw.LiveModel(model).evaluate(*digits)
    print(f"  {size:,} bytes, read back: {accuracy}")
    checks.check(
        f"{size:,} bytes",
        lambda _: size <= at_most and accuracy >= at_least,
        question,
        "Too large: more zeros, or fewer bits. Not accurate enough: train on after pruning, or train the "
        "shared values.",
        "small, and measured after it was read back.",
    )
