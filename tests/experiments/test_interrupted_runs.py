"""Ctrl-C at any line, and stores with changed bytes: no finished row is lost, and no wrong one is given."""

import itertools
import os
import signal
import sqlite3
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from prunewidgets.experiments import compare as runs
from prunewidgets.experiments.compare import compare_methods

from .counted_methods import calls, no_calls_yet, steady  # noqa: F401


def same(sparsity, seed):
    return {"accuracy": (seed + 1) / 10, "note": f"seed {seed}"}


def test_an_interrupt_anywhere_loses_no_finished_row(tmp_path):
    """At each line of the package from the first run on, one Ctrl-C; PRUNEWIDGETS_FUZZ takes every line."""
    room = Path(runs.__file__).parent
    ours = {str(room / f"{name}.py") for name in ("compare", "sweep", "attempt", "leases", "store")}
    ours.add(runs.defer_interrupts.__code__.co_filename)
    every = 1 if "PRUNEWIDGETS_FUZZ" in os.environ else 7

    def interrupted_at(number):
        left = itertools.count(number, -1)
        begun = []

        def trace(frame, event, argument):
            if frame.f_code.co_filename not in ours and "progress_bar" not in frame.f_code.co_filename:
                return None
            begun.append(1) if frame.f_code.co_name == "find" else None
            deferred = signal.getsignal(signal.SIGINT) is not signal.default_int_handler
            if begun and deferred and event == "line" and next(left) == 0:
                signal.raise_signal(signal.SIGINT)
            return trace

        before = sys.gettrace()  # coverage's, perhaps
        sys.settrace(trace)
        try:
            frame = compare_methods({"m": same}, [0.5], range(3), tmp_path / f"{number}.sqlite")
            return frame, next(left) >= 0
        finally:
            sys.settrace(before)

    for number in range(0, 10**6, every):
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            frame, to_its_end = interrupted_at(number)
        assert frame["accuracy"].tolist() == [0.1, 0.2, 0.3][: len(frame)]
        assert frame.attrs["complete"] is (len(frame) == 3)
        if to_its_end:
            break
    assert number > 100


def test_a_second_interrupt_reaches_a_method_that_ignores_the_first():
    def stubborn(sparsity, seed):
        for _ in range(2):
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt:
                calls.append("interrupted")
        return 0.5

    assert compare_methods({"m": stubborn}, [0.5], [0]).attrs["complete"] and calls == ["interrupted"] * 2


def test_a_damaged_store_gives_correct_rows_or_an_error(tmp_path):
    """Bytes changed anywhere, 150 files; PRUNEWIDGETS_FUZZ=10000 for more."""
    whole, damaged = tmp_path / "whole.sqlite", tmp_path / "damaged.sqlite"
    right = compare_methods({"m": same}, [0.5], range(8), whole).drop(columns="seconds")
    content, rng = whole.read_bytes(), np.random.default_rng(0)
    refused, count = 0, int(os.environ.get("PRUNEWIDGETS_FUZZ", 150))
    last = content.find(b'{"accuracy"')  # rows are at the end of their pages, filled from behind
    for number in range(count):
        changed = bytearray(content)
        for place in rng.integers(last if number % 2 else 0, len(content), rng.integers(1, 4)):
            changed[place] = rng.integers(256)
        damaged.write_bytes(changed)
        try:
            found = compare_methods({"m": same}, [0.5], range(8), damaged)
        except (ValueError, OSError) as error:
            refused += 1
            assert str(damaged) in str(error)
        else:
            pd.testing.assert_frame_equal(found.drop(columns="seconds"), right, check_dtype=False)
            assert (found["seconds"] < 1).all()
    assert 0 < refused < count


def test_a_store_without_digests_is_upgraded(tmp_path):
    store = tmp_path / "runs.sqlite"
    with sqlite3.connect(store) as database:
        database.execute(
            "CREATE TABLE runs (key TEXT PRIMARY KEY, settings TEXT NOT NULL, result TEXT NOT NULL, "
            "seconds REAL NOT NULL, date TEXT NOT NULL)"
        )
        database.execute("INSERT INTO runs VALUES ('k', '{}', '{\"accuracy\": 0.5}', 1.5, '2026-11-25')")
    for _ in range(2):
        assert compare_methods({"m": steady}, [0.5], [0], store)["accuracy"].tolist() == [0.75]
    assert len(calls) == 1
    assert sqlite3.connect(store).execute("SELECT result FROM runs WHERE key = 'k'").fetchone() == (
        '{"accuracy": 0.5}',
    )
