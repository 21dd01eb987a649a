"""The checks of chapter 02: what makes a weight unimportant."""

from collections.abc import Callable
from typing import Any

import numpy as np

from prunewidgets import score
from prunewidgets.core.criteria import CRITERIA
from prunewidgets.data.example import W

from .answers import number, read
from .exercises import Result, check, stopped

FOUR = ("magnitude", "squared", "distribution", "random")  # those of the chapter


def distance_from_mean(distance: Callable[[np.ndarray], Any]) -> Result:
    """Check a student's criterion: the distance from the mean, in standard deviations."""
    exercise = "chapter_02.distance_from_mean"
    w = np.random.default_rng(2).normal(0.3, 0.5, (4, 5))
    try:
        scores = distance(w.copy())
    except Exception as error:
        return stopped(exercise, "distance", error)
    away, spread = w - w.mean(), w.std()
    truth = np.abs(away) / spread
    theirs = score(w, "distribution")["weights"]

    def same(given: Any, wanted: np.ndarray) -> bool:
        return np.shape(given) == w.shape and np.allclose(given, wanted, atol=1e-6)

    return check(
        exercise,
        scores,
        # n − 1 instead of n below the standard deviation ranks alike
        lambda given: same(given, theirs) or same(given, truth) or same(given, np.abs(away) / w.std(ddof=1)),
        {
            "signed": lambda given: same(given, away / spread),
            "undivided": lambda given: same(given, np.abs(away)) or same(given, away),
            "variance": lambda given: same(given, np.abs(away) / w.var()),
            "squared": lambda given: same(given, truth**2),
            "turned": lambda given: same(given, -truth) or same(given, 1 / truth),
            "columns": lambda given: any(
                same(given, np.abs(w - w.mean(axis, keepdims=True)) / w.std(axis, keepdims=True))
                for axis in (0, 1)
            ),
            "shape": lambda given: np.shape(given) != w.shape,
        },
        shape=np.shape(scores),
    )


def best_fill(fill: Any, weights: np.ndarray, x: np.ndarray) -> Result:
    """Check one number put in place of the half of the weights that is nearest to the mean."""
    distance = np.abs(weights - weights.mean())
    ordinary = distance < np.median(distance)

    def change(value: float) -> float:
        return float(np.mean((x @ (weights - np.where(ordinary, value, weights))) ** 2))

    least = weights[ordinary].mean()
    given = read(fill)
    return check(
        "chapter_02.best_fill",
        fill,
        lambda value: number(value) and change(value) < 1.1 * change(least),
        {"zero": lambda value: value == 0, "number": number},
        moved=change(float(given)) if number(given) else 0.0,
        with_zero=change(0),
        least=change(least),
    )


def threshold_for_ninety(tau: Any, scores: np.ndarray) -> Result:
    """Check the τ below which nine of ten scores are."""
    wanted = round(0.9 * scores.size)
    reachable = np.sum(scores < np.sort(scores)[wanted])  # ties could make it fewer
    given = read(tau)
    return check(
        "chapter_02.threshold_for_ninety",
        tau,
        lambda value: np.sum(scores < value) == reachable,
        {
            "one_off": lambda value: abs(np.sum(scores < value) - reachable) == 1,
            "kept": lambda value: abs(np.sum(scores >= value) - reachable) <= 1,
            "number": number,
        },
        wanted=wanted,
        removed=int(np.sum(scores < float(given))) if number(given) else 0,
    )


def not_fooled(answer: Any) -> Result:
    """Check which criteria give the same scores when all weights are multiplied by ten."""
    right = {name for name in FOUR if np.allclose(CRITERIA[name](10 * W), CRITERIA[name](W))}

    def names(given: Any) -> set[str]:
        words = given.replace(" and ", ",").split(",") if isinstance(given, str) else given
        return {word.strip().casefold() for word in words}

    return check(
        "chapter_02.not_fooled",
        answer,
        lambda given: names(given) == right,
        {
            "fooled": lambda given: names(given) == set(FOUR) - right,
            "one_of_two": lambda given: names(given) < right,
        },
    )
