"""Compute the diagonal of the loss's curvature with respect to the weights, for classifiers."""

from collections.abc import Callable
from itertools import chain
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ...utils.progress_bar import progress
from ..live.forward import Structure
from ..live.labels import only_loss
from ..live.stateless import TracedCall
from .gradients import Gradients, outputs


def diagonal(gradients: Gradients) -> dict[str, tf.Tensor]:
    """Return the diagonal of the cross-entropy's generalised Gauss-Newton matrix, averaged over examples.

    For each example it is Σ_c p_c (∂ log p_c / ∂w)² over the classes c, where p_c is the probability that the
    model gives class c; the labels are not used. If the inputs of the softmax are piecewise linear in each
    single weight (dense and convolutional layers, ReLU, max pooling, normalisation by moving averages, each
    layer applied once), their second derivative with respect to it is 0, and this is exactly the diagonal of
    the Hessian; otherwise it is the part of it that is never negative.

    Source: N. N. Schraudolph, "Fast curvature matrix-vector products for second-order gradient descent"
        (2002), for the matrix.

    Returns:
        {name: float32 tensor of the weight's shape}.

    Raises:
        ValueError: If the loss is not a cross-entropy over the classes of one answer per example.
    """
    batches = iter(gradients.data)
    first = next(batches)
    classes, log_probability = _classifier(gradients, first.x)
    places = list(gradients.places.values())
    weights = [gradients.values[place] for place in places]

    def summed(
        sums: list[tf.Tensor], x: Structure, of_examples: tf.Tensor, label: tf.Tensor
    ) -> list[tf.Tensor]:
        # One example at a time. vectorized_map takes a quarter to a third less time, but fails in recurrent
        # layers and crashes the process in attention layers.
        def add(sums: list[tf.Tensor], one: tuple[Structure, tf.Tensor]) -> list[tf.Tensor]:
            example, weight = one
            example = tf.nest.map_structure(lambda part: part[tf.newaxis], example)
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(weights)
                found = log_probability(label, outputs(gradients.model, gradients.values, example))
            slopes = tape.gradient(found, weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)
            slopes = [tf.cast(tf.convert_to_tensor(slope), tf.float32) for slope in slopes]
            return [
                total + weight * tf.exp(found) * tf.square(slope)
                for total, slope in zip(sums, slopes, strict=True)
            ]

        return tf.foldl(add, (x, of_examples), initializer=sums, parallel_iterations=2)

    sums = [tf.zeros(weight.shape) for weight in weights]
    compiled = TracedCall(gradients.model, summed)
    n = 0
    for batch in progress(chain([first], batches), "batch", gradients.data.total):
        x = tf.nest.map_structure(lambda part: tf.convert_to_tensor(part[: batch.real]), batch.x)  # noqa: B023
        given = np.ones(batch.real) if batch.weights is None else batch.weights[: batch.real]
        of_examples = tf.convert_to_tensor(given.reshape(batch.real).astype(np.float32))
        for label in range(classes):
            sums = compiled(sums, x, of_examples, tf.constant(label))
        n += batch.real
    return {name: total / n for name, total in zip(gradients.names, sums, strict=True)}


def _classifier(
    gradients: Gradients, x: Structure
) -> tuple[int, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]]:
    """Return the number of classes and the function (label, outputs of one example) -> log probability."""
    model = gradients.model
    first = tf.nest.map_structure(lambda part: tf.convert_to_tensor(part[:1]), x)
    shape = tuple(
        TracedCall(model, lambda values, x: outputs(model, values, x))(gradients.values, first).shape
    )
    loss = keras.losses.get(only_loss(model))
    logits = getattr(loss, "from_logits", False)
    if len(shape) == 2 and shape[-1] == 1 and _is_one_of(loss, _BINARY):

        def log_binary(label: tf.Tensor, answers: tf.Tensor) -> tf.Tensor:
            label = tf.cast(tf.reshape(label, (1, 1)), answers.dtype)
            return -keras.ops.binary_crossentropy(label, answers, from_logits=logits)[0, 0]

        return 2, _in_full_precision(log_binary)
    ignored = getattr(loss, "ignore_class", None)  # with it, the labels would matter
    if len(shape) == 2 and _is_one_of(loss, _OVER_CLASSES) and ignored is None:

        def log_softmax(label: tf.Tensor, answers: tf.Tensor) -> tf.Tensor:
            label = tf.reshape(label, (1,))
            return -keras.ops.sparse_categorical_crossentropy(label, answers, from_logits=logits)[0]

        return shape[-1], _in_full_precision(log_softmax)
    name = getattr(loss, "__name__", type(loss).__name__)
    raise ValueError(
        "criterion 'obd' needs a cross-entropy over the classes of one answer per example that leaves out no "
        f"class; the model {model.name!r} has the loss {name} and outputs of shape {(None, *shape[1:])}. "
        "Choose 'taylor', 'snip' or 'movement', or compile it with such a loss of Keras."
    )


_BINARY = (keras.losses.BinaryCrossentropy, keras.losses.binary_crossentropy)
_OVER_CLASSES = (
    *(keras.losses.SparseCategoricalCrossentropy, keras.losses.sparse_categorical_crossentropy),
    *(keras.losses.CategoricalCrossentropy, keras.losses.categorical_crossentropy),
)


def _is_one_of(loss: Any, known: tuple[Any, ...]) -> bool:
    """Return whether the loss is an object of one of these classes, or one of these functions."""
    return any(isinstance(loss, kind) if isinstance(kind, type) else loss is kind for kind in known)


def _in_full_precision(log_probability: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the function to convert outputs of mixed precision to full precision, as Keras's losses do."""
    floatx = keras.config.floatx()
    return lambda label, answers: log_probability(label, keras.ops.convert_to_tensor(answers, dtype=floatx))
