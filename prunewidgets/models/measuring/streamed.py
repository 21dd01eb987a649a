"""Streamed: measure a data set batch by batch, with the labels and weights that each batch holds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ..data.arrays import Structure
from ..data.batch import Batch, map_arrays
from ..data.source import Source, is_stream, refuse_labels, source_of
from ..forward.passes import Forward
from ..forward.reach import refuse_unreached
from ..layers.batch_states import fixed_batch, recurrent_states
from .metric_value import Part
from .prepared import Prepared, before, joined, of_examples


class Piece(NamedTuple):
    """What one forward pass takes: a batch, or a part of one for a model that takes fewer at a time.

    Attributes:
        x: Inputs, or the activations before a layer; padded if the model needs more examples.
        n: Number of examples without the padding.
        y: Their labels, None if there are none.
        sample_weight: Their weights, or None.
    """

    x: Structure
    n: int
    y: Any = None
    sample_weight: Any = None


@dataclass(frozen=True)
class Stream:
    """What ``Prepared`` is for arrays: a data set and weights at one moment, for many passes.

    Attributes:
        values: The values of ``model.variables``, without masks.
        pieces: The batches, to be read in each pass; a list if they are small enough to be kept.
        start: Index of the layer that takes the pieces; 0 stands for the model itself.
    """

    values: list[tf.Tensor]
    pieces: Iterable[Piece]
    start: int = 0

    @property
    def n(self) -> int | None:
        """Number of examples, if they are kept."""
        return sum(piece.n for piece in self.pieces) if isinstance(self.pieces, list) else None

    @property
    def nbytes(self) -> int:
        """Bytes that are kept."""
        kept = self.pieces if isinstance(self.pieces, list) else []
        return sum(
            part.dtype.size * part.shape.num_elements() for part in tf.nest.flatten([p.x for p in kept])
        )


@dataclass(frozen=True)
class _Pieces:
    """The pieces of a source, made again in each pass."""

    source: Source
    model: keras.Model

    def __iter__(self) -> Iterator[Piece]:
        size, states = fixed_batch(self.model), bool(recurrent_states(self.model))
        short = 0
        for batch in self.source:
            if short and states:
                raise ValueError(
                    f"A batch of x has {short} examples, and {self.model.name!r}, which passes states from "
                    f"batch to batch, is built for {size}: only the last batch may have fewer."
                )
            short = batch.n if size is not None and batch.n < size else 0
            yield from [Piece(batch.x, batch.n, *batch[1:])] if size is None else _cut(batch, size, states)


def is_streamed(x: Any) -> bool:
    """Return whether x holds its own labels: a data set of any form, or what ``stream_of`` made of one."""
    return isinstance(x, Stream) or is_stream(x)


def refuse_labels_beside(x: Any, y: Any, sample_weight: Any) -> None:
    """Raise ValueError if labels or weights are given although x holds its own; x is not read."""
    if is_streamed(x):
        refuse_labels("data set" if isinstance(x, Stream) else type(x).__name__, y, sample_weight)


def stream_of(
    model: keras.Model,
    values: list[tf.Tensor],
    x: Any,
    steps: int | None = None,
    keep: bool = True,
    labels: bool = False,
) -> Stream:
    """Return a data set with these weights; it is read now if it is to be kept, else in each pass."""
    if isinstance(x, Stream):
        if steps is not None:
            raise ValueError("steps is for a data set itself; give it to prepare.")
        return replace(x, values=values)
    source = source_of(model, x, steps=steps, keep=keep, labels=labels)
    pieces = _Pieces(source, model)
    if not keep or source.kept() is None:
        return Stream(values, pieces)
    tensors = [piece._replace(x=tf.nest.map_structure(tf.constant, piece.x)) for piece in pieces]
    return Stream(values, tensors)


def answered_pieces(
    stream: Stream,
    model: keras.Model,
    variables: Mapping[str, keras.Variable],
    forward: Forward,
    values: list[tf.Tensor],
    labels: bool = True,
) -> Iterator[Part]:
    """Yield the answers for one piece after another, each computed on demand, with its labels and weights."""
    layers = range(stream.start, len(model.layers)) if stream.start else None
    waiting: list[Piece] = []

    def inputs() -> Iterator[Structure]:
        for piece in stream.pieces:
            if labels and piece.y is None:
                raise ValueError("The batches of x hold no labels; they need to be (x, y), as for fit.")
            waiting.append(piece)
            yield piece.x

    for answers in forward.passes(values, inputs(), layers):
        refuse_unreached(model, variables, forward.unreached)  # known once the pass has been traced
        piece = waiting.pop()
        yield Part(piece.y, next(of_examples(iter([answers]), piece.n)), piece.sample_weight)


def stream_before(
    whole: Stream, model: keras.Model, variable: keras.Variable, forward: Forward, last: Stream | None
) -> Stream:
    """Do for a stream what ``prepared.before`` does for arrays, if it is kept."""
    n = whole.n
    if n is None:
        return whole
    begun = [_as_prepared(stream, n) for stream in (whole, last or whole)]
    found = before(begun[0], model, variable, forward, None if last is None else begun[1])
    if found is begun[0]:
        return whole
    if found is begun[1] and last is not None:
        return last
    moved = [piece._replace(x=x) for piece, x in zip(whole.pieces, found.batches, strict=True)]
    return Stream(whole.values, moved, found.start)


def outputs_of(parts: Iterable[Part]) -> Structure:
    """Join the outputs of all batches.

    Raises:
        ValueError: If they differ in shape, as with sequences padded batch by batch.
    """
    passes = [part.answers for part in parts]
    forms = {str(tf.nest.map_structure(lambda part: part.shape[1:], answers.outputs)) for answers in passes}
    if len(forms) > 1:
        raise ValueError(
            "The outputs differ in shape from batch to batch, so they cannot be joined into arrays. Pad all "
            "batches to one length, or predict one batch at a time."
        )
    return joined(iter(passes))[0]


def _as_prepared(stream: Stream, n: int) -> Prepared:
    return Prepared(stream.values, [piece.x for piece in stream.pieces], n, stream.start)


def _cut(batch: Batch, size: int, states: bool) -> Iterator[Piece]:
    """Yield a batch in pieces of exactly ``size`` examples, the last padded with its last example.

    With states from batch to batch each row goes on with the same row of the next batch, so a batch that is
    too large stays whole, and the forward pass refuses it.
    """
    for start in range(0, batch.n, max(size, batch.n) if states else size):
        stop = batch.n if states else min(batch.n, start + size)
        rows = np.minimum(np.arange(start, max(stop, start + size)), stop - 1)
        x = tf.nest.map_structure(lambda part: part[rows], batch.x)  # noqa: B023
        y, weights = (map_arrays(lambda part: part[start:stop], part) for part in batch[1:])  # noqa: B023
        yield Piece(x, stop - start, y, weights)
