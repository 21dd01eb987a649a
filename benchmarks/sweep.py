"""Sweeps: two workers against one, the overhead of a run, many stored runs, a thousand simulated workers."""

import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from prunewidgets.experiments import store as files
from prunewidgets.experiments import sweep
from prunewidgets.experiments.attempt import Attempt
from prunewidgets.experiments.compare import compare_methods
from prunewidgets.experiments.load import load_runs
from prunewidgets.experiments.settings import key_of, method_settings, settings_of
from prunewidgets.experiments.summary import summarize_runs
from prunewidgets.utils.interrupts import defer_interrupts

from .common import row, seconds

RUNS, LONG = 6, 20.0
NO_OPS, STORED, WORKERS = 100, 100_000, 1_000


def nothing(level: float, seed: int) -> float:
    return 0.5


def training(level: float, seed: int, long: float) -> float:
    """Do what training does most, products of matrices, in one thread; as much in each run."""
    matrix = np.random.default_rng(seed).normal(size=(300, 300))
    with threadpool_limits(1):
        for _ in range(round(long * 400)):
            matrix = np.tanh(matrix @ matrix / 300)
    return 0.5


def speed_up(folder: Path) -> None:
    """Runs of about 20 seconds by one worker and by two; starting the workers counts."""
    each = seconds(partial(training, 0.5, 0, 1.0))
    methods = {"training": partial(training, long=LONG / each)}
    call = partial(compare_methods, methods, 0.5, range(RUNS))
    one, two = (seconds(partial(call, folder / f"{jobs}", jobs=jobs)) for jobs in (1, 2))
    row("sweep", f"{RUNS} runs of {LONG:.0f} s, 2 workers", two, one, "1 worker", limit=one / 2 / 0.85)


def overhead(folder: Path) -> None:
    """Runs that do nothing, stored one by one: what a run costs beyond its method."""
    for case, jobs in (("in this process", None), ("2 workers", 2)):
        compare_methods({"nothing": nothing}, 0.5, range(2), jobs=jobs)  # the workers start
        call = partial(compare_methods, {"nothing": nothing}, 0.5, range(NO_OPS), jobs=jobs)
        taken = seconds(partial(call, folder / f"overhead {jobs}"))
        row("sweep", f"overhead of a stored run, {case}", taken / NO_OPS, limit=0.05, runs=NO_OPS)


def stored(folder: Path) -> None:
    """A hundred thousand stored runs, read and summarised, and found again by the call that did them."""
    path, levels, seeds = folder / "many", [place / 100 for place in range(100)], range(100)
    methods: dict[str, Callable[[float, int], float]] = {
        f"method {place}": nothing for place in range(STORED // len(levels) // len(seeds))
    }
    fill(path, methods, levels, seeds)
    times = [seconds(lambda: summarize_runs(load_runs(path))) for _ in range(3)]
    row("sweep", f"{STORED:,} stored runs listed", statistics.median(times), limit=2, runs=3)
    again = seconds(lambda: compare_methods(methods, levels, seeds, path))
    row("sweep", f"{STORED:,} stored runs found by a second call", again)


def fill(path: Path, methods: dict, levels: list[float], seeds: range) -> None:
    """Store runs all at once, as no call does."""
    with files.RunStore(path)._open() as database, files._transaction(database):
        for name, method in methods.items():
            common = method_settings(name, method)
            for level in levels:
                for seed in seeds:
                    settings = settings_of(common, level, seed)
                    result = json.dumps({"accuracy": random.random(), "low": 0.1, "high": 0.9, "n": 1000})
                    content = (key_of(settings), settings, result, 20.0, "2026-11-28T00:00:00+00:00")
                    content = (*content, files._digest(content))
                    database.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)", content)


class Simulated:
    """Workers that need no time for a run: what is left is the cost of scheduling."""

    def __init__(self, workers: int) -> None:
        self.at_once = workers

    def submit(self, task: object) -> "Future[Attempt]":
        future: Future[Attempt] = Future()
        future.set_result(Attempt({"accuracy": 0.5}, 0.0))
        return future

    def stop(self) -> None:
        pass


def simulated(folder: Path) -> None:
    """No-op runs on 1 to 1,000 simulated workers, with a store: processor time of the caller for each."""
    common = {"nothing": method_settings("nothing", nothing)}
    for workers in (1, 10, 100, WORKERS):
        count = max(300, 2 * workers)
        planned = [sweep.Planned("nothing", 0.5, seed) for seed in range(count)]
        store = files.RunStore(folder / f"simulated {workers}")
        start = time.process_time()
        runs = sweep.Sweep({"nothing": nothing}, planned, "accuracy", store, common)
        with defer_interrupts() as interrupts:
            for run, outcome, _ in runs.in_workers(interrupts, Simulated(workers), 1):
                runs.keep(run, outcome)
        runs.close()
        each = (time.process_time() - start) / count
        row("sweep", f"scheduling a run, {workers:,} simulated workers", each, unit="s of CPU", runs=count)


if __name__ == "__main__":
    os.environ.setdefault("TQDM_DISABLE", "1")
    asked = [name for name in sys.argv[1:] if not name.startswith("-")]
    with tempfile.TemporaryDirectory() as name:
        for bench in (overhead, stored, simulated, speed_up):
            if not asked or bench.__name__ in asked:
                bench(Path(name))
