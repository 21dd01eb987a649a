"""The checks of chapter 14: knowledge graphs.

The truth is computed from its definition: a rank by counting one candidate after the other, products by
asking of all three numbers whether they are left.
"""

from collections.abc import Callable
from itertools import product
from math import log2
from typing import Any

import numpy as np

from prunewidgets.models import Accuracy  # noqa: F401  keeps TensorFlow's greeting off the page

from .answers import near, unanswered
from .exercises import Result, check, right, still_open, stopped, wrong
from .pictures_14 import curves  # noqa: F401  drawn by the chapter


def filtered_rank(function: Callable) -> Result:
    """Check a function from (scores, answer, known) to the filtered rank, with ties in the middle."""
    exercise = "chapter_14.filtered_rank"
    rng = np.random.default_rng(15)
    tried = [(np.array([0.9, 0.2, 0.5, 0.7]), 2, [0, 2]), (np.array([3.0, 1.0, 1.0, 1.0]), 1, [1])]
    tried += [(rng.permutation(9).astype(float), k, [k, *rng.integers(0, 9, 3).tolist()]) for k in (0, 4, 8)]
    tried += [(rng.integers(0, 3, 9).astype(float), k, [k, 1, 2]) for k in (0, 4, 8)]
    try:
        given = [function(scores.copy(), answer, list(known)) for scores, answer, known in tried]
        if unanswered(given):
            return still_open(exercise)
        given = [float(rank) for rank in given]
    except Exception as error:
        return stopped(exercise, "rank", error)
    if given == [_rank(*one) for one in tried]:
        return right(exercise)
    others = {
        "unfiltered": lambda scores, answer, known: _rank(scores, answer, []),
        "best": lambda *one: _rank(*one, tie=0.0),
        "worst": lambda *one: _rank(*one, tie=1.0),
        "from_zero": lambda *one: _rank(*one) - 1,
        "lowest_first": lambda scores, *one: _rank(-scores, *one),
    }
    found = (name for name, rule in others.items() if given == [rule(*one) for one in tried])
    place = next(n for n, one in enumerate(tried) if given[n] != _rank(*one))
    scores, answer, known = tried[place]
    values = {
        "scores": ", ".join(f"{score:g}" for score in scores),
        "answer": answer,
        "known": known,
        "yours": f"{given[place]:g}",
        "expected": f"{_rank(scores, answer, known):g}",
    }
    return wrong(exercise, next(found, "hint"), **values)


def _rank(scores: np.ndarray, answer: int, known: list[int], tie: float = 0.5) -> float:
    """1 + one for each better candidate that is no other known answer + ``tie`` for each equal one."""
    rank = 1.0
    for candidate, score in enumerate(scores):
        if candidate != answer and candidate not in known:
            rank += 1 if score > scores[answer] else tie if score == scores[answer] else 0
    return rank


def products_left(answer: Any, removed: float) -> Result:
    """Check which shares of products of three numbers are left: at random places, and whole dimensions."""
    left = 1 - removed
    scattered = sum(
        np.prod([left if there else removed for there in three])
        for three in product([True, False], repeat=3)
        if all(three)
    )

    def pair(first: float, second: float) -> Callable[[Any], bool]:
        return lambda given: (
            np.iterable(given) and len(given) == 2 and near(given[0], first) and near(given[1], second)
        )

    return check(
        "chapter_14.products_left",
        answer,
        pair(scattered, left),
        {
            "one_number": lambda given: not np.iterable(given),
            "swapped": pair(left, scattered),
            "same": lambda given: near(given[0], given[1], 1e-9),
            "removed": pair(removed**3, removed),
            "two": pair(left**2, left),
            "all_gone": pair(1 - removed**3, left),
            "dimensions": lambda given: near(given[0], scattered),
        },
        tries=[
            (first, second)
            for first in (scattered, left, removed, removed**3, left**2, 1 - removed**3, 0, 1)
            for second in (scattered, left, removed, left**2, 0, 1)
        ],
        removed=removed,
        left=left,
        scattered=scattered,
    )


def bits_of_a_fact(answer: Any, entities: int, relations: int) -> Result:
    """Check how many bits it takes to name one of all possible facts."""
    possible = entities * relations * entities
    exact = log2(possible)
    return check(
        "chapter_14.bits_of_a_fact",
        answer,
        lambda given: exact - 0.06 <= float(given) <= int(exact) + 1.001,
        {
            "each_alone": lambda given: (
                float(given) == 2 * int(log2(entities) + 1) + int(log2(relations) + 1)
            ),
            "bytes": lambda given: float(given) in (3, 24),
            "once": lambda given: near(given, log2(entities * relations), 0.6),
            "possible": lambda given: float(given) == possible,
            "decimal": lambda given: (
                near(given, np.log10(possible), 0.1) or near(given, np.log(possible), 0.1)
            ),
        },
        possible=possible,
        exact=exact,
        entities=entities,
        relations=relations,
    )
