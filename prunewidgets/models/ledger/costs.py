"""Costs: what a model takes in weights, bytes, work, memory and time; counted or measured, side by side."""

import tempfile
import warnings
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from ...ledger import ledger
from ..formats.compact_files import save_compact
from ..formats.frozen import values_of
from ..formats.tflite import to_tflite
from ..forward import Structure
from ..positions import positions
from ..weights import is_prunable, named_variables
from .latency import Models, by_name, latency, masks_of
from .memory import peak_memory
from .runners import RUNNERS, checked_batches, checked_runners


def costs(
    models: Models,
    x: Structure | None = None,
    masks: Mapping | None = None,
    batches: Iterable[int] = (1, 32),
    runners: Iterable[str] = RUNNERS,
    seconds: float = 1.0,
) -> pd.DataFrame:
    """Lay models side by side: what each costs. ``costs(...).T`` reads like a ledger.

    Everything is of the whole model, biases and normalisation included; only ``sparsity`` is of the prunable
    weights. Multiply-adds are those of the prunable weights for one example. No model is changed.

    Ctrl-C while it times keeps what is finished, warns, and sets ``frame.attrs["complete"]`` to False.

    Args:
        models: A built Keras 3 model, or several: {name: model}.
        x: Inputs to measure with, at least one; random numbers if None.
        masks: Laid over the weights; of several models {name of the model: masks}.
        batches: Examples at a time. () only counts: no file is written and nothing is timed.
        runners: What to time, see ``latency``.
        seconds: To time each for.

    Returns:
        One row per model: parameters, nonzeros, prunable, sparsity (zeros ÷ prunable), dense_bytes,
        bitmask_bytes, index_coded_bytes, gzip_bytes (see ``ledger``), multiply_adds and
        nonzero_multiply_adds (NaN with a warning if they cannot be counted); compact_bytes, tflite_bytes and
        tflite_sparse_bytes (of files, every weight exact; NaN where a model cannot be written so),
        peak_memory_bytes (see ``peak_memory``, at the largest batch); then for each runner and batch
        ``keras_1_ms`` (median), ``keras_1_low``, ``keras_1_high`` (quartiles). ``attrs["threads"]``:
        {runner: threads}.

    Raises:
        TypeError: Not a Keras 3 model.
        ValueError: Not built, masks that do not fit, an unknown runner, a batch below 1.
    """
    batches, runners, named = checked_batches(batches), checked_runners(runners), by_name(models)
    laid = {name: masks_of(masks, models, name) for name in named}
    rows = {name: _counted(name, model, laid[name]) for name, model in named.items()}
    if not batches:
        return pd.DataFrame.from_dict(rows, orient="index")
    for name, model in named.items():
        rows[name] |= _files(model, laid[name], x)
    taken = {name: model for name, model in named.items() if not np.isnan(rows[name]["tflite_bytes"])}
    memory = _memory(taken, max(batches), x, laid)
    times = latency(named, x, masks, batches, runners, seconds)
    for name, row in rows.items():
        row["peak_memory_bytes"] = memory.get(name, np.nan)
        for time in times[times.model == name].itertuples():
            case = f"{time.runner}_{time.batch}"
            row |= {f"{case}_ms": time.median_ms, f"{case}_low": time.low_ms, f"{case}_high": time.high_ms}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.attrs["complete"] = times.attrs["complete"]
    frame.attrs["threads"] = {r: int(t) for r, t in zip(times.runner, times.threads, strict=True)}
    return frame


def _counted(name: str, model: keras.Model, masks: Mapping[str, np.ndarray] | None) -> dict[str, Any]:
    """What the weights cost, in memory and written down, and the work they do."""
    arrays, variables = _arrays(model, masks), named_variables(model)
    floats = {n: a for n, a in arrays.items() if keras.backend.is_float_dtype(variables[n].dtype)}
    prunable = {n: variables[n] for n in floats if is_prunable(variables[n])}
    counts = ledger(floats)
    size = sum(floats[n].size for n in prunable)
    zeros = size - sum(int(np.count_nonzero(floats[n])) for n in prunable)
    try:
        uses = positions(model, prunable)
        work = {n: uses[n] * floats[n].size for n in prunable}
        done = {n: uses[n] * int(np.count_nonzero(floats[n])) for n in prunable}
    except ValueError as error:
        warnings.warn(f"{name}: multiply-adds are not counted. {error}", stacklevel=3)
        work = done = {"": np.nan}
    return {
        "parameters": counts["parameters"],
        "nonzeros": counts["nonzeros"],
        "prunable": size,
        "sparsity": zeros / size if size else 0.0,
        **{what: count for what, count in counts.items() if what.endswith("bytes")},
        "multiply_adds": sum(work.values()),
        "nonzero_multiply_adds": sum(done.values()),
    }


def _files(
    model: keras.Model, masks: Mapping[str, np.ndarray] | None, x: Structure | None
) -> dict[str, float]:
    """Sizes of files, each really made; NaN where the model cannot be written so."""
    sizes: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, suppress(ValueError):
        sizes["compact_bytes"] = save_compact(model, Path(folder, "it.pwc"), stored=_arrays(model, masks))
    for what, optimize in (("tflite_bytes", None), ("tflite_sparse_bytes", "sparse")):
        with suppress(ValueError):
            sizes[what] = len(to_tflite(model, optimize, examples=x, masks=masks))
    return {
        what: sizes.get(what, np.nan) for what in ("compact_bytes", "tflite_bytes", "tflite_sparse_bytes")
    }


def _memory(
    models: Mapping[str, keras.Model], batch: int, x: Structure | None, masks: Mapping[str, Mapping | None]
) -> dict[str, int]:
    try:
        return peak_memory(models, batch, x, masks)
    except (ValueError, RuntimeError) as error:
        warnings.warn(f"Peak memory is not measured. {error}", stacklevel=3)
        return {}


def _arrays(model: keras.Model, masks: Mapping[str, np.ndarray] | None) -> dict[str, np.ndarray]:
    """Every variable by name, as it would be under masks."""
    values = {id(v): np.asarray(t) for v, t in zip(model.variables, values_of(model, masks), strict=True)}
    return {name: values[id(variable)] for name, variable in named_variables(model).items()}
