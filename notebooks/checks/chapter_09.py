"""The checks of chapter 09: structured pruning.

As in all checks, the truth is computed from its definition, with NumPy alone: an LSTM step by step, a
flattened picture counted place by place.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from prunewidgets.models import Accuracy  # noqa: F401  keeps TensorFlow's greeting off the page

from .answers import number, unanswered
from .pictures_09 import cut_filters, gate_blocks, shared_sum  # noqa: F401  drawn by the chapter
from .verdicts import check, stopped


def rows_of_a_filter(answer: Any, filter_number: int, shape: tuple[int, int, int]) -> None:
    """Check which rows of a dense kernel read one filter of a flattened picture (height, width, filters)."""
    picture = np.zeros(shape)
    picture[..., filter_number] = 1
    truth = np.flatnonzero(picture.ravel())
    places, filters = shape[0] * shape[1], shape[2]
    hint = f"Flatten writes the {filters} filters of the first place, then those of the next: how far apart?"
    if number(answer):
        hint = f"That is one row. The filter is seen at {places} places. " + hint
    check(
        answer,
        lambda rows: np.array_equal(np.sort(np.ravel(list(rows))), truth),
        f"which rows of the kernel read filter {filter_number}?",
        hint,
        f"{len(truth)} rows, {filters} apart, from {filter_number} on: one for each of the {places} places.",
    )


def coupled_choice(answer: Any, first: np.ndarray, second: np.ndarray, n: int) -> None:
    """Check which n channels go where two layers, with a norm for each channel, have to lose the same."""
    truth = set(np.argsort(first + second, kind="stable")[:n].tolist())
    hint = "Each channel needs one score for the pair, because it is removed from both."
    for name, norms in (("conv_a", first), ("conv_c", second)):
        if set(_places(answer)) == set(np.argsort(norms)[:n].tolist()):
            hint = f"These are the {n} smallest of {name} alone. " + hint
    if len(_places(answer)) not in (0, n):
        hint = f"{n} channels were asked for. " + hint
    check(
        answer,
        lambda places: set(_places(places)) == truth and len(_places(places)) == n,
        f"which {n} channels have to go?",
        hint,
        "The sum of both norms decides. A channel that one of the two layers needs much is kept in both.",
    )


def lstm_without(function: Callable, unit: int, weights: list[np.ndarray], x: np.ndarray) -> None:
    """Check a function that removes a unit from an LSTM and from the dense layer behind it.

    Args:
        function: from (kernel, recurrent, bias, dense, unit) to the four smaller arrays.
        unit: which one is to go.
        weights: kernel (inputs, 4 · units), recurrent (units, 4 · units), bias (4 · units,), dense (units,
            classes).
        x: (examples, steps, inputs).
    """
    arrays = [np.asarray(array, np.float64) for array in weights]
    units = len(arrays[1])
    tried = list(
        dict.fromkeys([unit, 0, units - 1, units // 2])
    )  # a unit that is written into the function fails
    try:
        given = {gone: function(*(array.copy() for array in arrays), gone) for gone in tried}
    except Exception as error:
        return stopped("without_unit", error)
    right = [gone for gone in tried if _computes_without(given[gone], gone, arrays, x)]
    shapes = [(len(arrays[0]), 4 * units - 4), (units - 1, 4 * units - 4), (4 * units - 4,)]
    shapes.append((units - 1, arrays[3].shape[1]))
    hint = f"Wanted shapes: {', '.join(map(str, shapes))}. "
    hint += "The gates lie side by side, each with a column for every unit."
    if right:
        wrong = next((gone for gone in tried if gone not in right), None)
        hint = (
            f"Right for unit {right[0]}, but not for unit {wrong}. Which one to remove is in `unit`: use it."
        )
    elif _shapes(given[unit]) == shapes:
        hint = "The shapes are right, but not what it answers: which columns belong to one unit?"
    check(
        ... if unanswered(given) else lambda: given,  # not the arrays: a verdict would print them
        lambda _: right == tried,
        "without_unit still returns ...; let it return the four smaller arrays.",
        hint,
        "the small LSTM answers as the large one whose unit is kept at zero in every step.",
    )


def _computes_without(given: Any, unit: int, arrays: list[np.ndarray], x: np.ndarray) -> bool:
    """Return whether four smaller arrays compute what the LSTM does with its unit kept at zero."""
    kernel, recurrent, bias, dense = arrays
    truth = run_lstm(kernel, recurrent, bias, x, np.arange(len(recurrent)) != unit) @ dense
    try:
        small = [np.asarray(part, np.float64) for part in given]
        answers = run_lstm(*small[:3], x) @ small[3]
    except Exception:  # other shapes, or no arrays at all
        return False
    return len(small[1]) == len(recurrent) - 1 and np.allclose(answers, truth, rtol=1e-6, atol=1e-9)


def _shapes(given: Any) -> list[tuple[int, ...]]:
    """The shapes of what a function returned, if it is several arrays."""
    return [np.shape(part) for part in given] if isinstance(given, tuple | list) else []


def run_lstm(
    kernel: np.ndarray,
    recurrent: np.ndarray,
    bias: np.ndarray,
    x: np.ndarray,
    kept: np.ndarray | None = None,
) -> np.ndarray:
    """The last output of an LSTM in Keras's order of gates; units that are not kept are zero at every step.

    Source: Hochreiter and Schmidhuber, "Long short-term memory" (1997), with the forget gate of Gers,
        Schmidhuber and Cummins (2000).
    """
    units = len(recurrent)
    kept = np.ones(units) if kept is None else np.asarray(kept, np.float64)
    output = memory = np.zeros((len(x), units))
    for step in range(x.shape[1]):
        sums = (x[:, step] @ kernel + output @ recurrent + bias).reshape(len(x), 4, units)
        let_in, forget, let_out = (1 / (1 + np.exp(-sums[:, gate])) for gate in (0, 1, 3))
        memory = (forget * memory + let_in * np.tanh(sums[:, 2])) * kept
        output = let_out * np.tanh(memory) * kept
    return output


def _places(answer: Any) -> list[int]:
    """The numbers in an answer, each as often as it is given; none if it is of another kind."""
    try:
        return [int(place) for place in np.ravel(list(answer) if np.iterable(answer) else answer)]
    except (TypeError, ValueError):
        return []
