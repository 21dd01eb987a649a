"""The checks of chapter 00: start here."""

from itertools import permutations
from typing import Any

import numpy as np

from prunewidgets.data.example import W

from .answers import number, read, short, unanswered
from .exercises import Result, check, right, still_open, wrong


def frugal_lab(lab: Any, sparsity: Any = ...) -> Result:
    """Check that the lab removes at least 75 % and reads at least 97 % of the examples correctly.

    Args:
        lab: a PruningLab.
        sparsity: what the lab is set to first. Defaults to where it stands.
    """
    exercise = "chapter_00.frugal_lab"
    if not unanswered(sparsity):
        share = read(sparsity)
        if not number(share) or not 0 <= share <= 1:
            per_cent = number(share) and 1 < share <= 100
            return wrong(
                exercise,
                "per_cent" if per_cent else "no_share",
                short(sparsity),
                "per_cent" if per_cent else "wrong",
            )
        lab.sparsity = share
    if lab.sparsity == 0:  # where the chapter left it
        return still_open(exercise)
    values = {"removed": 100 * lab.sparsity, "accuracy": lab.accuracy}
    if lab.sparsity < 0.75:
        return wrong(exercise, "too_few", **values)
    if lab.accuracy < 0.97:
        return wrong(exercise, "too_bad", **values)
    return right(exercise, **values)


def three_ways(density: Any, ratio: Any) -> Result:
    """Check density and compression ratio at a sparsity of 0.95."""
    return check(
        "chapter_00.three_ways",
        (density, ratio),
        lambda given: np.allclose(given, (0.05, 20), rtol=1e-6),
        {
            "swapped": lambda given: np.allclose(given, (20, 0.05), rtol=1e-6),
            "removed": lambda given: np.isclose(given[0], 0.95),
            "all_by_removed": lambda given: np.isclose(given[1], 1 / 0.95, atol=0.003),
        },
        tries=permutations((0.05, 0.5, 0.95, 1, 1.05, 1.052, 1.053, 2, 5, 10, 19, 20, 95, 100), 2),
    )


def last_one_standing(answer: Any) -> Result:
    """Check the sparsity of the 3×4 matrix when only its largest weight is kept."""
    return check(
        "chapter_00.last_one_standing",
        answer,
        lambda given: abs(given - np.mean(W < W.max())) < 0.005,
        {
            "kept": lambda given: abs(given - np.mean(W == W.max())) < 0.005,
            "count": lambda given: given == np.sum(W < W.max()),
        },
    )
