"""The checks of chapter 02: what makes a weight unimportant."""

from typing import Any

import numpy as np

from prunewidgets.core.criteria import CRITERIA
from prunewidgets.data.example import W

from .answers import number, unanswered
from .verdicts import check


def best_fill(fill: Any, weights: np.ndarray, x: np.ndarray) -> None:
    """Check one number put in place of the half of the weights that is nearest to the mean."""
    distance = np.abs(weights - weights.mean())
    ordinary = distance < np.median(distance)

    def change(value: float) -> float:
        return float(np.mean((x @ (weights - np.where(ordinary, value, weights))) ** 2))

    least = weights[ordinary].mean()
    hint = "Where on the histogram do the removed weights lie?"
    if number(fill) and fill == 0:
        hint = f"Zero is what pruning puts there; with it the outputs move by {change(0):.2f}. {hint}"
    elif number(fill):
        hint = f"With it the outputs move by {change(fill):.2f}, with 0 by {change(0):.2f}. {hint}"
    check(
        fill,
        lambda value: number(value) and change(value) < 1.1 * change(least),
        "which number in place of the 300 ordinary weights?",
        hint,
        f"the outputs move by {change(least):.2f} instead of {change(0):.2f}. What can be spared depends on "
        "what takes its place; pruning puts zero there, so what is near *zero* can be spared.",
    )


def threshold_for_ninety(tau: Any, scores: np.ndarray) -> None:
    """Check the τ below which nine of ten scores are."""
    wanted = round(0.9 * scores.size)
    reachable = np.sum(scores < np.sort(scores)[wanted])  # ties could make it fewer
    counted = "" if unanswered(tau) or not number(tau) else f"It removes {np.sum(scores < float(tau)):,}. "
    check(
        tau,
        lambda value: np.sum(scores < value) == reachable,
        f"which τ removes {wanted:,} weights?",
        f"{counted}Sort the scores: which of them has exactly {wanted:,} smaller ones before it?",
        f"{wanted:,} scores lie below it. Sorting is how a sparsity becomes a threshold.",
    )


def not_fooled(answer: Any) -> None:
    """Check which criteria give the same scores when all weights are multiplied by ten."""
    right = {name for name, rule in CRITERIA.items() if np.allclose(rule(10 * W), rule(W))}
    check(
        answer,
        lambda names: {name.strip().casefold() for name in names} == right,
        "which criteria do not care about the scale of a layer?",
        "Which score has the weights in it in such a way that a factor cancels? And which does not look at "
        "them at all?",
        "one divides the scale away and pays for it with its blindness for zero, the other sees nothing.",
    )
