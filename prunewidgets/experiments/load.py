"""Read the runs that a store has."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable
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
    rows = list(RunStore(path).rows())
    split = [_split(settings) for settings, *_ in rows]
    named, results = _all_json(tail for _, tail in split), _all_json(result for _, result, *_ in rows)
    digests = {code: hashlib.sha256(code.encode()).hexdigest()[:8] for code in {code for code, _ in split}}
    measures = list(dict.fromkeys(one.get("measure", "accuracy") for one in named))
    frame = pd.DataFrame({name: [one.get(name) for one in named] for name in FIRST})
    given = dict.fromkeys([*measures, *(key for result in results for key in result)])
    for name in given:
        frame[name] = [result.get(name) for result in results]
    frame["seconds"] = [row[2] for row in rows]
    frame["date"] = pd.to_datetime([row[3] for row in rows], utc=True)
    frame["code"] = [digests[code] for code, _ in split]
    if any(failures := [row[4] for row in rows]):
        frame["failure"] = failures
    if len(measures) == 1:
        (measure,) = measures
        frame.attrs["measure"] = measure
        with contextlib.suppress(ValueError):  # its name does not say, and nobody is asked here
            frame.attrs["direction"] = direction_of(measure)
    return frame


def _split(settings: str) -> tuple[str, str]:
    """Split the settings of a run into what describes the code, and the rest, which is short.

    The keys are sorted, "code" being the first, and quotes in text are escaped. So the code, which may be
    long, need not be parsed.
    """
    place = settings.rfind(',"method":')
    measure = settings.rfind(',"measure":', 0, place)
    if measure >= 0 and settings.find("}", measure, place) < 0:  # not something inside the code
        place = measure
    return settings[:place], "{" + settings[place + 1 :]


def _all_json(texts: Iterable[str]) -> list[dict[str, Any]]:
    """Return many objects, parsed in one go, which is faster."""
    parsed: list[dict[str, Any]] = json.loads(f"[{','.join(texts)}]")
    return parsed
