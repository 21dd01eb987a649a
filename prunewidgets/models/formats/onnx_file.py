"""ONNX: the exchange format between frameworks, written from a Keras model and read back."""

import importlib
import os
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ..forward import Structure, as_arrays
from ..plain_error import plain_error
from ..quiet import quiet
from .frozen import Frozen, freeze

_KINDS = {"float": "float32", "double": "float64", "string": "object"}
"""{name of a type in ONNX Runtime: in NumPy}, where they differ."""


def to_onnx(
    model: keras.Model, examples: Structure | None = None, masks: Mapping[str, np.ndarray] | None = None
) -> bytes:
    """The content of an ``.onnx`` file.

    Args:
        model: Any built Keras 3 model.
        examples: Of a subclassed model: inputs that tell the shapes.
        masks: Laid over the weights.

    Raises:
        ImportError: The packages for it are not installed.
        ValueError: A model that cannot be expressed.
    """
    convert = _library("tf2onnx.convert")
    frozen = freeze(model, masks, examples=examples)
    try:
        with quiet():
            proto, _ = convert.from_function(frozen.function, frozen.signature)
            _put_in(proto, frozen)
    except Exception as error:  # of many kinds
        raise ValueError(
            f"ONNX cannot express the model {model.name!r} ({type(error).__name__}: "
            f"{plain_error(error)[:200]}). "
            "Export it as .tflite or .keras."
        ) from error
    return proto.SerializeToString()


class OnnxModel:
    """An ``.onnx`` file at work: ONNX Runtime on the processor.

    Attributes:
        bytes: Size of the file.
    """

    def __init__(self, source: str | os.PathLike | bytes) -> None:
        """Read a file, or its content.

        Raises:
            ImportError: ONNX Runtime is not installed.
            FileNotFoundError: No file there.
            ValueError: Not an ONNX file, a damaged one, or one that ONNX Runtime cannot run.
        """
        runtime = _library("onnxruntime")
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
        self.bytes = len(content)
        try:
            self._session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime has a class for each kind of damage
            what = "The content" if isinstance(source, bytes) else str(source)
            raise ValueError(
                f"{what} cannot be run by ONNX Runtime: it is damaged, or has what the runtime does not know "
                f"({plain_error(error)[:200]})."
            ) from error

    def predict(self, x: Structure) -> np.ndarray | list[np.ndarray]:
        """The outputs for all examples: an array, or a list of them if the model has several outputs.

        Raises:
            ValueError: Inputs that do not fit.
        """
        arrays = tf.nest.flatten(as_arrays(x))
        inputs = self._session.get_inputs()
        feed = {f"x{number}": array for number, array in enumerate(arrays)}
        if {tensor.name for tensor in inputs} != feed.keys():  # another program's file has names of its own
            feed = {tensor.name: array for tensor, array in zip(inputs, arrays, strict=True)}
        for tensor in inputs:
            kind = tensor.type.removeprefix("tensor(").removesuffix(")")
            feed[tensor.name] = feed[tensor.name].astype(_KINDS.get(kind, kind), copy=False)
        try:
            outputs = self._session.run(None, feed)
        except Exception as error:  # of many kinds
            raise ValueError(
                f"ONNX Runtime cannot run this model on these inputs ({plain_error(error)[:200]})."
            ) from error
        return outputs[0] if len(outputs) == 1 else outputs


def _put_in(proto: Any, frozen: Frozen) -> None:
    """Tensors that layers made of weights earlier, as Normalization does, would be inputs of the file."""
    concrete = frozen.function.get_concrete_function()
    held = zip(concrete.inputs[len(frozen.signature) :], concrete.captured_inputs, strict=True)
    tensors = {inside.name: value for inside, value in held if value.dtype != tf.resource}
    for name, value in tensors.items():
        proto.graph.initializer.append(_library("onnx.numpy_helper").from_array(value.numpy(), name))
    inputs = [tensor for tensor in proto.graph.input if tensor.name not in tensors]
    del proto.graph.input[:]
    proto.graph.input.extend(inputs)


def _library(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"ONNX files need {error.name!r}, which is not installed: pip install 'prunewidgets[onnx]'"
        ) from error
