"""One run of one method: its result in plain types, or why there is none."""

import math
import numbers
import random
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Method = Callable[[float, int], Any]
"""``method(sparsity, seed)`` trains or prunes and returns the measure, or a dict that has it."""

OWN_COLUMNS = ("method", "sparsity", "seed", "seconds", "failure")
_ONE_RUN = threading.RLock()
"""Held while a method runs, because ``keras.utils.set_random_seed`` etc. seed all threads of a process."""


@dataclass(frozen=True)
class Attempt:
    """What one run gave.

    Attributes:
        result: Its numbers and texts by name; None if it failed.
        seconds: How long it took.
        failure: Why there is no result: the class of the error and its message.
        invalid: Whether the method ended and returned something that is no result.
        details: Where in the code it failed, as Python prints it, if that was in another process.
        stored: Whether it is in the store already.
    """

    result: dict[str, Any] | None
    seconds: float
    failure: str | None = None
    invalid: bool = False
    details: str = ""
    stored: bool = False

    def error(self, where: str) -> RuntimeError | ValueError:
        """Return the error for a failed run; `where` names the run."""
        if self.invalid:
            return ValueError(f"{where} {self.failure}")
        error = RuntimeError(f"{where} failed ({self.failure}).")
        if self.details:
            error.add_note(f"In the worker process:\n{self.details}")
        return error


def attempt(method: Method, sparsity: float, seed: int, measure: str) -> tuple[Attempt, BaseException | None]:
    """Run a method once, with all generators of random numbers seeded; return the outcome and its error."""
    with _ONE_RUN:
        seed_all(seed)
        start = time.perf_counter()
        try:
            returned = method(sparsity, seed)
        except (Exception, SystemExit) as error:
            seconds, why = time.perf_counter() - start, f"{type(error).__name__}: {error}"
            return Attempt(None, seconds, why.strip()), error
        seconds = time.perf_counter() - start
    try:
        return Attempt(_result(returned, measure), seconds), None
    except ValueError as error:
        return Attempt(None, seconds, str(error), invalid=True), None


def seed_all(seed: int) -> None:
    """Seed Python, NumPy and, if it is loaded, Keras, so that a run is the same wherever it comes."""
    number = seed % 2**32
    random.seed(number)
    np.random.seed(number)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(number)


def _result(returned: Any, measure: str) -> dict[str, Any]:
    """Return what a method returned as a dict for JSON.

    Raises:
        ValueError: the measure is missing, something is no finite number or text, or a name is taken; the
            message is the end of a sentence about the run.
    """
    result = dict(returned) if isinstance(returned, Mapping) else {measure: returned}
    if measure not in result:
        raise ValueError(
            f"returned no {measure!r}, but {', '.join(map(repr, result)) or 'nothing'}: "
            "name with measure= what counts."
        )
    value = result[measure]
    is_share = measure == "accuracy"
    least, most = (0, 1) if is_share else (-math.inf, math.inf)
    if not isinstance(value, numbers.Real) or not math.isfinite(value) or not least <= float(value) <= most:
        right = (
            "a number from 0 to 1; for another measure give measure='loss' or its name"
            if is_share
            else "a finite number"
        )
        raise ValueError(f"returned {value!r} as {measure}; it has to be {right}.")
    taken = [column for column in OWN_COLUMNS if column in result]
    if taken:
        raise ValueError(f"returned {', '.join(taken)}, which the frame already has; rename it.")
    if hasattr(value, "interval") and hasattr(value, "n"):
        low, high = value.interval
        result = {"low": low, "high": high, "n": value.n} | result
    return {key: _plain(entry, key) for key, entry in result.items()}


def _plain(value: Any, key: str) -> float | int | str:
    """Return a number or text as a type that JSON supports, which NumPy's types are not."""
    if isinstance(value, str):
        return value
    if not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise ValueError(f"returned {value!r:.40} as {key!r}; give a finite number or text.")
    return int(value) if isinstance(value, numbers.Integral) else float(value)
