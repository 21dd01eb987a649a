"""Criteria that need no labels: Wanda, from the inputs of layers, and SynFlow, from the model alone."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ...core.layouts import from_products
from ..forward.stateless import TracedCall, call_with
from ..layers.batch_states import recurrent_states
from ..layers.weights import named_variables
from ..live.live_model import LiveModel
from .calibration import Calibration

Weights = Mapping[str, np.ndarray]


def wanda(
    live: LiveModel, weights: Weights, x: Any, batch_size: int, steps: int | None = None
) -> dict[str, np.ndarray]:
    """Return |w| · ‖X‖₂: the size of a weight times the norm of the input that it multiplies.

    X are the values of that input over all examples, and over all positions of a sequence or picture; in a
    convolution each place of the window has its own. The inputs are those of the model as it is;
    ``pw.prune_and_update(model, x, 0.5, "wanda")`` prunes the layers before first, as the paper does. The
    paper compares scores within each output: give ``scope="output"`` to ``pw.prune`` and
    ``pw.Masks.from_sparsity``.

    Source: Sun et al., "A simple and effective pruning approach for large language models" (2024),
        equation 1.
    """
    calibration = Calibration(live, list(weights), x, batch_size, steps)
    for name, place in calibration.places.items():
        calibration.values[place] = tf.cast(weights[name], calibration.values[place].dtype)
    squares = calibration.sums(list(weights), lambda rows: tf.reduce_sum(tf.square(rows), axis=1))
    scores = {}
    for name, array in weights.items():
        layout = calibration.layouts[name]
        norms = np.sqrt(squares[name])[..., np.newaxis].astype(np.float32)  # (parts, weights of an output, 1)
        outputs = array.size // norms.size
        spread = np.broadcast_to(norms, (*norms.shape[:2], outputs))
        scores[name] = np.abs(array, dtype=np.float32) * from_products(spread, array.shape, layout)
    return scores


def synflow(live: LiveModel, weights: Weights) -> dict[str, np.ndarray]:
    """Return |w · ∂R/∂w|, where R is the sum of the outputs for an input of ones, all variables being |·|.

    With ReLU and no biases, R is the sum over all paths of the products of their weights. A final softmax or
    sigmoid is left out. A single round can empty a layer; the paper prunes in 100 rounds and scores again in
    each: ``pw.prune(model, 0.99, "synflow", rounds=100)``.

    Source: Tanaka et al., "Pruning neural networks without any data by iteratively conserving synaptic flow"
        (2020), algorithm 1.

    Raises:
        ValueError: If the model takes several inputs, or integers, or inputs of unknown size.
    """
    model = live.model
    inputs = getattr(model, "inputs", None) or ()
    shapes = [tuple(tensor.shape[1:]) for tensor in inputs]
    floats = all(keras.backend.is_float_dtype(tensor.dtype) for tensor in inputs)
    if len(shapes) != 1 or None in shapes[0] or not floats or recurrent_states(model):
        raise ValueError(
            f"criterion 'synflow' sends ones through a model with one input of numbers and of known size; "
            f"{model.name!r} takes {shapes or 'inputs that are not known'}. Choose another criterion."
        )
    numbers = {id(variable): number for number, variable in enumerate(model.variables)}
    named = named_variables(model)
    places = {name: numbers[id(named[name])] for name in weights}
    values = list(live.snapshot().values)
    for name, place in places.items():
        values[place] = tf.cast(weights[name], values[place].dtype)
    values = [tf.abs(value) if value.dtype.is_floating else value for value in values]
    batch = model.inputs[0].shape[0] or 1

    def slopes(values: list[tf.Tensor], x: tf.Tensor) -> list[tf.Tensor]:
        wanted = [values[place] for place in places.values()]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(wanted)
            outputs, _ = call_with(model, values, x)
            parts = [_before_softmax(part) for part in tf.nest.flatten(outputs)]
            total = tf.add_n([tf.reduce_sum(tf.cast(part, tf.float32)) for part in parts])
        found = tape.gradient(total, wanted, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        products = [slope * value for slope, value in zip(found, wanted, strict=True)]
        return [tf.abs(tf.cast(product, tf.float32)) for product in products]

    ones = tf.ones((batch, *shapes[0]), model.inputs[0].dtype)
    scores = TracedCall(model, slopes)(values, ones)
    return {name: np.asarray(score) for name, score in zip(places, scores, strict=True)}


def _before_softmax(output: Any) -> tf.Tensor:
    """Return the values before a final softmax or sigmoid, which Keras keeps with the output."""
    return getattr(output, "_keras_logits", output)
