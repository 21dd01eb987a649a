"""The immediate checks of chapter 07: lottery tickets.

As in `checks.py`, the truth is computed here from its definition, with NumPy, whenever an answer is checked.
"""

from collections.abc import Callable
from typing import Any

import checks
import numpy as np
import pandas as pd

import prunewidgets as pw
from prunewidgets.models import Accuracy  # keeps TensorFlow's greeting off the page

# isort: split
import keras


def known_before(answer: Any, initial: dict[str, np.ndarray], masks: pw.Masks) -> None:
    """Check which share of a ticket's weights was among the largest before training already."""
    sizes = np.concatenate([np.abs(initial[name]).ravel() for name in masks])
    kept = np.concatenate([masks[name].ravel() for name in masks])
    largest = sizes >= np.sort(sizes)[-np.count_nonzero(kept)]
    truth = np.mean(largest[kept])
    checks.check(
        answer,
        lambda share: abs(float(share) - truth) < 0.005,
        "which share of the ticket's weights is among the largest initial ones?",
        "Make masks of the initial values with Masks.from_sparsity, and count over all layers the places "
        "that both keep; divide by the number that the ticket keeps (a fraction from 0 to 1).",
        f"{truth:.3f}, where chance gives {1 - masks.sparsity:.3f}. The initial values know something, but "
        "most of the mask was learned.",
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
    try:
        values = {name: function(array) for name, array in initial.items()}
        example = function(np.array([-0.2, 0.1, 0.3]))
    except Exception as error:
        checks.stopped("only_signs", error)
        return
    checks.check(
        ... if any(map(checks.unanswered, values.values())) else example,
        lambda _: all(one_size(values[name], array) for name, array in initial.items()),
        "let `only_signs` return the signs of w times the mean of |w|.",
        "That is what it makes of −0.2, 0.1 and 0.3; it should be −0.2, 0.2 and 0.2, and so for every array.",
        "the signs are the old ones, the sizes all the same. Now they are trained …",
    )
    if all(one_size(values[name], array) for name, array in initial.items()):
        pw.LiveModel(model).apply(masks)
        start.rewind()
        for name, array in values.items():
            model.get_layer(name.split("/")[0]).kernel.assign(array * masks[name])
        accuracy = fit(model)
        near = min(("ticket", "control"), key=lambda kind: abs(found[kind] - accuracy))
        print(f"signs alone: {accuracy}; ticket {found['ticket']:.2%}, control {found['control']:.2%}")
        checks.reveal(guess, near, "nearer to the", choice=True)


def one_size(values: Any, initial: np.ndarray) -> bool:
    """Whether values have the signs of the initial ones, and their mean size everywhere."""
    wanted = np.where(initial < 0, -1, 1) * np.abs(initial).mean()
    return np.shape(values) == initial.shape and bool(np.allclose(values, wanted, rtol=1e-3))


def smallest_winner(answer: Any, runs: pd.DataFrame) -> None:
    """Check up to which sparsity the mean ticket is at least as accurate as the dense network."""
    tickets = runs[runs["kind"] == "ticket"]
    levels = sorted(tickets["sparsity"].unique())
    means = [tickets.loc[tickets["sparsity"] == level, "accuracy"].mean() for level in levels]
    truth = max(level for level, mean in zip(levels, means, strict=True) if mean >= means[0])
    checks.check(
        answer,
        lambda sparsity: abs(float(sparsity) - truth) < 0.0005,
        "up to which sparsity is the mean ticket at least as accurate as the dense network?",
        "Take the rows of kind ticket. Which have an accuracy not below that at sparsity 0, and which of "
        "these is the sparsest?",
        f"{truth:.4f}: one weight in {1 / (1 - truth):.0f}, trained alone, does as well as all of them.",
    )
