"""The checks of chapter 04: which layers.

As in all checks, the truth is computed from its definition, with NumPy, whenever an answer is checked;
what is measured is measured again.
"""

from typing import Any

import numpy as np
import pandas as pd

import prunewidgets as pw
from prunewidgets.models import Accuracy  # keeps TensorFlow's greeting off the page

from .answers import unanswered
from .verdicts import check, restore_if_applied, say


def costliest_layer(answer: Any, scan: pd.DataFrame, sparsity: float) -> None:
    """Check which layer loses most accuracy per removed weight at this level of a sensitivity scan."""
    whole = scan[scan["removed"] == 0].set_index("layer")["accuracy"]
    rows = scan[(scan["sparsity"] - sparsity).abs() < 0.01].set_index("layer")
    price = (whole - rows["accuracy"]) / rows["removed"]
    check(
        answer,
        lambda layer: layer.split("/")[0] == price.idxmax().split("/")[0],
        "which layer loses most accuracy for each weight that it gives up?",
        "Divide what the layer lost by how many weights went, not by the percentage.",
        f"{price.idxmax()} loses {1e5 * price.max():.3f} points for every 1,000 weights, the cheapest layer "
        f"{1e5 * price.min():.3f}.",
    )


def true_sparsity(answer: Any, masks: pw.Masks, weights: dict[str, np.ndarray]) -> None:
    """Check the sparsity of the whole model under masks that name only some of its layers."""
    removed = sum(int(np.count_nonzero(~mask)) for mask in masks.values())
    total = sum(array.size for array in weights.values())
    check(
        answer,
        lambda share: abs(float(share) - removed / total) < 0.0005,
        "what share of all prunable weights does the second mask remove?",
        "The masks hold one layer, so their own sparsity counts that layer alone. "
        "Divide by the weights of all three (a fraction from 0 to 1).",
        f"{removed:,} of {total:,} weights, {removed / total:.3f}: never at equal sparsity.",
    )


def budget(answer: Any, live: pw.LiveModel, x: Any, y: Any, at_most: int, at_least: float) -> None:
    """Check a budget {layer: sparsity} against both constraints, by counting and by measuring."""
    kept, accuracy = None, None
    if not unanswered(answer):
        try:
            kept, accuracy = _count_and_measure(answer, live, x, y)
        except (TypeError, ValueError) as error:
            print(f"✗ {error}")
            return
        print(f"  kept {kept:,} kernel weights (at most {at_most:,} allowed)")
        print(f"  held-out accuracy {accuracy} (at least {100 * at_least:.2f} % needed)")
    check(
        answer,
        lambda _: kept <= at_most and accuracy >= at_least,
        "a sparsity from 0 to 1 for each layer.",
        "Look at the scan: who gives weights away for nothing, and who has few? Move one layer at a time.",
        "both constraints hold. The large layer pays, the small one is spared.",
    )


def once_on_the_test_set(
    answer: Any, live: pw.LiveModel, held: tuple[Any, Any], test: tuple[Any, Any]
) -> None:
    """Print the test accuracy of a budget and of the unpruned model, and the loss on both sets of digits."""
    if unanswered(answer):
        print("○ no budget yet; the test set stays closed.")
        return
    restore_if_applied(live)  # in case something was applied in a lab
    try:
        whole, (kept, accuracy) = live.evaluate(*test), _count_and_measure(answer, live, *test)
    except (TypeError, ValueError) as error:
        say(f"✗ {error} The test set stays closed.")
        return
    chosen = live.evaluate(*held) - _count_and_measure(answer, live, *held)[1]
    print(f"unpruned:    {whole}")
    print(f"your budget: {accuracy}, with {kept:,} kernel weights")
    print(f"loss on the held-out digits: {100 * chosen:.2f} points")
    print(f"loss on the test digits:     {100 * (whole - accuracy):.2f} points")


def _count_and_measure(
    sparsities: dict[str, float], live: pw.LiveModel, x: Any, y: Any
) -> tuple[int, Accuracy]:
    """Return how many weights are kept, counted in the pruned arrays, and the accuracy."""
    masks = pw.Masks.from_sparsity(pw.score(live.weights), sparsities)
    kept = sum(int(np.count_nonzero(array)) for array in masks.apply(live.weights).values())
    return kept, live.evaluate(x, y, masks)
