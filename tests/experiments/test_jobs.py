"""Runs in worker processes: the frame of one process, whatever fails or is killed."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from functools import lru_cache, partial

import joblib
import numpy as np
import pandas as pd
import pytest

from prunewidgets.experiments.compare import compare_methods
from prunewidgets.experiments.load import load_runs

TABLE = np.arange(50.0)


@lru_cache(maxsize=3)
def cached():
    return 5


def draws(sparsity, seed, scale=1):
    """Seeds nothing: what it draws must not depend on what ran before."""
    return {"loss": float(np.random.random() * scale + TABLE.sum() + cached()), "process": os.getpid()}


def fails(sparsity, seed):
    return 1 / (1 - seed)


def kills(sparsity, seed):
    if seed == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return 1.5


def threads(sparsity, seed):
    return {"accuracy": 0.5, "tf": os.environ["TF_NUM_INTRAOP_THREADS"], "omp": os.environ["OMP_NUM_THREADS"]}


def same(one, other):
    columns = ["method", "sparsity", "seed", "loss"]
    pd.testing.assert_frame_equal(one[columns], other[columns], check_exact=True)


def test_processes_of_joblib_work_beside_those_of_a_comparison():
    for _ in range(2):
        frame = compare_methods({"m": draws}, [0.5], [0, 1], jobs=2, measure="loss")
        processes = joblib.Parallel(2, "loky")(joblib.delayed(os.getpid)() for _ in range(2))
        assert os.getpid() not in (*processes, *frame["process"])
        assert not set(processes) & set(frame["process"])


def test_the_frame_is_the_same_bit_for_bit_with_any_number_of_jobs(tmp_path):
    run = partial(
        compare_methods, {"a": draws, "b": partial(draws, scale=3)}, [0.1, 0.2], [4, 2], measure="loss"
    )
    here = run(store=tmp_path / "runs.sqlite")
    assert set(here["process"]) == {os.getpid()}
    one, two = run(jobs=1), run(jobs=2)
    same(here, one)
    same(here, two)
    assert os.getpid() not in {*one["process"], *two["process"]} and one["process"].nunique() == 1
    assert two.attrs == {"complete": True, "measure": "loss", "direction": "min"} == here.attrs
    again = run(store=tmp_path / "runs.sqlite", jobs=2)
    assert set(again["process"]) == {os.getpid()}  # under the same keys: read, not repeated
    with joblib.parallel_config(backend="loky", n_jobs=2):
        assert os.getpid() not in set(run()["process"])


def test_failed_and_killed_runs_are_rows_and_are_tried_again(tmp_path):
    store = tmp_path / "runs.sqlite"
    methods = {"fails": fails, "kills": kills, "draws": draws}
    frame = compare_methods(methods, [0.5], [0, 1, 2], store, jobs=2, measure="loss", on_error="row")
    assert len(frame) == 9 and frame.attrs["complete"]
    failed = frame[frame["loss"].isna()].set_index("method")["failure"]
    assert failed["fails"] == "ZeroDivisionError: division by zero"
    assert failed["kills"].startswith("its worker process was killed, twice") and len(failed) == 2
    stored = load_runs(store)
    assert sorted(stored["failure"].dropna()) == sorted(failed) and len(stored) == 9

    def mended(sparsity, seed):
        return 2.5

    code = fails.__code__
    try:
        frame = compare_methods({"fails": fails}, [0.5], [1], store, measure="loss", on_error="row")
        assert frame["failure"].notna().all()
        fails.__code__ = mended.__code__
        frame = compare_methods({"fails": fails}, [0.5], [1], store, measure="loss", on_error="row")
        assert frame["loss"].tolist() == [2.5]
    finally:
        fails.__code__ = code


def test_an_error_in_a_worker_names_the_run_and_keeps_the_finished_rows(tmp_path):
    with pytest.raises(RuntimeError, match=r"^'m' at sparsity 0.5 and seed 1 failed .ZeroDiv") as caught:
        compare_methods({"m": fails}, [0.5], [0, 1], tmp_path / "r", jobs=1, measure="loss")
    assert caught.value.frame["loss"].tolist() == [1.0]
    assert "in fails" in caught.value.__notes__[0]  # where it happened, in the worker
    with pytest.raises(ValueError, match="returned 1.5 as accuracy; it has to be a number from 0 to 1"):
        compare_methods({"m": kills}, [0.5], [0], jobs=1)


def test_workers_have_their_share_of_threads():
    frame = compare_methods({"m": threads}, [0.5], [0, 1, 2], jobs=2)
    assert frame[["tf", "omp"]].drop_duplicates().values.tolist() == [["1", "1"]]
    frame = compare_methods({"m": threads}, [0.5], [0], jobs=1, threads=2)
    assert frame[["tf", "omp"]].values.tolist() == [["2", "2"]]


def test_workers_use_the_code_of_this_process(tmp_path, monkeypatch):
    """A worker that has imported an earlier version of a module must not run that one."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for value in (0.25, 0.75):
        (tmp_path / "own_work.py").write_text(f"def helper(): return {value}\ndef run(s, k): return helper()")
        sys.modules.pop("own_work", None)
        from own_work import run

        assert compare_methods({"m": run}, [0.5], [0], jobs=1)["accuracy"].tolist() == [value]
    sys.modules.pop("own_work", None)


def test_what_cannot_be_sent_and_what_forks_is_refused():
    lock = threading.Lock()
    with pytest.raises(TypeError, match="^method 'm' cannot be sent to worker processes .*pw.LiveModel"):
        compare_methods({"m": lambda sparsity, seed: lock}, [0.5], [0], jobs=2)
    with joblib.parallel_config(backend="multiprocessing"):
        with pytest.raises(ValueError, match="forks, and TensorFlow hangs"):
            compare_methods({"m": fails}, [0.5], [0])
    for jobs, error in ((0, ValueError), (-2, ValueError), (1.5, TypeError), (True, TypeError)):
        with pytest.raises(error, match=f"jobs is {jobs}; give the number of worker processes"):
            compare_methods({"m": fails}, [0.5], [0], jobs=jobs)
    with pytest.raises(ValueError, match="threads is 0"):
        compare_methods({"m": fails}, [0.5], [0], jobs=1, threads=0)
    with pytest.raises(ValueError, match="on_error is 'skip'; give 'raise' or 'row'"):
        compare_methods({"m": fails}, [0.5], [0], on_error="skip")


PROGRAM = """
    import os, sys, time
    from prunewidgets.experiments.compare import compare_methods
    def slow(sparsity, seed):
        with open("log", "a") as log:
            log.write(f"{seed} ")
        time.sleep(0.2)
        return {"accuracy": 0.5, "process": os.getpid()}
    if __name__ == "__main__":
        frame = compare_methods({"slow": slow}, [0.5], range(8), "runs.sqlite", jobs=int(sys.argv[1]) or None)
        print(frame["process"].tolist())
"""


def stored(folder):
    try:
        with sqlite3.connect(folder / "runs.sqlite") as database:
            return dict(database.execute("SELECT key, date || result FROM runs"))
    except sqlite3.OperationalError:  # not yet
        return {}


@pytest.mark.parametrize("jobs", ["0", "2"])
def test_a_killed_call_loses_no_run_and_another_does_the_rest(tmp_path, jobs):
    """Two calls share the runs; the first is killed with a run in its hands."""
    (tmp_path / "work.py").write_text(textwrap.dedent(PROGRAM))
    command = [sys.executable, "work.py", jobs]
    first = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
    second = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE)
    end = time.monotonic() + 60
    while len(stored(tmp_path)) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    first.kill()
    first.wait()
    before = stored(tmp_path)
    processes = second.communicate(timeout=60)[0]
    after = stored(tmp_path)
    assert len(before) >= 2 and before.items() <= after.items() and len(after) == 8
    assert len(eval(processes)) == 8


def test_two_calls_share_the_runs(tmp_path):
    (tmp_path / "work.py").write_text(textwrap.dedent(PROGRAM))
    command = [sys.executable, "work.py", "0"]
    both = [subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) for _ in range(2)]
    one, other = (eval(process.communicate(timeout=60)[0]) for process in both)
    assert one == other and set(one) <= {process.pid for process in both}
    assert sorted((tmp_path / "log").read_text().split()) == list("01234567")  # each once


def test_an_interrupt_keeps_what_workers_have_finished(tmp_path):
    def slow(sparsity, seed):
        time.sleep(0.05 if seed < 2 else 30)
        return 0.5

    def interrupt():
        end = time.monotonic() + 60
        while len(stored(tmp_path)) < 2 and time.monotonic() < end:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.warns(UserWarning, match="2 of 4 runs are finished"):
        frame = compare_methods({"m": slow}, [0.5], range(4), tmp_path / "runs.sqlite", jobs=2)
    assert frame["seed"].tolist() == [0, 1] and frame.attrs["complete"] is False


def test_workers_of_another_environment_are_refused(monkeypatch):
    """Results of other versions must not stand under the keys of these."""
    monkeypatch.setattr("prunewidgets.experiments.packed.version_of", lambda name: "9.9")
    frame = compare_methods({"m": draws}, [0.5], [0], jobs=1, measure="loss", on_error="row")
    [failure] = frame["failure"]
    assert failure.startswith("RuntimeError: the worker has numpy ") and "in place of 9.9" in failure
