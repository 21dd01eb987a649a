"""The same function in fewer numbers: silent units emptied, the others put into an order that codes well."""

import keras
import numpy as np


def tidy(model: keras.Model) -> None:
    """Rewrite a chain of dense layers and valid convolutions in place; its answers stay, up to rounding.

    - A unit that nothing reads loses its weights and bias.
    - A unit without inputs says the same always; the layer behind it takes that over into its biases.
    - Units stand in the order in which their columns begin, which the compact file codes nearly for free.
    """
    layers = [layer for layer in model.layers if layer.weights]
    pairs = list(zip(layers[:-1], layers[1:], strict=True))
    for _ in layers:  # a unit emptied may silence one before or behind it
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
    # Pooling keeps a constant, and a valid window sees it at each of its places.
    shift += np.einsum("pio,i->o", read[:, silent].astype(np.float64), always[silent]).astype(np.float32)
    read[:, silent], bias[silent] = 0, 0
    _write(layer, reader, kernel, bias, read, shift)


def _sort(layer: keras.Layer, reader: keras.Layer) -> None:
    kernel, bias, read, shift = _arrays(layer, reader)
    order = np.lexsort(kernel[::-1] == 0)
    _write(layer, reader, kernel[:, order], bias[order], read[:, order], shift)


def _arrays(layer: keras.Layer, reader: keras.Layer) -> tuple[np.ndarray, ...]:
    """Kernel (inputs, units), bias, the reader's kernel (places, units, outputs) and its bias."""
    kernel, bias = (array.copy() for array in layer.get_weights())
    read, shift = (array.copy() for array in reader.get_weights())
    return kernel.reshape(-1, len(bias)), bias, read.reshape(-1, len(bias), len(shift)), shift


def _write(layer: keras.Layer, reader: keras.Layer, *arrays: np.ndarray) -> None:
    for variable, array in zip([*layer.weights, *reader.weights], arrays, strict=True):
        variable.assign(array.reshape(variable.shape))
