"""Conversion between threshold τ and sparsity, using sorted scores.

τ removes every score below it (score < τ) and keeps the rest. τ is rounded once to the dtype of the
scores and compared in that dtype: float32(0.7) >= 0.7 is true in float32, false in float64.
"""

import operator
from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import numpy as np

from .arrays import float_arrays, named

__all__ = ["sparsity_at", "threshold_at", "thresholds_keeping"]


def score_dtype(scores: Any) -> np.dtype:
    """Return the dtype in which scores are compared: float64 if any array needs it, otherwise float32.

    Args:
        scores: {name: array}, or one array.
    """
    kinds = [np.asarray(array).dtype for array in named(scores).values()]
    small = all(np.can_cast(kind, np.float32, casting="safe") for kind in kinds)
    return np.dtype(np.float32 if small else np.float64)


def sorted_scores(scores: Any) -> np.ndarray:
    """Return the scores of all arrays in ascending order: a new 1-D array of dtype `score_dtype(scores)`.

    Raises:
        ValueError: a score is NaN or infinite.
    """
    arrays = float_arrays(scores)
    together = [array.ravel() for array in arrays.values()]
    ordered = np.concatenate(together, dtype=score_dtype(arrays)) if together else np.empty(0, np.float32)
    ordered.sort()
    return ordered


def round_threshold(threshold: Any, dtype: Any, signed: bool = False) -> float:
    """Return τ rounded once to `dtype`, as a Python float that holds it exactly.

    Args:
        threshold: a number ≥ 0; infinity removes everything.
        dtype: float32 or float64, see `score_dtype`.
        signed: whether some scores are negative; then τ may be negative too. Defaults to False.

    Raises:
        TypeError: τ is not a number.
        ValueError: τ is NaN, or negative although no score is.
    """
    value = number(threshold, "threshold")
    if np.isnan(value):
        raise ValueError("threshold is NaN; give a number ≥ 0.")
    if value < 0 and not signed:
        raise ValueError(
            f"threshold {value:g} is negative, but no score is, so it would remove nothing; give a number "
            "≥ 0 (scores are sizes such as |w|, so compare with |τ|)."
        )
    with np.errstate(over="ignore", under="ignore"):
        return float(np.dtype(dtype).type(value)) + 0.0  # + 0.0 turns -0.0 into 0.0


def count_below(ordered: np.ndarray, threshold: float) -> int:
    """Return how many scores τ removes. `ordered`: ascending, from `sorted_scores`."""
    signed = ordered.size > 0 and ordered[0] < 0
    value = round_threshold(threshold, ordered.dtype, signed)
    # A Python float would make NumPy convert the whole array to float64 first.
    return int(np.searchsorted(ordered, ordered.dtype.type(value), side="left"))


def threshold_for(ordered: np.ndarray, removed: int) -> float:
    """Return the largest τ that removes at most `removed` scores (fewer where scores tie).

    To remove all of them, any τ above the largest score works; the smallest such number is returned.
    If there are no scores, the result is 0.0.
    """
    removed = _count(removed, ordered.size, "removed")
    if ordered.size == 0:
        return 0.0
    if removed < ordered.size:
        return float(ordered[removed])
    return just_above(ordered[-1])


def just_above(score: np.floating) -> float:
    """Return the next larger number after a score, in the dtype of the score."""
    with np.errstate(over="ignore", under="ignore"):
        return float(np.nextafter(score, score.dtype.type(np.inf)))


def nearest_threshold(ordered: np.ndarray, removed: int) -> float:
    """Return the τ that removes closest to `removed` scores; if two are equally close, the one with fewer."""
    lower = threshold_for(ordered, removed)
    fewer = count_below(ordered, lower)
    if fewer == removed:
        return lower
    more = int(np.searchsorted(ordered, ordered.dtype.type(lower), side="right"))
    return lower if removed - fewer <= more - removed else threshold_for(ordered, more)


def short_threshold(ordered: np.ndarray, threshold: float) -> float:
    """Return the number with the fewest digits that removes the same scores as τ: 0.042 for 0.04199321."""
    place = int(np.searchsorted(ordered, ordered.dtype.type(threshold), side="left"))
    if place == 0 and ordered.size:
        return min(0.0, float(ordered[0]))  # removes nothing, as the slider's left end does
    if place == ordered.size or threshold == 0:
        return threshold
    low, high = ordered[place - 1], ordered[place]
    for digits in range(1, 18):
        step = Decimal(1).scaleb(Decimal(float(high)).adjusted() - digits + 1)
        for rounding in (ROUND_FLOOR, ROUND_CEILING):
            candidate = float(Decimal(float(high)).quantize(step, rounding))
            if low < ordered.dtype.type(candidate) <= high:
                return candidate
    return float(high)


def sparsity_at(scores: Any, threshold: float) -> float:
    """Return the fraction of scores that τ removes, 0 to 1 (0.0 if there are none).

    Example:
        >>> pw.thresholds.sparsity_at(pw.score(pw.example.W), 0.5)
        0.5
    """
    ordered = sorted_scores(scores)
    return count_below(ordered, threshold) / ordered.size if ordered.size else 0.0


def threshold_at(scores: Any, sparsity: float) -> float:
    """Return the largest τ that removes at most round(sparsity · n) of the n scores.

    Raises:
        ValueError: the sparsity is outside 0 to 1.

    Example:
        >>> scores = pw.score(pw.example.W)
        >>> pw.thresholds.threshold_at(scores, 0.5)
        0.5
        >>> pw.thresholds.threshold_at(scores, 2 / 12)  # 0.2 is there twice: this τ removes one weight, 0.1
        0.2
    """
    ordered = sorted_scores(scores)
    return threshold_for(ordered, round(checked_sparsity(sparsity) * ordered.size))


def thresholds_keeping(scores: Any, kept: int) -> tuple[float, float] | None:
    """Return all τ that leave exactly `kept` scores: (low, high) means low < τ <= high.

    low is -inf if nothing is removed (τ can be arbitrarily small), high is inf if nothing is kept (τ can be
    arbitrarily large). None if ties make this count impossible.

    Example:
        >>> scores = pw.score(pw.example.W)
        >>> pw.thresholds.thresholds_keeping(scores, 6)
        (0.4, 0.5)
        >>> print(pw.thresholds.thresholds_keeping(scores, 10))
        None
    """
    ordered = sorted_scores(scores)
    removed = ordered.size - _count(kept, ordered.size, "kept")
    low = float(ordered[removed - 1]) if removed > 0 else -np.inf
    high = float(ordered[removed]) if removed < ordered.size else np.inf
    return (low, high) if low < high else None


def checked_sparsity(sparsity: Any) -> float:
    """Return a sparsity as a float, after checking it.

    Raises:
        TypeError: the sparsity is not a number.
        ValueError: the sparsity is outside 0 to 1, or NaN.
    """
    value = number(sparsity, "sparsity")
    if not 0 <= value <= 1:
        raise ValueError(
            f"sparsity {value:g} is not between 0 and 1; it is the fraction to remove (write 75 % as 0.75)."
        )
    return value


def checked_levels(sparsities: Any) -> list[float]:
    """Return sparsities as floats, after checking all of them; a single number stands for a list of one.

    Raises:
        TypeError: one is not a number.
        ValueError: there are none, or one is outside 0 to 1.
    """
    if not isinstance(sparsities, Iterable) or isinstance(sparsities, (str, bytes)):
        sparsities = [sparsities]
    levels = [checked_sparsity(level) for level in sparsities]
    if not levels:
        raise ValueError("sparsities is empty; give at least one from 0 to 1, such as [0, 0.5, 0.9].")
    return levels


def number(value: Any, what: str) -> float:
    """Return a number as a Python float; raise a TypeError that names `what` for anything else."""
    if not isinstance(value, (bool, np.bool_, str, bytes)):
        try:
            return float(value)
        except OverflowError:
            raise ValueError(f"{what} is too large for a float; give a smaller number.") from None
        except (TypeError, ValueError):
            pass
    raise TypeError(f"{what} must be a number, not {value!r:.60}.")


def _count(count: int, total: int, what: str) -> int:
    try:
        value = operator.index(count)
    except TypeError:
        raise TypeError(f"{what} is a count of scores, so an integer, not {count!r:.60}.") from None
    if not 0 <= value <= total:
        raise ValueError(f"{what} = {value:,} is impossible with {total:,} scores; give 0 to {total:,}.")
    return value
