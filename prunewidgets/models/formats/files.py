"""Models to and from files, safely: nothing in a file is executed, and no crash leaves half a file."""

import os
from pathlib import Path

import keras

from ...whole_file import whole_file
from ..uninterrupted import uninterrupted
from .described_model import safe_mode
from .keras_archive import complete

_EXTENSIONS = (".keras", ".h5")


def load_model(path: str | os.PathLike) -> keras.Model:
    """Load a ``.keras`` or ``.h5`` file, always in Keras's safe mode: no code from the file is run.

    Zeros of a pruned model are in the file, but nothing holds them any more; to hold them again:
    ``live = pw.LiveModel(model); live.apply(pw.Masks.from_zeros(live.weights))``.

    From a ``.h5`` file the optimizer starts anew, without its momentum; a ``.keras`` file keeps that.

    Raises:
        FileNotFoundError: No file there.
        ValueError: Another extension, or a file that is corrupted or refused by safe mode.
    """
    path = _checked(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}; check the folder and the name.")
    try:
        with safe_mode(), uninterrupted():  # Keras would leave a name scope open
            model = keras.saving.load_model(path, safe_mode=True)
        if path.suffix == ".h5" and getattr(model, "optimizer", None) is not None:
            # Keras 3.15 builds the optimizer of an .h5 file for no variables, and fit refuses it: a new one.
            model.compile_from_config(model.get_compile_config())
        return model
    except Exception as error:  # zip, HDF5, JSON and Keras each have errors of their own
        raise ValueError(
            f"{path} could not be loaded as a Keras model ({type(error).__name__}: {error}). It may be "
            "damaged, cut off or made with custom objects or lambdas, which safe mode refuses; save the "
            "model again."
        ) from error


def save_model(model: keras.Model, path: str | os.PathLike) -> None:
    """Save a model as ``.keras`` or ``.h5``. The old file stays whole until the new one is complete.

    A file has the kernel of a layer with adapters (LoRA) as the layer uses it, with the adapters added.

    Raises:
        ValueError: Another extension, or a ``.keras`` file that would read back to another model: with layers
            that are shared in a way that Keras does not write down, say.
        FileNotFoundError: The folder does not exist.
    """
    path = _checked(path)
    with whole_file(path) as temporary:  # Keras writes in place
        keras.saving.save_model(model, temporary, overwrite=True)
        if path.suffix == ".keras":
            complete(model, temporary)


def _checked(path: str | os.PathLike) -> Path:
    path = Path(path)
    if path.suffix not in _EXTENSIONS:
        raise ValueError(f"{path} has the extension {path.suffix!r}; models are saved as .keras or .h5.")
    return path
