"""The checks of chapter 16: overlap of boxes, average precision, the time that every network takes.

The truth is computed from its definition: an overlap by counting small squares, a precision cut by cut.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from prunewidgets.models import Accuracy  # noqa: F401  keeps TensorFlow's greeting off the page

from .answers import near, unanswered
from .exercises import Result, check, right, still_open, stopped, wrong
from .pictures_16 import found_and_fast, scenes, watch  # noqa: F401  drawn by the chapter

PAIRS = [
    ((0, 0, 4, 4), (0, 2, 4, 6)),
    ((0, 0, 4, 4), (0, 0, 4, 4)),
    ((0, 0, 8, 8), (2, 2, 4, 6)),
    ((0, 0, 4, 4), (6, 7, 9, 9)),
    ((0, 0, 4, 4), (1, 6, 3, 9)),
    ((3, 1, 7, 9), (5, 0, 11, 4)),
]


def overlap(function: Callable[[Any, Any], Any]) -> Result:
    """Check a function from two boxes (top, left, bottom, right) to their intersection over union."""
    exercise = "chapter_16.overlap"
    try:
        found = [function(np.array(a, float), np.array(b, float)) for a, b in PAIRS]
    except Exception as error:
        return stopped(exercise, "overlap", error)
    if unanswered(found):
        return still_open(exercise)
    if any(one is None for one in found):
        return wrong(exercise, "nothing")
    try:
        values = np.array([np.asarray(one, float).reshape(()) for one in found])
    except (TypeError, ValueError):
        return wrong(exercise, "number")
    known = {
        "": [_overlap(*pair) for pair in PAIRS],
        "apart": [_formula(*pair, clipped=False) for pair in PAIRS],
        "sum": [_formula(*pair, union="sum") for pair in PAIRS],
        "first": [_formula(*pair, union="first") for pair in PAIRS],
        "smaller": [_formula(*pair, union="smaller") for pair in PAIRS],
        "shared": [_formula(*pair, union="none") for pair in PAIRS],
    }
    mistake = next((name for name, truth in known.items() if np.allclose(values, truth)), "hint")
    if not mistake:
        return right(exercise)
    place = next((n for n, pair in enumerate(PAIRS) if not np.isclose(values[n], _overlap(*pair))), 0)
    a, b = PAIRS[place]
    return wrong(exercise, mistake, a=a, b=b, yours=values[place], expected=_overlap(a, b))


def _overlap(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """Count the unit squares that both boxes cover, and those that any of them does."""
    one, other = (
        {(row, column) for row in range(box[0], box[2]) for column in range(box[1], box[3])} for box in (a, b)
    )
    return len(one & other) / len(one | other)


def _formula(a: tuple[int, ...], b: tuple[int, ...], union: str = "", clipped: bool = True) -> float:
    """Return what the formula gives, or one with a mistake in it."""
    sides = [min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])]
    if clipped:
        sides = [max(side, 0) for side in sides]
    shared = sides[0] * sides[1]
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    whole = {"sum": sum(areas), "first": areas[0], "smaller": min(areas), "none": 1}
    return shared / whole.get(union, sum(areas) - shared)


def precision(answer: Any, right_ones: tuple[bool, ...], objects: int) -> Result:
    """Check the average precision of boxes in order, of which some are right."""
    hits = np.cumsum(right_ones).tolist()
    cuts = [(found, Fraction(found, place)) for place, found in enumerate(hits, start=1)]
    best = [max((p for found, p in cuts if found >= k), default=Fraction(0)) for k in range(1, objects + 1)]
    truth = float(sum(best) / objects)
    own = [p for (found, p), hit in zip(cuts, right_ones, strict=True) if hit]
    return check(
        "chapter_16.precision",
        answer,
        lambda given: near(given, truth, 0.002),
        {
            "found_only": lambda given: near(given, truth * objects / hits[-1], 0.002),
            "not_beyond": lambda given: near(given, float(sum(own) / objects), 0.002),
            "precision": lambda given: near(given, float(cuts[-1][1]), 0.002),
            "recall": lambda given: near(given, hits[-1] / objects, 0.002),
        },
        truth=truth,
        best=", ".join(str(one) for one in best),
        objects=objects,
    )


def fixed_cost(function: Callable[[float, float, float, float], Any]) -> Result:
    """Check a function from times and multiply-adds of two networks to the time that both spend anyway."""
    exercise = "chapter_16.fixed_cost"
    tried = [(3.0, 10.0, 2.0, 5.0), (1.5, 18.0, 0.9, 2.0), (4.0, 8.0, 1.0, 2.0), (2.0, 3.0, 2.0, 1.0)]
    try:
        given = [function(*one) for one in tried]
    except Exception as error:
        return stopped(exercise, "fixed", error)
    if unanswered(given):
        return still_open(exercise)
    if any(one is None for one in given):
        return wrong(exercise, "nothing")
    try:
        values = np.array([np.asarray(one, float).reshape(()) for one in given])
    except (TypeError, ValueError):
        return wrong(exercise)
    times = np.array(tried)
    slope = (times[:, 0] - times[:, 2]) / (times[:, 1] - times[:, 3])
    known = {
        "": [np.linalg.solve([[1, m1], [1, m2]], [t1, t2])[0] for t1, m1, t2, m2 in tried],
        "slope": slope,
        "work": slope * times[:, 1],
        "work_small": slope * times[:, 3],
        "difference": times[:, 0] - times[:, 2],
    }
    mistake = next((name for name, truth in known.items() if np.allclose(values, truth)), "hint")
    return wrong(exercise, mistake.removesuffix("_small")) if mistake else right(exercise)
