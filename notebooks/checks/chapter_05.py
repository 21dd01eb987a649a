"""The checks of chapter 05: a CNN on MNIST.

As in all checks, the truth is computed from its definition, with NumPy, whenever an answer is checked;
what is measured is measured again, once for each state of the network.
"""

import hashlib
from itertools import product
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

import prunewidgets as pw
import prunewidgets.models  # noqa: F401  keeps TensorFlow's greeting off the page

# isort: split
import keras

from prunewidgets.pages.writing import writing

from .answers import near, unanswered
from .exercises import Result, check

MEASURED: WeakKeyDictionary[pw.LiveModel, dict[tuple[float, bytes], np.ndarray]] = WeakKeyDictionary()
"""{network: {sparsity and digest of its variables and the digits: share of each digit that is read}}"""


def first_digit(answer: Any, live: pw.LiveModel, x: Any, y: np.ndarray, levels: Any, floor: float) -> Result:
    """Check (digit, level): which digit falls below the floor first, and at which of the rising levels."""
    needed = writing() or not unanswered(answer)  # a page has the verdicts on all answers
    shares = _shares(live, x, y, sorted(levels)) if needed else {}
    below = [(int(np.argmin(row)), level) for level, row in shares.items() if row.min() < floor]
    truth = below[0] if below else (None, None)
    last = int(np.argmin(list(shares.values())[-1])) if shares else None

    def is_pair(digit: Any, level: Any) -> bool:
        return digit == truth[0] and abs(level - truth[1]) < 1e-6

    return check(
        "chapter_05.first_digit",
        answer,
        lambda pair: is_pair(*map(float, pair)),
        {
            "swapped": lambda pair: is_pair(*map(float, reversed(pair))),
            "too_late": lambda pair: float(pair[0]) == truth[0] and float(pair[1]) > truth[1],
            "too_early": lambda pair: float(pair[0]) == truth[0],
            "worst": lambda pair: float(pair[0]) == last,
        },
        tries=[*product(range(10), levels), *product(levels, range(10))],
        floor=floor,
        digit=truth[0],
        level=truth[1],
    )


def remaining_share(answer: Any, model: keras.Model, masks: pw.Masks) -> Result:
    """Check which share of the multiply-adds is left, counted from the layers' output shapes."""
    needed = total = 0
    for layer in model.layers:
        mask = masks.get(f"{layer.name}/kernel")
        if mask is not None:
            places = int(np.prod(layer.output.shape[1:-1]))  # height × width; 1 for a dense layer
            needed += places * int(np.count_nonzero(mask))
            total += places * mask.size
    truth, kept = needed / total, 1 - masks.sparsity
    return check(
        "chapter_05.remaining_share",
        answer,
        lambda share: abs(float(share) - truth) < 0.005,
        {
            "share_of_weights": lambda share: near(share, kept),
            "removed": lambda share: near(share, 1 - truth),
            "upside_down": lambda share: abs(float(share) - total / needed) < 0.02,
            "count": lambda share: float(share) == needed,
        },
        needed=needed,
        total=total,
        share=truth,
        kept=kept,
    )


def break_even(answer: Any, value_bytes: int = 4, index_bytes: int = 1) -> Result:
    """Check the sparsity above which index coding needs fewer bytes than the dense array."""
    nonzero = value_bytes / (value_bytes + index_bytes)
    return check(
        "chapter_05.break_even",
        answer,
        lambda share: abs(float(share) - (1 - nonzero)) <= 0.01,
        {
            "kept": lambda share: near(share, nonzero),
            "of_four": lambda share: near(share, index_bytes / value_bytes) or float(share) == 1 / nonzero,
        },
        truth=1 - nonzero,
    )


def _shares(live: pw.LiveModel, x: Any, y: np.ndarray, levels: list[float]) -> dict[float, np.ndarray]:
    """Return for each sparsity which share of each digit is read correctly.

    It is measured once for the same weights and digits: a class has many answers, and a reader tries again.
    """
    state = hashlib.blake2b()
    for array in (*live.model.get_weights(), x, y):
        state.update(np.ascontiguousarray(array))
    found = MEASURED.setdefault(live, {})
    for level in levels:
        key = level, state.digest()
        if key not in found:
            masks = pw.Masks.from_sparsity(pw.score(live.weights), level)
            right = live.predict(x, masks).argmax(axis=1) == y
            found[key] = np.array([right[y == digit].mean() for digit in range(10)])
    return {level: found[level, state.digest()] for level in levels}
