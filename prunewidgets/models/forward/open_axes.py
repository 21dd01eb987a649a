"""OpenAxes: leave an axis open that has had several lengths, so that not each length is compiled."""

from collections.abc import Hashable, Mapping
from typing import Any

import keras
import tensorflow as tf

Shape = tuple[int | None, ...]


class OpenAxes:
    """The shapes that batches had so far, without their first axis, for each kind of input."""

    def __init__(self) -> None:
        """No batch was seen yet."""
        self._seen: dict[Hashable, list[Shape]] = {}

    def shapes(self, model: keras.Model, kind: Hashable, x: Any) -> list[Shape]:
        """Return the shapes to compile for a batch: None where a size has changed and the model allows it.

        Args:
            model: The model. Without known inputs, as a subclassed one, it may take any size.
            kind: What else the compiled function depends on.
            x: The batch.
        """
        parts = tf.nest.flatten(x)
        now: list[Shape] = [tuple(part.shape[1:]) for part in parts]
        key = (kind, tuple((part.dtype, len(part.shape)) for part in parts))
        before, inputs = self._seen.setdefault(key, now), _inputs(model, x)
        if before == now or inputs is None:
            return now
        allowed = inputs or [None] * len(now)
        opened = [
            tuple(
                size if size == earlier or (own is not None and own[axis] is not None) else None
                for axis, (size, earlier) in enumerate(zip(shape, known, strict=True), start=1)
            )
            for shape, known, own in zip(now, before, allowed, strict=True)
        ]
        if any(None in shape for shape in opened):
            self._seen[key] = opened
        return opened


def _inputs(model: keras.Model, x: Any) -> list[Any] | None:
    """Return the shape of the model's own input for each part of x; [] if it has none, None if unclear."""
    own = list(getattr(model, "inputs", None) or ())
    if isinstance(x, Mapping) and own:
        struct = getattr(model, "_inputs_struct", None)
        named = struct if isinstance(struct, Mapping) else {tensor.name: tensor for tensor in own}
        own = [named[name] for name in sorted(x) if name in named]
    parts = tf.nest.flatten(x)
    fits = len(own) == len(parts) and all(
        len(tensor.shape) == len(part.shape) for tensor, part in zip(own, parts, strict=False)
    )
    return [tensor.shape for tensor in own] if fits else None if own else []
