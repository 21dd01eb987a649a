"""Worker processes for runs: those of this machine, by joblib's loky, or those of a Dask cluster."""

import contextlib
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from .attempt import Attempt
from .orphans import end_with
from .worker import DASK, Task, do, thread_variables

IDLE = 60
"""Seconds that idle worker processes of this machine, with TensorFlow loaded, wait for more work."""
_EXECUTORS: dict[tuple[int, int], Any] = {}
"""{(processes, threads of each): their executor}, so that a later call finds its workers warm. Not loky's own
reusable executor: that is the one of `joblib.Parallel`, which fails on one that it did not make itself."""
COUNT_AGAIN = 2.0
"""Seconds after which the workers of a cluster, which come and go, are counted again."""


class Pool(Protocol):
    """Where runs are done."""

    @property
    def at_once(self) -> int:
        """How many runs to hand over before the first is back."""

    def submit(self, task: Task) -> "Future[Attempt]":
        """Hand over a run."""

    def stop(self) -> None:
        """End what is running, as far as possible."""


class LocalPool:
    """Processes of this machine. They are spawned, since TensorFlow hangs in forked ones."""

    def __init__(self, jobs: int, threads: int, methods: Path) -> None:
        """Store the settings; processes start with the first run, or are those of an earlier call."""
        self.at_once, self._settings, self._methods = jobs, (jobs, threads), methods

    def submit(self, task: Task) -> "Future[Attempt]":
        """Hand over a run, to new processes if one was killed."""
        arguments = (do, str(self._methods), task)
        try:
            future: Future[Attempt] = _EXECUTORS[self._settings].submit(*arguments)
        except (KeyError, RuntimeError):  # there is none yet; or a worker was killed, or all were by `stop`
            _EXECUTORS[self._settings] = _spawning(*self._settings)
            future = _EXECUTORS[self._settings].submit(*arguments)
        return future

    def stop(self) -> None:
        """Kill the processes."""
        if self._settings in _EXECUTORS:
            _EXECUTORS.pop(self._settings).shutdown(kill_workers=True)


def _spawning(jobs: int, threads: int) -> Any:
    """Return an executor whose processes are spawned when they are needed."""
    from joblib.externals.loky import ProcessPoolExecutor

    return ProcessPoolExecutor(
        jobs, timeout=IDLE, env=thread_variables(threads), initializer=end_with, initargs=(os.getpid(),)
    )


class DaskPool:
    """The workers of a Dask cluster, on this machine or others; Dask itself moves runs off killed workers."""

    def __init__(self, client: Any, options: dict[str, Any], name: str) -> None:
        """Store the client; `name`: of the methods that the workers have."""
        self._client, self._name = client, name
        self._executor = client.get_executor(**{"pure": False, **options})
        self._counted, self._workers = 0.0, 1

    @property
    def at_once(self) -> int:
        """Two for each worker, so that none waits for the next one to arrive."""
        if time.monotonic() > self._counted + COUNT_AGAIN:
            self._workers = max(1, sum(self._client.nthreads().values()))
            self._counted = time.monotonic()
        return 2 * self._workers

    def submit(self, task: Task) -> "Future[Attempt]":
        """Hand over a run."""
        future: Future[Attempt] = self._executor.submit(do, DASK + self._name, task)
        return future

    def stop(self) -> None:
        """Take back what has not begun; what has begun goes on, since Dask runs it in threads."""
        self._executor.shutdown(wait=False)


@contextmanager
def pool_for(where: "Where", threads: int, methods: bytes) -> Iterator[Pool]:
    """Give the methods to worker processes for the time of a ``with``."""
    if where.client is None:
        assert where.jobs is not None
        with tempfile.TemporaryDirectory(prefix="prunewidgets-") as folder:
            file = Path(folder, hashlib.sha256(methods).hexdigest())
            file.write_bytes(methods)
            yield LocalPool(where.jobs, threads, file)
        return
    plugin = _plugin(methods)
    where.client.register_plugin(plugin, plugin.name)
    try:
        yield DaskPool(where.client, where.options, plugin.name)
    finally:
        if where.client.status == "running":
            with contextlib.suppress(OSError, TimeoutError):
                where.client.unregister_worker_plugin(plugin.name)


def _plugin(methods: bytes) -> Any:
    """Return what holds the methods on every worker, also on those that come later."""
    from distributed import WorkerPlugin

    class DaskMethods(WorkerPlugin):
        content = methods
        name = f"prunewidgets-{hashlib.sha256(methods).hexdigest()}"

    return DaskMethods()


def _in_a_worker() -> bool:
    """Return whether this is a task of a Dask cluster."""
    from distributed import get_worker

    with contextlib.suppress(ValueError):
        get_worker()
        return True
    return False


class Where:
    """Where to run: in this process, in ``jobs`` processes of this machine, or in a Dask cluster.

    Attributes:
        jobs: The number of processes; None for this process or a cluster.
        client: The client of a cluster, or None.
        options: What `joblib.parallel_config` had for it, such as ``resources``.
    """

    def __init__(self, jobs: int | None) -> None:
        """Take what ``jobs`` says; what it leaves open, `joblib.parallel_config` decides.

        Raises:
            ValueError: jobs is not a positive number or -1, or the backend of joblib forks or is unknown.
            TypeError: jobs is not an integer.
        """
        self.jobs: int | None = None
        self.client: Any = None
        self.options: dict[str, Any] = {}
        if jobs is not None and (isinstance(jobs, bool) or not isinstance(jobs, int)):
            raise TypeError(
                f"jobs is {jobs!r:.40}; give the number of worker processes, or -1 for all cores."
            )
        if jobs is not None and jobs < 1 and jobs != -1:
            raise ValueError(f"jobs is {jobs}; give the number of worker processes, or -1 for all cores.")
        if jobs is None and "joblib" not in sys.modules:
            return  # so nothing is configured
        import joblib

        backend, configured = joblib.parallel.get_active_backend()
        kind = type(backend).__name__
        if kind == "DaskDistributedBackend":
            if _in_a_worker():
                return  # where waiting for other workers could wait for ever
            self.client, self.options = backend.client, dict(backend.submit_kwargs)
            return
        if kind == "MultiprocessingBackend":
            raise ValueError(
                "joblib's backend 'multiprocessing' forks, and TensorFlow hangs after that; use 'loky'."
            )
        if kind not in ("LokyBackend", "ThreadingBackend", "SequentialBackend"):
            raise ValueError(f"joblib's backend {kind} cannot do runs; use 'loky' or 'dask'.")
        if jobs is None and kind == "LokyBackend" and configured != 1:
            jobs = configured  # threads would gain nothing: only one method at a time runs in a process
        self.jobs = joblib.cpu_count() if jobs == -1 else jobs

    @property
    def is_here(self) -> bool:
        """Whether the runs are done in this process."""
        return self.jobs is None and self.client is None
