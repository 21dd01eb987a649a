"""Runs of several methods over sparsities and seeds, stored in a file so that no run is repeated."""

import math
import numbers
import operator
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..core.thresholds import checked_levels
from ..utils.interrupts import defer_interrupts
from ..utils.progress_bar import progress
from .settings import key_of, method_settings, settings_of
from .store import Run, RunStore

if TYPE_CHECKING:
    import pandas as pd

Method = Callable[[float, int], Any]
"""``method(sparsity, seed)`` trains or prunes and returns an accuracy, or a dict that has "accuracy"."""

_ONE_RUN = threading.RLock()
"""Held while a method runs, because ``keras.utils.set_random_seed`` etc. seed all threads of a process."""

COLUMNS = ("method", "sparsity", "seed", "accuracy", "seconds")


def compare_methods(
    methods: Mapping[str, Method],
    sparsities: Iterable[float] | float,
    seeds: Iterable[int] = (0, 1, 2),
    store: str | os.PathLike[str] | None = None,
) -> "pd.DataFrame":
    """Run every method at every sparsity with every seed.

    With a store, each run is saved as it ends, under a key made from everything that determines it: name and
    code of the method, sparsity and seed, and everything the code reads: arguments of `functools.partial`,
    defaults, enclosing variables, globals, functions and classes of the notebook and what those read, arrays
    and Keras models by their values, installed packages by their version. A stored run is read and not
    repeated, in a worker process too; so after an interrupt or a killed process, the same call runs only what
    is missing. Not part of the key: files that a method reads, random numbers of layers without a seed of
    their own, and a list, set or dict that the method only adds to. (Python 3.12 compiles the same source to
    other bytecode than 3.11, and so on, so with another version all runs are missing.)
    Ctrl-C keeps the finished rows, warns, and sets ``frame.attrs["complete"]`` to False.

    Calls in several workers of joblib or Dask with the same store, such as one for each seed, give the same
    rows as one call. Seeds are global to a process, so in threads only one method runs at a time; processes
    run in parallel.

    Args:
        methods: {name: function}, called as ``function(sparsity, seed)``. Each returns the accuracy, 0 to 1,
            or a dict of numbers and strings that has "accuracy"; its entries become columns.
        sparsities: each from 0 to 1; a single number stands for a list of one.
        seeds: a list of integers. Defaults to 0, 1 and 2.
        store: an SQLite file, created if it does not exist. Defaults to None, which stores nothing.

    Returns:
        One row per run: method, sparsity, seed, accuracy, seconds, and everything else that the methods
        returned; for an `Accuracy` also low and high (95 % interval) and n.

    Raises:
        ValueError: there is nothing to run, a sparsity is outside 0 to 1, a method returned no accuracy, or
            the store is not a file of runs.
        TypeError: methods is not a dict, or seeds is not a list of integers; with a store, a method reads
            something that cannot be described, such as a lock or a dataset.
        RuntimeError: a method failed; the message says at which sparsity and seed.
        OSError: the store cannot be read or written. Once runs have begun, the error has the finished rows in
            ``frame``; so do the errors for a method that failed or returned an invalid result.

    Example:
        >>> from functools import partial
        >>> model = pw.models.pretrained("lenet_300_100")
        >>> _, (x, y) = pw.datasets.mnist()
        >>> def prune(criterion, sparsity, seed):
        ...     live = pw.LiveModel(model)
        ...     scores = pw.score(live.weights, criterion, seed)
        ...     return live.evaluate(x, y, pw.Masks.from_sparsity(scores, sparsity))
        >>> methods = {"magnitude": partial(prune, "magnitude"), "random": partial(prune, "random")}
        >>> frame = pw.compare_methods(methods, [0.5], seeds=[0, 1], store="runs.sqlite")
        >>> frame[["method", "sparsity", "seed", "accuracy"]].round(2)
              method  sparsity  seed  accuracy
        0  magnitude       0.5     0      0.98
        1     random       0.5     0      0.82
        2  magnitude       0.5     1      0.98
        3     random       0.5     1      0.72
    """
    if not isinstance(methods, Mapping):
        raise TypeError(f"methods must be a dict {{name: function}}, not {type(methods).__name__}.")
    levels = list(dict.fromkeys(checked_levels(sparsities)))
    seed_list = list(dict.fromkeys(_checked_seeds(seeds)))
    planned = [(name, level, seed) for level in levels for seed in seed_list for name in methods]
    if not planned:
        raise ValueError("there is nothing to run: give at least one method, one sparsity and one seed.")
    run_store = None if store is None else RunStore(store)
    # Once, not before each run, because the source may be edited in the meantime.
    common = {} if run_store is None else {name: method_settings(name, methods[name]) for name in methods}
    rows: list[dict[str, Any]] = []
    with defer_interrupts() as interrupts:  # except in methods, so that no finished row is lost
        try:
            for name, level, seed in progress(planned, "run"):
                settings = "" if run_store is None else settings_of(common[name], level, seed)
                run = None if run_store is None else run_store.find(key_of(settings))
                found = run is not None
                with interrupts.allowed():
                    run = run or _run(methods[name], name, level, seed)
                rows.append(_row(name, level, seed, run))  # before it is stored, which may fail
                if run_store is not None and not found:
                    rows[-1] = _row(name, level, seed, run_store.keep(key_of(settings), settings, *run))
        except KeyboardInterrupt:
            interrupts.asked = True
        except (RuntimeError, ValueError, OSError) as error:
            error.frame = _frame(rows, complete=False)  # type: ignore[union-attr]
            raise
        frame = _frame(rows, complete=len(rows) == len(planned))
        if interrupts.asked:
            warnings.warn(f"Interrupted: {len(rows)} of {len(planned)} runs are finished.", stacklevel=2)
        return frame


def summarize_runs(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return mean, standard deviation and number of runs of each method at each sparsity.

    Args:
        frame: from `compare_methods`; or frames of several seeds from `accuracy_curve`, combined with
            `pandas.concat`, where the criteria are the methods.

    Returns:
        One row for each method and sparsity: method (or criterion and scope), sparsity, mean, sd (sample
        standard deviation; NaN for one run), n (number of runs).

    Raises:
        TypeError: it is not a frame.
        ValueError: the frame is empty, or lacks the column of methods, sparsities or accuracies.

    Example:
        >>> def method(sparsity, seed):
        ...     return 0.98 - 0.1 * sparsity + 0.01 * seed  # in place of a training
        >>> frame = pw.compare_methods({"straight": method}, [0.5, 0.9], seeds=[0, 1, 2])
        >>> pw.summarize_runs(frame).round(3)
             method  sparsity  mean    sd  n
        0  straight       0.5  0.94  0.01  3
        1  straight       0.9  0.90  0.01  3
    """
    if not hasattr(frame, "groupby"):
        raise TypeError(f"frame has to be a DataFrame from pw.compare_methods, not {type(frame).__name__}.")
    kind = next((name for name in ("method", "criterion") if name in frame), None)
    missing = [name for name in ("sparsity", "accuracy") if name not in frame]
    if kind is None or missing:
        raise ValueError(
            f"the frame has the columns {', '.join(map(str, frame.columns))}; needed are method (or "
            "criterion), sparsity and accuracy, as pw.compare_methods returns them."
        )
    if frame.empty:
        raise ValueError("the frame has no rows; no run was finished.")
    kinds = [kind, "scope"] if kind == "criterion" and "scope" in frame else [kind]
    groups = frame.groupby([*kinds, "sparsity"], sort=False)["accuracy"]
    return groups.agg(mean="mean", sd="std", n="count").reset_index()


def _checked_seeds(seeds: Iterable[int]) -> list[int]:
    """Return the seeds as Python integers. A single number is refused: it may be meant as a count."""
    if not isinstance(seeds, Iterable):
        raise TypeError(f"seeds is {seeds!r:.60}; give a list of integers, such as [0, 1, 2].")
    checked = []
    for seed in seeds:
        try:
            checked.append(operator.index(seed))
        except TypeError:
            raise TypeError(
                f"seeds has {seed!r:.60}, which is not an integer; give integers such as [0, 1, 2]."
            ) from None
    return checked


def _run(method: Method, name: str, sparsity: float, seed: int) -> Run:
    """Run one method once; return its result as a dict for JSON, and the seconds it took."""
    where = f"{name!r} at sparsity {sparsity:g} and seed {seed}"
    with _ONE_RUN:
        start = time.perf_counter()
        try:
            returned = method(sparsity, seed)
        except Exception as error:
            raise RuntimeError(f"{where} failed ({type(error).__name__}: {error}).") from error
        seconds = time.perf_counter() - start
    result = dict(returned) if isinstance(returned, Mapping) else {"accuracy": returned}
    accuracy = result.get("accuracy")
    if not isinstance(accuracy, numbers.Real) or not 0 <= float(accuracy) <= 1:
        raise ValueError(f"{where} returned {accuracy!r} as accuracy; it has to be a number from 0 to 1.")
    taken = [column for column in ("method", "sparsity", "seed", "seconds") if column in result]
    if taken:
        raise ValueError(f"{where} returned {', '.join(taken)}, which the frame already has; rename it.")
    if hasattr(accuracy, "interval") and hasattr(accuracy, "n"):
        low, high = accuracy.interval
        result = {"low": low, "high": high, "n": accuracy.n} | result
    return {key: _plain(value, key, where) for key, value in result.items()}, seconds


def _row(name: str, sparsity: float, seed: int, run: Run) -> dict[str, Any]:
    result, seconds = run
    return {"method": name, "sparsity": sparsity, "seed": seed, **result, "seconds": seconds}


def _plain(value: Any, key: str, where: str) -> float | int | str:
    """Return a number or text as a type that JSON supports, which NumPy's types are not."""
    if isinstance(value, str):
        return value
    if not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise ValueError(f"{where} returned {value!r:.40} as {key!r}; give a finite number or text.")
    return int(value) if isinstance(value, numbers.Integral) else float(value)


def _frame(rows: list[dict[str, Any]], complete: bool) -> "pd.DataFrame":
    import pandas as pd

    columns = dict.fromkeys([*COLUMNS, *(key for row in rows for key in row)])
    frame = pd.DataFrame(rows, columns=list(columns))
    frame.attrs["complete"] = complete
    return frame
