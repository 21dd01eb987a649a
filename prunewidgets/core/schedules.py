"""Schedules: how sparse a network should be at each training step. Pure functions of the step.

Each takes the step number (0 before the first update) and returns a sparsity from 0 to 1. Bind the other
arguments with `functools.partial`.

Example:
    >>> from functools import partial
    >>> schedule = partial(pw.schedules.polynomial, final=0.9, begin=100, end=1_000)
    >>> round(schedule(550), 4)
    0.7875
"""

import math
from collections.abc import Callable
from functools import partial

from .thresholds import checked_sparsity

__all__ = ["constant", "iterative", "one_shot", "polynomial", "rounds_to"]

Schedule = Callable[[int], float]
"""A function from a step number to the sparsity from that step on."""


def constant(step: int, final: float) -> float:
    """Return the final sparsity at every step: the network is sparse from the start.

    Example:
        >>> [pw.schedules.constant(step, final=0.9) for step in (0, 100, 1_000)]
        [0.9, 0.9, 0.9]

    Source: Zhu and Gupta, "To prune, or not to prune" (2017), section 3, which compares it with gradual
        pruning.
    """
    return checked_sparsity(final)


def one_shot(step: int, final: float, at: int) -> float:
    """Return 0 before step `at` and the final sparsity from then on: train, prune once, fine-tune.

    Example:
        >>> [pw.schedules.one_shot(step, final=0.9, at=100) for step in (0, 99, 100, 1_000)]
        [0.0, 0.0, 0.9, 0.9]

    Source: Han et al., "Learning both weights and connections for efficient neural networks" (2015),
        section 3, with a single round; article, section 3.3.
    """
    _checked(final, at, at)
    return final if step >= at else 0.0


def iterative(step: int, final: float, begin: int, end: int, share: float = 0.2) -> float:
    """Return a sparsity that rises in rounds, each of which removes the same share of the survivors.

    The rounds are evenly spaced, the first at `begin` and the last at `end`; the last one goes exactly to
    `final`.

    Args:
        step: the step number.
        final: sparsity after the last round, from 0 to below 1.
        begin: step of the first round.
        end: step of the last round.
        share: fraction of the remaining weights that each round removes: 0.2 leaves 0.8, 0.64, 0.512, …

    Example:
        >>> steps = range(0, 600, 100)
        >>> [round(pw.schedules.iterative(step, final=0.6, begin=100, end=500), 4) for step in steps]
        [0.0, 0.2, 0.36, 0.488, 0.5904, 0.6]

    Source: Frankle and Carbin, "The lottery ticket hypothesis" (2019), section 2: 20 % a round.
    """
    _checked(final, begin, end)
    rounds = rounds_to(final, share)
    if step < begin:
        return 0.0
    if step >= end:
        return final
    done = 1 + (step - begin) * (rounds - 1) // (end - begin)  # the last round is at `end`
    return 1 - (1 - share) ** done if done < rounds else 0.0


def rounds_to(final: float, share: float = 0.2) -> int:
    """Return how many rounds of `iterative` reach a sparsity: 11 for 0.9 with a share of 0.2.

    Raises:
        ValueError: the final sparsity is 1, which is never reached by removing a share of what remains; or
            the share is not between 0 and 1.

    Example:
        >>> pw.schedules.rounds_to(0.9)
        11
        >>> pw.schedules.rounds_to(0.9, share=0.5)
        4
    """
    if checked_sparsity(final) == 1:
        raise ValueError("final is 1; a share of the survivors never removes all of them. Give less than 1.")
    if not 0 < share < 1:
        raise ValueError(f"share is {share!r}; it is the part of the survivors to remove, between 0 and 1.")
    # Rounded, because otherwise 1 - 0.8² = 0.36 would take a third round due to the last digit.
    return max(1, math.ceil(round(math.log1p(-final) / math.log1p(-share), 9)))


def polynomial(
    step: int, final: float, begin: int, end: int, initial: float = 0.0, power: float = 3
) -> float:
    """Return final + (initial − final)(1 − t)^power, where t goes from 0 at `begin` to 1 at `end`.

    It rises fast at first, while many weights remain, and slowly towards the end. A power of 1 is a straight
    line, a power of 3 the "cubic" schedule of the literature.

    Args:
        step: the step number.
        final: sparsity from step `end` on.
        begin: first step of pruning; before it the sparsity is 0.
        end: last step of pruning.
        initial: sparsity at `begin`. Defaults to 0.
        power: the exponent, above 0. Defaults to 3.

    Example:
        >>> steps = (0, 100, 550, 1_000)
        >>> [round(pw.schedules.polynomial(step, final=0.9, begin=100, end=1_000), 4) for step in steps]
        [0.0, 0.0, 0.7875, 0.9]

    Source: Zhu and Gupta, "To prune, or not to prune" (2017), equation 1 (power 3).
    """
    _checked(final, begin, end)
    if checked_sparsity(initial) > final:
        raise ValueError(f"initial is {initial:g}, above the final sparsity {final:g}.")
    if not power > 0:
        raise ValueError(f"power is {power!r}; it has to be above 0.")
    if step < begin:
        return 0.0
    if step >= end:
        return final
    left = 1 - (step - begin) / (end - begin)
    return final + (initial - final) * left**power


SCHEDULES: dict[str, Callable[..., float]] = {
    "constant": constant,
    "one_shot": one_shot,
    "iterative": iterative,
    "polynomial": polynomial,
}


def named_schedule(kind: str, final: float, begin: int, end: int, **own: float) -> Schedule:
    """Return one of `SCHEDULES` as a function of the step alone.

    Args:
        kind: a name from `SCHEDULES`.
        final: sparsity at the end.
        begin: first step of pruning; the only one of "one_shot". "constant" ignores it.
        end: last step of pruning, for "iterative" and "polynomial".
        **own: ``share`` of "iterative", or ``power`` and ``initial`` of "polynomial".
    """
    if kind == "constant":
        return partial(constant, final=final)
    if kind == "one_shot":
        return partial(one_shot, final=final, at=begin)
    return partial(SCHEDULES[kind], final=final, begin=begin, end=end, **own)


def _checked(final: float, begin: int, end: int) -> None:
    checked_sparsity(final)
    if not 0 <= begin <= end:
        raise ValueError(f"begin is {begin} and end is {end}; give steps with 0 <= begin <= end.")
