"""Runs in a Dask cluster: scheduler and workers are processes of this machine, and are killed."""

import os
import signal
import subprocess
import sys
import threading
import time

import joblib
import numpy as np
import pandas as pd
import pytest

from prunewidgets.experiments.compare import compare_methods
from prunewidgets.experiments.load import load_runs
from prunewidgets.experiments.worker import Place

distributed = pytest.importorskip("distributed", reason="needs the extra prunewidgets[sweeps]")
ADDRESS = "tcp://127.0.0.1:{}"


class Cluster:
    """A scheduler and its workers, as a user starts them in shells; each in a group that can be killed."""

    def __init__(self, folder):
        self.folder, self.started = folder, []
        self.file = folder / "scheduler.json"
        files = ["--no-dashboard", "--scheduler-file", self.file]
        self.scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", "0", *files)
        self.workers = [self.start_worker() for _ in range(2)]
        self.client = distributed.Client(scheduler_file=str(self.file), timeout=60)
        self.client.wait_for_workers(2, timeout=60)

    def start(self, what, *options):
        with open(self.folder / f"{what}-{len(self.started)}.log", "w") as log:
            command = [sys.executable, "-m", "dask", what, *map(str, options)]
            environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
            process = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, env=environment, start_new_session=True
            )
        self.started.append(process)
        return process

    def start_worker(self):
        files = ["--no-dashboard", "--scheduler-file", self.file, "--local-directory", self.folder]
        return self.start("worker", "--nthreads", "1", "--host", "127.0.0.1", *files)

    def kill(self, process):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self):
        self.client.close(timeout=5)
        for process in self.started:
            if process.poll() is None:
                self.kill(process)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    running = Cluster(tmp_path_factory.mktemp("cluster"))
    yield running
    running.close()


def drawn(sparsity, seed, seconds=0.0):
    time.sleep(seconds)
    return {"rmse": float(np.random.random() + sparsity), "process": os.getpid()}


def test_the_frame_of_a_cluster_is_that_of_this_process(cluster, tmp_path):
    here = compare_methods({"m": drawn}, [0.1, 0.2], [0, 1], measure="rmse")
    with joblib.parallel_config(backend="dask"):
        there = compare_methods({"m": drawn}, [0.1, 0.2], [0, 1], tmp_path / "runs.sqlite", measure="rmse")
    pd.testing.assert_series_equal(here["rmse"], there["rmse"], check_exact=True)
    assert os.getpid() not in set(there["process"])
    again = compare_methods({"m": drawn}, [0.1, 0.2], [0, 1], tmp_path / "runs.sqlite", measure="rmse")
    pd.testing.assert_frame_equal(there, again)  # the same keys


def test_another_machine_sends_its_runs_to_the_caller(cluster, tmp_path, monkeypatch):
    """A worker of another machine may see the file on a shared folder, and must not write to it."""
    monkeypatch.setattr("prunewidgets.experiments.worker.this_machine", lambda: "this one")
    store, place = tmp_path / "runs.sqlite", []
    was = Place.of
    monkeypatch.setattr(Place, "of", lambda path: place.append(was(path)) or place[-1])
    with joblib.parallel_config(backend="dask"):
        frame = compare_methods({"m": drawn}, [0.1], [0, 1], store, measure="rmse")
    assert {one.machine for one in place} == {"this one"}
    stored = load_runs(store).sort_values("seed")  # two workers: either may be the first to finish
    assert stored["rmse"].tolist() == frame["rmse"].tolist()
    assert not cluster.client.submit(place[0].is_here).result()


CALLER = """
import sys, time
import joblib
from dask.distributed import Client
from prunewidgets.experiments.compare import compare_methods

def slow(sparsity, seed):
    time.sleep(0.3)
    return {"rmse": time.time()}

client = Client(scheduler_file=sys.argv[1])
with joblib.parallel_config(backend="dask"):
    compare_methods({"slow": slow}, [0.5], range(40), "runs.sqlite", measure="rmse")
"""


def test_no_run_is_lost_with_the_caller(cluster, tmp_path):
    """Workers of this machine also store what they were doing when the caller was killed."""
    (tmp_path / "caller.py").write_text(CALLER)
    caller = subprocess.Popen([sys.executable, "caller.py", cluster.file], cwd=tmp_path)
    store = tmp_path / "runs.sqlite"
    end = time.monotonic() + 60
    while (not store.exists() or len(load_runs(store)) < 4) and time.monotonic() < end:
        time.sleep(0.02)
    caller.kill()
    caller.wait()
    before = load_runs(store)
    time.sleep(1)
    after = load_runs(store)
    pd.testing.assert_frame_equal(after.iloc[: len(before)], before)
    assert 4 <= len(before) < len(after) <= len(before) + 2


def test_no_run_is_lost_with_a_worker_or_the_scheduler(cluster, tmp_path):
    """Last in this file: nothing is left of the cluster."""
    store, seconds = tmp_path / "runs.sqlite", 0.2

    def slow(sparsity, seed):
        return drawn(sparsity, seed, seconds)

    def kill(process, count):
        while not store.exists() or len(load_runs(store)) < count:
            time.sleep(0.02)
        cluster.kill(process)

    before = threading.Thread(target=kill, args=(cluster.workers[0], 2))
    before.start()
    with joblib.parallel_config(backend="dask"):
        frame = compare_methods({"m": slow}, [0.1], range(8), store, measure="rmse")
    before.join()
    assert len(frame) == 8 == frame["rmse"].nunique()

    later = threading.Thread(target=kill, args=(cluster.scheduler, 10))
    later.start()
    with joblib.parallel_config(backend="dask"):
        with pytest.raises(ConnectionError, match="scheduler of the Dask cluster is gone") as caught:
            compare_methods({"m": slow}, [0.1], range(200), store, measure="rmse")
    later.join()
    rows = load_runs(store)
    assert len(rows) >= 10
    assert len(caught.value.frame) >= 8  # a worker stores a run a moment before its caller hears of it
    finished = caught.value.frame.merge(rows, on=["seed", "rmse"])
    assert len(finished) == len(caught.value.frame)
