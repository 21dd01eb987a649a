"""The immediate checks of chapter 06: training that recovers accuracy.

As in `checks.py`, the truth is computed here from its definition, with NumPy, whenever an answer is checked.
"""

import math
from collections.abc import Callable
from typing import Any

import checks
import numpy as np

import prunewidgets as pw
import prunewidgets.models  # noqa: F401  keeps TensorFlow's greeting off the page

# isort: split
import keras


def smaller_now(answer: Any, masks: pw.Masks, weights: dict[str, np.ndarray]) -> None:
    """Check how many of the kept weights have become smaller than the τ that they once passed."""
    kept = np.concatenate([weights[name][mask] for name, mask in masks.items()])
    truth = int(np.count_nonzero(np.abs(kept) < np.float32(masks.threshold)))
    checks.check(
        answer,
        lambda count: int(count) == truth,
        "how many of the kept weights are smaller than τ by now?",
        "Count over all three arrays where the mask is True *and* |w| is below masks.threshold.",
        f"{truth:,} of {kept.size:,}: kept, and by now smaller than what was asked of them.",
    )


def steps_of_both(answer: Any, digits: int, batch_size: int) -> None:
    """Check the training steps of ten epochs and ten more, and of ten."""
    epoch = math.ceil(digits / batch_size)
    checks.check(
        answer,
        lambda pair: [int(steps) for steps in pair] == [20 * epoch, 10 * epoch],
        "(steps of the recommended method, steps of the other).",
        f"How many batches of {batch_size} are {digits:,} digits? The last one may be smaller.",
        "one had twice the training of the other. That it is better may come from the method or from the "
        "steps; nobody can tell from this.",
    )


def slopes(slope_l1: Callable[[float], Any], slope_l2: Callable[[float], Any]) -> None:
    """Check two slopes against differences of |w| and w² themselves."""
    points = [-1.5, -0.2, 0.05, 0.4, 2.0]

    def differences(penalty: Callable[[float], float]) -> list[float]:
        return [(penalty(w + 1e-6) - penalty(w - 1e-6)) / 2e-6 for w in points]

    try:
        given = [[slope(w) for w in points] for slope in (slope_l1, slope_l2)]
    except Exception as error:
        return checks.stopped("a slope", error)
    truth = [differences(abs), differences(np.square)]
    checks.check(
        ... if any(map(checks.unanswered, given)) else dict(zip(("L1", "L2"), given, strict=True)),
        lambda both: np.allclose(list(both.values()), truth, atol=1e-4),
        "what is the slope of |w|, and what that of w²?",
        "Draw |w| and w². How steep are they at −0.2 and at 0.4, and which way?",
        "the slope of |w| is 1 or −1 however small w is; that of w² is 2w and fades with w.",
    )


def sparse_network(
    function: Callable[[], Any], held: tuple[Any, Any], sparsity: float, steps: int, at_least: float
) -> keras.Model | None:
    """Check a network that the student trained sparse, by counting zeros and steps and by measuring.

    Returns:
        The network, if it is one that keeps to the budget; for the test at the end.
    """
    try:
        network = function()
    except Exception as error:
        return checks.stopped("your function", error)
    if network is ...:
        return checks.check(..., bool, "train a sparse network and return it.", "", "")
    if not isinstance(network, keras.Model):
        return checks.say("✗ Return the network itself.")
    weights = pw.LiveModel(network).weights
    total = sum(w.size for w in weights.values())
    kept, allowed = sum(map(np.count_nonzero, weights.values())), total - round(sparsity * total)
    taken = int(network.optimizer.iterations)
    accuracy = pw.LiveModel(network).evaluate(*held)
    print(
        f"  kept {kept:,} kernel weights (at most {allowed:,} allowed), {taken:,} steps (at most {steps:,})"
    )
    print(f"  held-out accuracy {accuracy} (at least {100 * at_least:.2f} % needed)")
    within = kept <= allowed and taken <= steps
    hint = (
        "Were steps left after the last cut? Were the cuts small? Is the learning rate enough for few steps?"
    )
    checks.check(
        str(accuracy),
        lambda _: within and accuracy >= at_least,
        "",
        hint if within else "It does not keep to the budget; look at the line above.",
        "sparse, within the steps, and accurate enough.",
    )
    return network if within else None


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
