"""The checks of chapter 01: the 3×4 matrix."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from prunewidgets.data.example import TAU, W

from .verdicts import check, stopped

# What the article prints in section 4.3.
ARTICLE_SORTED = [0.1, 0.2, 0.3, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.9, 0.8, 0.6]
ARTICLE_REMOVED = {0.1, 0.2, 0.3}
ARTICLE_PRUNED = np.array([[0.5, 0.6, 0.7, 0.8], [0.9, 0.9, 0.8, 0.6], [0.3, 0.7, 0.2, 0.6]])


def wrong_in_sorted(too_often: Any, missing: Any) -> None:
    """Check which values the article's sorted matrix has too often, and which it lacks."""
    printed, real = Counter(ARTICLE_SORTED), Counter(W.ravel().tolist())
    truth = [sorted((printed - real).elements()), sorted((real - printed).elements())]
    check(
        [too_often, missing],
        lambda given: [sorted(values) for values in given] == truth,
        "which values are too many, and which are missing?",
        "Count each value in both. As many are too many as are missing; write each as often as it is.",
        "two values were written twice, so two others had no room. Sorting never changes what is there.",
    )


def wrong_in_removed(forgotten: Any, entries: Any) -> None:
    """Check which value the article's removed set lacks, and how many entries are below τ."""
    below = W[W < TAU].tolist()
    (lacking,) = set(below) - ARTICLE_REMOVED
    check(
        (forgotten, entries),
        lambda given: given[0] in (lacking, [lacking], {lacking}) and given[1] == len(below),
        "which value was forgotten, and how many entries are below τ?",
        "Go through the matrix cell by cell, and count each cell below 0.5, also the second one of a value.",
        "six entries, but four different values. Count places, not values.",
    )


def right_places(answer: Any) -> None:
    """Check in how many places the article's pruned matrix is right."""
    check(
        answer,
        lambda given: given == np.sum(np.where(W >= TAU, W, 0) == ARTICLE_PRUNED),
        "in how many places is the article's value right?",
        "`article_pruned == pruned` says it for each place; how many are True?",
        "three. Rows 0 and 1 are rows 1 and 2 of its sorted matrix, where the places were already lost; "
        "row 2 is W's own, with nothing removed.",
    )


def keeps_by_size(keep: Callable[[np.ndarray, float], Any]) -> None:
    """Check a function from weights and τ to the mask; while it compares w, it is not answered yet."""
    weights = np.array([[-1.2, -0.5, -0.499, 0.0], [0.499, 0.5, 1.2, -0.1]])
    try:
        mask = keep(weights, 0.5)
    except Exception as error:
        return stopped("keep", error)
    four = "of −1.2, −0.5, −0.499, 0, 0.499, 0.5, 1.2 and −0.1 four must stay at τ = 0.5."
    check(
        ... if np.array_equal(mask, weights >= 0.5) else mask,
        lambda given: np.array_equal(given, [[True, True, False, False], [False, True, True, False]]),
        f"fix `keep`. Now it keeps two, but {four}",
        f"But {four} Which ones, and what do they have in common?",
        "large weights stay on both sides of zero, and what equals τ stays too.",
    )


def thresholds_that_leave(nine: Any, seven: Any, eight: Any) -> None:
    """Check the intervals of τ that keep exactly nine, seven and eight of the twelve weights."""
    ordered = sorted(W.ravel().tolist())
    pairs = [(ordered[11 - kept], ordered[12 - kept]) for kept in (9, 7, 8)]
    truth = [pair if pair[0] < pair[1] else None for pair in pairs]
    check(
        (nine, seven, eight),
        lambda given: [None if pair is None else tuple(pair) for pair in given] == truth,
        "which τ leave nine, seven and eight weights?",
        "To leave nine, three must go: τ is above the third smallest and not above the fourth. Where these "
        "two are equal, no τ lies between them.",
        "an interval where two neighbours in the sorted list differ, and nothing where they are equal.",
    )
