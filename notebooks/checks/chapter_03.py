"""The immediate checks of chapters 03 to 05: exercises on live networks.

As in all checks, the truth is computed here from its definition, with NumPy, whenever an answer is checked;
what is measured is measured again.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import prunewidgets as pw
from prunewidgets.models import (
    Accuracy,
    lenet_300_100,
    save_model,
)  # keeps TensorFlow's greeting off the page

# isort: split
import keras

from .answers import unanswered
from .verdicts import check, say

# All three: measure what the text speaks of


def whole_again(live: pw.LiveModel) -> None:
    """Restore the network if masks are applied to it, and say so, so that what follows measures all of it."""
    if live.applied is not None:
        found = str(live.applied).removeprefix("Masks: ")
        say(f"Found applied: {found}. Restored, since the next steps are about the whole network.")
        live.restore()


# Chapter 03: a live dense network


def wrongly_removed(answer: Any, weights: dict[str, np.ndarray], tau: float) -> None:
    """Check how many weights the filter w >= τ removes although |w| >= τ."""
    truth = sum(int(np.count_nonzero(w <= -np.float32(tau))) for w in weights.values())
    check(
        answer,
        lambda count: int(count) == truth,
        "how many weights does the article's filter remove although |w| >= τ?",
        "Which sign do these weights have, and how far from zero are they? Count them over all three arrays.",
        f"{truth:,} weights of −τ or less: large, and removed all the same. It never looked at their size.",
    )


def prune_function(function: Callable[[keras.Model, float], Any], model: keras.Model) -> None:
    """Check a student's function (model, τ) -> new pruned model against NumPy and against `pw.prune`.

    Whatever the function did to the model's weights is undone: the chapter goes on with that model.
    """
    before = [np.array(values) for values in model.get_weights()]
    reference, cut = _pruned_copy(model, 0.8)
    saved, applied = _values(model), pw.LiveModel(model).applied
    hint = None
    try:
        answer = function(model, cut)
        if answer is not ...:
            hint = _what_is_wrong(answer, model, before, cut, reference)
    except Exception as error:
        hint = f"my_prune stopped with {type(error).__name__}: {error}"
    finally:  # also when it was stopped with ■
        changed = _put_back(model, saved, applied)
    if changed:
        hint = hint or "Start from keras.models.clone_model(model)."
        hint = f"Your function changed the model itself; I put its weights back. {hint}"
    question = "my_prune still returns ...; let it return a new, pruned model."
    why = "kernel for kernel and bias for bias as pw.prune leaves them, and the old model is untouched."
    if hint is None:
        check(answer, lambda _: True, question, "", why)
    else:
        say(f"✗ {hint}")


def smaller_file(answer: Any, size_of_copy: int) -> None:
    """Check why the file of a pruned LeNet-300-100 is smaller: "zeros", "optimizer" or "rounding".

    The truth comes from an experiment: the same network without a single zero and without an optimizer.
    """
    unpruned = keras.Sequential.from_config(lenet_300_100(seed=0).get_config())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "unpruned.keras"
        save_model(unpruned, path)
        size = path.stat().st_size
    truth = "optimizer" if size_of_copy > 0.99 * size else "zeros"
    check(
        answer,
        lambda word: word.strip().lower() == truth,
        'what made the file smaller: "zeros", "optimizer" or "rounding"?',
        "Try the same with before.keras, in which nothing has been pruned.",
        f"an unpruned network without optimizer takes {size:,} bytes as well. Adam remembers two numbers for "
        "every weight, and they are what is missing. The zeros saved nothing.",
    )


def _pruned_copy(model: keras.Model, sparsity: float) -> tuple[list[np.ndarray], float]:
    """The arrays of a copy that `pw.prune` pruned, and its τ."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    masks = pw.prune(copy, sparsity)
    return copy.get_weights(), masks.threshold


def _values(model: keras.Model) -> list[tuple[keras.Variable, np.ndarray]]:
    """The variables of a model, each with a copy of its value."""
    return [(variable, np.array(variable)) for variable in model.variables]


def _put_back(
    model: keras.Model, saved: list[tuple[keras.Variable, np.ndarray]], applied: pw.Masks | None
) -> bool:
    """Give a model its values back, and the masks that it held, if any; return whether something differed."""
    live = pw.LiveModel(model)
    held = live.applied is not applied
    if held and applied is None:
        live.restore()
    elif held:
        live.apply(applied)
    with live.lock:
        differ = [(variable, value) for variable, value in saved if not np.array_equal(variable, value)]
        for variable, value in differ:
            variable.assign(value)
    return held or bool(differ)


def _what_is_wrong(
    answer: Any, model: keras.Model, before: list[np.ndarray], cut: float, reference: list[np.ndarray]
) -> str | None:
    """The first thing that is wrong with a pruned model, as a hint; None if nothing is."""
    if not isinstance(answer, keras.Model):
        return "Return the new model itself."
    if answer is model or any(a is b for a, b in zip(answer.variables, model.variables, strict=False)):
        return "This is the old model, or shares its layers; start from keras.models.clone_model(model)."
    if not all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)):
        return "Work on new arrays, for example with np.where, and give them to a clone."
    after = answer.get_weights()
    if [w.shape for w in after] != [w.shape for w in before]:
        return (
            "Its arrays have other shapes; every weight stays in its place, and the removed ones become zero."
        )
    for old, new, theirs in zip(before, after, reference, strict=True):
        if old.ndim == 1 and not np.array_equal(old, new):
            return "A bias was changed; keep every array with one axis (w.ndim == 1) whole."
        decided = np.abs(old) != np.float32(cut)  # weights that tie at τ may go either way in pw.prune
        if old.ndim > 1 and not np.array_equal(new[decided], theirs[decided]):
            lost = np.count_nonzero((np.abs(old) >= np.float32(cut)) & (new == 0))
            left = np.count_nonzero((np.abs(old) < np.float32(cut)) & (new != 0))
            return (
                f"In the array of shape {old.shape}, {lost:,} weights are zero although |w| >= τ, "
                f"and {left:,} are left although |w| < τ."
            )
    return None


# Chapter 04: which layers


def dearest_layer(answer: Any, scan: pd.DataFrame, sparsity: float) -> None:
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
    whole_again(live)  # in case something was applied in a lab
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
    """Weights kept, counted in the pruned arrays themselves, and accuracy."""
    masks = pw.Masks.from_sparsity(pw.score(live.weights), sparsities)
    kept = sum(int(np.count_nonzero(array)) for array in masks.apply(live.weights).values())
    return kept, live.evaluate(x, y, masks)


# Chapter 05: a CNN on MNIST


def first_digit(answer: Any, live: pw.LiveModel, x: Any, y: np.ndarray, levels: Any, floor: float) -> None:
    """Check (digit, level): which digit falls below the floor first, and at which of the rising levels."""
    truth = (None, None) if unanswered(answer) else _first_below(live, x, y, levels, floor)
    check(
        answer,
        lambda pair: int(pair[0]) == truth[0] and abs(float(pair[1]) - truth[1]) < 1e-6,
        f"(digit, sparsity) of the first accuracy below {floor}.",
        "Go through the columns from left to right and look at the smallest number of each.",
        f"the {truth[0]} is the first below {floor}, at a sparsity of {truth[1]}.",
    )


def remaining_share(answer: Any, model: keras.Model, masks: pw.Masks) -> None:
    """Check which share of the multiply-adds is left, counted from the layers' output shapes."""
    needed = total = 0
    for layer in model.layers:
        mask = masks.get(f"{layer.name}/kernel")
        if mask is not None:
            places = int(np.prod(layer.output.shape[1:-1]))  # height × width; 1 for a dense layer
            needed += places * int(np.count_nonzero(mask))
            total += places * mask.size
    check(
        answer,
        lambda share: abs(float(share) - needed / total) < 0.005,
        "which share of the multiply-adds is left (a fraction from 0 to 1)?",
        "A weight of conv_1 is used at 26 × 26 places. The ledger has both numbers; divide one by the other.",
        f"{needed:,} of {total:,} are left, {needed / total:.3f}; of the weights {1 - masks.sparsity:.3f}.",
    )


def break_even(answer: Any, value_bytes: int = 4, index_bytes: int = 1) -> None:
    """Check the sparsity above which index coding needs fewer bytes than the dense array."""
    truth = 1 - value_bytes / (value_bytes + index_bytes)
    check(
        answer,
        lambda share: abs(float(share) - truth) <= 0.01,
        "from which sparsity on is the index-coded form the smaller one?",
        "A dense weight takes 4 bytes, a coded nonzero 5. How many nonzeros may there be?",
        f"4·n bytes dense, 5·(1 − sparsity)·n coded; equal at {truth:g}. Below, coded is larger.",
    )


def _first_below(
    live: pw.LiveModel, x: Any, y: np.ndarray, levels: Any, floor: float
) -> tuple[int, float] | tuple[None, None]:
    scores = pw.score(live.weights)
    for level in sorted(levels):
        right = live.predict(x, pw.Masks.from_sparsity(scores, level)).argmax(axis=1) == y
        shares = [right[y == digit].mean() for digit in range(10)]
        if min(shares) < floor:
            return int(np.argmin(shares)), float(level)
    return None, None
