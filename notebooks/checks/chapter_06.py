"""The checks of chapter 06: training that recovers accuracy.

As in all checks, the truth is computed from its definition, with NumPy, whenever an answer is checked.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np

import prunewidgets as pw
import prunewidgets.models  # noqa: F401  keeps TensorFlow's greeting off the page

# isort: split
import keras

from .answers import unanswered
from .verdicts import check, say, stopped


def smaller_now(answer: Any, masks: pw.Masks, weights: dict[str, np.ndarray]) -> None:
    """Check how many of the kept weights have become smaller than the τ that they once passed."""
    kept = np.concatenate([weights[name][mask] for name, mask in masks.items()])
    tau = np.float32(masks.threshold)
    truth = int(np.count_nonzero(np.abs(kept) < tau))
    hint = "Count over all three arrays where the mask is True *and* |w| is below masks.threshold."
    if answer == sum(np.count_nonzero(np.abs(weights[name]) < tau) for name in masks):
        hint = f"That counts the removed ones too, which are 0 now. {hint}"
    check(
        answer,
        lambda count: count == truth,
        "how many of the kept weights are smaller than τ by now?",
        hint,
        f"{truth:,} of {kept.size:,}: kept, and by now smaller than what was asked of them.",
    )


def steps_of_both(answer: Any, digits: int, batch_size: int) -> None:
    """Check the training steps of ten epochs and ten more, and of ten."""
    epoch = math.ceil(digits / batch_size)
    check(
        answer,
        lambda pair: list(pair) == [20 * epoch, 10 * epoch],
        "(steps of the recommended method, steps of the other).",
        f"How many batches of {batch_size} are {digits:,} digits? The last one may be smaller.",
        "one had twice the training of the other. That it is better may come from the method or from the "
        "steps; this cannot show which.",
    )


def slopes(slope_l1: Callable[[float], Any], slope_l2: Callable[[float], Any]) -> None:
    """Check two slopes against differences of |w| and w² themselves."""
    points = [-1.5, -0.2, 0.05, 0.4, 2.0]

    def differences(penalty: Callable[[float], float]) -> list[float]:
        return [(penalty(w + 1e-6) - penalty(w - 1e-6)) / 2e-6 for w in points]

    try:
        given = [[slope(w) for w in points] for slope in (slope_l1, slope_l2)]
    except Exception as error:
        return stopped("a slope", error)
    truth = [differences(abs), differences(np.square)]
    check(
        ... if any(map(unanswered, given)) else dict(zip(("L1", "L2"), given, strict=True)),
        lambda both: np.allclose(list(both.values()), truth, atol=1e-4),
        "what is the slope of |w|, and what that of w²?",
        "Draw |w| and w². How steep are they at −0.2 and at 0.4, and which way?",
        "the slope of |w| is 1 or −1 however small w is; that of w² is 2w and fades with w.",
    )


def sparse_network(
    function: Callable[[], Any], held: tuple[Any, Any], sparsity: float, steps: int, at_least: float
) -> keras.Model | None:
    """Check a network that the student trained sparse, by counting zeros and steps and by measuring.

    The steps are counted while the function runs: an optimizer's own count begins again with each `compile`.

    Returns:
        The network, if it is one that keeps to the budget; for the test at the end.
    """
    try:
        with _fits(held) as fits:
            network = function()
    except Exception as error:
        return stopped("your function", error)
    if network is ...:
        return say("○ not answered yet: train a sparse network and return it.")
    if not isinstance(network, keras.Model):
        return say("✗ Return the network itself.")
    if not fits:
        return say("✗ Build and fit the network inside the function: the check counts the steps there.")
    weights = pw.LiveModel(network).weights
    total = sum(w.size for w in weights.values())
    kept, allowed = sum(map(np.count_nonzero, weights.values())), total - round(sparsity * total)
    taken, head_start = sum(steps for steps, _ in fits), max(before for _, before in fits)
    accuracy = pw.LiveModel(network).evaluate(*held)
    print(
        f"  kept {kept:,} kernel weights (at most {allowed:,} allowed), {taken:,} steps (at most {steps:,})"
    )
    print(f"  held-out accuracy {accuracy} (at least {100 * at_least:.2f} % needed)")
    if kept > allowed or taken > steps:
        return say("✗ It does not keep to the budget; look at the line above.")
    if head_start > _UNTRAINED:
        return say(
            f"✗ It read {100 * head_start:.0f} % of the digits before its first step, so it was trained "
            "before. Begin with new weights."
        )
    if accuracy < at_least:
        say(
            "✗ Within the budget, but not accurate enough. Were steps left after the last cut? Were the cuts "
            "small? Is the learning rate enough for few steps?"
        )
    else:
        say("✓ sparse, within the steps, and accurate enough.")
    return network


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
    network: keras.Model | None, unpruned: pw.LiveModel, held: tuple[Any, Any], test: tuple[Any, Any]
) -> None:
    """Print the accuracy of the student's network and of an unpruned one on both sets of digits."""
    if network is None:
        print("○ no sparse network yet; the test digits stay closed.")
        return
    for digits, (x, y) in {"held-out": held, "test": test}.items():
        whole, mine = unpruned.evaluate(x, y), pw.LiveModel(network).evaluate(x, y)
        print(f"{digits} digits: unpruned {whole}")
        print(f"{digits} digits: yours    {mine}, a loss of {100 * (whole - mine):.2f} points")
