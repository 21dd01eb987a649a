"""Batches of one size from batches of any size, a few at a time in memory."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from .arrays import Structure, count
from .source import is_stream, source_of


def rebatched(batches: Iterable[Structure], size: int) -> Iterator[Structure]:
    """Join or cut batches to ``size`` examples, holding no more than these; the last may have fewer.

    Where the shape of the examples changes, as with batches that are padded each to its own length, a batch
    ends early.
    """
    held: list[Structure] = []
    rows, form = 0, ""
    for batch in batches:
        mine = str(mapped(lambda part: f"{_kind(part.dtype)} {part.shape[1:]}", batch))
        if held and mine != form:
            yield _joined(held)
            held, rows = [], 0
        form, start, stop = mine, 0, count(tf.nest.flatten(batch)[:1])
        while start < stop:
            piece = slice(start, min(stop, start + size - rows))
            part_of_batch = mapped(lambda part: part[piece], batch)  # noqa: B023
            rows, start = rows + piece.stop - start, piece.stop
            if rows == size:
                yield _joined([*held, part_of_batch])
                held, rows = [], 0
            else:  # a copy: a generator may write its next batch into the same array
                held.append(mapped(np.array, part_of_batch))
    if held:
        yield _joined(held)


def mapped(function: Callable[[np.ndarray], Any], batch: Structure) -> Structure:
    """Map each array of a structure; None stays None."""
    return tf.nest.map_structure(lambda part: None if part is None else function(part), batch)


def some_inputs(model: keras.Model, x: Any, n: int) -> Any:
    """Return inputs as they are if they are arrays; of a data set the first n, or all if there are fewer."""
    if not is_stream(x):
        return x
    batches = source_of(model, x, steps=n, labels=False, keep=False)
    return next(rebatched((batch.x for batch in batches), n))


def _kind(dtype: np.dtype) -> str:
    """Return the dtype's name; texts of any length are of one kind."""
    return dtype.kind if dtype.kind in "SU" else str(dtype)


def _joined(held: list[Structure]) -> Structure:
    if len(held) == 1:
        return held[0]
    return tf.nest.map_structure(lambda *parts: None if parts[0] is None else np.concatenate(parts), *held)
