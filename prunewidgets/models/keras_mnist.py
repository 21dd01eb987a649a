"""MNIST where there is no clone: Keras's own loader and cache."""

import keras
import numpy as np


def keras_mnist() -> dict[str, np.ndarray]:
    """The uint8 arrays ``x_train``, ``y_train``, ``x_test`` and ``y_test``, fetched once and then cached.

    Keras checks the file's SHA-256 before it is read, also when it comes from the cache.

    Raises:
        ConnectionError: Not in the cache and not to be had from the network.
    """
    try:
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    except Exception as error:  # Keras raises a bare Exception when a download fails
        raise ConnectionError(
            f"Keras could not fetch MNIST ({error}). Connect this machine once, or work in a clone of "
            "the project: its datasets/ holds the digits."
        ) from error
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
