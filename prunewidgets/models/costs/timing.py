"""Timing: several calls take turns, so that other load on the machine affects all of them equally."""

import gc
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import numpy as np

Call = Callable[[], object]
Key = TypeVar("Key")

_BLOCK = 0.01  # seconds for a call in each round, at least one run
_MOST_RUNS = 50  # in a block
ROUNDS = 20
"""Maximum number of rounds."""


class Spread(NamedTuple):
    """How long a call takes, in milliseconds.

    Attributes:
        median: The median.
        low: The first quartile.
        high: The third quartile.
        runs: Number of runs timed.
    """

    median: float
    low: float
    high: float
    runs: int


def rounds(calls: Mapping[Key, Call], seconds: float = 1.0) -> Iterator[dict[Key, list[float]]]:
    """Time the calls in turns; the caller can stop after any round.

    In each round each call runs once untimed, so that its data is in the caches again, and then for about
    10 ms, at least once. The order is shuffled in each round: a call that follows one of another kind may
    have to wait for sleeping threads, up to 30 times its own time on a busy machine.

    Args:
        calls: {name: call without arguments}.
        seconds: Time in seconds for each call, all rounds together. At least three rounds are run, however
            long they take, and at most twenty. Defaults to 1.

    Yields:
        After each round, and once before the first (empty): {name: seconds of each run so far}, the same
        lists each time.
    """
    taken: dict[Key, list[float]] = {name: [] for name in calls}
    for call in calls.values():  # compiles, allocates
        call()
    yield taken
    shuffler, order = random.Random(0), list(calls.items())
    end = time.perf_counter() + seconds * len(calls)
    for number in range(ROUNDS):
        if number >= 3 and time.perf_counter() > end:
            return
        shuffler.shuffle(order)
        for name, call in order:
            taken[name] += _block(call)
        yield taken


def spread(seconds: list[float]) -> Spread:
    """Return median and quartiles of the times in milliseconds; NaN if there are none."""
    if not seconds:
        return Spread(np.nan, np.nan, np.nan, 0)
    low, median, high = 1000 * np.quantile(seconds, [0.25, 0.5, 0.75])
    return Spread(float(median), float(low), float(high), len(seconds))


def _block(call: Call) -> list[float]:
    call()
    with _no_garbage_collection():
        end = time.perf_counter() + _BLOCK
        taken: list[float] = []
        while not taken or (len(taken) < _MOST_RUNS and time.perf_counter() < end):
            start = time.perf_counter()
            call()
            taken.append(time.perf_counter() - start)
    return taken


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
