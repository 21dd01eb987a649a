"""Criteria: from weights to scores. A higher score means: keep."""

import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .arrays import as_float, named, refuse_non_finite
from .layouts import like

Criterion = Callable[[np.ndarray], Any]
"""A function from an array of weights to an array of scores of the same shape."""


def magnitude(weights: np.ndarray) -> np.ndarray:
    """|w|: small weights matter least (Han et al. 2015; article, section 3.1)."""
    return np.abs(weights)


def squared(weights: np.ndarray) -> np.ndarray:
    """w²: the order of |w|, on another scale. Below about 1e-23, float32 squares vanish and tie at 0."""
    with np.errstate(over="ignore", under="ignore"):  # an overflow is reported by name in `score`
        return np.square(weights)


def distribution(weights: np.ndarray) -> np.ndarray:
    """|w − mean| / std: how far a weight lies from its layer's mean; 0 everywhere if all are equal."""
    if weights.size == 0:
        return np.zeros_like(weights)
    # In float64: the sums of large float32 layers would lose digits.
    scale = np.abs(weights).max().astype(np.float64) or 1.0
    unit = weights / scale  # keeps the squares inside std from overflowing
    distance = np.abs(unit - unit.mean())
    # Equal weights are recognised by value: a rounded mean can leave a std that is not exactly 0.
    return np.zeros_like(distance) if unit.min() == unit.max() else distance / unit.std()


def random_scores(weights: np.ndarray, seed: Any = 0) -> np.ndarray:
    """Return uniform scores in [0, 1): the baseline every criterion has to beat."""
    dtype = weights.dtype if weights.dtype == np.float64 else np.float32
    return np.random.default_rng(seed).random(weights.shape, dtype=dtype)


CRITERIA: dict[str, Criterion] = {
    "magnitude": magnitude,
    "squared": squared,
    "distribution": distribution,
    "random": random_scores,
}


def score(weights: Any, criterion: str | Criterion = "magnitude", seed: int = 0) -> dict[str, np.ndarray]:
    """Return a score for every weight; the higher, the more it should be kept.

    Args:
        weights: {name: array of any shape}, or one array (then its name is "weights"). float16, bfloat16
            and small integers are taken to float32 first, exactly.
        criterion: a name from `CRITERIA`, or a function from an array to scores of the same shape. The
            function gets a read-only float array.
        seed: for "random" only, an integer ≥ 0. A layer's scores depend on the seed, on its place (in the
            model, for weights of a `LiveModel`; else in the mapping) and on its shape, not on its name.

    Returns:
        {name: array}, same names, order and shapes; float32, or float64 where that array needs it. All
        arrays are new.

    Raises:
        ValueError: unknown criterion, weights or scores that are NaN or infinite, scores of another shape.
        TypeError: weights that are not real numbers, a criterion that is neither a name nor callable.
    """
    scores, places = {}, getattr(weights, "places", {})
    for number, (name, values) in enumerate(named(weights).items()):
        rule = _rule(criterion, places.get(name, number), seed)
        scores[name] = _score_one(as_float(values, name), rule, name, foreign=callable(criterion))
    return like(weights, scores)


def _rule(criterion: str | Criterion, place: int, seed: int) -> Criterion:
    if callable(criterion):
        return criterion
    if not isinstance(criterion, str):
        raise TypeError(f"criterion must be a name or a function, not {type(criterion).__name__}.")
    if criterion not in CRITERIA:
        raise ValueError(
            f"criterion {criterion!r} is not known; choose one of {', '.join(CRITERIA)}, or give a function "
            "from weights to scores."
        )
    if criterion == "random":
        return partial(random_scores, seed=[_checked_seed(seed), place])
    return CRITERIA[criterion]


def _checked_seed(seed: int) -> int:
    try:
        number = operator.index(seed)
    except TypeError:
        raise TypeError(f"seed must be an integer ≥ 0, not {seed!r}.") from None
    if number < 0:
        raise ValueError(f"seed must be an integer ≥ 0, not {number}.")
    return number


def _score_one(weights: np.ndarray, rule: Criterion, name: str, foreign: bool) -> np.ndarray:
    locked = weights.view()
    locked.flags.writeable = False  # a criterion looks; it never changes the model
    result = np.asarray(rule(locked))
    if result.shape != weights.shape:
        raise ValueError(
            f"the criterion returned shape {result.shape} for '{name}', whose shape is {weights.shape}; "
            "it must return one score per weight."
        )
    if result.dtype.kind in "cOSU":
        raise TypeError(f"the criterion returned {result.dtype} for '{name}'; it must return real numbers.")
    with np.errstate(over="ignore", under="ignore"):
        # A copy of what may be the weights themselves or the caller's own array; ours return new ones.
        copy = True if foreign or np.may_share_memory(result, weights) else None
        scores = np.array(result, dtype=weights.dtype, order="C", copy=copy)
    if rule is not magnitude:  # which is finite where the weights are; another pass takes its time
        refuse_non_finite(
            scores, name, "scores", "Scale the weights, or choose a criterion that stays finite."
        )
    return scores
