"""What worker processes do: one run, with the methods of the process that called `compare_methods`."""

import contextlib
import os
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from ..utils.machine import this_machine
from .attempt import Attempt, Method, attempt
from .orphans import STORING, remove_at_the_end
from .packed import opened
from .store import RunStore

LIBRARIES = ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB", "NUMEXPR")


@dataclass(frozen=True)
class Task:
    """One run for a worker.

    Attributes:
        method: The name of the method.
        sparsity: The sparsity.
        seed: The seed.
        measure: The name of the number that counts.
        threads: How many threads TensorFlow and NumPy may use.
        key: The key of the run in the store.
        settings: What the key was made from.
        place: Where the store is; None if there is none.
    """

    method: str
    sparsity: float
    seed: int
    measure: str
    threads: int
    key: str
    settings: str
    place: "Place | None"


@dataclass(frozen=True)
class Place:
    """A file on one machine. Over a network, where locks cannot be trusted, SQLite files are not written."""

    path: Path
    machine: str
    device: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> "Place":
        """Return the place of a file that exists."""
        found = path.stat()
        return cls(path, this_machine(), found.st_dev, found.st_ino)

    def is_here(self) -> bool:
        """Return whether this process, on whatever machine, reaches the file on its own disks."""
        try:
            return this_machine() == self.machine and Place.of(self.path) == self
        except OSError:
            return False


def do(methods: str, task: Task) -> Attempt:
    """Do one run. It is stored from here if the store is on this machine, else by the caller.

    Args:
        methods: Where they are: the path of a file, or ``dask:`` and the name of a plugin that has them.
        task: The run.
    """
    use_threads(task.threads)
    outcome, error = attempt(_opened(methods)[task.method], task.sparsity, task.seed, task.measure)
    if error is not None:
        outcome = replace(outcome, details="".join(traceback.format_exception(error)))
    if task.place is None or not task.place.is_here():
        return outcome
    with STORING, contextlib.suppress(OSError, ValueError):  # the caller stores it, or says why it cannot
        return stored(RunStore(task.place.path), task.key, task.settings, outcome)
    return outcome


def stored(store: RunStore, key: str, settings: str, outcome: Attempt) -> Attempt:
    """Store what a run gave; return what is then stored, which may be what another process stored first."""
    if outcome.result is None:
        store.keep_failure(key, settings, outcome.failure or "", outcome.seconds)
        return replace(outcome, stored=True)
    result, seconds = store.keep(key, settings, outcome.result, outcome.seconds)
    return replace(outcome, result=result, seconds=seconds, stored=True)


@lru_cache(maxsize=1)
def _opened(methods: str) -> Mapping[str, Method]:
    """Return the methods, built once in each worker: they may hold models and data."""
    if methods.startswith(DASK):
        from distributed import get_worker

        content = get_worker().plugins[methods.removeprefix(DASK)].content
    else:
        remove_at_the_end(Path(methods))
        content = Path(methods).read_bytes()
    return opened(content)


DASK = "dask:"


@cache
def use_threads(count: int) -> None:
    """Set how many threads this process uses, unless TensorFlow runs in it already."""
    from threadpoolctl import threadpool_limits

    os.environ.update(thread_variables(count))
    threadpool_limits(count)


def thread_variables(count: int) -> dict[str, str]:
    """Return the environment that libraries read when they are loaded."""
    names = [f"{library}_NUM_THREADS" for library in LIBRARIES]
    names += ["TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"]
    return dict.fromkeys(names, str(count))
