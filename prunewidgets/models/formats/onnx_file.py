"""ONNX, the exchange format between frameworks: write a Keras model and read it back."""

import importlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ..data.arrays import Structure, as_arrays
from ..data.rebatched import some_inputs
from ..live.frozen import Frozen, freeze
from ..plain_error import plain_error
from ..quiet import quiet

_KINDS = {"float": "float32", "double": "float64", "string": "object"}
"""{name of a type in ONNX Runtime: its name in NumPy}, where they differ."""

_REASONS = {"InvalidProtobuf": "it is damaged", "NotImplemented": "it has what the runtime does not know"}
"""What some error classes of ONNX Runtime mean; others may mean either."""


def to_onnx(
    model: keras.Model, examples: Structure | None = None, masks: Mapping[str, np.ndarray] | None = None
) -> bytes:
    """Return the content of an ``.onnx`` file.

    Args:
        model: Any built Keras 3 model.
        examples: For a subclassed model: inputs, to get the shapes.
        masks: Masks to apply to the weights.

    Raises:
        ImportError: The packages for ONNX are not installed.
        ValueError: A model that ONNX cannot express.
    """
    convert = _import("tf2onnx.convert")
    frozen = freeze(model, masks, examples=some_inputs(model, examples, 1))
    try:
        with quiet(even_errors=True):
            proto, _ = convert.from_function(frozen.function, frozen.signature)
            _store_constants(proto, frozen)
    except Exception as error:  # of many types, some with pages of text
        what = f"{type(error).__name__}: {plain_error(error)[:200]}"
    else:
        _without_erfc(proto.graph)
        unknown = _unknown_operations(proto)
        if not unknown:
            return proto.SerializeToString()
        what = f"it has no operation {', '.join(unknown)}"
    raise ValueError(
        f"ONNX cannot express the model {model.name!r} ({what}). Export it as .tflite or .keras."
    )


class OnnxModel:
    """An ``.onnx`` file run by ONNX Runtime on the CPU.

    Attributes:
        bytes: Size of the file in bytes.
    """

    def __init__(self, source: str | os.PathLike[str] | bytes) -> None:
        """Read a file or its content.

        Raises:
            ImportError: ONNX Runtime is not installed.
            FileNotFoundError: There is no such file.
            ValueError: Not an ONNX file, a damaged one, or one that ONNX Runtime cannot run.
        """
        runtime = _import("onnxruntime")
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
        self.bytes = len(content)
        try:
            self._session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime has an error class for each kind of damage
            what = "The content" if isinstance(source, bytes) else str(source)
            why = _REASONS.get(type(error).__name__, " or ".join(_REASONS.values()))
            raise ValueError(
                f"{what} cannot be run by ONNX Runtime: {why} ({plain_error(error)[:200]})."
            ) from error

    def predict(self, x: Structure) -> np.ndarray | list[np.ndarray]:
        """Return the outputs for all examples: an array, or a list of arrays if there are several outputs.

        Raises:
            ValueError: Inputs that do not fit.
        """
        arrays = tf.nest.flatten(as_arrays(x))
        inputs = self._session.get_inputs()
        feed = {f"x{number}": array for number, array in enumerate(arrays)}
        if {tensor.name for tensor in inputs} != feed.keys():  # a file from another program has other names
            feed = {tensor.name: array for tensor, array in zip(inputs, arrays, strict=True)}
        for tensor in inputs:
            kind = tensor.type.removeprefix("tensor(").removesuffix(")")
            feed[tensor.name] = feed[tensor.name].astype(_KINDS.get(kind, kind), copy=False)
        try:
            outputs = self._session.run(None, feed)
        except Exception as error:  # of many types
            raise ValueError(
                f"ONNX Runtime cannot run this model on these inputs ({plain_error(error)[:200]})."
            ) from error
        return outputs[0] if len(outputs) == 1 else outputs


def _store_constants(proto: Any, frozen: Frozen) -> None:
    """Store tensors that layers computed from weights earlier (Normalization) as constants, not inputs."""
    concrete = frozen.function.get_concrete_function()
    held = zip(concrete.inputs[len(frozen.signature) :], concrete.captured_inputs, strict=True)
    tensors = {inside.name: value for inside, value in held if value.dtype != tf.resource}
    for name, value in tensors.items():
        proto.graph.initializer.append(_import("onnx.numpy_helper").from_array(value.numpy(), name))
    inputs = [tensor for tensor in proto.graph.input if tensor.name not in tensors]
    del proto.graph.input[:]
    proto.graph.input.extend(inputs)


def _without_erfc(graph: Any) -> None:
    """Replace Erfc, which TensorFlow's exact GELU uses and ONNX lacks, by 1 - Erf."""
    make = _import("onnx.helper").make_node
    one = _import("onnx.numpy_helper").from_array(np.array(1, np.float32), "erfc/one")
    nodes = []
    for node in graph.node:
        if node.op_type == "Erfc":
            [x], [y] = node.input, node.output
            nodes += [make("Erf", [x], [f"{y}/erf"]), make("CastLike", ["erfc/one", x], [f"{y}/one"])]
            nodes.append(make("Sub", [f"{y}/one", f"{y}/erf"], [y], node.name))
        else:
            nodes.append(node)
    if len(nodes) != len(graph.node):
        graph.initializer.append(one)
        del graph.node[:]
        graph.node.extend(nodes)


def _unknown_operations(proto: Any) -> list[str]:
    """Return operations that the converter left unconverted, under TensorFlow's names."""
    version = next(each.version for each in proto.opset_import if not each.domain)
    known = _import("onnx.defs").has
    nodes = [node for graph in _graphs(proto.graph) for node in graph.node if not node.domain]
    return sorted({node.op_type for node in nodes if not known(node.op_type, version)})


def _graphs(graph: Any) -> Iterator[Any]:
    """Yield a graph and those nested in it: bodies of loops, branches."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in [*attribute.graphs, *([attribute.g] if attribute.HasField("g") else [])]:
                yield from _graphs(inner)


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"ONNX files need {error.name!r}, which is not installed: pip install 'prunewidgets[onnx]'"
        ) from error
