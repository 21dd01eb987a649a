"""The runs of one call of `compare_methods`: which are stored, which others do, which are left."""

import contextlib
import time
import traceback
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from ..utils.interrupts import Interrupts
from .attempt import Attempt, Method, attempt
from .leases import Leases
from .pools import Pool
from .settings import key_of, settings_of
from .store import RunStore
from .worker import Place, Task, stored

POLL = 0.25
"""Seconds between looks at runs that another process is doing, and longest wait for one of our own."""
KILLED = "its worker process was killed, twice: by hand, or by the system for want of memory"


@dataclass(frozen=True)
class Planned:
    """One run to do."""

    method: str
    sparsity: float
    seed: int

    def __str__(self) -> str:
        """Return how errors call it."""
        return f"{self.method!r} at sparsity {self.sparsity:g} and seed {self.seed}"


class Sweep:
    """The runs of one call.

    Attributes:
        outcomes: What the finished runs gave.
    """

    def __init__(
        self,
        methods: Mapping[str, Method],
        planned: Iterable[Planned],
        measure: str,
        store: RunStore | None,
        common: Mapping[str, dict[str, Any]],
    ) -> None:
        """Plan the runs; `common`: the settings of each method, for a store."""
        self._methods, self._measure, self._store, self._common = methods, measure, store, common
        self._left = deque(planned)
        self._leases = None if store is None else Leases(store.path)
        self.outcomes: dict[Planned, Attempt] = {}
        self._running: dict[Future[Attempt], Planned] = {}
        self._ended: SimpleQueue[Future[Attempt]] = SimpleQueue()

    @property
    def left(self) -> int:
        """How many runs have not begun."""
        return len(self._left)

    def _settings(self, run: Planned) -> str:
        return settings_of(self._common[run.method], run.sparsity, run.seed)

    def _key(self, run: Planned) -> str:
        return key_of(self._settings(run))

    def look_up(self, runs: Iterable[Planned]) -> None:
        """Take the outcomes of those runs that are stored."""
        if self._store is not None:
            keys = {run: self._key(run) for run in runs}
            found = self._store.find_all(keys.values())
            self.outcomes |= {
                run: Attempt(*found[key], stored=True) for run, key in keys.items() if key in found
            }
        self._left = deque(run for run in self._left if run not in self.outcomes)

    def keep(self, run: Planned, outcome: Attempt) -> None:
        """Take an outcome, and store it if that has not been done."""
        self.outcomes[run] = outcome  # before it is stored, which may fail
        if self._store is not None and not outcome.stored:
            settings = self._settings(run)
            self.outcomes[run] = stored(self._store, key_of(settings), settings, outcome)
        self._give(run)

    def _give(self, run: Planned) -> None:
        if self._leases is not None:
            self._leases.give(self._key(run))

    def _next(self) -> Planned | None:
        """Return a run to do, which no other process does; None if there is none at the moment.

        A run that another process has finished in the meantime goes to the outcomes.
        """
        for _ in range(len(self._left)):
            run = self._left.popleft()
            if self._store is None or self._leases is None:
                return run
            if not self._leases.take(self._key(run)):
                self._left.append(run)
                continue
            found = self._store.find(self._key(run))
            if found is None:
                return run
            self.outcomes[run] = Attempt(*found, stored=True)
            self._give(run)
        return None

    def here(self, interrupts: Interrupts) -> Iterator[tuple[Planned, Attempt, BaseException | None]]:
        """Do what is left in this process; yield each run with its outcome and the error if it failed."""
        while self._left:
            run = self._next()
            if run is None:
                with interrupts.allowed():
                    time.sleep(POLL if self._left else 0)
                continue
            with interrupts.allowed():
                outcome, error = attempt(self._methods[run.method], run.sparsity, run.seed, self._measure)
            yield run, outcome, error

    def in_workers(
        self, interrupts: Interrupts, pool: Pool, threads: int
    ) -> Iterator[tuple[Planned, Attempt, BaseException | None]]:
        """Do what is left in worker processes; yield each run as it ends.

        If a process is killed, the runs that it may have been doing are done again, one at a time, so that
        one which always ends its process, for want of memory perhaps, is found: it has failed then.
        """
        again: deque[Planned] = deque()
        while self._left or self._running or again:
            while again and not self._running:
                self._submit(pool, again[0], threads)
            while not again and len(self._running) < pool.at_once and (run := self._next()) is not None:
                self._submit(pool, run, threads)
            with interrupts.allowed():
                ended = _wait(self._ended)
            killed = []
            for future in ended:
                run, outcome = self._running.pop(future), _outcome(future)
                alone = bool(again) and run is again[0]
                if outcome is None and not alone:
                    killed.append(run)
                    continue
                if alone:
                    again.popleft()
                yield run, outcome or Attempt(None, 0.0, KILLED), None
            if killed:
                self.look_up(killed)  # one may have been stored before
                again.extend(run for run in killed if run not in self.outcomes)

    def _submit(self, pool: Pool, run: Planned, threads: int) -> None:
        settings = "" if self._store is None else self._settings(run)
        place = None if self._store is None else Place.of(self._store.path)
        key = key_of(settings)
        task = Task(run.method, run.sparsity, run.seed, self._measure, threads, key, settings, place)
        try:
            future = pool.submit(task)
        except BrokenProcessPool as error:  # a process was killed a moment ago
            future = Future()
            future.set_exception(error)
        self._running[future] = run
        future.add_done_callback(self._ended.put)

    def close(self) -> None:
        """End what other processes wait for; take what workers have stored since the last look."""
        if self._leases is not None:
            self._leases.close()
        if self._running:
            self.look_up(self._running.values())


def _wait(ended: "SimpleQueue[Future[Attempt]]") -> list["Future[Attempt]"]:
    """Return the runs that have ended, after waiting for a moment for the first."""
    found = []
    with contextlib.suppress(Empty):
        found.append(ended.get(timeout=POLL))
        while True:
            found.append(ended.get_nowait())
    return found


def _outcome(future: "Future[Attempt]") -> Attempt | None:
    """Return what a worker gave; None if its process was killed.

    Raises:
        ConnectionError: the cluster is gone.
    """
    try:
        return future.result()
    except BrokenProcessPool:
        return None
    except CancelledError:
        raise ConnectionError(
            "the scheduler of the Dask cluster is gone; start it and call again: only what is missing runs."
        ) from None
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        return Attempt(None, 0.0, why, details="".join(traceback.format_exception(error)))
