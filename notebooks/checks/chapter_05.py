"""The checks of chapter 05: a CNN on MNIST.

As in all checks, the truth is computed from its definition, with NumPy, whenever an answer is checked;
what is measured is measured again.
"""

from typing import Any

import numpy as np

import prunewidgets as pw
import prunewidgets.models  # noqa: F401  keeps TensorFlow's greeting off the page

# isort: split
import keras

from .answers import unanswered
from .verdicts import check


def first_digit(answer: Any, live: pw.LiveModel, x: Any, y: np.ndarray, levels: Any, floor: float) -> None:
    """Check (digit, level): which digit falls below the floor first, and at which of the rising levels."""
    truth = (None, None) if unanswered(answer) else _first_below(live, x, y, levels, floor)
    check(
        answer,
        lambda pair: int(pair[0]) == truth[0] and abs(float(pair[1]) - truth[1]) < 1e-6,
        f"(digit, sparsity) of the first accuracy below {floor}.",
        "Go through the columns from left to right and look at the smallest number of each.",
        f"the {truth[0]} is the first below {floor}, at a sparsity of {truth[1]}.",
    )


def remaining_share(answer: Any, model: keras.Model, masks: pw.Masks) -> None:
    """Check which share of the multiply-adds is left, counted from the layers' output shapes."""
    needed = total = 0
    for layer in model.layers:
        mask = masks.get(f"{layer.name}/kernel")
        if mask is not None:
            places = int(np.prod(layer.output.shape[1:-1]))  # height × width; 1 for a dense layer
            needed += places * int(np.count_nonzero(mask))
            total += places * mask.size
    check(
        answer,
        lambda share: abs(float(share) - needed / total) < 0.005,
        "which share of the multiply-adds is left (a fraction from 0 to 1)?",
        "A weight of conv_1 is used at 26 × 26 places. The ledger has both numbers; divide one by the other.",
        f"{needed:,} of {total:,} are left, {needed / total:.3f}; of the weights {1 - masks.sparsity:.3f}.",
    )


def break_even(answer: Any, value_bytes: int = 4, index_bytes: int = 1) -> None:
    """Check the sparsity above which index coding needs fewer bytes than the dense array."""
    truth = 1 - value_bytes / (value_bytes + index_bytes)
    check(
        answer,
        lambda share: abs(float(share) - truth) <= 0.01,
        "from which sparsity on is the index-coded form the smaller one?",
        "A dense weight takes 4 bytes, a coded nonzero 5. How many nonzeros may there be?",
        f"4·n bytes dense, 5·(1 − sparsity)·n coded; equal at {truth:g}. Below, coded is larger.",
    )


def _first_below(
    live: pw.LiveModel, x: Any, y: np.ndarray, levels: Any, floor: float
) -> tuple[int, float] | tuple[None, None]:
    scores = pw.score(live.weights)
    for level in sorted(levels):
        right = live.predict(x, pw.Masks.from_sparsity(scores, level)).argmax(axis=1) == y
        shares = [right[y == digit].mean() for digit in range(10)]
        if min(shares) < floor:
            return int(np.argmin(shares)), float(level)
    return None, None
