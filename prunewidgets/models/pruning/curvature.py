"""Compute the diagonal of the loss's curvature with respect to the weights."""

from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ...utils.progress_bar import progress
from ..data.arrays import Structure
from ..forward.stateless import TracedCall, call_with
from .applicable import DoesNotApplyError
from .gradients import Gradients
from .loss import OutputLoss, losses_of
from .loss_data import LossBatch


class Head(NamedTuple):
    """An output with its loss, as far as the curvature needs them.

    Attributes:
        output: The loss and where it is in the compiled one.
        terms: Number of terms for an example: the classes, or the numbers in the output.
        term: (index of the term, output for one example) -> (its factor, the number whose slope is squared).
    """

    output: OutputLoss
    terms: int
    term: Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


def diagonal(gradients: Gradients) -> dict[str, tf.Tensor]:
    """Return the diagonal of the loss's generalised Gauss-Newton matrix, averaged over examples.

    For each example it is Σ_c p_c (∂ log p_c / ∂w)² over the classes c of a cross-entropy, where p_c is the
    probability that the model gives class c, and 2 ÷ k · Σ_c (∂ f_c / ∂w)² over the k numbers of a mean
    squared error; the labels are not used. For several outputs it is the sum of these, with ``loss_weights``.
    If what goes into the softmax or the mean is piecewise linear in each single weight (dense and
    convolutional layers, ReLU, max pooling, normalisation by moving averages, each layer applied once), its
    second derivative with respect to it is 0, and this is exactly the diagonal of the Hessian; otherwise it
    is the part of it that is never negative.

    Source: N. N. Schraudolph, "Fast curvature matrix-vector products for second-order gradient descent"
        (2002), for the matrix.

    Returns:
        {name: float32 tensor of the weight's shape}.

    Raises:
        ValueError: If a loss is neither a cross-entropy over the classes of one answer per example nor a mean
            squared error.
    """
    batches = iter(gradients.data)
    first = next(batches)
    heads = _heads(gradients, first.x)
    weights = [gradients.values[place] for place in gradients.places.values()]

    def summed(
        head: Head, sums: list[tf.Tensor], x: Structure, of_examples: tf.Tensor, index: tf.Tensor
    ) -> list[tf.Tensor]:
        # One example at a time. vectorized_map takes a quarter to a third less time, but fails in recurrent
        # layers and crashes the process in attention layers.
        def add(sums: list[tf.Tensor], one: tuple[Structure, tf.Tensor]) -> list[tf.Tensor]:
            example, weight = one
            example = tf.nest.map_structure(lambda part: part[tf.newaxis], example)
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(weights)
                answers = call_with(gradients.model, gradients.values, example)[0]
                factor, found = head.term(index, head.output.of(answers))
            slopes = tape.gradient(found, weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)
            slopes = [tf.cast(tf.convert_to_tensor(slope), tf.float32) for slope in slopes]
            return [
                total + weight * factor * tf.square(slope) for total, slope in zip(sums, slopes, strict=True)
            ]

        return tf.foldl(add, (x, of_examples), initializer=sums, parallel_iterations=2)

    sums = [tf.zeros(weight.shape) for weight in weights]
    compiled = [TracedCall(gradients.model, partial(summed, head)) for head in heads]
    n = 0
    for batch in progress(chain([first], batches), "batch", gradients.data.total):
        x = tf.nest.map_structure(lambda part: tf.convert_to_tensor(part[: batch.real]), batch.x)  # noqa: B023
        for head, add_terms in zip(heads, compiled, strict=True):
            of_examples = _weights(head.output, batch, len(heads) > 1)
            for index in range(head.terms):
                sums = add_terms(sums, x, of_examples, tf.constant(index))
        n += batch.real
    return {name: total / n for name, total in zip(gradients.names, sums, strict=True)}


def _weights(output: OutputLoss, batch: LossBatch, several: bool) -> tf.Tensor:
    """Return the weight of each example of a batch in the loss, times the size of the batch."""
    given = output.weights(batch.weights)
    weights = np.ones(batch.real) if given is None else np.reshape(given[: batch.real], batch.real)
    factor = output.factor
    reduction = getattr(output.loss, "reduction", None)
    if several and reduction == "sum":  # as Keras adds it to the others; alone, it would only be a scale
        factor *= batch.real
    elif several and reduction == "mean_with_sample_weight":
        factor *= batch.real / (weights.sum() or 1.0)
    return tf.convert_to_tensor((factor * weights).astype(np.float32))


def _heads(gradients: Gradients, x: Structure) -> list[Head]:
    model = gradients.model
    first = tf.nest.map_structure(lambda part: tf.convert_to_tensor(part[:1]), x)
    answers = TracedCall(model, lambda values, x: call_with(model, values, x)[0])(gradients.values, first)
    return [_head(model, output, tuple(output.of(answers).shape)) for output in losses_of(model, answers)]


def _head(model: keras.Model, output: OutputLoss, shape: tuple[int, ...]) -> Head:
    loss = output.loss
    kind, logits = getattr(loss, "fn", None), getattr(loss, "from_logits", False)
    if len(shape) == 2 and shape[-1] == 1 and kind is keras.losses.binary_crossentropy:

        def log_binary(label: tf.Tensor, answers: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            label = tf.cast(tf.reshape(label, (1, 1)), answers.dtype)
            found = -keras.ops.binary_crossentropy(label, answers, from_logits=logits)[0, 0]
            return tf.exp(found), found

        return Head(output, 2, _in_full_precision(log_binary))
    ignored = getattr(loss, "ignore_class", None)  # with it, the labels would matter
    if len(shape) == 2 and kind in _OVER_CLASSES and ignored is None:

        def log_softmax(label: tf.Tensor, answers: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            label = tf.reshape(label, (1,))
            found = -keras.ops.sparse_categorical_crossentropy(label, answers, from_logits=logits)[0]
            return tf.exp(found), found

        return Head(output, shape[-1], _in_full_precision(log_softmax))
    if len(shape) == 2 and kind is keras.losses.mean_squared_error:
        return Head(output, shape[-1], _in_full_precision(lambda place, y: (2 / shape[-1], y[0, place])))
    at = f"at the output {output.name!r} " if output.path else ""
    name = getattr(kind, "__name__", type(loss).__name__)
    raise DoesNotApplyError(
        "criterion 'obd' needs a cross-entropy over the classes of one answer per example that leaves out no "
        f"class, or a mean squared error; the model {model.name!r} has {at}the loss {name} and outputs of "
        f"shape {(None, *shape[1:])}. Choose 'taylor', 'snip' or 'movement', or compile it with such a loss "
        "of Keras."
    )


_OVER_CLASSES = (keras.losses.sparse_categorical_crossentropy, keras.losses.categorical_crossentropy)


def _in_full_precision(term: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the function to convert outputs of mixed precision to full precision, as Keras's losses do."""
    floatx = keras.config.floatx()
    return lambda index, answers: term(index, keras.ops.convert_to_tensor(answers, dtype=floatx))
