"""Runners: the ways in which a model is run for timing, with their outputs checked first."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import keras
import numpy as np
import tensorflow as tf

from ...core.arrays import is_whole
from ..data.arrays import Structure, as_arrays, count
from ..data.rebatched import some_inputs
from ..formats.tflite import TFLiteModel, to_tflite
from ..holding.state import state_of
from ..layers.positions import positions
from ..layers.weights import named_variables
from ..live.frozen import input_specs, values_of
from ..plain_error import plain_error
from ..shrinking.sharing import layers_of
from .products import csr_product, dense_kernels, dense_product
from .timing import Call

RUNNERS = ("keras", "tflite", "dense", "csr")

_Runs = Iterator[tuple[str, int, Call]]


def make_calls(
    model: keras.Model,
    batches: Iterable[int],
    x: Structure | None = None,
    masks: Mapping[str, np.ndarray] | None = None,
    runners: Iterable[str] = RUNNERS,
    threads: int = 1,
) -> dict[tuple[str, int], Call]:
    """Return {(runner, batch): a call without arguments}; for arguments and runners see ``latency``.

    The weights are read now: later changes of the model have no effect.

    Raises:
        RuntimeError: A runner with the wrong outputs.
    """
    values = values_of(model, masks)
    calls: dict[tuple[str, int], Call] = {}
    if {"keras", "tflite"} & set(runners):
        for runner, batch, call in _whole_model(model, values, batches, x, masks, threads, runners):
            calls[runner, batch] = call
    if {"dense", "csr"} & set(runners):
        for runner, batch, call in _dense_layers(model, values, batches):
            calls[runner, batch] = call
    return {case: call for case, call in calls.items() if case[0] in runners}


def checked_runners(runners: Iterable[str]) -> list[str]:
    """Return the runners as a list, or raise ValueError if one is unknown."""
    runners = [runners] if isinstance(runners, str) else list(runners)
    unknown = [name for name in runners if name not in RUNNERS]
    if unknown:
        raise ValueError(f"runners {unknown} are not known; choose from {RUNNERS}.")
    return runners


def checked_batches(batches: Iterable[int]) -> list[int]:
    """Return the batch sizes as a list, or raise ValueError if one is not a whole number from 1."""
    batches = [batches] if isinstance(batches, int) else list(batches)
    if not all(is_whole(batch, 1, sys.maxsize) for batch in batches):
        raise ValueError(f"batches is {batches}; each has to be a whole number, 1 or more.")
    return [int(batch) for batch in batches]


def filled(model: keras.Model, batch: int, x: Structure | None = None) -> Structure:
    """Return inputs for one batch: the first rows of x, repeated if too few, or random numbers.

    Raises:
        ValueError: No x, and the model has inputs of unknown shape or of text.
    """
    if x is not None:
        x = as_arrays(some_inputs(model, x, batch))
        rows = np.arange(batch) % count(x)
        return tf.nest.map_structure(lambda part: np.ascontiguousarray(part[rows]), x)
    if not getattr(model, "inputs", None):
        raise ValueError(
            f"The model {model.name!r} does not declare the shape of its inputs: pass a few of them as x=."
        )
    rng = np.random.default_rng(0)

    def random(spec: tf.TensorSpec) -> np.ndarray:
        if None in spec.shape[1:]:
            raise ValueError(
                f"The model {model.name!r} takes inputs of shape {tuple(spec.shape)}, with a length left "
                "open: pass as x= examples of the length to measure with."
            )
        if spec.dtype == tf.string:
            raise ValueError(f"The model {model.name!r} takes text: pass an array of texts as x=.")
        shape = (batch, *spec.shape[1:])
        dtype = spec.dtype.as_numpy_dtype
        return rng.normal(size=shape).astype(dtype) if spec.dtype.is_floating else np.zeros(shape, dtype)

    return tf.nest.map_structure(random, input_specs(model))


def _whole_model(
    model: keras.Model,
    values: list[tf.Tensor],
    batches: Iterable[int],
    x: Structure | None,
    masks: Mapping[str, np.ndarray] | None,
    threads: int,
    runners: Iterable[str],
) -> _Runs:
    forward, content = state_of(model).forward, b""
    for batch in batches:
        inputs = filled(model, batch, x)

        def by_keras(inputs: Structure = inputs) -> Structure:
            return tf.nest.map_structure(np.asarray, forward(values, inputs))

        yield "keras", batch, by_keras
        if "tflite" not in runners:
            continue
        content = content or to_tflite(model, masks=masks, examples=inputs)
        read = TFLiteModel(content, threads)
        if read.batch not in (None, batch):  # it would run the examples one by one
            read = TFLiteModel(to_tflite(model, masks=masks, examples=inputs, batch=batch), threads)
        _compare("TFLite", model, read.predict(inputs), by_keras())
        yield "tflite", batch, partial(read.predict, inputs)


def _dense_layers(model: keras.Model, values: list[tf.Tensor], batches: Iterable[int]) -> _Runs:
    """Yield the products of the Dense layers alone, with as many rows as each layer gets in a batch."""
    arrays = {id(v): np.asarray(value) for v, value in zip(model.variables, values, strict=True)}
    named = named_variables(model)
    kernels = dense_kernels(model, {name: arrays[id(variable)] for name, variable in named.items()})
    if no_products(model):
        return
    uses = positions(model, {name: named[name] for name in kernels})
    rng = np.random.default_rng(0)
    for batch in batches:
        xs = [rng.normal(size=(batch * uses[n], k.shape[0])).astype(k.dtype) for n, k in kernels.items()]
        dense = dense_product(list(kernels.values()), xs)
        csr = csr_product(list(kernels.values()), xs)
        _compare("The CSR product", model, [y.T.ravel() for y in csr()], [y.ravel() for y in dense()])
        yield "dense", batch, dense
        yield "csr", batch, csr


def no_products(model: keras.Model) -> str:
    """Return why the products of a model's Dense layers are not timed, or "" if they are."""
    kernels = dense_kernels(model, named_variables(model))
    if not kernels:
        return "it has no Dense layers"
    dense = (layer for layer in layers_of(model) if isinstance(layer, keras.layers.Dense))
    quantized = [layer.name for layer in dense if layer.quantization_mode]
    if quantized:
        return f"the kernels of {', '.join(quantized)} are quantized"
    short = sorted({str(kernel.dtype) for kernel in kernels.values()} - {"float32", "float64"})
    if short:
        return f"its kernels are {' and '.join(short)}, which SciPy does not multiply"
    try:
        positions(model, kernels)
    except ValueError as error:
        return plain_error(error)
    return ""


def _compare(what: str, model: keras.Model, found: Structure, expected: Structure) -> None:
    """Raise RuntimeError if outputs differ from the expected ones by more than 32-bit rounding."""
    for ours, theirs in zip(tf.nest.flatten(found), tf.nest.flatten(expected), strict=True):
        scale = max(1e-6, float(np.abs(theirs).max(initial=0)))
        if np.shape(ours) != np.shape(theirs) or not np.allclose(ours, theirs, rtol=0, atol=1e-3 * scale):
            raise RuntimeError(
                f"{what} and the model {model.name!r} have different outputs, so its time would mean "
                "nothing. Leave it out with runners=[...], and please report it."
            )
