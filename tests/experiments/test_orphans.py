"""Worker processes whose caller is killed end by themselves, idle or in a run."""

import os
import sqlite3
import subprocess
import sys
import textwrap
import time

import pytest

fcntl = pytest.importorskip("fcntl", reason="its locks show when a process has ended")

PROGRAM = """
    import fcntl, time
    from prunewidgets.experiments.compare import compare_methods
    held = []
    def method(sparsity, seed):
        held.append(open(f"worker-{seed}", "w"))
        fcntl.lockf(held[-1], fcntl.LOCK_EX)  # until the process ends, also if it stays a zombie
        held[-1].write("begun")
        held[-1].flush()
        time.sleep(600 * seed)
        return 0.5
    if __name__ == "__main__":
        compare_methods({"m": method}, [0.5], [0, 1], "runs.sqlite", jobs=2)
"""


def waited(condition):
    end = time.monotonic() + 30
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def ended(file):
    with file.open("a") as opened:
        try:
            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def stored(file):
    try:
        with sqlite3.connect(file) as database:
            return database.execute("SELECT count(*) FROM runs").fetchone()[0]
    except sqlite3.OperationalError:  # not yet
        return 0


def test_workers_of_a_killed_call_end_idle_and_in_a_run(tmp_path):
    (tmp_path / "work.py").write_text(textwrap.dedent(PROGRAM))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    workers = idle, busy = tmp_path / "worker-0", tmp_path / "worker-1"
    caller = subprocess.Popen(
        [sys.executable, "work.py"], cwd=tmp_path, env={**os.environ, "TMPDIR": str(temporary)}
    )
    try:
        assert waited(lambda: stored(tmp_path / "runs.sqlite") == 1)
        assert waited(lambda: busy.exists() and busy.read_text() == "begun")
        assert not ended(idle) and not ended(busy)
        assert list(temporary.glob("prunewidgets-*"))
    finally:
        caller.kill()
        caller.wait()
    assert waited(lambda: all(map(ended, workers)))
    assert not list(temporary.glob("prunewidgets-*"))  # the methods, which may hold data
