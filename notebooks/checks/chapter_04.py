"""The checks of chapter 04: which layers.

As in all checks, the truth is computed from its definition, with NumPy, whenever an answer is checked;
what is measured is measured again.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

import prunewidgets as pw
from prunewidgets.models import Accuracy  # keeps TensorFlow's greeting off the page

from .answers import near, number, read, short, unanswered
from .exercises import Result, check, right, still_open, stopped, wrong
from .texts import text
from .verdicts import restore_if_applied, say

MOST_MEASUREMENTS = 1_000
"""A search that measures more often than this is stopped."""


def next_weights(
    answer: Any, scan: pd.DataFrame, layers: tuple[str, str], between: tuple[float, float]
) -> Result:
    """Check how many further weights of one layer cost as much accuracy as one of another.

    Args:
        answer: how many.
        scan: a sensitivity scan.
        layers: the layer with the cheap weights, and the one with the expensive weights.
        between: the two levels of the scan between which the further weights go.
    """
    exercise = "chapter_04.next_weights"
    if unanswered(answer):
        return still_open(exercise)
    lost, went = _between(scan, layers, *between)
    prices = lost / went
    if not prices.gt(0).all():  # after a stop, or of a network that has hardly learned
        return wrong(exercise, "no_price")

    def ratio(of: pd.Series) -> float:
        return float(of.iloc[1] / of.iloc[0])

    def from_the_first(level: float) -> float:
        lost, went = _between(scan, layers, 0, level)
        return ratio(lost / went)

    def about(value: float) -> Callable[[Any], bool]:
        return lambda given: abs(float(given) / value - 1) < 0.02

    return check(
        exercise,
        answer,
        about(ratio(prices)),
        {
            "loss_alone": about(ratio(lost)),
            "upside_down": about(1 / ratio(prices)),
            "from_the_first": lambda given: any(about(from_the_first(level))(given) for level in between),
        },
        truth=ratio(prices),
        expensive=1e4 * prices.iloc[1],
        cheap=1e4 * prices.iloc[0],
    )


def true_sparsity(answer: Any, masks: pw.Masks, weights: dict[str, np.ndarray]) -> Result:
    """Check the sparsity of the whole model under masks that name only some of its layers."""
    removed = sum(int(np.count_nonzero(~mask)) for mask in masks.values())
    named = sum(mask.size for mask in masks.values())
    total = sum(array.size for array in weights.values())
    return check(
        "chapter_04.true_sparsity",
        answer,
        lambda share: abs(float(share) - removed / total) < 0.0005,
        {
            "of_the_layer": lambda share: near(share, removed / named),
            "kept": lambda share: near(share, 1 - removed / total),
            "count": lambda share: float(share) == removed,
        },
        removed=removed,
        total=total,
        share=removed / total,
    )


def budget(answer: Any, live: pw.LiveModel, x: Any, y: Any, at_most: int, at_least: float) -> Result:
    """Check a budget {layer: sparsity} against both constraints, by counting and by measuring."""
    exercise = "chapter_04.budget"
    if unanswered(answer):
        return still_open(exercise)
    return _judged(exercise, answer, live, (x, y), at_most, at_least) or right(exercise)


def search(
    function: Callable[..., Any],
    live: pw.LiveModel,
    held: tuple[Any, Any],
    limits: tuple[int, ...],
    most_loss: float,
) -> Result:
    """Check a function that searches a budget: each limit is counted and measured.

    Args:
        function: (accuracy, sizes, at_most, at_least) -> {layer: sparsity}.
        live: the network.
        held: the digits to choose with.
        limits: how many weights may be kept, one search each.
        most_loss: how much accuracy may be lost, as a fraction.
    """
    exercise = "chapter_04.search"
    weights = live.weights
    scores, sizes = pw.score(weights), {name: array.size for name, array in weights.items()}
    least = float(live.evaluate(*held)) - most_loss
    for limit in pw.progress(limits, "search"):
        measured: list[Any] = []

        def accuracy(sparsities: Mapping[str, float], measured: list[Any] = measured) -> float:
            measured.append(sparsities)
            if len(measured) > MOST_MEASUREMENTS:
                raise RuntimeError(text(exercise, "endless", most=MOST_MEASUREMENTS))
            return float(live.evaluate(*held, pw.Masks.from_sparsity(scores, dict(sparsities))))

        try:
            found = function(accuracy, dict(sizes), limit, least)
        except Exception as error:
            return stopped(exercise, "your search", error)
        if unanswered(found):
            return still_open(exercise)
        print(text(exercise, "searched", limit=limit, n=len(measured)))
        if found is None:
            return wrong(exercise, "nothing", limit=limit)
        failed = _judged(exercise, found, live, held, limit, least)
        if failed is not None:
            return failed
        one = pw.Masks.from_sparsity(scores, 1 - limit / sum(sizes.values()))
        print(text(exercise, "one_threshold", accuracy=live.evaluate(*held, one)))
    return right(exercise)


def once_on_the_test_set(
    answer: Any, live: pw.LiveModel, held: tuple[Any, Any], test: tuple[Any, Any], guess: Any
) -> None:
    """Print the test accuracy of a budget and of the unpruned model, and the loss on both sets of digits.

    Args:
        answer: the budget.
        live: the network.
        held: the digits that the budget was chosen with.
        test: the digits of the test.
        guess: whether the loss on the test digits will be "smaller" or "larger".
    """
    for waits, given in {"no_budget": answer, "no_guess": guess}.items():
        if unanswered(given):
            say(text("chapter_04.budget", waits))
            return
    restore_if_applied(live)  # in case something was applied in a lab
    try:
        whole, (kept, accuracy) = live.evaluate(*test), _count_and_measure(answer, live, *test)
    except (TypeError, ValueError) as error:
        say(text("chapter_04.budget", "closed", error=error))
        return
    chosen = live.evaluate(*held) - _count_and_measure(answer, live, *held)[1]
    lost = whole - accuracy
    found = "larger" if lost > chosen else "smaller" if lost < chosen else "equal"
    values = {"whole": whole, "accuracy": accuracy, "kept": kept, "chosen": 100 * chosen, "lost": 100 * lost}
    print(text("chapter_04.budget", "tested", guess=short(read(guess)), found=found, **values))


def _between(
    scan: pd.DataFrame, layers: tuple[str, str], low: float, high: float
) -> tuple[pd.Series, pd.Series]:
    """Return what each layer lost between two levels, and how many weights went; NaN if not measured."""
    first, last = (
        scan[(scan["sparsity"] - level).abs() < 0.01].set_index("layer").reindex(layers)
        for level in (low, high)
    )
    return first["accuracy"] - last["accuracy"], last["removed"] - first["removed"]


def _judged(
    exercise: str, answer: Any, live: pw.LiveModel, held: tuple[Any, Any], at_most: int, at_least: float
) -> Result | None:
    """Print what a budget keeps and reads; return the verdict if it is wrong."""
    try:
        sparsities = {name: float(value) for name, value in read(dict(answer)).items()}
    except (TypeError, ValueError):
        return wrong(exercise, "other_kind", short(answer))
    if any(1 < value <= 100 for value in sparsities.values()):
        return wrong(exercise, "per_cent", short(answer), "per_cent")
    try:
        kept, accuracy = _count_and_measure(sparsities, live, *held)
    except (TypeError, ValueError) as error:
        return wrong(exercise, "not_valid", error=error)
    values = {"kept": kept, "at_most": at_most, "accuracy": accuracy, "at_least": 100 * at_least}
    print(text("chapter_04.budget", "measured", **values))
    too_many, too_bad = kept > at_most, accuracy < at_least
    if too_many:
        turned = {name: 1 - value for name, value in sparsities.items()}
        others = _count_and_measure(turned, live, *held)
        if others[0] <= at_most and others[1] >= at_least:
            return wrong(exercise, "turned")
    if too_many or too_bad:
        return wrong(exercise, "both" if too_many and too_bad else "too_many" if too_many else "too_bad")
    return None


def _count_and_measure(
    sparsities: dict[str, float], live: pw.LiveModel, x: Any, y: Any
) -> tuple[int, Accuracy]:
    """Return how many weights are kept, counted in the pruned arrays, and the accuracy."""
    weights = live.weights
    full = {name.split("/")[0]: name for name in weights}  # "dense_1" is good enough for "dense_1/kernel"
    if isinstance(sparsities, Mapping):
        sparsities = {
            full.get(name, name): float(value) if number(value) else value
            for name, value in read(dict(sparsities)).items()
        }
    masks = pw.Masks.from_sparsity(pw.score(weights), sparsities)
    kept = sum(int(np.count_nonzero(array)) for array in masks.apply(weights).values())
    return kept, live.evaluate(x, y, masks)
