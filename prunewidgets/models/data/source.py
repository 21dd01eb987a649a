"""Source: whatever the user gave as data, as checked batches (x, y, sample_weight) that can be read again.

This is the one place that knows the forms of data. To take them in a function of your own::

    data = source_of(model, x, y, sample_weight, steps=steps)  # raises one clear error if they do not fit
    for batch in data:                                         # a pass; every `for` begins from the start
        batch.x, batch.y, batch.sample_weight, batch.n         # NumPy arrays, in the user's own structure
    data.n                                                     # examples; None until it is known

Arrays become slices. Of everything else a batch stays as the user made it: batches may differ in their
lengths and in the lengths of their sequences. Data of at most 500 MB are read from the user's object once,
and later passes get the same batches in the same order, also if the data set shuffles. Larger ones are read
again in each pass and never kept; x, y and weights of a batch always belong together.
"""

import inspect
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import keras
import tensorflow as tf

from .arrays import batch_size_for, refuse_streams
from .batch import Batch, checked_batch, copied, is_batch, map_arrays

MOST_KEPT = 500_000_000
"""Bytes of batches that are kept between two passes; larger data are read again."""

_ENDLESS = 10_000_000  # examples without an end, where nothing says how many there are

_FORMS = "(x, y) or (x, y, sample_weight)"


def is_stream(x: Any) -> bool:
    """Return whether x gives batches: a data set, a generator, a function that makes one, any such iterable.

    Arrays, and lists, tuples and dicts of arrays, are not; a list of (x, y) batches is.
    """
    if isinstance(x, Source | tf.data.Dataset | keras.utils.PyDataset):
        return True
    if isinstance(x, str | bytes | Mapping) or hasattr(x, "__array__"):
        return False
    if isinstance(x, Sequence):
        return bool(x) and all(isinstance(item, list | tuple) and is_batch(item) for item in x)
    return hasattr(x, "__iter__") or callable(x) or (hasattr(x, "__getitem__") and hasattr(x, "__len__"))


def source_of(
    model: keras.Model | None,
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    steps: int | None = None,
    batch_size: int | None = None,
    labels: bool = True,
    keep: bool = True,
) -> "Source":
    """Return arrays, a data set or any iterable of batches as a Source; nothing is read yet.

    Args:
        model: The model that takes the inputs, for checks of their form; None if there is none.
        x: Arrays; or a ``tf.data.Dataset``, a ``keras.utils.PyDataset``, a torch ``DataLoader``, a function
            that makes a generator, any iterable of batches ``(x, y)`` or ``(x, y, sample_weight)``, as
            ``fit`` takes them; or a Source, which is returned as it is. A generator itself can be read once
            only.
        y: Labels; only with arrays.
        sample_weight: Weights; only with arrays.
        steps: Number of batches to read at most, needed for endless data; not for arrays.
        batch_size: Examples per batch of arrays. Defaults to a size chosen for the model.
        labels: Whether each batch needs a y.
        keep: Whether batches are kept for later passes, if they are small. Use False for a single pass.

    Raises:
        ValueError: If y, sample_weight or steps are given where they cannot be, labels are missing, lengths
            differ, or the data are known to be empty or endless.
    """
    if isinstance(x, Source):
        refuse_labels(x.kind, y, sample_weight)
        return x
    if is_stream(x):
        refuse_labels(type(x).__name__, y, sample_weight)
        return Source(_Reader(model, x, steps, labels), keep)
    refuse_steps(steps)
    if y is None and labels:
        raise ValueError(f"y is missing: pass labels, or as x a data set with batches {_FORMS}.")
    for name, part in (("y", y), ("sample_weight", sample_weight)):
        if part is not None:
            refuse_streams(part, name)
    arrays = checked_batch(model, (x, y, sample_weight))
    if batch_size is None:
        batch_size = 1000 if model is None else batch_size_for(model, arrays.x)
    return Source(_Slices(arrays, batch_size), keep=False)


class Source:
    """Batches that can be read again and again; made by ``source_of``.

    Attributes:
        n: Number of examples; None until a pass has read all of them, if the data are not arrays.
        kind: What the user gave, such as "BatchDataset".
    """

    def __init__(self, reader: "_Reader | _Slices", keep: bool) -> None:
        """Read nothing yet."""
        self._reader, self._keep = reader, keep
        self._kept: list[Batch] | None = None
        self._rest: Iterator[Batch] | None = None  # of a generator too large to be kept: its only pass
        self._lock = threading.Lock()  # a lab reads in several threads
        self.n, self.kind = reader.n, reader.kind

    @property
    def arrays(self) -> Batch | None:
        """All examples, if the user gave arrays."""
        return getattr(self._reader, "arrays", None)

    def __iter__(self) -> Iterator[Batch]:
        """Yield all batches.

        Raises:
            ValueError: If a batch does not fit, there is none, the data have no end, or a generator that
                can be read once only is read again.
        """
        self._fill()
        if self._kept is not None:
            return iter(self._kept)
        with self._lock:
            rest, self._rest = self._rest, None
        return self._counted(self._reader.read() if rest is None else rest)

    def kept(self) -> list[Batch] | None:
        """Read all batches once, and return them if they are small enough to be kept."""
        self._fill()
        return self._kept

    def _fill(self) -> None:
        """Read the data into memory the first time, unless they are too large."""
        with self._lock:
            if not self._keep or self._kept is not None:
                return
            batches: list[Batch] = []
            size, reading = 0, self._reader.read()
            for batch in reading:
                batches.append(copied(batch))
                size += batch.nbytes
                if size > MOST_KEPT:
                    self._keep = False
                    self._rest = chain(batches, reading) if self._reader.once else None
                    return
            self._kept, self.n = batches, sum(batch.n for batch in batches)

    def _counted(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        n = 0
        for batch in batches:
            n += batch.n
            yield batch
        self.n = n


class _Slices:
    """Arrays in slices."""

    once = False

    def __init__(self, arrays: Batch, size: int) -> None:
        self.arrays, self.size, self.n, self.kind = arrays, size, arrays.n, "arrays"
        if size < 1:
            raise ValueError(f"batch_size is {size}; it has to be 1 or more.")

    def read(self) -> Iterator[Batch]:
        for start in range(0, self.n, self.size):
            rows = slice(start, start + self.size)
            yield Batch(*(map_arrays(lambda part: part[rows], part) for part in self.arrays))  # noqa: B023


class _Reader:
    """Reads a data set, a generator or any iterable of batches, and checks each batch."""

    n = None

    def __init__(self, model: keras.Model | None, data: Any, steps: int | None, labels: bool) -> None:
        self.model, self.data, self.steps, self.labels = model, data, steps, labels
        self.kind = type(data).__name__
        self.once, self._begun = isinstance(data, Iterator), False
        self._length = _length(data)
        if steps is not None and (isinstance(steps, bool) or int(steps) != steps or steps < 1):
            raise ValueError(f"steps is {steps!r}; it has to be a whole number of batches, 1 or more.")
        if steps is None and self._length == tf.data.INFINITE_CARDINALITY:
            raise ValueError(f"x ({self.kind}) has no end. {_STEPS}")

    def read(self) -> Iterator[Batch]:
        """Return a new iterator of the checked batches."""
        if self.once and (self._begun or _is_used_up(self.data)):
            raise ValueError(
                f"x is a {self.kind}, which can be read once only, and it has been read before. Pass the "
                "function that makes it (x=batches instead of x=batches()), or a data set."
            )
        self._begun = True
        return self._read()

    def _read(self) -> Iterator[Batch]:
        seen = 0
        items = _items(self.data)
        for number, item in enumerate(items if self.steps is None else islice(items, self.steps), start=1):
            batch = self._batch(item, f"Batch {number:,} of x ({self.kind})")
            if batch is None:
                continue
            seen += batch.n
            if seen > _ENDLESS and self.steps is None and self._length is None:
                raise ValueError(
                    f"x ({self.kind}) has given {seen:,} examples, and nothing says how many it has. {_STEPS}"
                )
            yield batch
        if not seen:
            raise ValueError(f"x ({self.kind}) gives no examples; at least one is needed.")

    def _batch(self, item: Any, what: str) -> Batch | None:
        """Return one item as a checked batch; None if it is empty."""
        if isinstance(item, list) and is_batch(item):  # as torch's DataLoader makes them
            item = tuple(item)
        parts = item if isinstance(item, tuple) else (item,)
        if not 1 <= len(parts) <= 3:
            raise ValueError(f"{what} is a tuple of {len(parts)}; it needs to be {_FORMS}.")
        if self.labels and (len(parts) < 2 or parts[1] is None):
            raise ValueError(f"{what} holds no labels; batches need to be {_FORMS}, as for fit.")
        batch = checked_batch(self.model, parts, what)
        return batch if batch.n else None


_STEPS = "Pass steps=, the number of batches to read, or end it with take() or another limit."


def _length(data: Any) -> int | None:
    """Return the number of batches; None if it is not known, INFINITE_CARDINALITY if there is no end."""
    if isinstance(data, tf.data.Dataset):
        length = int(data.cardinality())
        return None if length == tf.data.UNKNOWN_CARDINALITY else length
    try:
        return len(data)
    except (TypeError, NotImplementedError):
        pass
    if isinstance(data, keras.utils.PyDataset):
        try:
            return tf.data.INFINITE_CARDINALITY if data.num_batches is None else int(data.num_batches)
        except NotImplementedError:
            return tf.data.INFINITE_CARDINALITY
    return None


def _items(data: Any) -> Iterator[Any]:
    """Return a new iterator of the batches as they come."""
    if isinstance(data, keras.utils.PyDataset) or not (hasattr(data, "__iter__") or callable(data)):
        length = _length(data)
        endless = length is None or length == tf.data.INFINITE_CARDINALITY
        numbers = iter(int, 1) if endless else range(length or 0)  # the first never ends
        return (data[number] for number, _ in enumerate(numbers))
    made = data if hasattr(data, "__iter__") else data()
    if not hasattr(made, "__iter__"):
        raise ValueError(
            f"x is a function that returned a value of type {type(made).__name__}; it needs to return a "
            f"generator or an iterable of batches {_FORMS}."
        )
    return iter(made)


def _is_used_up(data: Any) -> bool:
    return inspect.isgenerator(data) and inspect.getgeneratorstate(data) == inspect.GEN_CLOSED


def refuse_labels(kind: str, y: Any, sample_weight: Any) -> None:
    """Raise ValueError if labels or weights are given although the batches of x hold them."""
    for name, given in (("y", y), ("sample_weight", sample_weight)):
        if given is not None:
            raise ValueError(
                f"x is a {kind}, whose batches {_FORMS} hold their own labels and weights; leave {name} out."
            )


def refuse_steps(steps: int | None) -> None:
    """Raise ValueError if steps are given although x is arrays."""
    if steps is not None:
        raise ValueError("steps is for data sets and generators; x is given as arrays, which have an end.")
