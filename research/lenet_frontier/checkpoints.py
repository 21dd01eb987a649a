"""Pruned networks in small files: the kept weights and their positions."""

import re
from pathlib import Path

import keras
import numpy as np

import prunewidgets as pw

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).with_name("runs")


def path_of(row: str) -> Path:
    return FOLDER / f"{row}.npz"


def net_of(path: Path) -> str:
    """Return the name of the dense network in front of the ratio, as in lenet_5_300x_noise.npz."""
    return re.split(r"_\d+x", path.stem)[0]


def save(model: keras.Model, path: Path) -> None:
    """Write kernels as positions (uint32, C order) and values (float32); biases unchanged."""
    arrays = {}
    for variable in model.variables:
        value, name = variable.value.numpy(), "/".join(variable.path.split("/")[-2:])
        if variable.name == "kernel":
            places = np.flatnonzero(value)
            arrays[f"{name}/places"] = places.astype(np.uint32)
            arrays[f"{name}/values"] = value.ravel()[places]
        else:
            arrays[name] = value
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".part.npz")
    np.savez_compressed(unfinished, **arrays)
    unfinished.replace(path)


def load(net: str, path: Path) -> keras.Model:
    """Return the dense Keras model that a file was written from."""
    model = getattr(pw.models, net)()
    with np.load(path, allow_pickle=False) as arrays:
        for variable in model.variables:
            name = "/".join(variable.path.split("/")[-2:])
            if variable.name == "kernel":
                value = np.zeros(variable.shape, np.float32)
                value.flat[arrays[f"{name}/places"]] = arrays[f"{name}/values"]
            else:
                value = arrays[name]
            variable.assign(value)
    return model
