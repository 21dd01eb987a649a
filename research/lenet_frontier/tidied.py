"""Rewrite a network with fewer numbers: silent units become zero, the others are sorted to code well."""

import keras
import numpy as np


def tidy(model: keras.Model) -> None:
    """Rewrite a chain of dense layers and valid convolutions in place; outputs do not change, up to rounding.

    - A unit that nothing reads loses its weights and bias.
    - A unit without inputs has a constant output, which moves into the biases of the next layer.
    - Units are sorted by where their columns begin, which the compact file codes in very few bytes.
    """
    layers = [layer for layer in model.layers if layer.weights]
    pairs = list(zip(layers[:-1], layers[1:], strict=True))
    for _ in layers:  # emptying a unit may silence one before or after it
        for layer, reader in pairs:
            _empty(layer, reader)
    for layer, reader in pairs:
        _sort(layer, reader)


def _empty(layer: keras.Layer, reader: keras.Layer) -> None:
    kernel, bias, read, shift = _arrays(layer, reader)
    unread = ~read.any(axis=(0, 2))
    kernel[:, unread], bias[unread] = 0, 0
    silent = ~kernel.any(axis=0)
    always = keras.ops.convert_to_numpy(layer.activation(bias))
    # Pooling keeps a constant, and a valid window sees it at each of its positions.
    shift += np.einsum("pio,i->o", read[:, silent].astype(np.float64), always[silent]).astype(np.float32)
    read[:, silent], bias[silent] = 0, 0
    _write(layer, reader, kernel, bias, read, shift)


def _sort(layer: keras.Layer, reader: keras.Layer) -> None:
    kernel, bias, read, shift = _arrays(layer, reader)
    order = np.lexsort(kernel[::-1] == 0)
    _write(layer, reader, kernel[:, order], bias[order], read[:, order], shift)


def _arrays(layer: keras.Layer, reader: keras.Layer) -> tuple[np.ndarray, ...]:
    """Return kernel (inputs, units), bias, the reader's kernel (positions, units, outputs), its bias."""
    kernel, bias = (array.copy() for array in layer.get_weights())
    read, shift = (array.copy() for array in reader.get_weights())
    return kernel.reshape(-1, len(bias)), bias, read.reshape(-1, len(bias), len(shift)), shift


def _write(layer: keras.Layer, reader: keras.Layer, *arrays: np.ndarray) -> None:
    for variable, array in zip([*layer.weights, *reader.weights], arrays, strict=True):
        variable.assign(array.reshape(variable.shape))
