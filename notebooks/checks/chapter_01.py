"""The checks of chapter 01: the 3×4 matrix."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from prunewidgets.data.example import TAU, W

from .exercises import Result, check, stopped

# What the article prints in section 4.3.
ARTICLE_SORTED = [0.1, 0.2, 0.3, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.9, 0.8, 0.6]
ARTICLE_REMOVED = {0.1, 0.2, 0.3}
ARTICLE_PRUNED = np.array([[0.5, 0.6, 0.7, 0.8], [0.9, 0.9, 0.8, 0.6], [0.3, 0.7, 0.2, 0.6]])


def wrong_in_sorted(too_often: Any, missing: Any) -> Result:
    """Check which values the article's sorted matrix has too often, and which it lacks."""
    printed, real = Counter(ARTICLE_SORTED), Counter(W.ravel().tolist())
    truth = [sorted((printed - real).elements()), sorted((real - printed).elements())]
    never = sorted(set(real) - set(printed))

    def values(given: Any) -> list[list[float]]:
        return [sorted(np.ravel(list(part) if isinstance(part, set) else part)) for part in given]

    return check(
        "chapter_01.wrong_in_sorted",
        [too_often, missing],
        lambda given: values(given) == truth,
        {
            "swapped": lambda given: values(given) == truth[::-1],
            "only_absent": lambda given: values(given) == [truth[0], never],
        },
    )


def wrong_in_removed(forgotten: Any, entries: Any) -> Result:
    """Check which value the article's removed set lacks, and how many entries are below τ."""
    below = W[W < TAU].tolist()
    (lacking,) = set(below) - ARTICLE_REMOVED
    return check(
        "chapter_01.wrong_in_removed",
        (forgotten, entries),
        lambda given: given[0] in (lacking, [lacking], {lacking}) and given[1] == len(below),
        {
            "at_tau": lambda given: given[0] == TAU or given[1] == np.sum(W <= TAU),
            "distinct": lambda given: given[1] == len(set(below)),
            "kept": lambda given: given[0] == lacking and given[1] == W.size - len(ARTICLE_REMOVED),
        },
        tries=product(np.unique(W).tolist(), range(W.size + 1)),
    )


def right_places(answer: Any, tau: float = TAU) -> Result:
    """Check in how many places the article's pruned matrix is that of a threshold."""
    pruned = np.where(W >= tau, W, 0)
    right = int(np.sum(pruned == ARTICLE_PRUNED))
    return check(
        "chapter_01.right_places",
        answer,
        lambda given: given == right,
        {
            "wrong_places": lambda given: given == W.size - right,
            "not_pruned": lambda given: given == np.sum(W == ARTICLE_PRUNED),
        },
        right=right,
        tau=tau,
        zeros=int(np.sum(pruned == 0)),
    )


def keeps_by_size(keep: Callable[[np.ndarray, float], Any]) -> Result:
    """Check a function from weights and τ to the mask; while it compares w, it is not answered yet."""
    exercise = "chapter_01.keeps_by_size"
    weights = np.array([[-1.2, -0.5, -0.499, 0.0], [0.499, 0.5, 1.2, -0.1]])
    try:
        mask = keep(weights, 0.5)
    except Exception as error:
        return stopped(exercise, "keep", error)
    right = np.abs(weights) >= 0.5
    return check(
        exercise,
        ... if np.array_equal(mask, weights >= 0.5) else mask,
        lambda given: np.array_equal(given, right),
        {
            "strict": lambda given: np.array_equal(given, np.abs(weights) > 0.5),
            "removed": lambda given: np.array_equal(given, ~right),
            "weights": lambda given: np.array_equal(given, right * weights),
            "nothing": lambda given: given is None,
        },
    )


def thresholds_that_leave(first: Any, second: Any, third: Any, counts: Sequence[int] = (9, 7, 8)) -> Result:
    """Check the intervals of τ that keep exactly so many of the twelve weights; the third count has none."""
    ordered = sorted(W.ravel().tolist())

    def keeping(*counts: int) -> list[tuple[float, float] | None]:
        pairs = [(ordered[11 - kept], ordered[12 - kept]) for kept in counts]
        return [pair if pair[0] < pair[1] else None for pair in pairs]

    def same(given: Any, truth: list[tuple[float, float] | None]) -> bool:
        given = [None if str(part).strip().casefold() == "none" else part for part in given]
        return all(
            part is pair if part is None or pair is None else np.allclose(part, pair)
            for part, pair in zip(given, truth, strict=True)
        )

    truth = keeping(*counts)
    return check(
        "chapter_01.thresholds_that_leave",
        (first, second, third),
        lambda given: same(given, truth),
        {
            "removed": lambda given: same(given, keeping(*(12 - kept for kept in counts))),
            "turned": lambda given: same(given, [pair and pair[::-1] for pair in truth]),
            "no_eight": lambda given: same(given[:2], truth[:2]),
        },
        counts=counts,
        removed=[12 - kept for kept in counts],
    )
