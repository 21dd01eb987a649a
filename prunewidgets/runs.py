"""Runs of several methods over sparsities and seeds, kept in a file, so that none is done twice."""

import functools
import hashlib
import inspect
import json
import math
import numbers
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .thresholds import checked_sparsity

if TYPE_CHECKING:
    import pandas as pd

Method = Callable[..., Any]
"""``method(sparsity=…, seed=…)`` trains or prunes; returns an accuracy, or a dict with "accuracy" in it."""

COLUMNS = ("method", "sparsity", "seed", "accuracy", "seconds")

_TABLE = (
    "CREATE TABLE IF NOT EXISTS runs (key TEXT PRIMARY KEY, settings TEXT NOT NULL, result TEXT NOT NULL, "
    "seconds REAL NOT NULL, date TEXT NOT NULL)"
)


def compare(
    methods: Mapping[str, Method],
    sparsities: Iterable[float],
    seeds: Iterable[int] = (0, 1, 2),
    store: str | Path | None = None,
) -> "pd.DataFrame":
    """Run every method at every sparsity from every seed.

        frame = pw.compare({"fine-tuned": fine_tuned, "gradual": gradual}, [0.8, 0.9], store="runs.sqlite")
        pw.summary(frame)

    With a store, each run is written down as it ends, under a key made of its settings: the name of the
    method, its source text (what it calls is not looked into), the arguments fixed by `functools.partial`,
    sparsity and seed. A run that is there is read and not done again; so after an interrupt or a killed
    process the same call does only what is missing. Ctrl-C keeps the finished rows, warns, and sets
    ``frame.attrs["complete"]`` to False.

    Args:
        methods: {name: function}, called as ``function(sparsity=…, seed=…)``. Returns the accuracy, or a
            dict of numbers and strings with "accuracy" among them, which become columns.
        sparsities: from 0 to 1 each.
        seeds: integers.
        store: an SQLite file, made if it is not there; None keeps nothing.

    Returns:
        One row per run: method, sparsity, seed, accuracy, seconds, and what else the methods returned.

    Raises:
        ValueError: nothing to run, a sparsity outside 0 to 1, a method that returned no finite accuracy, a
            store that is no file of runs.
        RuntimeError: a method failed; it says at which sparsity and seed. Finished runs stay in the store.
    """
    import pandas as pd
    from tqdm.auto import tqdm

    levels = [checked_sparsity(level) for level in sparsities]
    planned = [(name, level, int(seed)) for level in levels for seed in list(seeds) for name in methods]
    if not planned:
        raise ValueError("there is nothing to run: give at least one method, one sparsity and one seed.")
    rows: list[dict[str, Any]] = []
    complete = True
    with closing(_open(store)) as database:
        try:
            for name, level, seed in tqdm(planned, unit="run", delay=2, leave=False):
                rows.append(_run(database, name, methods[name], level, seed))
        except KeyboardInterrupt:
            complete = False
            warnings.warn(
                f"Interrupted: {len(rows)} of {len(planned)} runs are finished and kept.", stacklevel=2
            )
    frame = pd.DataFrame(rows, columns=list(dict.fromkeys([*COLUMNS, *(key for row in rows for key in row)])))
    frame.attrs["complete"] = complete
    return frame


def summary(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return mean, standard deviation and number of runs of each method at each sparsity.

    Args:
        frame: from `compare`; or frames of several seeds from `accuracy_curve`, put together with
            `pandas.concat`: there the criteria are the methods.

    Returns:
        One row each: method (or criterion), sparsity, mean, sd (of a sample; NaN for one run), n (runs).

    Raises:
        ValueError: the frame has no column of methods, sparsities or accuracies.
    """
    kind = next((name for name in ("method", "criterion") if name in frame), None)
    missing = [name for name in ("sparsity", "accuracy") if name not in frame]
    if kind is None or missing:
        raise ValueError(
            f"the frame has the columns {', '.join(map(str, frame.columns))}; needed are method (or "
            "criterion), sparsity and accuracy, as pw.compare returns them."
        )
    groups = frame.groupby([kind, "sparsity"], sort=False)["accuracy"]
    return groups.agg(mean="mean", sd="std", n="count").reset_index()


def _run(
    database: sqlite3.Connection, name: str, method: Method, sparsity: float, seed: int
) -> dict[str, Any]:
    """One row, from the store or from running the method."""
    settings = {"method": name, "sparsity": sparsity, "seed": seed, "code": _code(method)}
    text = json.dumps(settings, sort_keys=True)
    key = hashlib.sha256(text.encode()).hexdigest()
    found = database.execute("SELECT result, seconds FROM runs WHERE key = ?", (key,)).fetchone()
    if found is None:
        start = time.perf_counter()
        try:
            returned = method(sparsity=sparsity, seed=seed)
        except Exception as error:
            raise RuntimeError(
                f"{name!r} failed at sparsity {sparsity:g} and seed {seed} ({type(error).__name__}: {error})."
            ) from error
        found = json.dumps(_result(returned, name, sparsity, seed)), time.perf_counter() - start
        with database:  # a transaction: all of the row or nothing
            database.execute(
                "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?)",
                (key, text, *found, datetime.now().astimezone().isoformat(timespec="seconds")),
            )
    return {"method": name, "sparsity": sparsity, "seed": seed, **json.loads(found[0]), "seconds": found[1]}


def _result(returned: Any, name: str, sparsity: float, seed: int) -> dict[str, Any]:
    """What a method returned, as a dict that JSON holds."""
    result = dict(returned) if isinstance(returned, Mapping) else {"accuracy": returned}
    where = f"{name!r} at sparsity {sparsity:g} and seed {seed}"
    accuracy = result.get("accuracy")
    if not isinstance(accuracy, numbers.Real) or not math.isfinite(accuracy):
        raise ValueError(f"{where} returned {accuracy!r} as accuracy; it has to be a finite number.")
    taken = [column for column in ("method", "sparsity", "seed", "seconds") if column in result]
    if taken:
        raise ValueError(f"{where} returned {', '.join(taken)}, which the frame has already; rename it.")
    odd = [key for key, value in result.items() if not isinstance(value, numbers.Real | str)]
    if odd:
        raise ValueError(f"{where} returned {odd[0]!r}, which is neither a number nor a string.")
    # Numbers of NumPy are not JSON's.
    return {key: value if isinstance(value, str | int) else float(value) for key, value in result.items()}


def _code(method: Method) -> Any:
    """What makes a method itself: its source, and what is fixed beforehand."""
    if isinstance(method, functools.partial):
        named = [f"{key}={value!r}" for key, value in sorted(method.keywords.items())]
        return [_code(method.func), [*map(repr, method.args), *named]]
    try:
        return inspect.getsource(method)
    except (OSError, TypeError):  # typed at a prompt, or an object that can be called
        code = getattr(method, "__code__", None)
        return repr(method) if code is None else [code.co_code.hex(), repr(code.co_consts + code.co_names)]


def _open(store: str | Path | None) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:" if store is None else store, timeout=60)
    try:
        with database:
            database.execute(_TABLE)
            database.execute("SELECT key, settings, result, seconds, date FROM runs LIMIT 1")
    except sqlite3.DatabaseError as error:
        database.close()
        raise ValueError(
            f"{str(store)!r} is not a file of runs ({error}); name another one, it will be made."
        ) from error
    return database
