"""The checks of chapter 07: lottery tickets.

As in all checks, the truth is computed from its definition, with NumPy, whenever an answer is checked.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import prunewidgets as pw
from prunewidgets.models import Accuracy  # keeps TensorFlow's greeting off the page

# isort: split
import keras

from .answers import short, unanswered
from .predictions import reveal
from .verdicts import check, say, stopped


def known_before(answer: Any, initial: dict[str, np.ndarray], masks: pw.Masks) -> None:
    """Check which share of a ticket's weights was among the largest before training already."""
    sizes = np.concatenate([np.abs(initial[name]).ravel() for name in masks])
    kept = np.concatenate([masks[name].ravel() for name in masks])
    largest = np.sort(sizes)[-np.count_nonzero(kept)]
    known = {name: np.abs(initial[name]) >= largest for name in masks}
    truth = sum(np.sum(known[name] & masks[name]) for name in masks) / np.sum(kept)
    # As many of each layer in both masks, but at places drawn at random.
    chance = sum(np.sum(mask) * np.mean(known[name]) for name, mask in masks.items()) / np.sum(kept)
    check(
        answer,
        lambda share: abs(float(share) - truth) < 0.005,
        "which share of the ticket's weights is among the largest initial ones?",
        "Make masks of the initial values with Masks.from_sparsity, and count over all layers the places "
        "that both keep; divide by the number that the ticket keeps (a fraction from 0 to 1).",
        f"{truth:.3f}. Places drawn at random over all layers would share {1 - masks.sparsity:.3f} with the "
        f"ticket; drawn at random with as many in each layer as these two masks have, {chance:.3f}.",
    )


def signs(
    function: Callable[[np.ndarray], Any],
    guess: Any,
    initial: dict[str, np.ndarray],
    masks: pw.Masks,
    model: keras.Model,
    start: pw.RewindPoint,
    fit: Callable[[keras.Model], Accuracy],
    found: dict[str, Accuracy],
) -> None:
    """Check that a function keeps signs and one size; then train the ticket from such values and compare.

    Args:
        function: initial values of a layer -> values of the same shape.
        guess: the prediction, "ticket" or "control".
        initial: the initial values by name.
        masks: the ticket's.
        model: the network; it is rewound, and ends trained from these values.
        start: its rewind point.
        fit: trains the model and measures it.
        found: accuracies of "ticket" and "control".
    """
    small = [np.array([-0.2, 0.1, 0.3]), np.array([[0.5, -0.1], [-0.3, 0.3]])]
    try:
        values = {name: function(array.copy()) for name, array in initial.items()}
        examples = [function(array.copy()) for array in small]
    except Exception as error:
        return stopped("only_signs", error)
    if any(map(unanswered, [*values.values(), *examples])):
        return say("○ not answered yet: let `only_signs` return the signs of w times the mean of |w|.")
    for array, given in zip([*small, *initial.values()], [*examples, *values.values()], strict=True):
        if not one_size(given, array):
            return say(f"✗ {_difference(given, array)}")
    say("✓ the signs are the old ones, the sizes all the same. Now they are trained …")
    pw.LiveModel(model).apply(masks)
    start.rewind()
    for name, array in values.items():
        model.get_layer(name.split("/")[0]).kernel.assign(np.asarray(array) * masks[name])
    accuracy = fit(model)
    near = min(("ticket", "control"), key=lambda kind: abs(found[kind] - accuracy))
    print(f"signs alone: {accuracy}; ticket {found['ticket']:.2%}, control {found['control']:.2%}")
    reveal(guess, near, "nearer to the", choice=True)


def one_size(values: Any, initial: np.ndarray) -> bool:
    """Whether values have the signs of the initial ones and their mean size; a 0 may get any sign."""
    try:
        values = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        return False
    if values.shape != initial.shape:
        return False
    size, zero = np.abs(initial).mean(), initial == 0
    right_size = np.isclose(np.abs(values), size, rtol=1e-3) | (zero & (values == 0))
    return bool(np.all(right_size & (zero | (np.sign(values) == np.sign(initial)))))


def _difference(given: Any, array: np.ndarray) -> str:
    """What a function gave for an array, and what it should have given."""
    if np.shape(given) != array.shape:
        return f"For an array of shape {array.shape} it returns one of shape {np.shape(given)}."
    if array.size > 4:
        size = np.abs(array).mean()
        return (
            f"Right for small arrays, but not for one of shape {array.shape}: its mean of |w| is {size:.4f}."
        )
    wanted = np.sign(array) * np.abs(array).mean()
    return (
        f"Of {short(array.tolist())} it makes {short(np.asarray(given).tolist())}; it should "
        f"be {short(wanted.round(4).tolist())}, the mean of |w| in this array with the old signs."
    )


def smallest_winner(answer: Any, runs: pd.DataFrame) -> None:
    """Check up to which sparsity the mean ticket is at least as accurate as the dense network."""
    tickets = runs[runs["kind"] == "ticket"]
    levels = sorted(tickets["sparsity"].unique())
    means = [tickets.loc[tickets["sparsity"] == level, "accuracy"].mean() for level in levels]
    truth = max(level for level, mean in zip(levels, means, strict=True) if mean >= means[0])
    check(
        answer,
        lambda sparsity: abs(float(sparsity) - truth) < 0.0005,
        "up to which sparsity is the mean ticket at least as accurate as the dense network?",
        "Take the rows of kind ticket. Which have an accuracy not below that at sparsity 0, and which of "
        "these is the sparsest?",
        f"{truth:.4f}: one weight in {1 / (1 - truth):.0f}, trained alone, reads as many digits as all do.",
    )
