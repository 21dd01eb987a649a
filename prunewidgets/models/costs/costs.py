"""Compare what models cost in weights, bytes, multiply-adds, memory and time, counted or measured."""

import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from ...core.ledger import ledger
from ...utils.progress_bar import progress
from ..compression.quantized import stored_variables
from ..data.arrays import Structure
from ..formats.compact_files import save_compact
from ..formats.tflite import to_tflite
from ..layers.batch_states import fixed_batch, recurrent_states
from ..layers.positions import positions
from ..layers.quantized import are_quantized, quantized_layers
from ..layers.weights import is_prunable, named_variables
from ..live.frozen import values_of
from ..plain_error import plain_error
from .latency import Models, SomeMasks, by_name, latency, masks_of
from .memory import measured_memory
from .runners import RUNNERS, checked_batches, checked_runners

Reasons = dict[str, dict[str, str]]
"""{name of a model: {cell: why there is no number}}."""

_INTERRUPTED = "the timing was interrupted"


def costs(
    models: Models,
    x: Structure | None = None,
    masks: SomeMasks = None,
    batches: Iterable[int] = (1, 32),
    runners: Iterable[str] = RUNNERS,
    seconds: float = 1.0,
) -> pd.DataFrame:
    """Compare the costs of models side by side; ``costs(...).T`` shows one column for each model.

    Counts and sizes are for the whole model, including biases and normalisation; only ``sparsity`` is for the
    prunable weights. Multiply-adds are those of the prunable weights for one example; for a layer with
    adapters (LoRA), those of the kernel with the adapters added to it. No model is changed.

    Ctrl-C during the timing keeps the finished rounds, warns, and sets ``frame.attrs["complete"]`` to False.

    Args:
        models: A built Keras 3 model, or several: {name: model}.
        x: Inputs to measure with, at least one. Defaults to None, random numbers.
        masks: Masks to apply to the weights; for several models {name of the model: masks}.
        batches: Batch sizes. With () only counts are returned: no file is written and nothing is timed.
            Defaults to (1, 32).
        runners: What to time, see ``latency``.
        seconds: Time in seconds for each runner and batch size. Defaults to 1.

    Returns:
        One row per model: parameters, nonzeros, prunable, sparsity (zeros ÷ prunable), dense_bytes,
        bitmask_bytes, index_coded_bytes, gzip_bytes (see ``ledger``), multiply_adds and
        nonzero_multiply_adds; compact_bytes, tflite_bytes and tflite_sparse_bytes (file sizes, every weight
        exact), peak_memory_bytes (see ``peak_memory``, at the largest batch); then for each runner and batch
        ``keras_1_ms`` (median), ``keras_1_low``, ``keras_1_high`` (quartiles). If a number is missing (NaN),
        a last column ``missing`` says which and why. ``attrs["threads"]``: {runner: threads}.

    Raises:
        TypeError: Not a Keras 3 model.
        ValueError: Not built, masks that do not fit, an unknown runner, a batch below 1.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> masks = pw.Masks.from_sparsity(pw.score(pw.LiveModel(model).weights), 0.9)
        >>> frame = pw.costs({"pruned": model}, masks={"pruned": masks}, batches=())  # nothing is timed
        >>> frame[["parameters", "nonzeros", "sparsity", "multiply_adds", "nonzero_multiply_adds"]].T
                                 pruned
        parameters             266610.0
        nonzeros                26620.0
        sparsity                    0.9
        multiply_adds          266200.0
        nonzero_multiply_adds   26620.0
    """
    batches, runners, named = checked_batches(batches), checked_runners(runners), by_name(models)
    laid = {name: masks_of(masks, models, name) for name in named}
    reasons: Reasons = {name: {} for name in named}
    rows = {name: _counted(model, laid[name], reasons[name]) for name, model in named.items()}
    for name, why in reasons.items():
        if "multiply_adds" in why:
            warnings.warn(f"{name}: multiply-adds are not counted: {why['multiply_adds']}", stacklevel=2)
    if not batches:
        return _frame(rows, reasons)
    for name, model in progress(named.items(), "model"):
        rows[name] |= _files(model, laid[name], x, reasons[name])
    reasons_of_odd = _other_batches(named, batches)
    taken = {name: model for name, model in named.items() if name not in reasons_of_odd}
    for name, reason in reasons_of_odd.items():
        reasons[name]["peak_memory_bytes"] = reason
    memory = _memory(taken, max(batches), x, laid, reasons)
    times = latency(taken, x, {name: laid[name] for name in taken}, batches, runners, seconds)
    for name, row in rows.items():
        row["peak_memory_bytes"] = memory.get(name, np.nan)
        cases = [f"{runner}_{batch}" for runner in runners for batch in batches]
        row |= {f"{case}_{what}": np.nan for case in cases for what in ("ms", "low", "high")}
        for time in times[times.model == name].itertuples():
            case = f"{time.runner}_{time.batch}"
            row |= {f"{case}_ms": time.median_ms, f"{case}_low": time.low_ms, f"{case}_high": time.high_ms}
        for runner in runners:
            reason = reasons_of_odd.get(name) or times.attrs["missing"].get((name, runner), _INTERRUPTED)
            reasons[name] |= {f"{runner}_{batch}_ms": reason for batch in batches}
    frame = _frame(rows, reasons)
    frame.attrs["complete"] = times.attrs["complete"]
    frame.attrs["threads"] = {r: int(t) for r, t in zip(times.runner, times.threads, strict=True)}
    return frame


def _other_batches(models: Mapping[str, keras.Model], batches: list[int]) -> dict[str, str]:
    """Return {name: why} of models that keep state between batches and so need a fixed batch size."""
    sizes = {name: fixed_batch(model) for name, model in models.items() if recurrent_states(model)}
    return {
        name: f"it is built for {size} examples at a time (batches=[{size}])"
        for name, size in sizes.items()
        if size is not None and set(batches) != {size}
    }


def _frame(rows: dict[str, dict[str, Any]], reasons: Reasons) -> pd.DataFrame:
    """Return the table, with a column for reasons if a number is missing."""
    frame = pd.DataFrame.from_dict(rows, orient="index")
    said = {}
    for name, row in frame.iterrows():
        cells: dict[str, list[str]] = {}  # reason -> the missing cells
        for cell in row.index[row.isna()]:
            if not cell.endswith(("_low", "_high")):
                cells.setdefault(reasons[name].get(cell, "not measured"), []).append(cell)
        said[name] = " | ".join(f"{', '.join(names)}: {why}" for why, names in cells.items())
    return frame.assign(missing=pd.Series(said)) if any(said.values()) else frame


def _counted(
    model: keras.Model, masks: Mapping[str, np.ndarray] | None, reasons: dict[str, str]
) -> dict[str, Any]:
    """Count weights, bytes and multiply-adds; add a reason for each number that cannot be counted."""
    arrays, variables = _arrays(model, masks), named_variables(model)
    floats = {n: a for n, a in arrays.items() if keras.backend.is_float_dtype(variables[n].dtype)}
    prunable = {n: variables[n] for n in floats if is_prunable(variables[n])}
    counts = ledger(floats)
    size = sum(floats[n].size for n in prunable)
    zeros = size - sum(int(np.count_nonzero(floats[n])) for n in prunable)
    row = {
        "parameters": counts["parameters"],
        "nonzeros": counts["nonzeros"],
        "prunable": size,
        "sparsity": zeros / size if size else 0.0,
        **{what: count for what, count in counts.items() if what.endswith("bytes")},
        "multiply_adds": np.nan,
        "nonzero_multiply_adds": np.nan,
    }
    if quantized := quantized_layers(model, floats=True):
        why = f"{are_quantized(quantized)}, and only float weights are counted"
        reasons |= dict.fromkeys(row, why)
        return dict.fromkeys(row, np.nan)
    try:
        uses = positions(model, prunable)
    except ValueError as error:
        reasons |= dict.fromkeys(("multiply_adds", "nonzero_multiply_adds"), plain_error(error))
        return row
    row["multiply_adds"] = sum(uses[n] * floats[n].size for n in prunable)
    row["nonzero_multiply_adds"] = sum(uses[n] * int(np.count_nonzero(floats[n])) for n in prunable)
    return row


def _files(
    model: keras.Model,
    masks: Mapping[str, np.ndarray] | None,
    x: Structure | None,
    reasons: dict[str, str],
) -> dict[str, float]:
    """Write each file and return its size in bytes; NaN with a reason if the model cannot be written so."""
    arrays = _arrays(model, masks)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "it.pwc")
        writers: dict[str, Callable[[], int]] = {
            "compact_bytes": lambda: save_compact(
                model, path, stored={n: arrays[n] for n in stored_variables(model)}
            ),
            "tflite_bytes": lambda: len(to_tflite(model, None, examples=x, masks=masks)),
            "tflite_sparse_bytes": lambda: len(to_tflite(model, "sparse", examples=x, masks=masks)),
        }
        sizes: dict[str, float] = {}
        for what, write in writers.items():
            try:
                sizes[what] = write()
            except ValueError as error:
                sizes[what], reasons[what] = np.nan, plain_error(error)
    return sizes


def _memory(
    models: Mapping[str, keras.Model],
    batch: int,
    x: Structure | None,
    masks: Mapping[str, Mapping[str, np.ndarray] | None],
    reasons: Reasons,
) -> dict[str, int]:
    """Measure peak memory of the models that have a TFLite file; if one fails, measure the others alone."""
    for why in reasons.values():
        if "tflite_bytes" in why:
            why["peak_memory_bytes"] = "it is measured with the TFLite file, which cannot be written"
    taken = {name: model for name, model in models.items() if "peak_memory_bytes" not in reasons[name]}
    try:
        found = measured_memory(taken, x, masks, batch) if taken else {}
        reasons_of_rest = {name: "this system does not report it (only Linux does)" for name in taken}
    except (ValueError, RuntimeError) as error:
        if len(taken) > 1:
            found = {}
            for name, model in taken.items():
                found |= _memory({name: model}, batch, x, masks, reasons)
            return found
        found, reasons_of_rest = {}, dict.fromkeys(taken, plain_error(error))
        warnings.warn(f"{next(iter(taken))}: peak memory is not measured. {error}", stacklevel=3)
    for name in taken.keys() - found.keys():
        reasons[name]["peak_memory_bytes"] = reasons_of_rest[name]
    return found


def _arrays(model: keras.Model, masks: Mapping[str, np.ndarray] | None) -> dict[str, np.ndarray]:
    """Return every variable by name, with the masks applied."""
    values = {id(v): np.asarray(t) for v, t in zip(model.variables, values_of(model, masks), strict=True)}
    return {name: values[id(variable)] for name, variable in named_variables(model).items()}
