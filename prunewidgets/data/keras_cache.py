"""MNIST through Keras's own loader and cache, for installations without the data set of a clone."""

import numpy as np

from ..models import keras  # reports clearly if Keras is missing, and silences TensorFlow's start-up messages


def keras_mnist() -> dict[str, np.ndarray]:
    """Return the four uint8 arrays x_train, y_train, x_test and y_test, downloaded at most once.

    Raises:
        ConnectionError: MNIST is not in the cache and cannot be downloaded.
    """
    try:
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    except Exception as error:  # Keras wraps what urllib raised in a plain Exception
        raise ConnectionError(
            f"MNIST is not in Keras's cache and could not be downloaded ({error}). Connect to the network "
            "once, or use a clone of the project, which has the digits in datasets/."
        ) from error
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
