"""Add what Keras leaves out of a ``.keras`` file: layers used in two places, and which zeros are held."""

import json
import shutil
import warnings
import zipfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import keras

from ..compression.quantized import stored_variables
from ..plain_error import innermost
from ..shrinking.rebuild import own_objects
from ..shrinking.sharing import described, refuse_tied, shared_layers, shared_objects
from .held_files import METADATA, metadata_with, note_of

_CONFIG = "config.json"


def complete(model: keras.Model, path: Path) -> None:
    """Add what Keras left out of a file it has just written; warn about what no file can store.

    Raises:
        ValueError: Shared layers that a model read from the file would have twice; they are named.
    """
    try:
        refuse_tied(model)
    except ValueError as error:
        warnings.warn(f"The file does not hold what is shared: {error}", stacklevel=4)
    merged = [
        layer.name
        for layer in model._flatten_layers()
        if getattr(layer, "lora_enabled", False) and layer.quantization_mode
    ]
    if merged:
        warnings.warn(
            f"Keras writes the quantized kernels of {', '.join(merged)} with their adapters (LoRA) added and "
            "rounded again: zeros and outputs change. A .pwc file keeps the two apart.",
            stacklevel=4,
        )
    members = {}
    shared = shared_layers(model).values()
    if shared:
        description = described(model)
        _check_readable(model, description, {layer.name for layer in shared})
        members[_CONFIG] = json.dumps(description).encode()
    if note := note_of(model):
        members[METADATA] = metadata_with(note, path)
    if members:
        _rewrite(path, members)


def _check_readable(model: keras.Model, description: dict[str, Any], names: set[str]) -> None:
    odd = f"The model {model.name!r} would not be the same when it is read back from a .keras file: "
    ways = f"The reason is in {', '.join(sorted(names))}, which several layers or models share."
    try:
        with keras.saving.custom_object_scope(own_objects(model)), shared_objects((), {}):
            # The description was just made from the model itself, so its lambdas can be trusted.
            read = keras.saving.deserialize_keras_object(deepcopy(description), safe_mode=False)
    except Exception as error:  # Keras raises errors of many types
        raise ValueError(f"{odd}{innermost(error)}. {ways}") from error
    if different := sorted(set(stored_variables(model)) ^ set(stored_variables(read))):
        raise ValueError(f"{odd}it would differ in {', '.join(different)}. {ways}")


def _rewrite(path: Path, members: dict[str, bytes]) -> None:
    """Rewrite the archive with these members replacing those of the same names."""
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
