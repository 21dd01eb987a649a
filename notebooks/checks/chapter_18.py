"""The checks of chapter 18: what an exit can save, where a digit leaves, and the work behind a gate.

The truth is computed from its definition: one exit after the other, and one layer after the other.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from prunewidgets.models import Accuracy  # noqa: F401  keeps TensorFlow's greeting off the page
from prunewidgets.models.costs.timing import rounds, spread

from .answers import near
from .exercises import Result, check, check_function
from .pictures_18 import channels, tradeoff, trained_longer  # noqa: F401  drawn by the chapter
from .who_leaves_18 import who_leaves  # noqa: F401  shown by the chapter


def later_exit(answer: Any, whole: int, early: int, late: int) -> Result:
    """Check how many times fewer multiply-adds there are if everyone leaves at the later of two exits.

    Args:
        answer: the factor.
        whole: multiply-adds of the network without exits.
        early: of a digit that leaves at the first of two exits, when there is no other.
        late: of a digit that leaves at the second, when there is no other.
    """
    factor = whole / late
    return check(
        "chapter_18.later_exit",
        answer,
        lambda given: abs(float(given) - factor) < 0.02,
        {
            "first": lambda given: abs(float(given) - whole / early) < 0.2,
            "share": lambda given: near(given, late / whole, 0.01),
            "saved": lambda given: near(given, 1 - late / whole, 0.01),
        },
        whole=whole,
        late=late,
        factor=factor,
    )


def leaves_at(function: Callable[[np.ndarray, float], Any]) -> Result:
    """Check a function from probabilities, (outputs, classes), and a threshold to the output's number."""
    rng = np.random.default_rng(18)
    drawn = [rng.dirichlet(np.full(4, 0.4), size=3) for _ in range(6)]
    tried = [(one, threshold) for one in drawn for threshold in (0.5, 0.7, 0.9)]
    tried += [(np.array([[0.5, 0.5], [0.75, 0.25], [0.6, 0.4]]), 0.75)]  # equal is enough
    tried += [(np.array([[0.5, 0.5], [0.6, 0.4], [0.7, 0.3]]), 0.9)]  # nobody is sure
    tried += [(np.array([[0.1, 0.9], [0.05, 0.95], [0.2, 0.8]]), 0.9)]  # two are
    answers = {
        "": [_leaves_at(*one) for one in tried],
        "above": [_leaves_at(*one, equal=False) for one in tried],
        "unsure": [_leaves_at(*one, nobody=0) for one in tried],
        "surest": [int(one.max(axis=1).argmax()) for one, _ in tried],
        "from_one": [_leaves_at(*one) + 1 for one in tried],
        "last_sure": [_last_sure(*one) for one in tried],
    }
    return check_function("chapter_18.leaves_at", "leaves_at", function, tried, answers)


def _leaves_at(probabilities: np.ndarray, threshold: float, equal: bool = True, nobody: int = -1) -> int:
    for number, row in enumerate(probabilities):
        sure = max(row) >= threshold if equal else max(row) > threshold
        if sure:
            return number
    return len(probabilities) - 1 if nobody < 0 else nobody


def _last_sure(probabilities: np.ndarray, threshold: float) -> int:
    sure = [number for number, row in enumerate(probabilities) if max(row) >= threshold]
    return sure[-1] if sure else len(probabilities) - 1


def gated_work(answer: Any, kept: int, layers: Mapping[str, int], every: int = 32) -> Result:
    """Check the multiply-adds of the small CNN if conv_2 makes only the channels that the gate keeps.

    Args:
        answer: the multiply-adds of a digit.
        kept: channels that are kept.
        layers: {kernel: multiply-adds} of the whole network with its gate.
        every: how many channels there are.
    """
    work = {name.partition("/")[0]: count for name, count in layers.items()}
    share = kept / every
    gate, made, read = work["conv_2_gate"], work["conv_2"], work["dense_1"]
    others = work["conv_1"] + work["dense_2"]
    exact = others + gate + share * (made + read)
    whole = others + made + read
    return check(
        "chapter_18.gated_work",
        answer,
        lambda given: abs(float(given) - exact) < 1,
        {
            "no_gate": lambda given: abs(float(given) - exact + gate) < 1,
            "made_only": lambda given: (
                min(abs(float(given) - others - share * made - read - more) for more in (0, gate)) < 1
            ),
            "all": lambda given: min(abs(float(given) - share * (whole + more)) for more in (0, gate)) < 1,
            "whole": lambda given: min(abs(float(given) - whole - more) for more in (0, gate)) < 1,
        },
        kept=kept,
        exact=exact,
        gate=gate,
        made=share * made,
        read=share * read,
        whole=whole,
        factor=whole / exact,
    )


def times(
    runners: Mapping[str, Callable[[np.ndarray], Any]],
    x: np.ndarray,
    batches: Iterable[int] = (1, 32),
    seconds: float = 1.0,
) -> pd.DataFrame:
    """Time functions in turns on batches of different digits; return milliseconds for each batch.

    Args:
        runners: {name: function of a batch}.
        x: the examples, of which each call takes the next; all runners the same ones.
        batches: how many at a time.
        seconds: for each function and batch.

    Returns:
        One row per function and batch: name, batch, ms (the median over the rounds of the mean in each, as
        the work differs from one batch to the next), low, high (quartiles of these means).
    """
    cases = {(name, batch): _next(run, x, batch) for name, run in runners.items() for batch in batches}
    means: dict[tuple[str, int], list[float]] = {case: [] for case in cases}
    counted = dict.fromkeys(cases, 0)
    for taken in rounds(cases, seconds):
        for case, every in taken.items():
            if len(every) > counted[case]:
                means[case].append(float(np.mean(every[counted[case] :])))
            counted[case] = len(every)
    rows = [[*case, *spread(means[case])[:3]] for case in cases]
    return pd.DataFrame(rows, columns=["name", "batch", "ms", "low", "high"])


def _next(run: Callable[[np.ndarray], Any], x: np.ndarray, batch: int) -> Callable[[], Any]:
    place = 0

    def call() -> Any:
        nonlocal place
        start = place % (len(x) - batch + 1)
        place += batch
        return run(x[start : start + batch])

    return call
