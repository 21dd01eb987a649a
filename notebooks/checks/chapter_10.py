"""The checks of chapter 10: low rank, shared values, and the file.

As in all checks, the truth is computed from its definition, with NumPy, whenever an answer is checked.
"""

from pathlib import Path
from typing import Any

import numpy as np

import prunewidgets as pw
import prunewidgets.models  # noqa: F401  keeps TensorFlow's greeting off the page
from prunewidgets.plots.sheet import COLOURS

from .answers import number, read, unanswered
from .pictures import INK, Picture, themed
from .pictures_10 import at_ranks, number_line  # noqa: F401  drawn by the chapter
from .verdicts import check, say


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


def widest(answer: Any, shape: tuple[int, int]) -> None:
    """Check the largest rank at which two layers hold fewer weights than one."""
    m, n = shape
    truth = max(rank for rank in range(min(m, n) + 1) if rank * (m + n) < m * n)
    check(
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
    pair = list(answer.values()) if isinstance(answer, dict) else answer
    pair = read(list(pair) if isinstance(pair, set) else pair)
    two = isinstance(pair, list | tuple | np.ndarray) and len(pair) == 2 and all(map(number, pair))
    hint = "Move one weight, the one halfway, to the other group, and take the mean of each group again."
    if two:
        hint = f"Their squared error is {error(pair):.4f}, and less than {best:.4f} is asked for. {hint}"
    else:
        hint = "Two different numbers are asked for, one for each group, such as (0.5, 0.9)."
    check(
        pair,
        lambda values: two and error(values) < best - 1e-6,
        f"which two values have a squared error below {best:.4f}?",
        hint,
        "k-means goes downhill from where it starts, and stops in the first valley. With thousands of "
        "weights it matters less.",
    )


def file_on_disk(path: Any, digits: tuple[Any, Any], at_most: int, at_least: float) -> None:
    """Check a compact file: its size, and the accuracy of the model that is read back from it."""
    least = f"{100 * at_least:g} %"
    if unanswered(path):
        return say(
            f"○ not answered yet: write a file of at most {at_most:,} bytes that reads at least {least} of "
            "the digits."
        )
    try:
        model = pw.load_compact(path)
        size = Path(path).stat().st_size
    except (TypeError, ValueError, OSError) as error:
        return say(f"✗ give the name of a file that pw.save_compact has written. ({error})")
    accuracy = pw.LiveModel(model).evaluate(*digits)
    print(f"  {size:,} bytes, read back: {accuracy}")
    hints = {
        f"more than {at_most:,} bytes. Try more zeros, or fewer bits.": size > at_most,
        f"less than {least}. Train on after pruning, or train the shared values.": accuracy < at_least,
    }
    wrong = " Also ".join(hint for hint, needed in hints.items() if needed)
    say(f"✗ {wrong[0].upper()}{wrong[1:]}" if wrong else "✓ small, and measured after it was read back.")
