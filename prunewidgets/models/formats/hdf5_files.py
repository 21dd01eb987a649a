"""HDF5 files: check them in a separate process, and restore what Keras cannot read back from them."""

import json
import os
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import keras

from ..plain_error import plain_error

_PROGRAM = Path(__file__).with_name("read_hdf5.py")
_SECONDS, _BYTES_A_SECOND = 60, 5_000_000
_OF_COMPILE = ("accuracy", "acc", "crossentropy", "ce")
"""Names of metrics that only ``compile`` resolves, since their meaning depends on the loss."""
_SIGNATURE = b"\x89HDF\r\n\x1a\n"


def refuse_damaged(path: Path) -> None:
    """Raise ValueError for an HDF5 file that cannot be read completely, even if reading it crashes.

    The file is read in a separate process. Skipped if Python does not know its own executable.
    """
    if not sys.executable:
        return
    seconds = _SECONDS + path.stat().st_size / _BYTES_A_SECOND
    command = [sys.executable, "-P", str(_PROGRAM), os.fspath(path)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds)
    except subprocess.TimeoutExpired:
        raise ValueError(f"HDF5 was still reading it after {seconds:.0f} seconds") from None
    if run.returncode:
        raise ValueError(run.stdout.strip() or f"HDF5 ended with code {run.returncode} reading it")


def keras_version(path: Path) -> str | None:
    """Return the version of Keras that wrote a file, or None; early .keras files are HDF5 too."""
    try:
        with path.open("rb") as start:
            is_hdf5 = start.read(len(_SIGNATURE)) == _SIGNATURE
        if is_hdf5:
            refuse_damaged(path)
            with h5py.File(path, "r") as file:
                return _text(file.attrs["keras_version"])
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("metadata.json"))["keras_version"]
    except Exception:  # a file without a version
        return None


@contextmanager
def compile_arguments_kept(model: keras.Model) -> Iterator[None]:
    """Keep what a model was compiled with: Keras 3.15 removes the optimizer from it as it writes HDF5.

    A ``.keras`` file written later would be without one.
    """
    compiled = getattr(model, "_compile_config", None)
    before = dict(compiled.config) if compiled is not None else {}
    try:
        yield
    finally:
        if compiled is not None:
            compiled.config.update(before)


def load_and_compile(path: Path) -> keras.Model:
    """Load a model, and compile it as it was compiled when saved.

    Keras 3.15 does not read back every loss and metric that it writes ("mse"), and builds the optimizer
    without variables, so that ``fit`` fails. If the compile arguments cannot be restored, warn and return
    the complete model uncompiled.
    """
    model = keras.saving.load_model(path, safe_mode=True, compile=False)
    with h5py.File(path, "r") as file:
        config = json.loads(_text(file.attrs.get("training_config", "null")))
    if config is None:
        return model
    try:
        model.compile(
            keras.optimizers.deserialize(config["optimizer_config"]),
            loss=_deserialized(config.get("loss"), keras.losses),
            metrics=_deserialized(config.get("metrics"), keras.metrics),
            weighted_metrics=_deserialized(config.get("weighted_metrics"), keras.metrics),
            loss_weights=config.get("loss_weights"),
        )
    except Exception as error:  # Keras raises errors of many types
        warnings.warn(
            f"The model of {path} is loaded but not compiled: Keras cannot read its loss, metrics or "
            f"optimizer back ({plain_error(error)[:200]}). Compile it again with model.compile(...).",
            stacklevel=3,
        )
    return model


def _deserialized(config: Any, kind: ModuleType) -> Any:
    """Return names as they are, since ``compile`` takes them, and make objects from descriptions."""
    if isinstance(config, dict) and "class_name" not in config:
        return {key: _deserialized(part, kind) for key, part in config.items()}
    if isinstance(config, list):
        return [_deserialized(part, kind) for part in config]
    if isinstance(config, str) and config not in _OF_COMPILE:
        kind.get(config)  # compile would not report an unknown name
    return kind.deserialize(config) if isinstance(config, dict) else config


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
