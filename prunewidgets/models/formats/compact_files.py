"""Save and load models as compact files, see ``prunewidgets.compact``."""

import copy
import math
import os
from collections.abc import Mapping

import keras

from ... import compact
from ..compression.copies import check_copyable, copy_of
from ..compression.quantized import (
    Bits,
    Stored,
    assign,
    check_shapes,
    quantized_weights,
    stored_variables,
)
from ..plain_error import innermost
from ..shrinking.rebuild import own_objects
from ..shrinking.sharing import described, shared_layers
from .described_model import model_from

_UNLISTED = 100_000
_PARTS = ("module", "class_name", "config", "registered_name")


def save_compact(
    model: keras.Model,
    path: str | os.PathLike[str],
    bits: Bits | None = None,
    stored: Mapping[str, Stored] | None = None,
) -> int:
    """Write a model to a compact file, in which zeros take almost no space and values take few bits.

    If writing fails, no partial file is left under ``path``. The file contains architecture, names, shapes,
    positions, codebooks and values, but not the optimizer and the other arguments of ``compile``.

    Args:
        model: A built Sequential or Functional model; it is not changed.
        path: Path of the file, by convention ending in ``.pwc``.
        bits: Quantize as ``quantize(model, bits)`` does; the file then reads back as the model which that
            returns. Defaults to None, which stores every weight exactly.
        stored: Values to write instead of the model's, from ``quantized_weights`` or ``tune_codebooks``.

    Returns:
        The size of the file in bytes.

    Raises:
        ValueError: A subclassed model, values that do not fit it, or unsupported bits.
        FileNotFoundError: The folder does not exist.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)  # 266,610 parameters: 1,066,440 bytes as float32
        >>> masks = pw.prune(model, sparsity=0.9)
        >>> pw.save_compact(model, "pruned.pwc", bits=4) < 50_000
        True
    """
    check_copyable(model)  # a model that cannot be copied from its description cannot be read back either
    if stored is None and bits is not None:
        stored = quantized_weights(model, bits)
    elif stored is None:
        stored = {n: keras.ops.convert_to_numpy(v.value) for n, v in stored_variables(model).items()}
    _check_complete(model, stored)
    try:
        description = described(model)
        architecture = {part: description.get(part) for part in _PARTS}
        with keras.saving.custom_object_scope(own_objects(model)):
            model_from(copy.deepcopy(architecture), lambda copied: _check_complete(copied, stored))
    except Exception as error:  # Keras raises errors of many types
        copy_of(model)  # if a layer is the reason, this raises an error that names it
        names = ", ".join(repr(layer.name) for layer in shared_layers(model).values())
        shared = f" These layers are used in several places, which Keras may not read back: {names}."
        raise ValueError(
            f"The model {model.name!r} could not be read back from a compact file "
            f"({innermost(error)}).{shared if names else ''} Its arrays alone can: "
            "pw.compact.write(pw.LiveModel(model).weights, path)."
        ) from error
    return compact.write(stored, path, architecture)


def load_compact(path: str | os.PathLike[str]) -> keras.Model:
    """Read a model from a compact file; its outputs are those of the model that was written.

    It is read in Keras's safe mode: no code from the file is run. The model is not compiled: ``evaluate`` of
    a LiveModel works, but compile it before ``fit``. Zeros are not held; ``pw.hold_zeros`` holds them.
    To read arrays without a model, use ``pw.compact.read``.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: Not a compact file, a damaged one, or one without a model.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> size = pw.save_compact(model, "lenet.pwc")
        >>> loaded = pw.load_compact("lenet.pwc")
        >>> all(map(np.array_equal, loaded.get_weights(), model.get_weights()))
        True
    """
    content = compact.read(path)
    try:
        if not isinstance(content.architecture, dict) or set(content.architecture) != set(_PARTS):
            raise ValueError("it has no model; read its arrays with pw.compact.read")
        model = model_from(content.architecture, lambda model: _check_complete(model, content.arrays))
        assign(model, content.arrays)
        return model
    except Exception as error:  # Keras raises errors of many types
        raise ValueError(
            f"{path} could not be turned into a Keras model ({type(error).__name__}: {error})."
        ) from error


def _check_complete(model: keras.Model, stored: Mapping[str, Stored]) -> None:
    """Check names and shapes of all values; other variables may be no larger than random generators need."""
    variables = stored_variables(model)
    if different := sorted(set(stored) ^ set(variables)):
        more = f" and {len(different) - 9} more" if len(different) > 10 else ""
        different = different[:9] if more else different
        raise ValueError(f"values and model {model.name!r} do not agree in: {', '.join(different)}{more}.")
    check_shapes(variables, stored)
    listed = {id(variable) for variable in variables.values()}
    if sum(math.prod(v.shape) for v in model.variables if id(v) not in listed) > _UNLISTED:
        raise ValueError(f"the model {model.name!r} needs more variables than the file has values for")
