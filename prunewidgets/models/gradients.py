"""Gradients of a model's loss on examples, at values that are handed in: the model is never written to."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from itertools import count as count_up
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ..progress_bar import progress
from .evaluate import check_length, only_loss
from .forward import Batches, Structure, as_arrays, count
from .live import LiveModel
from .weights import named_variables

Loss = Callable[[Any, tf.Tensor], tf.Tensor]

_SEVERAL = (
    "The model {!r} has several outputs, and criteria that need data are for one. Make a keras.Model of the "
    "one that counts and compile it with its loss."
)


class Gradients:
    """The gradients of the loss that a model was compiled with, for some of its weights.

    What is differentiated is that loss alone, without regularisers, of the model at inference: dropout is
    off, and normalisation uses its moving averages.

    Args:
        live: The model.
        weights: {name: array}: differentiate for these, at these values; all else is as it is now.
        x: Inputs with one row per example.
        y: Targets as the loss takes them, one row per example.
        batch_size: Examples per gradient.

    Attributes:
        names: Of the weights.
        values: One tensor for each of ``model.variables``.
        places: {name: number of the weight in ``values``}.
        held: {number: mask} of the weights that the model holds zeros in, True = free to train.
        x: The inputs as arrays.
        n: How many examples there are.

    Raises:
        ValueError: x and y of different length, a model without a loss or with several outputs.
    """

    def __init__(
        self, live: LiveModel, weights: Mapping[str, np.ndarray], x: Structure, y: Any, batch_size: int
    ) -> None:
        """Check everything and read the values once."""
        self.model = live.model
        self.loss = compiled_loss(self.model)
        self.x, self.y = as_arrays(x), np.asarray(y)
        self.n = count(self.x)
        check_length(self.y, self.n)
        self.batch_size = batch_size
        self.names = tuple(weights)
        numbers = {id(variable): number for number, variable in enumerate(self.model.variables)}
        named = named_variables(self.model)
        self.places = {name: numbers[id(named[name])] for name in weights}
        self.held = {numbers[id(named[name])]: kept for name, kept in (live.applied or {}).items()}
        self.values = list(live.snapshot().values)
        for name, place in self.places.items():
            self.values[place] = tf.cast(weights[name], self.values[place].dtype)

    def at(self, values: list[tf.Tensor], x: Structure, y: Any, places: list[int]) -> list[tf.Tensor]:
        """The gradients of the loss on one batch with respect to the values at these places."""
        wanted = [values[place] for place in places]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(wanted)
            answers = outputs(self.model, values, x)
            try:
                loss = self.loss(tf.convert_to_tensor(y), answers)
            except (ValueError, tf.errors.OpError) as error:  # a label without a class, a shape that differs
                raise ValueError(
                    f"The loss of {self.model.name!r} does not take these y for outputs of shape "
                    f"{tuple(answers.shape)}: {getattr(error, 'message', error)}. Check that x and y "
                    "belong to this model, and whether it takes labels or one-hot rows."
                ) from error
        gradients = tape.gradient(loss, wanted, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return [tf.convert_to_tensor(gradient) for gradient in gradients]  # those of embeddings are sparse

    def mean(self, measure: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]) -> dict[str, tf.Tensor]:
        """The mean of ``measure(gradient, weight)`` over the batches, as float32.

        A last, shorter batch counts for as much as it has examples.
        """
        places = list(self.places.values())
        means = [tf.zeros(self.values[place].shape) for place in places]
        batches = Batches((self.x, self.y), self.batch_size)
        for x, y in progress(batches, "batch", -(-self.n // self.batch_size)):
            share = len(y) / self.n
            for number, gradient in enumerate(self.at(self.values, x, y, places)):
                weight = tf.cast(self.values[places[number]], tf.float32)
                means[number] += share * measure(tf.cast(gradient, tf.float32), weight)
        return dict(zip(self.names, means, strict=True))

    def shuffled(self, steps: int, seed: int) -> Iterator[tuple[Structure, np.ndarray]]:
        """So many batches for training, in a new order in each pass over the examples."""
        rng = np.random.default_rng(seed)
        passes = (Batches((self.x, self.y), self.batch_size, rng.permutation(self.n)) for _ in count_up())
        return islice(chain.from_iterable(passes), steps)


def outputs(model: keras.Model, values: list[tf.Tensor], x: Structure) -> tf.Tensor:
    """What a model answers at inference with ``values`` in place of its variables."""
    x = tf.nest.map_structure(tf.convert_to_tensor, x)
    with keras.StatelessScope(state_mapping=list(zip(model.variables, values, strict=True))):
        answers = model(x, training=False)
    if isinstance(answers, list | tuple) and len(answers) == 1:
        answers = answers[0]
    if isinstance(answers, list | tuple | Mapping):
        raise ValueError(_SEVERAL.format(model.name))
    return answers


def compiled_loss(model: keras.Model) -> Loss:
    """The loss that a model was compiled with, as a function (targets, outputs) -> a single number.

    Raises:
        ValueError: It was not compiled with one.
    """
    loss = only_loss(model)
    if isinstance(loss, list | tuple) or (isinstance(loss, Mapping) and "class_name" not in loss):
        raise ValueError(_SEVERAL.format(model.name))
    loss = keras.losses.get(loss)
    if loss is None:
        raise ValueError(
            f"The model {model.name!r} is not compiled with a loss, and this criterion needs its gradients. "
            "Compile it, for example model.compile(loss='sparse_categorical_crossentropy'), or choose a "
            "criterion that needs no data, such as 'magnitude'."
        )
    if isinstance(loss, keras.losses.Loss):
        # Of a sum over the batch the mean too, or a last, shorter batch would count for too little.
        summed = getattr(loss, "reduction", None) == "sum"
        return lambda y, answers: tf.reduce_mean(loss(y, answers)) / (len(y) if summed else 1)

    def mean(y: tf.Tensor, answers: tf.Tensor) -> tf.Tensor:
        answers = keras.ops.convert_to_tensor(answers, dtype=keras.config.floatx())
        if answers.shape[-1] == 1 and y.shape.rank == answers.shape.rank - 1:
            y = y[..., tf.newaxis]  # or labels (n,) and a single output (n, 1) would be compared n × n times
        return tf.reduce_mean(loss(y, answers))

    return mean
