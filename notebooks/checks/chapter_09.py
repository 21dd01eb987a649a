"""The checks of chapter 09: structured pruning.

As in all checks, the truth is computed from its definition: a filter whose slice of the next layer is zero,
an LSTM step by step, a flattened picture counted place by place.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

import prunewidgets as pw
from prunewidgets.models import Accuracy  # noqa: F401  keeps TensorFlow's greeting off the page

from .answers import number, unanswered
from .exercises import Result, check, right, still_open, stopped, wrong
from .pictures_09 import cut_filters, gate_blocks, shared_sum  # noqa: F401  drawn by the chapter


def filter_by_hand(function: Callable, pair: Any) -> Result:
    """Check a function that cuts a filter out of two convolutions with a batch normalisation between them.

    Args:
        function: from (kernel_1, bias_1, norm, kernel_2, k) to the four smaller ones.
        pair: a network of a convolution, its normalisation, an activation, and another convolution. Its
            weights are not used: each number is drawn anew, so that no two filters are alike.
    """
    exercise = "chapter_09.filter_by_hand"
    rng = np.random.default_rng(9)
    whole = _copy(pair)
    whole.set_weights([rng.uniform(0.5, 1.5, array.shape) for array in pair.get_weights()])
    kernel_1, bias_1, *norm, kernel_2, bias_2 = whole.get_weights()
    filters = len(bias_1)
    tried = [filters // 2, 0, filters - 1]  # a filter that is written into the function fails
    try:
        given = [
            function(kernel_1.copy(), bias_1.copy(), [part.copy() for part in norm], kernel_2.copy(), k)
            for k in tried
        ]
        if unanswered(given):
            return still_open(exercise)
        flat = [[first, bias, *four, second] for first, bias, four, second in given]
    except Exception as error:
        return stopped(exercise, "without_filter", error)
    x = rng.random((3, *pair.input_shape[1:]))
    passed = [_same_answers(whole, flat[n], bias_2, k, x) for n, k in enumerate(tried)]
    values = {"right": tried[0], "k": next((k for k, ok in zip(tried, passed, strict=True) if not ok), 0)}
    if all(passed):
        ours = pw.shrink(whole, {pair.layers[0].name: np.arange(filters) != tried[0]}).get_weights()
        off = max(np.abs(a - b).max() for a, b in zip([*flat[0], bias_2], ours, strict=True))
        return right(exercise, off=off)
    if passed[0]:
        return wrong(exercise, "fixed", **values)
    first, bias, *four, second = map(np.asarray, flat[0])
    (a, b, c, d), (_, _, e, f) = kernel_1.shape, kernel_2.shape
    shapes = {
        "first_whole": first.shape == (a, b, c, d),
        "first_axis": first.shape != (a, b, c, d - 1),
        "bias": bias.shape != (d - 1,),
        "norm_some": {part.shape for part in four} == {(d,), (d - 1,)},
        "norm": [part.shape for part in four] != 4 * [(d - 1,)],
        "second_whole": second.shape == (*kernel_2.shape[:2], e, f),
        "second_axis": second.shape != (*kernel_2.shape[:2], e - 1, f),
    }
    return wrong(exercise, next((name for name, holds in shapes.items() if holds), "places"), **values)


def _same_answers(whole: Any, arrays: list, last_bias: np.ndarray, k: int, x: np.ndarray) -> bool:
    """Return whether smaller arrays compute what the whole network does when nothing reads filter k."""
    silent = _copy(whole)
    weights = whole.get_weights()
    weights[-2][:, :, k] = 0
    silent.set_weights(weights)
    first, *_, second = whole.layers
    sizes = {first.name: first.filters - 1, second.name: second.filters}
    small = type(whole)(
        [
            type(layer).from_config(
                layer.get_config() | ({"filters": sizes[layer.name]} if layer.name in sizes else {})
            )
            for layer in whole.layers
        ]
    )
    small.build(whole.input_shape)
    try:
        small.set_weights([*map(np.asarray, arrays), last_bias])
    except ValueError:  # other shapes
        return False
    truth = np.asarray(silent(x))
    return np.allclose(small(x), truth, rtol=1e-4, atol=1e-4 * np.abs(truth).max())


def _copy(model: Any) -> Any:
    return type(model).from_config(model.get_config())


def rows_of_a_filter(answer: Any, filter_number: int, shape: tuple[int, int, int]) -> Result:
    """Check which rows of a dense kernel read one filter of a flattened picture (height, width, filters)."""
    picture = np.zeros(shape)
    picture[..., filter_number] = 1
    truth = np.flatnonzero(picture.ravel())
    places, filters = shape[0] * shape[1], shape[2]

    def rows(given: Any) -> list[int]:
        return sorted(_places(given))

    return check(
        "chapter_09.rows_of_a_filter",
        answer if unanswered(answer) or number(answer) or isinstance(answer, str) else list(answer),
        lambda given: not number(given) and rows(given) == truth.tolist(),
        {
            "one_row": lambda given: number(given) or rows(given) == [filter_number],
            "block": lambda given: (
                rows(given) == list(range(filter_number * places, (filter_number + 1) * places))
            ),
            "place": lambda given: (
                rows(given) == list(range(filter_number * filters, (filter_number + 1) * filters))
            ),
            "from_one": lambda given: rows(given) == (truth + 1).tolist(),
            "kept": lambda given: set(rows(given)) == set(range(picture.size)) - set(truth.tolist()),
            "step": lambda given: rows(given) == list(range(filter_number, picture.size, places)),
            "some": lambda given: rows(given) and set(rows(given)) < set(truth.tolist()),
        },
        filter=filter_number,
        filters=filters,
        places=places,
        rows=len(truth),
    )


def coupled_choice(answer: Any, first: np.ndarray, second: np.ndarray, n: int) -> Result:
    """Check which n channels go where two layers, with a norm for each channel, have to lose the same."""
    order = np.argsort(first + second, kind="stable")

    def is_set(places: np.ndarray) -> Callable[[Any], bool]:
        return lambda given: len(_places(given)) == n and set(_places(given)) == set(places.tolist())

    return check(
        "chapter_09.coupled_choice",
        list(answer) if isinstance(answer, set) else answer,
        is_set(order[:n]),
        {
            "count": lambda given: len(_places(given)) not in (0, n),
            "first_alone": is_set(np.argsort(first)[:n]),
            "second_alone": is_set(np.argsort(second)[:n]),
            "largest": is_set(order[::-1][:n]),
            "smaller_of_both": is_set(np.argsort(np.minimum(first, second))[:n]),
            "from_one": is_set(order[:n] + 1),
        },
        n=n,
    )


def lstm_without(function: Callable, unit: int, weights: list[np.ndarray], x: np.ndarray) -> Result:
    """Check a function that removes a unit from an LSTM and from the dense layer behind it.

    Args:
        function: from (kernel, recurrent, bias, dense, unit) to the four smaller arrays.
        unit: which one is to go.
        weights: kernel (inputs, 4 · units), recurrent (units, 4 · units), bias (4 · units,), dense (units,
            classes).
        x: (examples, steps, inputs).
    """
    exercise = "chapter_09.lstm_without"
    arrays = [np.asarray(array, np.float64) for array in weights]
    units = len(arrays[1])
    # a unit that is written into the function fails
    tried = list(dict.fromkeys([unit, 0, units - 1, units // 2]))
    try:
        given = {gone: function(*(array.copy() for array in arrays), gone) for gone in tried}
    except Exception as error:
        return stopped(exercise, "without_unit", error)
    if unanswered(given):
        return still_open(exercise)
    passed = [gone for gone in tried if _computes_without(given[gone], gone, arrays, x)]
    if passed == tried:
        return right(exercise)
    shapes = [(len(arrays[0]), 4 * units - 4), (units - 1, 4 * units - 4), (4 * units - 4,)]
    shapes.append((units - 1, arrays[3].shape[1]))
    values = {"wanted": ", ".join(map(str, shapes)), "right": passed[0] if passed else unit}
    values["failed"] = next(gone for gone in tried if gone not in passed)
    found = _shapes(given[unit])
    side_by_side = np.delete(arrays[0], np.arange(4 * unit, 4 * unit + 4), axis=1)
    own_columns = np.delete(arrays[0], unit + units * np.arange(4), axis=1)
    mistakes = {
        "fixed": bool(passed),
        "four": len(found) != 4,
        "one_gate": found[:1] == [(len(arrays[0]), 4 * units - 1)],
        "recurrent_rows": found[1:2] == [(units, 4 * units - 4)],
        "dense": found[:3] == shapes[:3] and found[3:] != shapes[3:],
        "side_by_side": found == shapes and np.array_equal(given[unit][0], side_by_side),
        "rows": found == shapes and np.array_equal(given[unit][0], own_columns),
        "columns": found == shapes,
    }
    return wrong(exercise, next((name for name, holds in mistakes.items() if holds), "hint"), **values)


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
