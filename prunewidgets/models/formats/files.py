"""Save and load models safely: no code in a file is run, and no crash leaves a partial file."""

import os
import zipfile
from pathlib import Path

import keras

from ...utils.atomic_file import whole_file
from ...utils.existing_file import check_file
from ...utils.uninterrupted import uninterrupted
from ..plain_error import plain_error
from .described_model import safe_mode
from .hdf5_files import compile_arguments_kept, keras_version, load_and_compile, refuse_damaged
from .held_files import add_to_hdf5, hold_as_noted, note_of
from .keras_archive import complete

_EXTENSIONS = (".keras", ".h5")


def load_model(path: str | os.PathLike[str]) -> keras.Model:
    """Load a ``.keras`` or ``.h5`` file, always in Keras's safe mode: no code from the file is run.

    If ``save_model`` wrote it, zeros that were held in the model are held again. Another file contains the
    zeros of a pruned model, but nothing holds them; ``pw.hold_zeros(model)`` does.

    From a ``.h5`` file the optimizer starts without its momentum; a ``.keras`` file keeps it. A ``.h5`` file
    is first read in a separate process, since a damaged one can crash or hang the process that opens it. The
    HDF5 data in a ``.keras`` file has checksums, which reveal damage but not manipulation: if you do not
    trust a file, load it in a separate process.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: An unknown extension, a file that is corrupted or refused by safe mode, one of Keras 2
            that Keras 3 cannot read, or a damaged note of which zeros are held.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> pw.save_model(model, "lenet.keras")
        >>> loaded = pw.load_model("lenet.keras")
        >>> all(map(np.array_equal, loaded.get_weights(), model.get_weights()))
        True
    """
    path = _checked(path)
    check_file(path)
    try:
        (refuse_damaged if path.suffix == ".h5" else _check_zip)(path)
        with safe_mode(), uninterrupted():  # an interrupt would leave a name scope open
            if path.suffix == ".h5":
                model = load_and_compile(path)
            else:
                model = keras.saving.load_model(path, safe_mode=True)
    except Exception as error:  # zip, HDF5, JSON and Keras raise different errors
        why = f"({type(error).__name__}: {plain_error(error)})"
        version = keras_version(path)
        if version is not None and not version.startswith("3."):
            raise ValueError(
                f"{path} was written by Keras {version}, and Keras {keras.__version__} cannot read it {why}. "
                "Read it with the old Keras (pip install tf_keras), make the same layers with keras.layers "
                "of Keras 3, and copy the weights: new.set_weights(old.get_weights())."
            ) from error
        raise ValueError(
            f"{path} could not be loaded as a Keras model {why}. It may be damaged, cut off or made with "
            "custom objects or lambdas, which safe mode refuses; save the model again."
        ) from error
    with uninterrupted():
        hold_as_noted(model, path)
    return model


def _check_zip(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()  # the HDF5 data in the archive has checksums here
    if damaged is not None:
        raise ValueError(f"the checksum of {damaged} in it does not match")


def save_model(model: keras.Model, path: str | os.PathLike[str]) -> None:
    """Save a model as ``.keras`` or ``.h5``. An existing file is replaced only when the new one is complete.

    The file is one of plain Keras, which can read it without this package. It also says which zeros are held,
    so that ``load_model`` holds them again. The kernel of a layer with adapters (LoRA) is saved as the layer
    uses it, with the adapters added.

    Raises:
        ValueError: An unknown extension, or a ``.keras`` file that would read back as a different model: for
            example, with layers that are shared in a way that Keras does not record.
        FileNotFoundError: The folder does not exist.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> masks = pw.prune(model, sparsity=0.9)
        >>> pw.save_model(model, "pruned.keras")
        >>> pw.LiveModel(pw.load_model("pruned.keras")).applied
        Masks: 239,580 of 266,200 weights removed (90.00 %)
    """
    path = _checked(path)
    with whole_file(path) as temporary, compile_arguments_kept(model):  # Keras writes in place
        keras.saving.save_model(model, temporary, overwrite=True)
        if path.suffix == ".keras":
            complete(model, temporary)
        else:
            add_to_hdf5(note_of(model), temporary)


def _checked(path: str | os.PathLike[str]) -> Path:
    path = Path(path)
    if path.suffix not in _EXTENSIONS:
        raise ValueError(f"{path} has the extension {path.suffix!r}; models are saved as .keras or .h5.")
    return path
