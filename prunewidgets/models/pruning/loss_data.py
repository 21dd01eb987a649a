"""Examples with targets and weights for the loss, in batches of one size, whatever batches they come in."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np

from ...core.arrays import is_whole
from ..data.arrays import Structure, count, refuse_streams
from ..data.rebatched import mapped, rebatched
from ..data.source import is_stream, source_of
from ..layers.batch_states import fixed_batch
from .loss import loss_weights

Data = Any
"""(x, y) or (x, y, sample_weight), or a data set of such batches, or a function that makes a generator."""


class LossBatch(NamedTuple):
    """A batch of examples.

    Attributes:
        x: Their inputs.
        y: Their targets, an array, or a list or dict of arrays for several outputs.
        weights: Their weights in the loss, None for 1.
        real: Number of real examples; those after them only pad the batch and do not count.
    """

    x: Structure
    y: Structure
    weights: Structure | None
    real: int


class LossData:
    """Examples in batches of one size; every iteration is a pass over all of them.

    Args:
        model: The model that takes them.
        x: Inputs with one row per example, or a data set, as for ``LiveModel.evaluate``.
        y: Targets as the loss takes them; None with a data set.
        batch_size: Examples per batch. The batches of a data set are joined or cut to this size.
        sample_weight: Weights of the examples or answers, as for ``fit``; None with a data set.
        class_weight: {class: weight}, as for ``fit``.
        steps: Batches of a data set to read. Defaults to all.
        keep: Whether a small data set is kept in memory, for several passes that have to be the same.
        endless: Whether a data set may have no end, as for ``shuffled``.

    Attributes:
        total: Number of batches of a pass, None if not known.

    Raises:
        ValueError: If x and y differ in length, or a size is below 1.
    """

    def __init__(
        self,
        model: keras.Model,
        x: Any,
        y: Any,
        batch_size: int,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        steps: int | None = None,
        keep: bool = False,
        endless: bool = False,
    ) -> None:
        """Check arrays now, the batches of a data set when they come."""
        if not is_whole(batch_size, 1, sys.maxsize):
            raise ValueError(f"batch_size is {batch_size!r}; it has to be a whole number, 1 or more.")
        self._model, self._class_weight, self._fixed = model, class_weight, fixed_batch(model)
        self._size = self._fixed or int(batch_size)
        if y is not None:
            refuse_streams(y, "y")
        if isinstance(y, list | tuple) and not _has_several(model):
            y = np.asarray(y)
        size, steps = self._size, sys.maxsize if endless and is_stream(x) else steps
        self._source = source_of(model, x, y, sample_weight, steps=steps, batch_size=size, keep=keep)
        self.total = None if self._source.n is None else -(-self._source.n // self._size)
        self._drawn: Iterator[LossBatch] | None = None
        if (arrays := self._source.arrays) is not None:
            self._weighted(arrays)  # raise its errors now

    def __iter__(self) -> Iterator[LossBatch]:
        """Yield the batches of one pass, in the order of the examples."""
        return map(self._filled, rebatched(map(self._weighted, self._source), self._size))

    def shuffled(self, seed: Any) -> Iterator[LossBatch]:
        """Yield training batches without end: shuffled in each pass; a data set's in its own order."""
        rng, arrays = np.random.default_rng(seed), self._source.arrays
        while True:
            if arrays is None:
                yield from self
                continue
            parts, order = self._weighted(arrays), rng.permutation(arrays.n)
            for start in range(0, arrays.n, self._size):
                rows = order[start : start + self._size]
                yield self._filled(mapped(lambda part: part[rows], parts))  # noqa: B023

    def draw(self, seed: Any) -> LossBatch:
        """Return a training batch: random examples of arrays, the next ones of a data set."""
        if self._source.arrays is not None:
            return next(self.shuffled(seed))
        self._drawn = self.shuffled(seed) if self._drawn is None else self._drawn
        return next(self._drawn)

    def _weighted(self, batch: Any) -> tuple[Structure, Structure, Structure | None]:
        """Return inputs, targets and weights in the loss."""
        y = batch.y
        if isinstance(y, list | tuple | Mapping) and len(y) == 1:
            (y,) = y.values() if isinstance(y, Mapping) else y
        if isinstance(y, Mapping) and len(getattr(self._model, "outputs", None) or ()) == 1:
            raise ValueError(
                f"y is a dict of {len(y)}, as for a model with several outputs, and {self._model.name!r} has "
                "one: pass one array."
            )
        return batch.x, y, loss_weights(y, batch.sample_weight, self._class_weight, batch.n)

    def _filled(self, parts: tuple[Structure, Structure, Structure | None]) -> LossBatch:
        """Return a batch; one that is too small for the model repeats its last example."""
        real = count(parts[0])
        if self._fixed is not None and real < self._fixed:
            rows = np.minimum(np.arange(self._fixed), real - 1)
            parts = mapped(lambda part: part[rows], parts)
        return LossBatch(*parts, real)


def parts_of(data: Data) -> tuple[Any, Any, Any]:
    """Return (x, y, sample_weight) from what is given as ``data=``; x is the data set if it is one.

    Raises:
        ValueError: If it is neither.
    """
    pair = isinstance(data, tuple | list) and len(data) in (2, 3)
    if (isinstance(data, tuple) and pair) or (pair and not is_stream(data)):
        return (*data, None)[:3]
    if is_stream(data):
        return data, None, None
    raise ValueError(
        "data is a pair, (x, y), of examples and targets, or (x, y, sample_weight), or a data set of such "
        f"batches; not {type(data).__name__}."
    )


def _has_several(model: keras.Model) -> bool:
    """Return whether the model has several outputs."""
    if (outputs := getattr(model, "outputs", None)) is not None:
        return len(outputs) > 1
    return isinstance(getattr(model, "loss", None), list | tuple | Mapping)
