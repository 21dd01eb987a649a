"""Export a model to a file that other programs read, and read it back to compare."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from ...utils.atomic_file import whole_file
from ...utils.existing_file import check_file
from ..data.arrays import Structure
from ..layers.built import check_built
from .compact_files import load_compact, save_compact
from .files import load_model, save_model
from .onnx_file import OnnxModel, to_onnx
from .tflite import TFLiteModel, to_tflite

EXTENSIONS = (".keras", ".pwc", ".tflite", ".onnx")


def export(
    model: keras.Model,
    path: str | os.PathLike[str],
    optimize: str | None = None,
    examples: Structure | None = None,
) -> Path:
    """Write a model in its current state to a file; the extension sets the format.

    Removed weights are zeros in every format. An existing file is replaced only when the new one is complete.
    To check a file, read it back: ``pw.load_exported(path).predict(x)``.

    Args:
        model: Any built Keras 3 model.
        path: ``.keras`` (Keras, with the optimizer if it is compiled), ``.pwc`` (the compact file, see
            ``save_compact``), ``.tflite`` (TensorFlow Lite, now LiteRT) or ``.onnx``.
        optimize: For ``.tflite`` only: "sparse" (stores the nonzeros), "dynamic" (weights in 8 bits), "int8"
            (activations too) or "sparse int8"; see ``prunewidgets.models.formats.tflite.to_tflite``.
        examples: Inputs. For int8: typical ones, to measure the range of the activations. For a subclassed
            model: any, to get the shapes.

    Returns:
        The path.

    Raises:
        ValueError: An unknown extension or optimization, a model that the format cannot express.
        FileNotFoundError: The folder does not exist.
        ImportError: ONNX is not installed.

    Example:
        >>> path = pw.export(pw.models.lenet_300_100(seed=0), "lenet.tflite", optimize="dynamic")
        >>> path.name, path.stat().st_size < 300_000  # one byte per weight instead of four
        ('lenet.tflite', True)
    """
    path = _checked(path)
    check_built(model)
    if optimize is not None and path.suffix != ".tflite":
        raise ValueError(f"optimize={optimize!r} is for .tflite files; leave it out for {path.suffix}.")
    if path.suffix in (".keras", ".pwc"):
        (save_model if path.suffix == ".keras" else save_compact)(model, path)
        return path
    with whole_file(path) as temporary:
        content = (
            to_tflite(model, optimize, examples) if path.suffix == ".tflite" else to_onnx(model, examples)
        )
        temporary.write_bytes(content)
    return path


def load_exported(path: str | os.PathLike[str]) -> Any:
    """Read a file that ``export`` has written, as an object with ``predict(x)``.

    Returns:
        A keras.Model, a ``TFLiteModel`` or an ``OnnxModel``.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: An unknown extension, or a damaged file.

    Example:
        >>> model, x = pw.models.lenet_300_100(seed=0), np.ones((1, 28, 28, 1), np.float32)
        >>> path = pw.export(model, "lenet.tflite")
        >>> exported = pw.load_exported(path)
        >>> np.allclose(exported.predict(x), model.predict(x, verbose=0), atol=1e-5)
        True
    """
    path = _checked(path)
    check_file(path)
    readers: dict[str, Callable[[Path], Any]] = {
        ".keras": load_model,
        ".pwc": load_compact,
        ".tflite": TFLiteModel,
        ".onnx": OnnxModel,
    }
    return readers[path.suffix](path)


def _checked(path: str | os.PathLike[str]) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path has to be the name of a file, such as 'model.keras', not {path!r:.60}.")
    path = Path(path)
    if path.suffix not in EXTENSIONS:
        raise ValueError(
            f"{path} has the extension {path.suffix!r}; models are exported as {', '.join(EXTENSIONS)}."
        )
    return path
