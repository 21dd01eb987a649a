"""Train shared values, which recovers accuracy lost by sharing without adding bits."""

from collections.abc import Mapping
from typing import Any, TypeGuard

import keras
import numpy as np
import tensorflow as tf

from ...core.quantization import Shared
from ...utils.progress_bar import progress
from ..data.labels import check_length
from ..forward.stateless import call_with
from ..layers.weights import named_variables
from .quantized import Stored


def tune_codebooks(
    model: keras.Model,
    stored: Mapping[str, Stored],
    x: np.ndarray,
    y: np.ndarray,
    epochs: int = 1,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> dict[str, Stored]:
    """Train the values in the codebooks with Adam; the codes, and so the zeros, do not change.

    The gradient of a shared value is the sum of the gradients of all weights that have it. Biases and other
    trainable variables that are stored as plain arrays are trained too; uniformly quantized ones are not.
    Dropout is off during training, and batch normalization uses its moving statistics.

    Args:
        model: A compiled model, for its loss; its own weights are not changed.
        stored: From ``quantized_weights``, best with ``bias_bits=None``; quantize the biases afterwards.
        x: Inputs, one array.
        y: Labels as the loss takes them.
        epochs: Number of passes over the examples. Defaults to 1.
        batch_size: Examples per step. Defaults to 128.
        learning_rate: Initial learning rate; it decays to zero along a cosine. Defaults to 0.001.
        seed: Seed for the order of the examples.

    Returns:
        {name: array, ``Shared`` or ``Uniform``} with the trained values; the codes are the same.

    Raises:
        ValueError: A model without a loss; x and y of different length.

    Example:
        >>> model = pw.models.pretrained("small_cnn")
        >>> (x, y), _ = pw.datasets.mnist()
        >>> stored = pw.quantized_weights(model, bits=2, bias_bits=None)
        >>> tuned = pw.tune_codebooks(model, stored, x[:1_280], y[:1_280])
        >>> np.array_equal(tuned["conv_1/kernel"].codes, stored["conv_1/kernel"].codes)
        True
        >>> np.array_equal(tuned["conv_1/kernel"].codebook, stored["conv_1/kernel"].codebook)
        False

    Source: Han et al., "Deep Compression" (2016), section 3.3, equation 3.
    """
    if not model.compiled:
        raise ValueError(f"The model {model.name!r} has no loss yet: compile it first.")
    check_length(y, len(x))
    shared = {name: part for name, part in stored.items() if _has_book(part)}
    books = {name: keras.Variable(part.codebook) for name, part in shared.items()}
    trained = {id(variable) for variable in model.trainable_variables}
    arrays = {
        name: keras.Variable(stored[name])
        for name, variable in named_variables(model).items()
        if id(variable) in trained and isinstance(stored[name], np.ndarray)
    }
    fixed = {name: _values(part) for name, part in stored.items() if name not in books | arrays}
    variables = [*books.values(), *arrays.values()]
    steps = epochs * -(-len(x) // batch_size)
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, max(steps, 1)))
    optimizer.build(variables)

    def values() -> dict[str, Any]:
        spread = {name: _spread(book.value, shared[name].codes) for name, book in books.items()}
        return {**fixed, **spread, **{name: array.value for name, array in arrays.items()}}

    names = {id(variable): name for name, variable in named_variables(model).items()}

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def step(inputs: tf.Tensor, labels: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            now = values()
            every = [now.get(names[id(variable)], variable.value) for variable in model.variables]
            outputs, _ = call_with(model, every, inputs)
            loss = model.compute_loss(x=inputs, y=labels, y_pred=outputs)
        slopes = tape.gradient(loss, [variable.value for variable in variables])
        # As dense tensors: Adam would square each weight's part of a shared value's gradient, not the sum.
        optimizer.apply([tf.convert_to_tensor(slope) for slope in slopes], variables)

    rng = np.random.default_rng(seed)
    for _ in progress(range(epochs), "epoch"):
        order = rng.permutation(len(x))
        for begin in range(0, len(x), batch_size):
            rows = order[begin : begin + batch_size]
            step(tf.constant(x[rows]), tf.constant(y[rows]))
    return {name: _tuned(name, part, books, arrays) for name, part in stored.items()}


def _has_book(part: Stored) -> TypeGuard[Shared]:
    return isinstance(part, Shared) and part.codebook.size > 0


def _values(part: Stored) -> np.ndarray:
    return part if isinstance(part, np.ndarray) else part.values


def _spread(codebook: tf.Tensor, codes: np.ndarray) -> tf.Tensor:
    """Return the weights, looked up so that gradients flow back into the codebook."""
    return tf.gather(tf.concat([tf.zeros(1), codebook], axis=0), codes.astype(np.int32))


def _tuned(name: str, part: Stored, books: dict[str, Any], arrays: dict[str, Any]) -> Stored:
    if name in books and isinstance(part, Shared):
        # Training may have changed the order of the values; that does not matter in a table.
        return Shared(part.codes, books[name].value.numpy())
    return arrays[name].value.numpy() if name in arrays else part
