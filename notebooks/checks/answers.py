"""What a student may write as an answer, and how it is read and printed.

A number may be written as text; `...` stands for what is not answered yet.
"""

from collections.abc import Iterator
from math import isfinite
from typing import Any

import numpy as np


def read(answer: Any) -> Any:
    """Return an answer with each number that was written as text, such as '0.5' or '50 %', as a number."""
    if isinstance(answer, dict):
        return {name: read(part) for name, part in answer.items()}
    if isinstance(answer, list | tuple):
        return type(answer)(map(read, answer))
    if isinstance(answer, str):
        try:
            value = float(answer.strip().removesuffix("%"))
        except ValueError:
            return answer
        return value if isfinite(value) else answer
    return answer


def from_percent(answer: Any) -> Iterator[Any]:
    """Yield the answer with one of its numbers, or all of them, taken as per cent."""
    if number(answer) and 1 < answer <= 100:
        yield answer / 100
    elif isinstance(answer, list | tuple):
        scaled = [next(from_percent(part), part) if number(part) else part for part in answer]
        yield type(answer)(scaled)
        for place, part in enumerate(scaled):
            yield type(answer)([*answer[:place], part, *answer[place + 1 :]])


def near(given: Any, value: float, tolerance: float = 0.005) -> bool:
    """Return whether a number, or the same number in per cent, is about a value."""
    return any(abs(float(given) / unit - value) < tolerance for unit in (1, 100))


def unanswered(answer: Any) -> bool:
    """Return whether an answer, or a part of it, is still `...`, or a curve that is still being drawn."""
    if isinstance(answer, dict):
        return unanswered(list(answer.values()))
    if getattr(answer, "stage", "") == "drawing":  # of a pw.ExpectedCurve
        return True
    return answer is ... or (isinstance(answer, list | tuple) and any(map(unanswered, answer)))


def number(value: Any) -> bool:
    """Return whether a value is one real number."""
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, str | bool | np.bool)


def same(guess: Any, found: Any) -> bool:
    """Return whether a guess is right, also in another form: "yes" for True, "dense_1" for its kernel."""
    if isinstance(guess, list | tuple | set) and len(guess) == 1:
        (guess,) = guess
    word = guess.strip().casefold() if isinstance(guess, str) else None
    if word and isinstance(found, bool | np.bool):
        return word in (("true", "yes") if found else ("false", "no"))
    if word and isinstance(found, str):
        return word in (found.casefold(), found.casefold().partition("/")[0])
    return np.array_equal(guess, found)


def plain(value: Any) -> bool:
    """Return whether a value is readable when printed: a number, a word, several of them."""
    if isinstance(value, dict):
        return plain(list(value.values()))
    if isinstance(value, list | tuple | set):
        return all(map(plain, value))
    return value is None or isinstance(value, str | int | float | np.generic | np.ndarray)


def short(value: Any) -> str:
    """Return a value in one short line."""
    if isinstance(value, dict):
        line = ", ".join(f"{name}: {short(part)}" for name, part in value.items())
    elif isinstance(value, list | tuple):
        line = ", ".join(
            f"({short(part)})" if isinstance(part, list | tuple) else short(part) for part in value
        )
    elif type(value) is int or isinstance(value, np.integer):
        line = f"{value:,}"
    else:
        line = (
            f"{value:.6g}" if type(value) in (float, np.float32, np.float64) else " ".join(str(value).split())
        )
    return line if len(line) <= 80 else f"{line[:77]}…"
