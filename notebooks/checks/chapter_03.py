"""The checks of chapter 03: a live dense network.

As in all checks, the truth is computed from its definition, with NumPy, whenever an answer is checked;
what is measured is measured again.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import prunewidgets as pw
from prunewidgets.models import lenet_300_100, save_model  # keeps TensorFlow's greeting off the page

# isort: split
import keras

from .verdicts import check, say


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

    Changes that the function makes to the model's weights are undone: the chapter continues with that model.
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
        changed = _restore(model, saved, applied)
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
    """Return the arrays of a copy that `pw.prune` pruned, and its τ."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    masks = pw.prune(copy, sparsity)
    return copy.get_weights(), masks.threshold


def _values(model: keras.Model) -> list[tuple[keras.Variable, np.ndarray]]:
    """Return the variables of a model, each with a copy of its value."""
    return [(variable, np.array(variable)) for variable in model.variables]


def _restore(
    model: keras.Model, saved: list[tuple[keras.Variable, np.ndarray]], applied: pw.Masks | None
) -> bool:
    """Restore a model's values and the masks that it held, if any; return whether something differed."""
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
    """Return the first thing that is wrong with a pruned model, as a hint; None if nothing is."""
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
