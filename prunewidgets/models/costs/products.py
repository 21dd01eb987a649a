"""Matrix products of dense layers, with NumPy and with a sparse matrix."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import product
from math import prod
from typing import Any

import keras
import numpy as np
import pandas as pd

from ...core.thresholds import checked_sparsity
from ...utils.finished import keep_finished
from ..layers.weights import named_variables
from .timing import rounds, spread

_LARGEST = 4_000_000  # weights of a layer
SPARSITIES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
WINS_COLUMNS = [
    "batch",
    "sparsity",
    "nonzeros",
    "csr_ms",
    "csr_low",
    "csr_high",
    "dense_ms",
    "dense_low",
    "dense_high",
    "ratio",
    "runs",
]


def sparse_speedup(
    inputs: int,
    units: int,
    batches: Iterable[int] = (1, 32),
    sparsities: Iterable[float] | float = SPARSITIES,
    seconds: float = 0.3,
    seed: int = 0,
) -> pd.DataFrame:
    """Measure the sparsity from which a sparse product is faster, for one shape of a dense layer.

    The weights are random, and exactly round(sparsity · n) of them at random positions are zero. The dense
    product is NumPy's (BLAS), the sparse one SciPy's in CSR format (compressed sparse rows), with its inputs
    in the layout that suits it best. Both use float32 and one thread, since SciPy's product has only one.

    Ctrl-C keeps the finished rows, warns, and sets ``frame.attrs["complete"]`` to False.

    Args:
        inputs: Number of inputs of the layer.
        units: Number of its outputs.
        batches: Batch sizes. Defaults to (1, 32).
        sparsities: Shares of zeros, each 0 to 1; a single number stands for a list of one.
        seconds: Time in seconds for each product. Defaults to 0.3.
        seed: Seed for weights, inputs and positions of zeros.

    Returns:
        One row per batch and sparsity: batch, sparsity, nonzeros, csr_ms and dense_ms (medians in
        milliseconds), their quartiles csr_low, csr_high, dense_low, dense_high, ratio (dense ÷ sparse: above
        1 the sparse product is faster), runs (timed, of each). ``attrs["wins_from"]``: {batch: the lowest
        measured sparsity from which the sparse product is faster at every level; None if there is none}, for
        each batch that was measured at every level.

    Raises:
        ValueError: A size or batch below 1, a sparsity outside 0 to 1.

    Example:
        >>> frame = pw.sparse_speedup(300, 100, batches=[1], sparsities=[0.5, 0.9], seconds=0.05)
        >>> frame[["batch", "sparsity", "nonzeros"]]
           batch  sparsity  nonzeros
        0      1       0.5     15000
        1      1       0.9      3000
        >>> list(frame.columns[3:])  # ratio above 1: the sparse product is faster
        ['csr_ms', 'csr_low', 'csr_high', 'dense_ms', 'dense_low', 'dense_high', 'ratio', 'runs']
    """
    batches = [batches] if isinstance(batches, int) else list(batches)
    shares = sparsities if isinstance(sparsities, Iterable) else [sparsities]
    levels = sorted({checked_sparsity(share) for share in shares})
    for what, size in [("inputs", inputs), ("units", units), *(("a batch", size) for size in batches)]:
        if size < 1:
            raise ValueError(f"{what} is {size}; it has to be 1 or more.")
    rows: list[dict[str, Any]] = []
    todo = len(batches) * len(levels)
    measured = measured_rows(inputs, units, batches, levels, seconds, seed)
    complete = keep_finished(measured, rows, "product", todo)
    frame = pd.DataFrame(rows, columns=WINS_COLUMNS)
    frame.attrs["complete"] = complete
    whole = batches[: len(rows) // max(len(levels), 1)]  # without the batch that an interrupt cut off
    frame.attrs["wins_from"] = {batch: wins_from(rows, batch) for batch in whole}
    return frame


def measured_rows(
    inputs: int, units: int, batches: Iterable[int], levels: Iterable[float], seconds: float, seed: int = 0
) -> Iterator[dict[str, Any]]:
    """Yield the rows of ``sparse_speedup`` one at a time, so that the caller can stop in between."""
    rng = np.random.default_rng(seed)
    kernel = rng.normal(size=(inputs, units)).astype(np.float32)
    order = rng.permutation(kernel.size)
    for batch, level in product(batches, levels):
        pruned = kernel.copy()
        pruned.flat[order[: round(level * kernel.size)]] = 0
        x = rng.normal(size=(batch, inputs)).astype(np.float32)
        yield {"batch": batch, "sparsity": level, **_compare([pruned], [x], seconds)}


def wins_from(rows: Iterable[Mapping[str, Any]], batch: int) -> float | None:
    """Return the lowest measured sparsity from which the sparse product is faster at every level."""
    ratios = {row["sparsity"]: row["ratio"] for row in rows if row["batch"] == batch}
    loses = max((level for level, ratio in ratios.items() if ratio <= 1), default=-1)
    return min((level for level in ratios if level > loses), default=None)


def largest_layer(
    model: keras.Model,
    uses: Mapping[str, int],
    batches: Iterable[int],
    seconds: float,
    outdated: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Measure the sparsity from which a sparse product is faster in a model's largest Dense layer.

    Args:
        model: A built Keras 3 model.
        uses: {name of a kernel: uses of the layer for one example of the model}; 1 for kernels left out.
        batches: Batch sizes of the model.
        seconds: Time in seconds for each product.
        outdated: Called after each measured sparsity; when it returns True, the rest is skipped.

    Returns:
        "inputs" and "units" of the layer, "from": {the batch, as text: the sparsity; None for never}. Empty
        if outdated, if there are no Dense layers, or if the largest is so large that it would take minutes.
    """
    kernels = dense_kernels(model, named_variables(model))
    name = max(kernels, key=lambda name: prod(kernels[name].shape), default="")
    if not name or prod(kernels[name].shape) > _LARGEST:
        return {}
    inputs, units = kernels[name].shape
    examples = {batch: batch * uses.get(name, 1) for batch in batches}
    rows = []
    for row in measured_rows(inputs, units, examples.values(), SPARSITIES, seconds):
        rows.append(row)
        if outdated():
            return {}
    found = {str(batch): wins_from(rows, size) for batch, size in examples.items()}
    return {"inputs": inputs, "units": units, "from": found}


def dense_product(kernels: list[np.ndarray], xs: list[np.ndarray]) -> Callable[[], list[np.ndarray]]:
    """Return a call that multiplies each x, (rows, inputs), by its kernel, (inputs, units), with NumPy.

    Run it in ``one_thread``.
    """
    return lambda: [x @ kernel for x, kernel in zip(xs, kernels, strict=True)]


def csr_product(kernels: list[np.ndarray], xs: list[np.ndarray]) -> Callable[[], list[np.ndarray]]:
    """Return the same as SciPy's CSR product, transposed: (units, inputs) × (inputs, rows), without zeros."""
    from scipy.sparse import csr_array

    sparse = [csr_array(kernel.T) for kernel in kernels]
    # The product loops over the rows of the sparse matrix and adds up rows of x, with examples side by side.
    columns = [np.ascontiguousarray(x.T) if len(x) > 1 else x[0] for x in xs]
    return lambda: [kernel @ x for kernel, x in zip(sparse, columns, strict=True)]


def one_thread() -> AbstractContextManager[Any]:
    """Limit NumPy's products to one thread: several wait for each other when other programs are running."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="blas")


def dense_kernels(model: keras.Model, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Return the kernels of the model's Dense layers, also of nested models, from its arrays by name."""
    # With adapters (LoRA), layer.kernel is the sum of kernel and adapters, not a variable.
    owned = {id(layer._kernel) for layer in _layers(model) if isinstance(layer, keras.layers.Dense)}
    return {n: arrays[n] for n, variable in named_variables(model).items() if id(variable) in owned}


def _layers(model: keras.Model) -> Iterable[keras.Layer]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layers(layer)
        yield layer.layer if isinstance(layer, keras.layers.TimeDistributed) else layer


def _compare(kernels: list[np.ndarray], xs: list[np.ndarray], seconds: float) -> dict[str, Any]:
    calls = {"csr": csr_product(kernels, xs), "dense": dense_product(kernels, xs)}
    with one_thread():
        *_, taken = rounds(calls, seconds)
    csr, dense = spread(taken["csr"]), spread(taken["dense"])
    return {
        "nonzeros": sum(int(np.count_nonzero(kernel)) for kernel in kernels),
        "csr_ms": csr.median,
        "csr_low": csr.low,
        "csr_high": csr.high,
        "dense_ms": dense.median,
        "dense_low": dense.low,
        "dense_high": dense.high,
        "ratio": dense.median / csr.median,
        "runs": min(csr.runs, dense.runs),
    }
