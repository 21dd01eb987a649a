"""MNIST through Keras's own loader and cache, for installations without the clone's data set."""

import numpy as np

from ..models import keras  # clear where it is missing, and without TensorFlow's greeting


def keras_mnist() -> dict[str, np.ndarray]:
    """The four uint8 arrays x_train, y_train, x_test, y_test, downloaded at most once.

    Raises:
        ConnectionError: Nothing in the cache, and no network.
    """
    try:
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    except Exception as error:  # Keras wraps what urllib raised in a plain Exception
        raise ConnectionError(
            f"MNIST is not in Keras's cache and could not be downloaded ({error}). Connect to the network "
            "once, or use a clone of the project, which has the digits in datasets/."
        ) from error
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
