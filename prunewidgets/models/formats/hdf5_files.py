"""HDF5 files: looked through in a process of their own, and what Keras cannot read back of them."""

import json
import os
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import keras

from ..plain_error import plain_error

_PROGRAM = Path(__file__).with_name("read_hdf5.py")
_SECONDS, _BYTES_A_SECOND = 60, 5_000_000
_OF_COMPILE = ("accuracy", "acc", "crossentropy", "ce")
"""Names of metrics that ``compile`` alone knows: which they are depends on the loss."""
_SIGNATURE = b"\x89HDF\r\n\x1a\n"


def refuse_damaged(path: Path) -> None:
    """Raise ValueError for an HDF5 file that cannot be read to its end, also where that would end a process.

    It is read in another process first. Skipped where Python does not know how to start one.
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
    """The version of Keras that wrote a file, as far as the file says; early .keras files are HDF5 too."""
    try:
        with path.open("rb") as start:
            is_hdf5 = start.read(len(_SIGNATURE)) == _SIGNATURE
        if is_hdf5:
            refuse_damaged(path)
            with h5py.File(path, "r") as file:
                return _text(file.attrs["keras_version"])
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("metadata.json"))["keras_version"]
    except Exception:  # a file that does not say
        return None


def load_compiled_anew(path: Path) -> keras.Model:
    """Load a model, and compile it as it was.

    Keras 3.15 does not read back every loss and metric that it writes ("mse"), and builds the optimizer for
    no variables, so that ``fit`` refuses it. What cannot be made again is left out with a warning: the model
    is whole then, but not compiled.
    """
    model = keras.saving.load_model(path, safe_mode=True, compile=False)
    with h5py.File(path, "r") as file:
        config = json.loads(_text(file.attrs.get("training_config", "null")))
    if config is None:
        return model
    try:
        model.compile(
            keras.optimizers.deserialize(config["optimizer_config"]),
            loss=_made(config.get("loss"), keras.losses),
            metrics=_made(config.get("metrics"), keras.metrics),
            weighted_metrics=_made(config.get("weighted_metrics"), keras.metrics),
            loss_weights=config.get("loss_weights"),
        )
    except Exception as error:  # Keras has many of its own
        warnings.warn(
            f"The model of {path} is loaded but not compiled: Keras cannot read its loss, metrics or "
            f"optimizer back ({plain_error(error)[:200]}). Compile it again with model.compile(...).",
            stacklevel=3,
        )
    return model


def _made(config: Any, kind: ModuleType) -> Any:
    """Names stay names, which ``compile`` takes; objects are made from their descriptions."""
    if isinstance(config, dict) and "class_name" not in config:
        return {key: _made(part, kind) for key, part in config.items()}
    if isinstance(config, list):
        return [_made(part, kind) for part in config]
    if isinstance(config, str) and config not in _OF_COMPILE:
        kind.get(config)  # compile itself would not say that there is none
    return kind.deserialize(config) if isinstance(config, dict) else config


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
