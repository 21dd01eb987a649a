"""A note in a model's file of what is held at zero; the zeros themselves are in its weights."""

import base64
import json
import math
import zipfile
import zlib
from pathlib import Path

import h5py
import keras
import numpy as np

from ..holding.held_copies import hold_masks, masks_of
from ..layers.weights import named_variables
from ..plain_error import plain_error

METADATA = "metadata.json"
_NOTE = "prunewidgets_held"

Note = dict[str, str]
"""{name of a held weight: which of its zeros are free to train}; empty if none is, as a rule."""


def note_of(model: keras.Model) -> Note:
    """Return the note for a model's file, empty if nothing is held."""
    note = {}
    variables = named_variables(model)
    for name, kept in masks_of(model).items():
        free = kept[keras.ops.convert_to_numpy(variables[name].value) == 0]
        note[name] = (
            base64.b64encode(zlib.compress(np.packbits(free).tobytes())).decode() if free.any() else ""
        )
    return note


def metadata_with(note: Note, path: Path) -> bytes:
    """Return the metadata of a ``.keras`` file with a note added; Keras ignores it."""
    with zipfile.ZipFile(path) as archive:
        return json.dumps({**json.loads(archive.read(METADATA)), _NOTE: note}).encode()


def add_to_hdf5(note: Note, path: Path) -> None:
    """Add a note to a ``.h5`` file; Keras ignores it."""
    if note:
        with h5py.File(path, "a") as file:
            file[_NOTE] = np.frombuffer(json.dumps(note).encode(), np.uint8)


def hold_as_noted(model: keras.Model, path: Path) -> None:
    """Hold in a loaded model what its file says was held; do nothing if it says nothing.

    Raises:
        ValueError: The note in the file is damaged; the model is as it was.
    """
    try:
        masks = _noted_masks(model, path)
    except Exception as error:  # HDF5, JSON, base64 and zlib raise different errors
        raise ValueError(
            f"The note in {path} of which zeros are held is damaged ({type(error).__name__}: "
            f"{plain_error(error)}). The weights themselves could be read: load them with "
            "keras.saving.load_model(path), and hold all zeros with pw.hold_zeros(model); or save the model "
            "again with pw.save_model."
        ) from error
    if masks:
        hold_masks(model, masks)


def _noted_masks(model: keras.Model, path: Path) -> dict[str, np.ndarray]:
    """Return the masks of the weights that a file says are held, as far as the model has them."""
    if path.suffix == ".h5":
        with h5py.File(path, "r") as file:
            note = json.loads(file[_NOTE][()].tobytes()) if _NOTE in file else {}
    else:
        with zipfile.ZipFile(path) as archive:
            note = json.loads(archive.read(METADATA)).get(_NOTE, {})
    if not isinstance(note, dict) or not all(isinstance(free, str) for free in note.values()):
        raise ValueError("a text for each weight is expected")
    variables = named_variables(model) if note else {}
    return {
        name: _kept(keras.ops.convert_to_numpy(variables[name].value), free)
        for name, free in note.items()
        if name in variables
    }


def _kept(weights: np.ndarray, free: str) -> np.ndarray:
    kept = weights != 0
    zeros = kept.size - np.count_nonzero(kept)
    size = math.ceil(zeros / 8)  # never more is read, whatever the file holds
    content = base64.b64decode(free, validate=True)
    packed = zlib.decompressobj().decompress(content, size) if content and size else b""
    if len(packed) == size:  # otherwise the zeros are others now, and all of them are held
        kept[~kept] = np.unpackbits(np.frombuffer(packed, np.uint8), count=zeros).astype(bool)
    return kept
