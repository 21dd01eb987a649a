"""The checks of chapter 06: training that recovers accuracy.

As in all checks, the truth is computed from its definition, with NumPy, whenever an answer is checked.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import prunewidgets as pw
from prunewidgets import models  # noqa: F401  says what to install where TensorFlow is missing

from .answers import near, unanswered
from .exercises import Result, check, right, still_open, stopped, wrong


def smaller_now(answer: Any, masks: pw.Masks, weights: dict[str, np.ndarray]) -> Result:
    """Check how many of the kept weights have become smaller than the τ that they once passed."""
    kept = np.concatenate([weights[name][mask] for name, mask in masks.items()])
    tau = np.float32(masks.threshold)
    truth = int(np.count_nonzero(np.abs(kept) < tau))
    small = sum(int(np.count_nonzero(np.abs(weights[name]) < tau)) for name in masks)
    return check(
        "chapter_06.smaller_now",
        answer,
        lambda count: count == truth,
        {
            "with_removed": lambda count: count == small,
            "still_larger": lambda count: count == kept.size - truth,
            "share": lambda count: near(count, truth / kept.size, 0.0005),
            "without_size": lambda count: count == np.count_nonzero(kept < tau),
        },
        count=truth,
        kept=kept.size,
    )


def ramp(function: Callable[..., Any]) -> Result:
    """Check a cubic schedule against the formula, and against the package's own."""
    exercise = "chapter_06.ramp"
    cases = [(step, 0.95, 94, 705) for step in (0, 93, 94, 95, 200, 400, 704, 705, 940)]
    cases += [(step, 0.8, 0, 100) for step in (0, 25, 50, 100, 101)]
    try:
        given = [function(*case) for case in cases]
    except Exception as error:
        return stopped(exercise, "ramp", error)
    if any(map(unanswered, given)):
        return still_open(exercise)

    def values(power: float = 3, shape: Callable[..., float] | None = None, cut: bool = True) -> list[float]:
        made = []
        for step, final, begin, end in cases:
            t = (step - begin) / (end - begin)
            t = min(max(t, 0.0), 1.0) if cut else t
            made.append(shape(step, final, end, t) if shape else final * (1 - (1 - t) ** power))
        return made

    def are(wanted: list[float]) -> bool:
        return np.shape(given) == (len(cases),) and np.allclose(np.array(given, float), wanted, atol=1e-6)

    truth = values()
    own = [pw.schedules.polynomial(*case) for case in cases]
    assert np.allclose(truth, own)
    try:
        if are(truth):
            return right(exercise)
        known = {
            "runs_on": values(cut=False),
            "linear": values(1),
            "square": values(2),
            "density": [1 - share for share in truth],
            "t_cubed": values(shape=lambda step, final, end, t: final * t**3),
            "from_zero": values(
                shape=lambda step, final, end, t: final * (1 - (1 - min(step / end, 1)) ** 3)
            ),
            "in_per_cent": [100 * share for share in truth],
        }
        mistake = next((name for name, wanted in known.items() if are(wanted)), "")
        if not mistake and any(not 0 <= share <= 1 for share in given):
            mistake = "outside"
        place = next(
            i for i, (got, want) in enumerate(zip(given, truth, strict=True)) if abs(got - want) > 1e-6
        )
    except (TypeError, ValueError):
        return wrong(exercise, "no_number")
    step, final, begin, end = cases[place]
    where = {"step": step, "final": final, "begin": begin, "end": end, "got": float(given[place])}
    return wrong(exercise, mistake or "hint", wanted=truth[place], **where)


def steps_of_both(answer: Any, digits: int, batch_size: int) -> Result:
    """Check the training steps of ten epochs and ten more, and of ten."""
    epoch, floor = math.ceil(digits / batch_size), digits // batch_size

    def are(*pair: int) -> Callable[[Any], bool]:
        return lambda given: [float(part) for part in given] == list(pair)

    return check(
        "chapter_06.steps_of_both",
        answer,
        are(20 * epoch, 10 * epoch),
        {
            "swapped": are(10 * epoch, 20 * epoch),
            "last_batch": are(20 * floor, 10 * floor),
            "epochs": are(20, 10),
            "digits": are(20 * digits, 10 * digits),
            "first_ten": are(10 * epoch, 10 * epoch),
        },
        digits=digits,
        batch_size=batch_size,
    )
