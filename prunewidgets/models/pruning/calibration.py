"""The inputs of a model's layers on examples, as the matrix products that the layers compute.

A kernel is taken apart into (parts, weights of an output, outputs), see ``layouts.to_products``; the inputs
into (parts, rows, weights of an output), one row for each position of each example. Their product, plus the
bias, is what the layer computes before its activation.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from ...core.layouts import Layout
from ...utils.progress_bar import progress
from ..data.arrays import Structure, count
from ..data.rebatched import rebatched
from ..data.source import source_of
from ..forward.stateless import TracedCall, call_with
from ..layers.batch_states import fixed_batch, recurrent_states
from ..layers.weights import named_variables, owners
from ..live.live_model import LiveModel
from .applicable import DoesNotApplyError
from .attention_masks import AttentionMasks, is_attention, keeping_masks
from .linear import input_rows, is_linear, replaced_calls

_BATCH = 32  # the patches of a convolution take as much memory as its window is large

_UNKNOWN = (
    "The inputs of {} cannot be taken apart: this works for Dense, EinsumDense (in attention layers too), "
    "Conv1D, Conv2D and Conv3D that are called as such, not for {}. Leave them out: exclude=[{}]."
)


class Calibration:
    """The inputs of some of a model's weights on examples; the model is never written to.

    Args:
        live: The model.
        names: The weights whose inputs are wanted.
        x: Inputs with one row per example, or a data set, whose labels are not used.
        batch_size: Examples per forward pass. The batches of a data set are joined or cut to this size.
        steps: Batches of a data set to read. Defaults to all.
        keep: Whether a small data set is kept in memory, for several passes that have to be the same.

    Attributes:
        values: One tensor for each of ``model.variables``, which the forward passes use.
        places: {name: index of the weight in ``values``}.

    Raises:
        ValueError: If a weight is not of a layer whose inputs can be taken apart, or has LoRA adapters, or
            the model has stateful layers.
    """

    def __init__(
        self,
        live: LiveModel,
        names: Sequence[str],
        x: Any,
        batch_size: int = _BATCH,
        steps: int | None = None,
        keep: bool = False,
    ) -> None:
        """Find the layers; nothing is computed yet."""
        self.model, self._lock = live.model, live.lock
        if recurrent_states(self.model):
            raise DoesNotApplyError(
                f"The model {self.model.name!r} has layers with stateful=True, whose outputs depend on "
                "earlier batches, but the inputs of a layer are wanted for each example by itself. Build it "
                "with stateful=False, and copy the weights to that model."
            )
        if x is None:
            raise ValueError("x is None; the inputs of layers are computed from examples, so pass some.")
        self._size = fixed_batch(self.model) or batch_size
        size = self._size
        self._source = source_of(self.model, x, steps=steps, batch_size=size, labels=False, keep=keep)
        numbers = {id(variable): number for number, variable in enumerate(self.model.variables)}
        named, of = named_variables(self.model), owners(self.model)
        self.places = {name: numbers[id(named[name])] for name in names}
        self.values = list(live.snapshot().values)
        self.layouts: dict[str, Layout] = {name: live.layouts.get(name, Layout()) for name in names}
        self._owners = {name: of.get(id(named[name]), []) for name in names}
        self._layers = {name: self._owners[name][-1] if self._owners[name] else None for name in names}
        self._refuse([name for name, layer in self._layers.items() if not is_linear(layer, named[name])])

    def in_order(self) -> list[str]:
        """Return the names in the order in which the model calls their layers.

        Raises:
            ValueError: If a layer is not called, or not as a layer by itself.
        """
        order: list[str] = []

        def note(name: str, x: tf.Tensor) -> None:
            if name not in order:
                order.append(name)

        def run(values: list[tf.Tensor], x: Structure) -> tf.Tensor:
            with self._lock, replaced_calls(self._calls(self._layers, note)):
                call_with(self.model, values, x)
            return tf.zeros(())

        TracedCall(self.model, run)(self.values, _tensors(next(self._batches())))
        self._refuse([name for name in self.places if name not in order])
        return order

    def sums(self, names: Sequence[str], measure: Callable[[tf.Tensor], tf.Tensor]) -> dict[str, np.ndarray]:
        """Return the sum over all batches of ``measure`` of the inputs of these weights, in float64.

        Args:
            names: The weights.
            measure: A function from inputs (parts, rows, weights of an output) to a tensor.
        """
        inside: dict[str, list[tf.Tensor]] = {}
        wanted = {name: self._layers[name] for name in names}

        def note(name: str, x: tf.Tensor) -> None:
            rows = input_rows(wanted[name], x)
            inside.setdefault(name, []).append(measure(rows))

        def run(values: list[tf.Tensor], x: Structure) -> list[tf.Tensor]:
            inside.clear()
            with self._lock, replaced_calls(self._calls(wanted, note)):
                call_with(self.model, values, x)
            graph = getattr(tf.zeros(()), "graph", None)
            alone = {name for name, parts in inside.items() if all(part.graph is graph for part in parts)}
            self._refuse([name for name in names if name not in alone])
            return [tf.add_n(inside[name]) for name in names]

        compiled, totals = TracedCall(self.model, run), [np.zeros(()) for _ in names]
        total = None if self._source.n is None else -(-self._source.n // self._size)
        for x in progress(self._batches(), "batch", total):
            if fixed_batch(self.model) is not None and count(x) < self._size:
                raise ValueError(
                    f"The model {self.model.name!r} is built for {self._size} examples at a time, and "
                    f"{count(x)} are left over; give a multiple of {self._size}."
                )
            parts = compiled(self.values, _tensors(x))
            totals = [total + np.asarray(part, np.float64) for total, part in zip(totals, parts, strict=True)]
        return dict(zip(names, totals, strict=True))

    def _calls(
        self, layers: Mapping[str, Any], note: Callable[[str, tf.Tensor], None]
    ) -> list[tuple[Any, Callable[..., Any]]]:
        """Return (layer, a call that reports its input first), and attention layers that keep its masks."""
        inside = {name: next(filter(is_attention, self._owners[name]), None) for name in layers}
        masks: dict[int, AttentionMasks] = {id(one): {} for one in inside.values() if one is not None}
        attending = {id(one): one for one in inside.values() if one is not None}
        return [
            (layer, _reporting(name, layer, masks.get(id(inside[name]), {}), note))
            for name, layer in layers.items()
        ] + [(one, keeping_masks(one, masks[place])) for place, one in attending.items()]

    def _batches(self) -> Iterator[Structure]:
        return rebatched((batch.x for batch in self._source), self._size)

    def _refuse(self, names: list[str]) -> None:
        if names:
            kinds = sorted({type(self._layers[name]).__name__ for name in names})
            listed = ", ".join(map(repr, names))
            raise DoesNotApplyError(_UNKNOWN.format(listed, ", ".join(kinds), listed))


def _tensors(x: Structure) -> Structure:
    return tf.nest.map_structure(tf.convert_to_tensor, x)


def _reporting(
    name: str, layer: Any, masks: AttentionMasks, note: Callable[[str, tf.Tensor], None]
) -> Callable[..., Any]:
    call = layer.call

    def reporting(inputs: Any, *args: Any, **options: Any) -> Any:
        x, mask = tf.convert_to_tensor(inputs), getattr(inputs, "_keras_mask", None)
        mask = masks.get(id(layer)) if mask is None else mask
        if mask is not None:  # padding does not count
            ones = [1] * (x.shape.rank - mask.shape.rank)
            x *= tf.cast(tf.reshape(mask, tf.concat([tf.shape(mask), ones], 0)), x.dtype)
        note(name, x)
        return call(inputs, *args, **options)

    return reporting
