"""The checks of chapter 15: weights written by hand, weights that lead nowhere, the smallest exclusive or.

As in all checks, the truth is computed from its definition, whenever an answer is checked.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from prunewidgets.models import Accuracy  # noqa: F401  keeps TensorFlow's greeting off the page

from .answers import unanswered
from .exercises import Result, check, check_function, right, still_open, wrong
from .pictures_15 import fewest, plane  # noqa: F401  drawn by the chapter

HALF, GAP = 0.6, 0.06
"""Half the side of the square, and how far from its edge every point is."""


def square(n: int = 200, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return n points from −1 to 1, (n, 2) float32, and whether each is in the square, (n,) int64."""
    inside = HALF - np.abs(_points(n, seed)).max(axis=1)
    clear = np.abs(inside) > GAP
    return _points(n, seed)[clear][:n], (inside[clear][:n] > 0).astype(int)


def quadrants(n: int = 200, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return n points as ``square`` does, and whether the signs of x1 and x2 differ."""
    points = _points(n, seed)
    points = points[np.abs(points).min(axis=1) > GAP][:n]
    return points, (points[:, 0] * points[:, 1] < 0).astype(int)


def _points(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (3 * n, 2)).astype(np.float32)


def by_hand(kernel: Any, bias: Any, out: Any, out_bias: Any, most: int = 8) -> Result:
    """Check a network that was written down: right for every point of the square, with few weights.

    Args:
        kernel: (2, units): the weights of the hidden units.
        bias: (units,): their biases.
        out: (units,): the weights of the output.
        out_bias: one number.
        most: how many weights other than zero it may have.
    """
    exercise = "chapter_15.by_hand"
    given = (kernel, bias, out, out_bias)
    if unanswered(list(given)):
        return still_open(exercise, most=most)
    try:
        kernel, bias, out = (np.asarray(part, float) for part in (kernel, bias, out))
        units = kernel.shape[1]
        shapes = (kernel.shape, bias.shape, np.ravel(out).shape) == ((2, units), (units,), (units,))
        out_bias = float(np.ravel(out_bias)[0])
    except (TypeError, ValueError, IndexError):
        shapes = False
    if not shapes:
        return wrong(exercise, "shapes")
    weights = np.count_nonzero(kernel) + np.count_nonzero(out)
    x, y = square()
    answers = np.maximum(x @ kernel + bias, 0) @ np.ravel(out) + out_bias
    share = float(np.mean((answers > 0) == (y == 1)))
    if share < 1:
        swapped = share == 0 or np.mean((answers < 0) == (y == 1)) == 1
        return wrong(exercise, "swapped" if swapped else "some", share=100 * share, weights=weights)
    if weights > most:
        return wrong(exercise, "many", weights=weights, most=most)
    return right(exercise, weights=weights)


def leading(function: Callable[[np.ndarray, np.ndarray], Any]) -> Result:
    """Check a function from kernel (2, units) and out (units,) to the number of weights on a way."""
    kernel = np.array([[1.0, 0.0, 2.0, 0.0, 0.0], [0.5, 0.0, 0.0, -1.0, 3.0]])
    out = np.array([0.7, 1.5, 0.0, -2.0, 0.0])
    cases = [
        (kernel, out),
        (kernel[:, :1], out[:1]),
        (kernel[:, 2:3], out[2:3]),
        (np.ones((2, 3)), np.ones(3)),
    ]
    answers = {
        "": [_leading(*case) for case in cases],
        "all": [np.count_nonzero(k) + np.count_nonzero(o) for k, o in cases],
        "units": [np.sum((k != 0).any(axis=0) & (o != 0)) for k, o in cases],
        "kernel": [np.count_nonzero(k[:, o != 0]) for k, o in cases],
        "no_input": [np.count_nonzero(k[:, o != 0]) + np.count_nonzero(o) for k, o in cases],
    }
    return check_function("chapter_15.leading", "leading", function, cases, answers)


def _leading(kernel: np.ndarray, out: np.ndarray) -> int:
    """Count the weights other than zero on a way from an input to the output."""
    used = (kernel != 0).any(axis=0) & (out != 0)
    return int(np.count_nonzero(kernel[:, used]) + np.count_nonzero(out[used]))


def exclusive_or(answer: Any) -> Result:
    """Check the fewest weights with which one hidden layer tells where the signs of two inputs differ."""
    x, y = quadrants()
    both = x.sum(axis=1)
    ways = {
        7: np.maximum(x[:, 0], 0) + np.maximum(x[:, 1], 0) - np.maximum(both, 0)
    }  # relu of x1, x2, x1 + x2
    truth = next(weights for weights, values in ways.items() if np.all((values > 0) == (y == 1)))
    return check(
        "chapter_15.exclusive_or",
        answer,
        lambda given: given == truth,
        {
            "four_units": lambda given: given == 12,
            "corners": lambda given: given == 6,
            "fewer": lambda given: 0 < given < 6,
            "one_less": lambda given: truth < given < 12,
        },
        truth=truth,
    )
