"""Latency: the time for one batch with Keras, with TFLite, and for the dense layers' products alone."""

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from ...core.arrays import refuse_unknown
from ...utils.progress_bar import progress
from ..data.arrays import Structure
from ..layers.built import check_built
from ..plain_error import plain_error
from .products import one_thread
from .runners import RUNNERS, checked_batches, checked_runners, make_calls, no_products
from .timing import ROUNDS, Call, rounds, spread

COLUMNS = ["model", "runner", "batch", "threads", "median_ms", "low_ms", "high_ms", "runs"]

Models: TypeAlias = keras.Model | Mapping[str, keras.Model]
SomeMasks = Mapping[str, Any] | None
"""Masks of one model, or {name of a model: masks}."""
_Case = tuple[str, str, int]  # name of the model, runner, batch


def latency(
    models: Models,
    x: Structure | None = None,
    masks: SomeMasks = None,
    batches: Iterable[int] = (1, 32),
    runners: Iterable[str] = RUNNERS,
    seconds: float = 1.0,
    threads: int = 1,
) -> pd.DataFrame:
    """Time models in turns, after a warm-up, from NumPy arrays in to NumPy arrays out.

    Runners: "keras" is the compiled forward pass, with TensorFlow's threads. "tflite" is the interpreter on
    an exported model, with ``threads``. "dense" and "csr" are the products of the Dense layers alone, without
    biases and activations: "dense" multiplies all weights with NumPy, "csr" the nonzeros in SciPy's CSR
    format, with one thread each. The outputs of "tflite" are checked against Keras before it is timed, and
    those of "csr" against "dense".

    Ctrl-C keeps the finished rounds, warns, and sets ``frame.attrs["complete"]`` to False.

    Args:
        models: A built Keras 3 model, or several side by side: {name: model}. None is changed.
        x: Inputs, at least one; they are repeated to fill a batch. Defaults to None, random numbers.
        masks: Masks to apply to the weights; for several models {name of the model: masks}.
        batches: Batch sizes. Defaults to (1, 32).
        runners: Which runners to time. Defaults to all.
        seconds: Time in seconds for each runner and batch size. Defaults to 1.
        threads: Number of threads for TFLite. Defaults to 1.

    Returns:
        One row per model, runner and batch: model, runner, batch, threads, median_ms, low_ms, high_ms (the
        quartiles), runs (timed). Models without Dense layers have no rows for "dense" and "csr"; nor do
        models for which it is not known how often they use them, see ``positions``. A model that TFLite
        cannot express or run has no row for "tflite" but a warning, if there are other runners.
        ``attrs["missing"]`` says why: {(model, runner): reason}.

    Raises:
        ValueError: An unknown runner, a batch or threads below 1, inputs that do not fit.
        RuntimeError: A runner with the wrong outputs.

    Example:
        >>> models = {"small": pw.models.small_cnn(seed=0), "large": pw.models.lenet_5(seed=0)}
        >>> frame = pw.latency(models, batches=[1, 32], runners=["keras"], seconds=0.1)
        >>> frame[["model", "runner", "batch"]]
           model runner  batch
        0  small  keras      1
        1  small  keras     32
        2  large  keras      1
        3  large  keras     32
        >>> list(frame.columns[4:])
        ['median_ms', 'low_ms', 'high_ms', 'runs']
    """
    runners, batches = checked_runners(runners), checked_batches(batches)
    if threads < 1:
        raise ValueError(f"threads is {threads}; it has to be 1 or more.")
    calls: dict[_Case, Call] = {}
    missing: dict[tuple[str, str], str] = {}
    for name, model in by_name(models).items():
        laid = masks_of(masks, models, name)
        options = {"batches": batches, "x": x, "masks": laid, "threads": threads}
        made = _calls(name, model, runners, missing, **options)
        calls |= {(name, *case): call for case, call in made.items()}
    taken: dict[_Case, list[float]] = {}
    complete = True
    try:
        with one_thread():
            for latest in progress(rounds(calls, seconds), "round", 1 + ROUNDS):
                taken = latest
    except KeyboardInterrupt:
        complete = False
        warnings.warn("Interrupted: the rounds of timing that were finished are kept.", stacklevel=2)
    frame = pd.DataFrame(_rows(calls, taken, threads), columns=COLUMNS)
    frame.attrs["complete"], frame.attrs["missing"] = complete, missing
    return frame


def by_name(models: Models) -> dict[str, keras.Model]:
    """Return {name: model}; a single model gets its own name."""
    if isinstance(models, Mapping):
        return dict(models)
    check_built(models)
    return {models.name: models}


def masks_of(masks: SomeMasks, models: Models, name: str) -> Mapping[str, np.ndarray] | None:
    """Return the masks for one of the models."""
    if masks is None or not isinstance(models, Mapping):
        return masks
    refuse_unknown("masks", masks, models, "model")
    return masks.get(name)


def _calls(
    name: str, model: keras.Model, runners: list[str], missing: dict[tuple[str, str], str], **options: Any
) -> dict[tuple[str, int], Call]:
    """Call ``make_calls``, without TFLite if it fails on the model; record what is missing."""
    try:
        made = make_calls(model, runners=runners, **options)
    except ValueError as error:
        left = [runner for runner in runners if runner != "tflite"]
        if left in ([], runners):
            raise
        made = make_calls(model, runners=left, **options)  # or the same error again
        missing[name, "tflite"] = plain_error(error)
        warnings.warn(f"{name}: not timed by TFLite. {error}", stacklevel=3)
    for runner in {"dense", "csr"}.intersection(runners) - {runner for runner, _ in made}:
        missing[name, runner] = no_products(model)
    return made


def _rows(
    calls: Iterable[_Case], taken: Mapping[_Case, list[float]], threads: int
) -> Iterator[dict[str, Any]]:
    # TensorFlow returns 0 if it chooses the number itself, which is one for each processor.
    of_keras = tf.config.threading.get_intra_op_parallelism_threads() or os.cpu_count() or 1
    for name, runner, batch in calls:
        used = {"keras": of_keras, "tflite": threads}.get(runner, 1)
        timed = spread(taken.get((name, runner, batch), []))
        yield dict(zip(COLUMNS, [name, runner, batch, used, *timed], strict=True))
