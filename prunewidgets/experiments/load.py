"""Read the runs that a store has."""

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .measures import direction_of
from .store import RunStore

if TYPE_CHECKING:
    import pandas as pd

FIRST = ("method", "sparsity", "seed")


def load_runs(store: str | os.PathLike[str]) -> "pd.DataFrame":
    """Return all runs of a store, the earliest first; those that failed come last, with their error.

    The file may be in use: runs that finish later are not in the frame.

    Args:
        store: the SQLite file that `compare_methods` was given.

    Returns:
        One row per run: method, sparsity, seed, everything that the methods returned, seconds, date (UTC,
        when it was stored), code (8 digits, the same for runs of the same code and data) and, if a run
        failed, failure. ``attrs``: measure and direction, if all runs have the same measure.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a file of runs, or is damaged.
        OSError: it cannot be read.

    Example:
        >>> def method(sparsity, seed):
        ...     return 0.98 - 0.1 * sparsity + 0.01 * seed  # in place of a training
        >>> frame = pw.compare_methods({"straight": method}, [0.5, 0.9], seeds=[0], store="runs.sqlite")
        >>> pw.load_runs("runs.sqlite")[["method", "sparsity", "seed", "accuracy"]].round(3)
             method  sparsity  seed  accuracy
        0  straight       0.5     0      0.93
        1  straight       0.9     0      0.89
    """
    import pandas as pd

    path = Path(store).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f"there is no file of runs {str(path)!r}.")
    rows: list[dict[str, Any]] = []
    codes: dict[str, str] = {}
    for settings, result, seconds, date, failure in RunStore(path).rows():
        named, code = _named(settings)
        if code not in codes:
            codes[code] = hashlib.sha256(code.encode()).hexdigest()[:8]
        named = {name: named.get(name) for name in FIRST} | {"measure": named.get("measure", "accuracy")}
        given = result if result is not None else {"failure": failure}
        rows.append(named | given | {"seconds": seconds, "date": date, "code": codes[code]})
    measures = dict.fromkeys(row.pop("measure") for row in rows)
    first = [*FIRST, *measures, "seconds", "date", "code"]
    frame = pd.DataFrame(rows, columns=list(dict.fromkeys([*first, *(key for row in rows for key in row)])))
    frame["date"] = pd.to_datetime(frame["date"], utc=True)
    if len(measures) == 1:
        (measure,) = measures
        frame.attrs["measure"] = measure
        with contextlib.suppress(ValueError):  # its name does not say, and nobody is asked here
            frame.attrs["direction"] = direction_of(measure)
    return frame


def _named(settings: str) -> tuple[dict[str, Any], str]:
    """Return what the settings of a run say in words and numbers, and the rest, which describes the code.

    The keys are sorted, "code" being the first, and quotes in text are escaped. So the code, which may be
    long, need not be parsed.
    """
    for key in (',"measure":', ',"method":'):
        place = settings.rfind(key)
        if place >= 0:
            break
    else:
        return json.loads(settings), ""
    return json.loads("{" + settings[place + 1 :]), settings[:place]
