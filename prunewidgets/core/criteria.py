"""Criteria: functions from weights to scores. Weights with higher scores are kept."""

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
    """Return |w|: small weights matter least (Han et al. 2015; article, section 3.1)."""
    return np.abs(weights)


def squared(weights: np.ndarray) -> np.ndarray:
    """Return w²: the same order as |w|, on another scale.

    In float32, the squares of weights below about 1e-23 underflow to 0, so those weights tie.
    """
    with np.errstate(over="ignore", under="ignore"):  # an overflow is reported by name in `score`
        return np.square(weights)


def distribution(weights: np.ndarray) -> np.ndarray:
    """Return |w − mean| / std: how far a weight lies from its layer's mean; 0 if all weights are equal."""
    if weights.size == 0:
        return np.zeros_like(weights)
    # In float64, because sums over large float32 layers lose digits.
    scale = np.abs(weights).max().astype(np.float64) or 1.0
    unit = weights / scale  # keeps the squares inside std from overflowing
    distance = np.abs(unit - unit.mean())
    # Compare values, not the std: a rounded mean can make the std of equal weights nonzero.
    return np.zeros_like(distance) if unit.min() == unit.max() else distance / unit.std()


def lamp(weights: np.ndarray) -> np.ndarray:
    """Return w² / Σ v² over the layer's weights v that are not smaller than w, itself included.

    Within a layer the order is that of |w|. Across layers, with scope "global", the scores decide how much
    each layer gives up, with nothing to tune: the last weight of a layer has score 1. Of weights of equal
    size the earlier one is the smaller. If all weights are 0, so are the scores.

    Source: Lee et al., "Layer-adaptive sparsity for the magnitude-based pruning" (2021), equation 3.
    """
    scale = float(np.abs(weights).max(initial=0.0)) or 1.0  # keeps the squares from under- and overflowing
    squares = np.square(weights.ravel() / weights.dtype.type(scale), dtype=np.float64)
    order = squares.argsort(kind="stable")
    scores = np.zeros(squares.size)
    rest = np.cumsum(squares[order][::-1])[::-1]
    scores[order] = np.divide(squares[order], rest, out=np.zeros_like(rest), where=rest > 0)
    return scores.reshape(weights.shape)


def random_scores(weights: np.ndarray, seed: Any = 0) -> np.ndarray:
    """Return uniform random scores in [0, 1): the baseline that every criterion has to beat."""
    dtype = weights.dtype if weights.dtype == np.float64 else np.float32
    return np.random.default_rng(seed).random(weights.shape, dtype=dtype)


CRITERIA: dict[str, Criterion] = {
    "magnitude": magnitude,
    "squared": squared,
    "distribution": distribution,
    "lamp": lamp,
    "random": random_scores,
}


def score(weights: Any, criterion: str | Criterion = "magnitude", seed: int = 0) -> dict[str, np.ndarray]:
    """Return a score for every weight; the higher the score, the more important it is to keep the weight.

    Args:
        weights: {name: array of any shape}, or one array (then its name is "weights"). float16, bfloat16
            and small integers are converted to float32 first, without loss.
        criterion: a name from `CRITERIA`, or a function from an array to scores of the same shape. The
            function gets a read-only float array. Defaults to "magnitude".
        seed: for "random" only, an integer ≥ 0. A layer's scores depend on the seed, on its position (in the
            model, for weights of a `LiveModel`; otherwise in the mapping) and on its shape, not on its name.

    Returns:
        {name: array} with the same names, order and shapes; float32, or float64 where the weights need it.
        All arrays are new.

    Raises:
        ValueError: the criterion is unknown, weights or scores are NaN or infinite, or the scores have
            another shape than the weights.
        TypeError: the weights are not real numbers, or the criterion is neither a name nor callable.

    Example:
        >>> weights = {"dense/kernel": np.array([[0.5, -0.25], [0.125, -2.0]])}
        >>> pw.score(weights)
        {'dense/kernel': array([[0.5  , 0.25 ],
               [0.125, 2.   ]])}
        >>> pw.score(weights, "squared")["dense/kernel"].tolist()
        [[0.25, 0.0625], [0.015625, 4.0]]
        >>> pw.score(weights, lambda kernel: -kernel)["dense/kernel"].tolist()
        [[-0.5, 0.25], [-0.125, 2.0]]
    """
    scores, numbers = {}, getattr(weights, "numbers", {})
    for number, (name, values) in enumerate(named(weights).items()):
        rule = _rule(criterion, numbers.get(name, number), seed)
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
    locked.flags.writeable = False  # a criterion must never change the model
    result = np.asarray(rule(locked))
    if result.shape != weights.shape:
        raise ValueError(
            f"the criterion returned shape {result.shape} for '{name}', whose shape is {weights.shape}; "
            "it must return one score per weight."
        )
    if result.dtype.kind in "cOSU":
        raise TypeError(f"the criterion returned {result.dtype} for '{name}'; it must return real numbers.")
    with np.errstate(over="ignore", under="ignore"):
        # Copy what may be the weights or the caller's own array; built-in criteria return new arrays.
        copy = True if foreign or np.may_share_memory(result, weights) else None
        scores = np.array(result, dtype=weights.dtype, order="C", copy=copy)
    if rule is not magnitude:  # magnitudes of finite weights are finite, so skip the extra pass
        refuse_non_finite(
            scores, name, "scores", "Scale the weights, or choose a criterion that stays finite."
        )
    return scores
