"""What Keras leaves out of a ``.keras`` file: kernels without adapters (LoRA), layers shared within layers.

Keras writes a kernel with its adapters added, so that the zeros of a pruned one are gone; the parts are
written beside it, and Keras itself still reads the sum.
"""

import io
import json
import shutil
import warnings
import zipfile
from copy import deepcopy
from pathlib import Path

import keras
import numpy as np

from ..adapters import adapted_layers
from ..plain_error import innermost
from ..shrinking.rebuild import own_objects
from ..shrinking.sharing import described, refuse_tied, shared_layers, shared_objects
from ..weights import named_variables

_ADAPTERS = "prunewidgets/adapters.npz"
_CONFIG = "config.json"


def complete(model: keras.Model, path: Path) -> None:
    """Put what Keras left out into the file of a model that it has just written.

    Raises:
        ValueError: Adapters or shared layers that a model read from the file would not have; they are named.
    """
    try:
        refuse_tied(model)
    except ValueError as error:
        warnings.warn(f"The file does not hold what is shared: {error}", stacklevel=4)
    adapted, shared = list(adapted_layers(model)), list(shared_layers(model).values())
    if not adapted and not shared:
        return
    description = described(model)
    _check_readable(model, description, {layer.name for layer in (*adapted, *shared)})
    members = {_CONFIG: json.dumps(description).encode()} if shared else {}
    if adapted:
        own = {id(variable) for layer in adapted for variable in layer.variables}
        content = io.BytesIO()
        np.savez(content, **{n: _plain(v) for n, v in named_variables(model).items() if id(v) in own})
        members[_ADAPTERS] = content.getvalue()
    _rewrite(path, members)


def take_adapters(model: keras.Model, path: Path) -> None:
    """Give a model that Keras has read from a file the kernels and adapters as they were.

    Raises:
        ValueError: What is in the file does not fit the model.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        if _ADAPTERS not in archive.namelist():
            return
        variables = named_variables(model)
        most = 100_000 + 8 * sum(int(np.prod(variable.shape)) for variable in variables.values())
        if archive.getinfo(_ADAPTERS).file_size > most:
            raise ValueError("its adapters are larger than the model")
        with np.load(io.BytesIO(archive.read(_ADAPTERS)), allow_pickle=False) as arrays:
            values = {name: arrays[name] for name in arrays.files}
    for name, value in values.items():
        if name not in variables or tuple(variables[name].shape) != value.shape:
            raise ValueError(f"its adapters name {name!r}, {value.shape}, which does not fit the model")
    for name, value in values.items():
        variables[name].assign(value)


def _plain(variable: keras.Variable) -> np.ndarray:
    """The values in a dtype that NumPy's files know."""
    values = keras.ops.convert_to_numpy(variable.value)
    return values if values.dtype.kind in "fiub" and values.dtype.isbuiltin else values.astype(np.float32)


def _check_readable(model: keras.Model, description: dict, names: set[str]) -> None:
    odd = f"The model {model.name!r} would not be the same when it is read back from a .keras file: "
    ways = f"The reason is in {', '.join(sorted(names))}, which has adapters or is used in several places."
    try:
        with keras.saving.custom_object_scope(own_objects(model)), shared_objects((), {}):
            # Made of the model itself a moment ago, so that its lambdas are no stranger's.
            read = keras.saving.deserialize_keras_object(deepcopy(description), safe_mode=False)
    except Exception as error:  # Keras has many of its own
        raise ValueError(f"{odd}{innermost(error)}. {ways}") from error
    if different := sorted(set(named_variables(model)) ^ set(named_variables(read))):
        raise ValueError(f"{odd}it would differ in {', '.join(different)}. {ways}")


def _rewrite(path: Path, members: dict[str, bytes]) -> None:
    """The file with these members in place of those of the same names."""
    new = path.with_name(f"{path.name}.new")
    try:
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(new, "w") as archive:
            for entry in old.infolist():
                if entry.filename not in members:
                    with old.open(entry) as source, archive.open(entry, "w", force_zip64=True) as target:
                        shutil.copyfileobj(source, target)
            for name, content in members.items():
                archive.writestr(name, content)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
