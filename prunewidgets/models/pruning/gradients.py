"""Gradients of a model's loss on examples, at values that are passed in; the model is never written to."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from ...utils.progress_bar import progress
from ..data.arrays import Structure
from ..forward.stateless import TracedCall, call_with, compiles_itself
from ..layers.batch_states import recurrent_states
from ..layers.weights import named_variables
from ..live.live_model import LiveModel
from .applicable import DoesNotApplyError
from .loss import CompiledLoss
from .loss_data import LossBatch, LossData


class Step(NamedTuple):
    """The result of one batch.

    Attributes:
        slopes: The gradients of the loss, one for each place.
        counted: Number of answers that the loss is the mean of.
        values: The values after the call, which in training changes some itself, such as moving averages.
    """

    slopes: list[tf.Tensor]
    counted: float
    values: list[tf.Tensor]


class Gradients:
    """The gradients of the loss that a model was compiled with, for some of its weights.

    This is the loss as Keras computes it (weighted, without masked padding and ignored labels), but without
    regularisers, and by default for the model at inference: dropout is off, and normalisation uses its moving
    averages.

    Args:
        live: The model.
        weights: {name: array}: the weights to differentiate for, at these values; all others as they are now.
        data: The examples.

    Attributes:
        names: Names of the weights.
        values: One tensor for each of ``model.variables``.
        places: {name: index of the weight in ``values``}.
        held: {index: mask} for weights that the model holds zeros in, True = free to train.
        data: The examples.

    Raises:
        ValueError: If the model has no loss, or stateful layers.
    """

    def __init__(self, live: LiveModel, weights: Mapping[str, np.ndarray], data: LossData) -> None:
        """Check everything and read the values once."""
        self.model = live.model
        if recurrent_states(self.model):
            raise DoesNotApplyError(
                f"The model {self.model.name!r} has layers with stateful=True, whose outputs depend on "
                "earlier batches, but criteria that need data score each example by itself. Build it with "
                "stateful=False, and copy the weights to that model."
            )
        self.loss = CompiledLoss(self.model)
        self.data = data
        self.names = tuple(weights)
        numbers = {id(variable): number for number, variable in enumerate(self.model.variables)}
        named = named_variables(self.model)
        self.places = {name: numbers[id(named[name])] for name in weights}
        self.held = {numbers[id(named[name])]: kept for name, kept in (live.applied or {}).items()}
        self.values = list(live.snapshot().values)
        for name, place in self.places.items():
            self.values[place] = tf.cast(weights[name], self.values[place].dtype)
        # A tf.function of the model itself would remember the values that it is traced with.
        self._traced = TracedCall(self.model, self._slopes) if compiles_itself(self.model) else self._slopes
        self._form = ""  # shapes of the outputs

    def at(
        self, values: list[tf.Tensor], batch: LossBatch, places: list[int], training: bool = False
    ) -> Step:
        """Return the gradients of the loss on one batch with respect to the values at these places.

        Args:
            values: One tensor for each of ``model.variables``.
            batch: The examples.
            places: Indices of the values to differentiate for.
            training: Whether the model is called in training mode. Defaults to False.
        """
        try:
            slopes, counts, after = self._traced(values, *_tensors(batch), tuple(places), training)
        except (ValueError, tf.errors.OpError) as error:  # a label without a class, a shape that differs
            raise ValueError(
                f"The loss of {self.model.name!r} does not accept this y for outputs of shape "
                f"{self._form}: {getattr(error, 'message', error)}. Check that x and y "
                "belong to this model, and whether it takes labels or one-hot rows."
            ) from error
        return Step(slopes, float(np.sum(counts)), after)

    def _slopes(
        self,
        values: list[tf.Tensor],
        x: Structure,
        y: Structure,
        weights: Structure | None,
        real: int,
        places: tuple[int, ...],
        training: bool,
        wanted: list[tf.Tensor] | None = None,
    ) -> tuple[list[tf.Tensor], tf.Tensor, list[tf.Tensor]]:
        wanted = [values[place] for place in places] if wanted is None else wanted
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(wanted)
            answers, scope = call_with(self.model, values, x, training)
            self._form = ", ".join(str(tuple(part.shape)) for part in tf.nest.flatten(answers))
            loss, counts = self.loss(y, answers, weights, real)
        slopes = tape.gradient(loss, wanted, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        after = [scope.get_current_value(variable) for variable in self.model.variables]
        return (
            [tf.convert_to_tensor(slope) for slope in slopes],
            counts,
            after,
        )  # gradients of embeddings are sparse

    def mean(self, measure: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]) -> dict[str, tf.Tensor]:
        """Return the mean of ``measure(gradient, weight)`` over the batches, as float32.

        Batches are weighted by the number of answers that count in them.
        """
        places = list(self.places.values())
        sums, total = [tf.zeros(self.values[place].shape) for place in places], 0.0
        for step in self.steps(places):
            total += step.counted
            for number, gradient in enumerate(step.slopes):
                weight = tf.cast(self.values[places[number]], tf.float32)
                sums[number] += step.counted * measure(tf.cast(gradient, tf.float32), weight)
        return dict(zip(self.names, [part / max(total, 1) for part in sums], strict=True))

    def curved(self, vector: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Return the product of the loss's second derivative, averaged over all examples, and a vector.

        Args:
            vector: {name: tensor}, one part for each weight.
        """
        places = list(self.places.values())
        directions = [vector[name] for name in self.names]

        def product(
            values: list[tf.Tensor], x: Structure, y: Structure, weights: Structure | None, real: int
        ) -> tuple[Any, tf.Tensor]:
            wanted = [values[place] for place in places]
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(wanted)
                slopes, counts, _ = self._slopes(values, x, y, weights, real, tuple(places), False, wanted)
                pairs = zip(slopes, directions, strict=True)
                along = tf.add_n([tf.reduce_sum(tf.cast(slope, tf.float32) * part) for slope, part in pairs])
            zero = tf.UnconnectedGradients.ZERO
            found = tape.gradient(along, wanted, unconnected_gradients=zero)
            return [tf.cast(tf.convert_to_tensor(part), tf.float32) for part in found], counts

        sums, total = [tf.zeros(part.shape) for part in directions], 0.0
        traced = TracedCall(self.model, product)
        for batch in progress(self.data, "batch", self.data.total):
            parts, counts = traced(self.values, *_tensors(batch))
            counted = float(np.sum(counts))
            total += counted
            sums = [one + counted * part for one, part in zip(sums, parts, strict=True)]
        return dict(zip(self.names, [part / max(total, 1) for part in sums], strict=True))

    def steps(self, places: list[int]) -> Iterator[Step]:
        """Yield the result of each batch, all at the same values."""
        batches = progress(self.data, "batch", self.data.total)
        yield from (self.at(self.values, batch, places) for batch in batches)


def _tensors(batch: LossBatch) -> tuple[Structure, Structure, Structure | None, int]:
    """Return inputs, targets and weights of a batch as tensors, and the number of real examples."""
    x, y, weights = tf.nest.map_structure(
        lambda part: None if part is None else tf.convert_to_tensor(part), (batch.x, batch.y, batch.weights)
    )
    return x, y, weights, batch.real
