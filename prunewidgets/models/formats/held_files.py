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

from ..live.held_copies import hold_masks, masks_of
from ..live.weights import named_variables

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
    """Hold in a loaded model what its file says was held; do nothing if it says nothing."""
    if path.suffix == ".h5":
        with h5py.File(path, "r") as file:
            note = json.loads(file[_NOTE][()].tobytes()) if _NOTE in file else {}
    else:
        with zipfile.ZipFile(path) as archive:
            note = json.loads(archive.read(METADATA)).get(_NOTE) or {}
    variables = named_variables(model) if note else {}
    masks = {
        name: _kept(keras.ops.convert_to_numpy(variables[name].value), free)
        for name, free in note.items()
        if name in variables
    }
    if masks:
        hold_masks(model, masks)


def _kept(weights: np.ndarray, free: str) -> np.ndarray:
    kept = weights != 0
    zeros = kept.size - np.count_nonzero(kept)
    size = math.ceil(zeros / 8)  # never more is read, whatever the file holds
    packed = zlib.decompressobj().decompress(base64.b64decode(free), size) if free and size else b""
    if len(packed) == size:  # otherwise the zeros are others now, and all of them are held
        kept[~kept] = np.unpackbits(np.frombuffer(packed, np.uint8), count=zeros).astype(bool)
    return kept
