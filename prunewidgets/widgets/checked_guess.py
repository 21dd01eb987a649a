"""Check what a reader expects: at which sparsities, and which values."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..core.thresholds import number


def checked_sparsities(sparsities: Iterable[float], unpruned: float | None) -> list[float]:
    """Return the sparsities to draw at as ascending floats."""
    if isinstance(sparsities, str | Mapping) or not isinstance(sparsities, Iterable):
        raise TypeError(f"sparsities is a list of numbers such as [0.5, 0.9], not {sparsities!r:.60}.")
    found = sorted(fraction(sparsity, "a sparsity") for sparsity in sparsities)
    twice = [f"{a:g}" for a, b in zip(found, found[1:], strict=False) if a == b]
    if twice:
        raise ValueError(f"sparsity {', '.join(twice)} is there twice; give each once.")
    wanted = [sparsity for sparsity in found if sparsity > 0 or unpruned is None]
    if not wanted:
        raise ValueError("there is no sparsity to draw at; give some, such as [0.5, 0.8, 0.9, 0.95].")
    return wanted


def checked_guess(guess: Any, sparsities: list[float], span: Sequence[float]) -> dict[float, float]:
    """Return {sparsity: accuracy} as plain numbers, in the order of the sparsities."""
    if not isinstance(guess, Mapping):
        raise TypeError(f"guess is {{sparsity: accuracy}}, such as {{0.9: 0.85}}, not {guess!r:.60}.")
    drawn: dict[float, float] = {}
    for sparsity, accuracy in guess.items():
        at = fraction(sparsity, "a sparsity of the guess")
        place = min(sparsities, key=lambda other: abs(other - at))
        if abs(place - at) > 1e-9:
            known = ", ".join(f"{sparsity:g}" for sparsity in sparsities)
            raise ValueError(f"the guess has no point at sparsity {at:g}; its points are {known}.")
        drawn[place] = within(accuracy, f"the guess at {place:g}", span)
    return dict(sorted(drawn.items()))


def within(value: Any, name: str, span: Sequence[float]) -> float:
    """Return a value of the measure as a float, if it lies on the axis."""
    low, high = span
    if (low, high) == (0, 1):
        return fraction(value, name)
    found = number(value, name)
    if not low <= found <= high:
        raise ValueError(f"{name} is {found:g}, outside the span of the axis, {low:g} to {high:g}.")
    return found


def fraction(value: Any, name: str) -> float:
    """Return a number from 0 to 1 as a float."""
    found = number(value, name)
    if not 0 <= found <= 1:
        raise ValueError(f"{name} is {found:g}; give a fraction from 0 to 1 (write 75 % as 0.75).")
    return found
