"""Sweeps: two workers against one, the overhead of a run, many stored runs, and a thousand workers simulated."""

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Timer

from prunewidgets.experiments import sweep
from prunewidgets.experiments.attempt import Attempt
from prunewidgets.experiments.compare import compare_methods
from prunewidgets.experiments.load import load_runs
from prunewidgets.experiments.store import RunStore
from prunewidgets.experiments.summary import summarize_runs
from prunewidgets.utils.interrupts import defer_interrupts

from .common import row

RUNS, LONG = 6, 20.0
NO_OPS, STORED, WORKERS = 100, 100_000, 1_000


def nothing(level: float, seed: int) -> float:
    return 0.5


def training(level: float, seed: int, seconds: float) -> float:
    """Keep one core busy with what training does most: products of matrices, one thread each."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    matrix, start = np.random.default_rng(seed).normal(size=(300, 300)), time.process_time()
    with threadpool_limits(1):
        while time.process_time() < start + seconds:
            matrix = np.tanh(matrix @ matrix / 300)
    return 0.5


def taken(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def speed_up(folder: Path) -> None:
    """Runs of 20 seconds of processor time by one worker and by two; starting the workers counts."""
    from functools import partial

    methods = {"training": partial(training, seconds=LONG)}
    one, two = (
        taken(lambda jobs=jobs: compare_methods(methods, 0.5, range(RUNS), folder / f"{jobs}", jobs=jobs))
        for jobs in (1, 2)
    )
    row("sweep", f"{RUNS} runs of {LONG:.0f} s, 2 workers", two, one, "1 worker")
    row("sweep", "the same: 0.85 x 2 times as fast", one / two, limit=None, unit="x")


def overhead(folder: Path) -> None:
    """Runs that do nothing, stored one by one: what a run costs beyond its method."""
    for case, jobs in (("in this process", None), ("2 workers", 2)):
        compare_methods({"nothing": nothing}, 0.5, range(2), jobs=jobs)  # the workers start
        store = folder / f"overhead {jobs}"
        seconds = taken(
            lambda jobs=jobs, store=store: compare_methods(
                {"n": nothing}, 0.5, range(NO_OPS), store, jobs=jobs
            )
        )
        row("sweep", f"overhead of a stored run, {case}", seconds / NO_OPS, limit=0.05, runs=NO_OPS)


def stored(folder: Path) -> None:
    """A hundred thousand stored runs, read and summarised, and found again by the call that did them."""
    path, levels, seeds = folder / "many", [place / 100 for place in range(100)], range(100)
    methods = {f"method {place}": nothing for place in range(STORED // len(levels) // len(seeds))}
    fill(path, methods, levels, seeds)
    times = [taken(lambda: summarize_runs(load_runs(path))) for _ in range(3)]
    row("sweep", f"{STORED:,} stored runs listed and summarised", statistics.median(times), limit=2, runs=3)
    again = taken(lambda: compare_methods(methods, levels, seeds, path))
    row("sweep", f"{STORED:,} stored runs found by a second call", again)


def fill(path: Path, methods: dict, levels: list[float], seeds: range) -> None:
    """Store runs all at once, as no call does."""
    import json

    from prunewidgets.experiments import store as files
    from prunewidgets.experiments.settings import key_of, method_settings, settings_of

    with RunStore(path)._open() as database, files._transaction(database):
        for name, method in methods.items():
            common = method_settings(name, method)
            for level in levels:
                for seed in seeds:
                    settings = settings_of(common, level, seed)
                    result = json.dumps({"accuracy": random.random(), "low": 0.1, "high": 0.9, "n": 1000})
                    content = (key_of(settings), settings, result, 20.0, "2026-11-28T00:00:00+00:00")
                    database.execute(
                        "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)", (*content, files._digest(content))
                    )


class Simulated:
    """Workers that need a moment for a run and no processor: what is left is the cost of scheduling."""

    def __init__(self, workers: int, seconds: float) -> None:
        self.at_once, self._seconds = workers, seconds

    def submit(self, task: object) -> "Future[Attempt]":
        future: Future[Attempt] = Future()
        if self._seconds:
            Timer(self._seconds, future.set_result, (Attempt({"accuracy": 0.5}, self._seconds),)).start()
        else:
            future.set_result(Attempt({"accuracy": 0.5}, 0.0))
        return future

    def stop(self) -> None:
        pass


def simulated(folder: Path) -> None:
    """No-op runs on 1 to 1,000 simulated workers, with a store: processor time of the caller for each run."""
    for workers in (1, 10, 100, WORKERS):
        count = max(300, 2 * workers)
        planned = [sweep.Planned("n", 0.5, seed) for seed in range(count)]
        from prunewidgets.experiments.settings import method_settings

        common = {"n": method_settings("n", nothing)}
        start = time.process_time()
        runs = sweep.Sweep(
            {"n": nothing}, planned, "accuracy", RunStore(folder / f"simulated {workers}"), common
        )
        with defer_interrupts() as interrupts:
            for run, outcome, _ in runs.in_workers(interrupts, Simulated(workers, 0.0), 1):
                runs.keep(run, outcome)
        runs.close()
        row(
            "sweep",
            f"scheduling a run on {workers:,} simulated workers",
            (time.process_time() - start) / count,
            runs=count,
        )


if __name__ == "__main__":
    os.environ.setdefault("TQDM_DISABLE", "1")
    with tempfile.TemporaryDirectory() as name:
        for bench in (overhead, stored, simulated, speed_up):
            if len(sys.argv) < 2 or sys.argv[1].startswith("-") or bench.__name__ in sys.argv:
                bench(Path(name))
