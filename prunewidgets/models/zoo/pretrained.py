"""Trained weights that ship with the project."""

import hashlib
import io
import json
from pathlib import Path
from zipfile import BadZipFile

import keras
import numpy as np

from .architectures import lenet_5, lenet_300_100, small_cnn
from .detector import digit_detector

ARCHITECTURES = {
    "lenet_300_100": lenet_300_100,
    "lenet_5": lenet_5,
    "small_cnn": small_cnn,
    "digit_detector": digit_detector,
}
FOLDER = Path(__file__).with_name("trained")
RECORD = "trained.json"
_WAY_OUT = (
    "Restore it from the repository, reinstall, or train again: python -m prunewidgets.models.zoo.train"
)


def pretrained(name: str) -> keras.Model:
    """Return a compiled network trained on MNIST, or on scenes made of it.

    How it does on test examples and how it was trained is in ``trained/trained.json``.

    Args:
        name: "lenet_300_100", "lenet_5", "small_cnn" or "digit_detector".

    Raises:
        ValueError: An unknown name, or a file that is altered or cannot be read.
        FileNotFoundError: A file is missing.

    Example:
        >>> model = pw.models.pretrained("small_cnn")
        >>> _, (x, y) = pw.datasets.mnist()
        >>> pw.LiveModel(model).evaluate(x, y) > 0.98
        True
    """
    if name not in ARCHITECTURES:
        raise ValueError(f"No pretrained weights named {name!r}; there are: {', '.join(ARCHITECTURES)}.")
    try:
        expected = json.loads(_read(RECORD))[name]["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{FOLDER / RECORD} cannot be read ({error!r}). {_WAY_OUT}") from error
    content = _read(f"{name}.npz")
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ValueError(
            f"{FOLDER / name}.npz is altered: its SHA-256 is {found}, expected was {expected}. {_WAY_OUT}"
        )
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            values = [arrays[key] for key in arrays.files]
    except (BadZipFile, ValueError) as error:
        raise ValueError(f"{FOLDER / name}.npz cannot be read: {error}. {_WAY_OUT}") from error
    model = ARCHITECTURES[name]()
    model.set_weights(values)
    return model


def _read(name: str) -> bytes:
    try:
        return (FOLDER / name).read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"{FOLDER / name} is missing. {_WAY_OUT}") from None
