"""TFLite, the format of the interpreter on phones: write a Keras model and read it back."""

import os
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ..data.arrays import Batches, Structure, as_arrays, count
from ..data.rebatched import some_inputs
from ..live.frozen import Frozen, freeze
from ..plain_error import plain_error
from ..quiet import errors_only, quiet

OPTIMIZATIONS = ("sparse", "dynamic", "int8", "sparse int8")
CALIBRATION = 100
"""Maximum number of examples used to measure the range of the activations for int8."""

_ADVICE = (
    # It is to move to another package, which does not support every Python that TensorFlow does.
    r"\s*Warning: tf\.lite\.Interpreter is deprecated",
    "Statistics for quantized inputs were expected",  # they are given, by the examples
)
_TALKING = threading.Lock()  # `quiet` redirects the stderr of the whole process


def to_tflite(
    model: keras.Model,
    optimize: str | None = None,
    examples: Structure | None = None,
    masks: Mapping[str, np.ndarray] | None = None,
    batch: int | None = None,
) -> bytes:
    """Return the content of a ``.tflite`` file.

    Args:
        model: Any built Keras 3 model.
        optimize: None keeps 32-bit weights. "sparse" stores only the nonzeros of an array where TFLite
            finds that smaller. "dynamic" stores weights in 8 bits and leaves activations in 32. "int8" uses
            8 bits for both, and "sparse int8" stores the nonzeros too. Defaults to None.
        examples: Inputs. For int8: to measure the range of the activations. For a subclassed model: to get
            the shapes.
        masks: Masks to apply to the weights.
        batch: Fixed batch size. If None, any batch size, or 1 if TFLite needs a fixed size, as for recurrent
            layers.

    Raises:
        ValueError: An unknown optimization, int8 without examples or for a recurrent model, or a model that
            TFLite cannot express.
    """
    if optimize is not None and optimize not in OPTIMIZATIONS:
        raise ValueError(f"optimize={optimize!r} is not known; choose None or one of {OPTIMIZATIONS}.")
    if optimize in ("int8", "sparse int8") and examples is None:
        raise ValueError(
            f"optimize={optimize!r} has to see how large the activations get: pass typical inputs, "
            "examples=x_train[:100]."
        )
    examples = some_inputs(model, examples, CALIBRATION)
    frozen, calibration = freeze(model, masks, batch, examples), None
    if optimize in ("int8", "sparse int8"):
        _refuse_loops(model, frozen)
        calibration = _one_by_one(examples, frozen.signature)
    try:
        return _convert(frozen.function, optimize, calibration)
    except Exception as error:  # of many types, with pages of text
        text = plain_error(error)
    # Outside the except block, or a notebook would show those pages first.
    if batch is None and "to be static" in text:
        return to_tflite(model, optimize, examples, masks, batch=1)
    lines = [line for line in text.splitlines() if "error" in line] or [text]
    raise ValueError(
        f"TFLite cannot express the model {model.name!r} ({lines[0].rpartition('error: ')[2][:200]}). "
        "Export it as .onnx or .keras."
    )


def _convert(
    function: tf.types.experimental.PolymorphicFunction,
    optimize: str | None,
    calibration: Callable[..., Any] | None,
) -> bytes:
    with _silence(even_errors=True):
        converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()])
        sparse = [tf.lite.Optimize.EXPERIMENTAL_SPARSITY] if "sparse" in (optimize or "") else []
        quantized = [tf.lite.Optimize.DEFAULT] if optimize not in (None, "sparse") else []
        converter.optimizations = sparse + quantized
        converter.representative_dataset = calibration
        return converter.convert()


@contextmanager
def _silence(even_errors: bool = False) -> Iterator[None]:
    """Hide TFLite's startup messages and developer advice, whether written by Python or by C++."""
    with _TALKING, quiet(even_errors), errors_only("absl"):
        for text in _ADVICE:  # each time, since a filter set elsewhere or a catch_warnings would undo it
            warnings.filterwarnings("ignore", message=text)
        yield


def _place(name: str) -> int:
    """Return the number in an input's name: 3 for x3, and 0 for any other name."""
    return int(name[1:]) if re.fullmatch(r"x\d+", name) else 0


def _refuse_loops(model: keras.Model, frozen: Frozen) -> None:
    """Raise ValueError for a loop, on which TFLite's calibration ends the whole process (TensorFlow 2.21)."""
    operations = frozen.function.get_concrete_function().graph.get_operations()
    if any(operation.type in ("While", "StatelessWhile") for operation in operations):
        raise ValueError(
            f"The model {model.name!r} has loops, as recurrent layers do, and TFLite cannot measure inside "
            "them how large the activations get: choose optimize='dynamic', or unroll=True in the layers."
        )


def _one_by_one(
    examples: Structure, signature: list[tf.TensorSpec]
) -> Callable[[], Iterator[list[np.ndarray]]]:
    parts = [
        part[:CALIBRATION].astype(spec.dtype.as_numpy_dtype)
        for part, spec in zip(tf.nest.flatten(as_arrays(examples)), signature, strict=True)
    ]
    return lambda: ([part[row : row + 1] for part in parts] for row in range(len(parts[0])))


class TFLiteModel:
    """A ``.tflite`` file run by TensorFlow's interpreter, with the kernels of XNNPACK.

    Attributes:
        bytes: Size of the file in bytes.
        threads: Number of threads it uses.
        batch: The fixed batch size; None if any size is allowed.
    """

    def __init__(self, source: str | os.PathLike[str] | bytes, threads: int | None = None) -> None:
        """Read a file or its content.

        Args:
            source: Path or content.
            threads: Number of threads to use. Defaults to None, one per processor.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: Not a TFLite file, or a damaged one.
        """
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
        self.bytes = len(content)
        self.threads = threads or os.cpu_count() or 1
        try:
            with _silence():
                self._interpreter = tf.lite.Interpreter(model_content=content, num_threads=self.threads)
        except (ValueError, RuntimeError) as error:
            what = "The content" if isinstance(source, bytes) else str(source)
            raise ValueError(f"{what} is not a complete TFLite file; export the model again.") from error
        # freeze() names the inputs x0, x1, …; the file may have them in another order, and with other names
        # if another program wrote it.
        inputs = self._interpreter.get_input_details()
        self._inputs = sorted(inputs, key=lambda detail: _place(detail["name"]))
        self._outputs = [detail["index"] for detail in self._interpreter.get_output_details()]
        fixed = int(self._inputs[0]["shape_signature"][0])
        self.batch = fixed if fixed > 0 else None
        self._rows = -1

    def predict(self, x: Structure) -> np.ndarray | list[np.ndarray]:
        """Return the outputs for all examples: an array, or a list of arrays if there are several outputs.

        Args:
            x: Inputs as for the Keras model.

        Raises:
            ValueError: Inputs that do not fit, or a model that the interpreter does not support.
        """
        x = as_arrays(x)
        parts = [self._run(batch) for batch in Batches(x, self.batch or min(count(x), 1000))]
        outputs = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]
        return outputs[0] if len(outputs) == 1 else outputs

    def _run(self, batch: Structure) -> list[np.ndarray]:
        arrays = tf.nest.flatten(batch)
        try:
            if len(arrays[0]) != self._rows:
                self._resize_inputs(arrays)
            for detail, array in zip(self._inputs, arrays, strict=True):
                self._interpreter.set_tensor(detail["index"], array.astype(detail["dtype"], copy=False))
            self._interpreter.invoke()
        except (ValueError, RuntimeError) as error:
            self._rows = -1
            raise ValueError(
                f"TFLite cannot run this model on these inputs ({plain_error(error)[:200]})."
            ) from error
        return [self._interpreter.get_tensor(index) for index in self._outputs]

    def _resize_inputs(self, arrays: list[np.ndarray]) -> None:
        for detail, array in zip(self._inputs, arrays, strict=True):
            wanted = detail["shape_signature"]
            if array.ndim != len(wanted) or ((wanted >= 0) & (wanted != array.shape)).any():
                raise ValueError(f"shape {array.shape} in place of {tuple(wanted.tolist())}")
            if (wanted < 0).any():
                self._interpreter.resize_tensor_input(detail["index"], array.shape)
        with _silence():
            self._interpreter.allocate_tensors()
        self._rows = len(arrays[0])
