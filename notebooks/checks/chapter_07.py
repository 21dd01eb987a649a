"""The checks of chapter 07: lottery tickets.

As in all checks, the truth is computed from its definition, with NumPy, whenever an answer is checked.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

import prunewidgets as pw
from prunewidgets.models import Accuracy  # keeps TensorFlow's greeting off the page

# isort: split
import keras

from .answers import near, short, unanswered
from .exercises import Result, check, right, still_open, stopped, wrong
from .predictions import after, reveal


def worth(found: Mapping[str, Accuracy]) -> pd.DataFrame:
    """Return what the four networks read, in per cent, and what mask and values are worth, in points."""
    table = pd.DataFrame(
        {
            "initial values": [found["ticket"], found["other places"]],
            "shuffled": [found["control"], found["other places, shuffled"]],
        },
        index=["mask found", "other places"],
        dtype=float,
    )
    table["worth of the values"] = table["initial values"] - table["shuffled"]
    table.loc["worth of the mask"] = table.loc["mask found"] - table.loc["other places"]
    table = (100 * table).map("{:.2f}".format)
    table.iloc[2, 2] = ""  # a difference of differences; the text does not use it
    return table


def known_before(answer: Any, initial: dict[str, np.ndarray], masks: pw.Masks) -> Result:
    """Check which share of a ticket's weights was among the largest before training already."""
    sizes = np.concatenate([np.abs(initial[name]).ravel() for name in masks])
    kept = np.concatenate([masks[name].ravel() for name in masks])
    largest = np.sort(sizes)[-np.count_nonzero(kept)]
    known = {name: np.abs(initial[name]) >= largest for name in masks}
    both = sum(int(np.sum(known[name] & masks[name])) for name in masks)
    either = sum(int(np.sum(known[name] | masks[name])) for name in masks)
    # As many of each layer in both masks, but at places drawn at random.
    chance = sum(np.sum(mask) * np.mean(known[name]) for name, mask in masks.items()) / np.sum(kept)
    truth, density = both / np.sum(kept), float(np.mean(kept))
    return check(
        "chapter_07.known_before",
        answer,
        lambda share: abs(float(share) - truth) < 0.005,
        {
            "count": lambda share: float(share) == both,
            "not_among": lambda share: near(share, 1 - truth),
            "of_either": lambda share: near(share, both / either),
            "of_all": lambda share: near(share, both / kept.size, 0.0005),
            "by_chance": lambda share: near(share, density, 0.0005) or near(share, chance),
            "same_places": lambda share: near(share, np.mean((sizes >= largest) == kept)),
        },
        truth=truth,
        density=density,
        chance=chance,
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
) -> Result:
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
    exercise = "chapter_07.signs"
    small = [np.array([-0.2, 0.1, 0.3]), np.array([[0.5, -0.1], [-0.3, 0.3]])]
    try:
        values = {name: function(array.copy()) for name, array in initial.items()}
        examples = [function(array.copy()) for array in small]
    except Exception as error:
        return stopped(exercise, "only_signs", error)
    if any(map(unanswered, [*values.values(), *examples])):
        return still_open(exercise)
    for array, given in zip([*small, *initial.values()], [*examples, *values.values()], strict=True):
        if not one_size(given, array):
            return _difference(exercise, given, array)
    result = right(exercise)
    pw.LiveModel(model).apply(masks)
    start.rewind()
    for name, array in values.items():
        model.get_layer(name.split("/")[0]).kernel.assign(np.asarray(array) * masks[name])
    accuracy = fit(model)
    nearer = min(("ticket", "control"), key=lambda kind: abs(found[kind] - accuracy))
    reveal(guess, nearer, "signs alone, nearer to the", choice=True)
    read = pd.Series({"signs alone": accuracy, "ticket": found["ticket"], "control": found["control"]})
    after(guess, read.to_frame("accuracy"), what="what the three networks read")
    return result


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


def _difference(exercise: str, given: Any, array: np.ndarray) -> Result:
    """Say what a function gave for an array, and what it should have given."""
    if np.shape(given) != array.shape:
        return wrong(exercise, "shape", shape=array.shape, given_shape=np.shape(given))
    wanted = np.sign(array) * np.abs(array).mean()
    if array.size > 4:
        return wrong(exercise, "large", shape=array.shape, size=np.abs(array).mean())
    values = {
        "array": short(array.tolist()),
        "given_values": short(np.asarray(given).tolist()),
        "wanted": short(wanted.round(4).tolist()),
    }
    try:
        given = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        return wrong(exercise, "hint", **values)
    if np.allclose(given, np.abs(wanted)):
        return wrong(exercise, "no_sign", **values)
    if np.allclose(given, np.sign(array)):
        return wrong(exercise, "no_size", **values)
    if np.allclose(given, np.sign(array) * array.mean()):
        return wrong(exercise, "mean_of_w", **values)
    return wrong(exercise, "hint", **values)


def smallest_winner(answer: Any, runs: pd.DataFrame) -> Result:
    """Check up to which sparsity the mean ticket is at least as accurate as the dense network."""

    def winners(rows: pd.DataFrame) -> list[float]:
        means = {level: group["accuracy"].mean() for level, group in rows.groupby("sparsity")}
        return [level for level, mean in means.items() if mean >= dense]

    tickets = runs[runs["kind"] == "ticket"]
    dense = tickets.loc[tickets["sparsity"] == 0, "accuracy"].mean()
    truth = max(winners(tickets))
    sparser = tickets.loc[tickets["sparsity"] > truth, "sparsity"]
    best = tickets.groupby("sparsity")["accuracy"].mean().idxmax()
    return check(
        "chapter_07.smallest_winner",
        answer,
        lambda sparsity: abs(float(sparsity) - truth) < 0.0005,
        {
            "kept": lambda sparsity: near(sparsity, 1 - truth, 0.0005),
            "first_below": lambda sparsity: near(sparsity, sparser.min(), 0.0005),
            "most_accurate": lambda sparsity: near(sparsity, best, 0.0005),
            "beyond": lambda sparsity: float(sparsity) > truth,
        },
        truth=truth,
        one_in=1 / (1 - truth),
    )
