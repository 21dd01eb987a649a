"""The checks of chapter 03: a live dense network.

As in all checks, the truth is computed from its definition, with NumPy, whenever an answer is checked;
what is measured is measured again.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

import prunewidgets as pw
from prunewidgets.models import LiveModel  # keeps TensorFlow's greeting off the page

# isort: split
import keras

from .exercises import Result, check, right, still_open, stopped, wrong
from .texts import text

Hint = tuple[str, dict[str, Any]]
"""An entry of the texts, and the values in it."""


def wrongly_removed(answer: Any, weights: dict[str, np.ndarray], tau: float) -> Result:
    """Check how many weights the filter w >= τ removes although |w| >= τ."""
    cut = np.float32(tau)

    def count(condition: Callable[[np.ndarray], Any], arrays: Any = None) -> int:
        return sum(int(np.count_nonzero(condition(w))) for w in arrays or weights.values())

    truth = count(lambda w: w <= -cut)
    return check(
        "chapter_03.wrongly_removed",
        answer,
        lambda given: int(given) == given == truth,
        {
            "all_removed": lambda given: given == count(lambda w: w < cut),
            "all_large": lambda given: given == count(lambda w: np.abs(w) >= cut),
            "large_kept": lambda given: given == count(lambda w: w >= cut),
            "all_negative": lambda given: given == count(lambda w: w < 0),
            "one_array": lambda given: any(
                given == count(lambda w: w <= -cut, [w]) for w in weights.values()
            ),
        },
        truth=truth,
    )


def prune_function(function: Callable[[keras.Model, float], Any], model: keras.Model) -> Result:
    """Check a student's function (model, τ) -> new pruned model against NumPy and against `pw.prune`.

    Changes that the function makes to the model's weights are undone: the chapter continues with that model.
    """
    exercise = "chapter_03.prune_function"
    before = [np.array(values) for values in model.get_weights()]
    reference, cut = _pruned_copy(model, 0.8)
    saved, applied = _values(model), LiveModel(model).applied
    answer, mistake, failure = ..., None, None
    try:
        answer = function(model, cut)
        if answer is not ...:
            mistake = _what_is_wrong(answer, model, before, cut, reference)
    except Exception as error:
        failure = error
    finally:  # also when it was stopped with ■
        changed = _restore(model, saved, applied)
    if changed:
        entry, values = mistake or ("from_a_clone", {})
        return wrong(exercise, "changed", more=_line(exercise, entry, values, failure))
    if failure is not None:
        return stopped(exercise, "my_prune", failure)
    if answer is ...:
        return still_open(exercise)
    if mistake is not None:
        return wrong(exercise, mistake[0], **mistake[1])
    return right(exercise)


def _line(exercise: str, entry: str, values: dict[str, Any], failure: Exception | None) -> str:
    """Return what else is to be said of a function that changed the model."""
    if failure is None:
        return text(exercise, entry, **values)
    return text(exercise, "failed", kind=type(failure).__name__, error=failure)


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
    live = LiveModel(model)
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
) -> Hint | None:
    """Return the first thing that is wrong with a pruned model; None if nothing is."""
    if not isinstance(answer, keras.Model):
        return "no_model", {}
    if answer is model or any(a is b for a, b in zip(answer.variables, model.variables, strict=False)):
        return "old_model", {}
    if not all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)):
        return "in_place", {}
    after = answer.get_weights()
    if [w.shape for w in after] != [w.shape for w in before]:
        return "shapes", {}
    for old, new, theirs in zip(before, after, reference, strict=True):
        if old.ndim == 1 and not np.array_equal(old, new):
            return "bias", {}
        decided = np.abs(old) != np.float32(cut)  # weights that tie at τ may go either way in pw.prune
        if old.ndim > 1 and not np.array_equal(new[decided], theirs[decided]):
            lost = np.count_nonzero((np.abs(old) >= np.float32(cut)) & (new == 0))
            left = np.count_nonzero((np.abs(old) < np.float32(cut)) & (new != 0))
            if not lost and not left:
                return "values", {"shape": old.shape}
            signed = np.array_equal(new == 0, old < np.float32(cut))
            return "signed" if signed else "places", {"shape": old.shape, "lost": lost, "left": left}
    return None
