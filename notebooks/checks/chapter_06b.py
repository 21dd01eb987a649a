"""The checks of chapter 06b: training that expects a cut.

As in all checks, the truth is computed from its definition, with NumPy, whenever an answer is checked.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import numpy as np

import prunewidgets as pw
import prunewidgets.models  # noqa: F401  keeps TensorFlow's greeting off the page

# isort: split
import keras

from .answers import unanswered
from .exercises import Result, check, right, still_open, stopped, wrong
from .texts import text
from .verdicts import say


@dataclass(frozen=True)
class Trained(Result):
    """The verdict on a network.

    Attributes:
        network: the network, if it is one that keeps to the budget; for the test at the end.
    """

    network: keras.Model | None = None


def slopes(slope_l1: Callable[[float], Any], slope_l2: Callable[[float], Any]) -> Result:
    """Check two slopes against differences of |w| and w² themselves."""
    points = [-1.5, -0.2, 0.05, 0.4, 2.0]

    def differences(penalty: Callable[[float], float]) -> list[float]:
        return [(penalty(w + 1e-6) - penalty(w - 1e-6)) / 2e-6 for w in points]

    exercise = "chapter_06b.slopes"
    try:
        given = [[slope(w) for w in points] for slope in (slope_l1, slope_l2)]
    except Exception as error:
        return stopped(exercise, "a slope", error)
    w = np.array(points)
    truth = [differences(abs), differences(np.square)]

    def are(*wanted: Any) -> Callable[[Any], bool]:
        return lambda both: all(
            want is None or np.allclose(np.array(got, float), want, atol=1e-4)
            for got, want in zip(both.values(), wanted, strict=True)
        )

    return check(
        exercise,
        ... if any(map(unanswered, given)) else dict(zip(("L1", "L2"), given, strict=True)),
        are(*truth),
        {
            "swapped": are(truth[1], truth[0]),
            "one_side": are(np.ones(5), None),
            "penalties": are(abs(w), w**2),
            "the_penalty_itself": are(abs(w), None),
            "half": are(None, w),
            "no_sign": are(None, 2 * abs(w)),
            "square": are(None, w**2),
        },
    )


def sparse_network(
    function: Callable[[], Any], held: tuple[Any, Any], sparsity: float, steps: int, at_least: float
) -> Trained:
    """Check a network that the student trained sparse, by counting zeros and steps and by measuring.

    The steps are counted while the function runs: an optimizer's own count begins again with each `compile`.
    """
    exercise = "chapter_06b.sparse_network"

    def verdict(result: Result, network: keras.Model | None = None) -> Trained:
        return Trained(**vars(result), network=network)

    try:
        with _fits(held) as fits:
            network = function()
    except Exception as error:
        return verdict(stopped(exercise, "your function", error))
    if network is ...:
        return verdict(still_open(exercise))
    if not isinstance(network, keras.Model):
        return verdict(wrong(exercise, "no_network"))
    if not fits:
        return verdict(wrong(exercise, "no_fit"))
    weights = pw.LiveModel(network).weights
    total = sum(w.size for w in weights.values())
    kept, allowed = sum(map(np.count_nonzero, weights.values())), total - round(sparsity * total)
    taken, head_start = sum(steps for steps, _ in fits), max(before for _, before in fits)
    accuracy = pw.LiveModel(network).evaluate(*held)
    values = {"kept": kept, "allowed": allowed, "taken": taken, "steps": steps}
    print(text(exercise, "measured", accuracy=accuracy, at_least=100 * at_least, **values))
    if kept > allowed:
        return verdict(wrong(exercise, "too_many_weights", **values))
    if taken > steps:
        return verdict(wrong(exercise, "too_many_steps", **values))
    if head_start > _UNTRAINED:
        return verdict(wrong(exercise, "head_start", read=100 * head_start))
    return verdict(wrong(exercise) if accuracy < at_least else right(exercise), network)


_UNTRAINED = 0.4
"""More than a network with its first weights reads of ten kinds of digits by chance."""


@contextmanager
def _fits(held: tuple[Any, Any]) -> Iterator[list[tuple[int, float]]]:
    """Watch every `fit`: its steps, whatever is compiled in between, and how good each network was before.

    Yields:
        [(steps, accuracy before)] of the fits so far; 0 for an accuracy that is not a network's first.
    """
    fits: list[tuple[int, float]] = []
    seen: list[keras.Model] = []
    plain_fit = keras.Model.fit

    def fit(model: keras.Model, *args: Any, **kwargs: Any) -> Any:
        new = model.built and not any(model is other for other in seen)
        before = float(pw.LiveModel(model).evaluate(*held)) if new else 0.0
        seen.append(model)
        optimizer = getattr(model, "optimizer", None)  # not there before compile
        first = int(optimizer.iterations) if optimizer else 0
        try:
            return plain_fit(model, *args, **kwargs)
        finally:
            fits.append((int(optimizer.iterations) - first if optimizer else 0, before))

    with patch.object(keras.Model, "fit", fit):
        yield fits


def once_on_the_test_set(
    mine: Trained, unpruned: pw.LiveModel, held: tuple[Any, Any], test: tuple[Any, Any]
) -> None:
    """Print the accuracy of the student's network and of an unpruned one on both sets of digits."""
    exercise = "chapter_06b.sparse_network"
    if mine.network is None:
        say(text(exercise, "closed"))
        return
    for entry, (x, y) in {"held": held, "tested": test}.items():
        whole, sparse = unpruned.evaluate(x, y), pw.LiveModel(mine.network).evaluate(x, y)
        print(text(exercise, entry, whole=whole, sparse=sparse, lost=100 * (whole - sparse)))
