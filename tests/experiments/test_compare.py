"""Runs are done once, kept one by one, and counted as by hand."""

import json
import os
import sqlite3
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from prunewidgets.experiments.compare import compare_methods
from prunewidgets.experiments.summary import summarize_runs
from prunewidgets.models.measuring.accuracy import Accuracy

from .counted_methods import calls, no_calls_yet, noisy, steady  # noqa: F401


def test_every_method_runs_at_every_sparsity_with_every_seed():
    frame = compare_methods({"steady": steady, "noisy": noisy}, [0.5, 0.9], seeds=[0, 1])
    assert list(frame["method"]) == ["steady", "noisy"] * 4
    assert list(frame["sparsity"]) == [0.5] * 4 + [0.9] * 4
    assert list(frame["seed"]) == [0, 0, 1, 1] * 2
    assert frame.loc[frame["method"] == "steady", "accuracy"].tolist() == [0.75, 0.75, 0.55, 0.55]
    assert frame.loc[frame["method"] == "noisy", "note"].tolist() == ["a < b"] * 4
    assert frame["seconds"].ge(0).all() and frame.attrs["complete"] is True


def test_threads_do_not_share_random_seeds():
    """``np.random.seed``, like ``keras.utils.set_random_seed``, is one for all threads of a process."""

    def drawn(sparsity, seed):
        np.random.seed(seed)
        time.sleep(0.02)
        return np.random.random()

    with ThreadPoolExecutor(4) as threads:
        frames = list(threads.map(lambda seed: compare_methods({"m": drawn}, [0.5], [seed]), range(4)))
    right = [np.random.RandomState(seed).random_sample() for seed in range(4)]
    assert [frame["accuracy"][0] for frame in frames] == right


def test_mean_and_sd_by_hand():
    """0.9, 0.8 and 0.4: mean 0.7, sample variance (0.04 + 0.01 + 0.09) / 2 = 0.07."""
    frame = pd.DataFrame({"method": ["a", "a", "b", "a"], "sparsity": 0.5, "accuracy": [0.9, 0.8, 0.1, 0.4]})
    ours = summarize_runs(frame)
    assert ours["method"].tolist() == ["a", "b"] and ours["n"].tolist() == [3, 1]
    assert ours["mean"].tolist() == pytest.approx([0.7, 0.1])
    assert ours["sd"][0] == pytest.approx(0.07**0.5) and np.isnan(ours["sd"][1])
    assert summarize_runs(frame.rename(columns={"method": "criterion"})).columns[0] == "criterion"
    with pytest.raises(ValueError, match="needed are method"):
        summarize_runs(frame.drop(columns="accuracy"))


def test_stored_runs_are_not_repeated(tmp_path):
    store = tmp_path / "runs.sqlite"
    first = compare_methods({"noisy": noisy}, [0.5], seeds=[0, 1], store=store)
    again = compare_methods({"noisy": noisy}, [0.5, 0.7], seeds=[0, 1, 2], store=store)
    assert calls == [("noisy", level, seed) for level, seed in [(0.5, 0), (0.5, 1), (0.5, 2)]] + [
        ("noisy", 0.7, seed) for seed in (0, 1, 2)
    ]
    pd.testing.assert_frame_equal(first, again.iloc[:2])
    [settings] = sqlite3.connect(store).execute(
        "SELECT settings FROM runs WHERE key IN (SELECT MIN(key) FROM runs)"
    )
    assert set(json.loads(settings[0])) == {"method", "sparsity", "seed", "code"}


PROGRAM = """
    import os, sys
    sys.path.insert(0, {folder!r})
    from work import slow
    from prunewidgets.experiments.compare import compare_methods
    print(compare_methods({{"slow": slow}}, [0.1, 0.2, 0.3, 0.4], [0], {store!r})["accuracy"].tolist())
"""

WORK = """
    import os
    def slow(sparsity, seed):
        with open(os.path.join(os.path.dirname(__file__), "log"), "a") as log:
            log.write(f"{sparsity} ")
        if sparsity == 0.3 and os.environ.get("DIE"):
            os.kill(os.getpid(), 9)
        return 1 - sparsity
"""


def program(tmp_path):
    (tmp_path / "work.py").write_text(textwrap.dedent(WORK))
    text = textwrap.dedent(PROGRAM).format(folder=str(tmp_path), store=str(tmp_path / "runs.sqlite"))
    return [sys.executable, "-c", text]


def test_a_killed_process_keeps_its_finished_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("DIE", "yes")
    assert subprocess.run(program(tmp_path), timeout=60).returncode == -9
    monkeypatch.delenv("DIE")
    done = subprocess.run(program(tmp_path), timeout=60, capture_output=True, text=True)
    assert json.loads(done.stdout) == [0.9, 0.8, 0.7, 0.6]
    assert (tmp_path / "log").read_text().split() == ["0.1", "0.2", "0.3", "0.3", "0.4"]


def test_two_processes_write_to_one_store(tmp_path):
    both = [subprocess.Popen(program(tmp_path), stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [json.loads(process.communicate(timeout=60)[0]) for process in both] == [[0.9, 0.8, 0.7, 0.6]] * 2
    count = sqlite3.connect(tmp_path / "runs.sqlite").execute("SELECT COUNT(*) FROM runs").fetchone()
    assert count == (4,)


def test_a_store_that_fails_costs_no_result(tmp_path):
    """The disk may fill up, or another program lock the file, while a run takes its hours."""
    store = tmp_path / "runs.sqlite"

    def method(sparsity, seed):
        if seed == 1:
            store.unlink()
            store.mkdir()
        return 0.5 + seed / 10

    with pytest.raises(OSError, match="cannot be used") as caught:
        compare_methods({"m": method}, [0.5], [0, 1, 2], os.fspath(store))
    assert caught.value.frame[["seed", "accuracy"]].values.tolist() == [[0, 0.5], [1, 0.6]]
    assert caught.value.frame.attrs["complete"] is False


def test_an_interrupt_keeps_the_finished_rows(tmp_path):
    stop = tmp_path / "stop"
    stop.touch()

    def until(sparsity, seed):
        calls.append(seed)
        if seed == 2 and stop.exists():
            stop.unlink()
            raise KeyboardInterrupt
        return 0.5

    with pytest.warns(UserWarning, match="2 of 4 runs"):
        frame = compare_methods({"m": until}, [0.5], range(4), tmp_path / "runs.sqlite")
    assert frame["seed"].tolist() == [0, 1] and frame.attrs["complete"] is False
    compare_methods({"m": until}, [0.5], range(4), tmp_path / "runs.sqlite")
    assert calls == [0, 1, 2, 2, 3]


def test_a_failed_run_is_named_and_the_others_are_kept(tmp_path):
    def fails(sparsity, seed):
        calls.append(seed)
        return 1 / (1 - seed)

    with pytest.raises(RuntimeError, match="'m' at sparsity 0.5 and seed 1 failed .ZeroDiv") as caught:
        compare_methods({"m": fails}, [0.5], [0, 1], tmp_path / "runs.sqlite")
    assert caught.value.frame["accuracy"].tolist() == [1.0]
    compare_methods({"m": fails}, [0.5], [0], tmp_path / "runs.sqlite")
    assert calls == [0, 1]


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (float("nan"), "returned nan as accuracy"),
        (97.3, "returned 97.3 as accuracy; it has to be a number from 0 to 1"),
        ({"accuracy": 0.5, "loss": float("inf")}, "returned inf as 'loss'"),
        ("high", "returned 'high' as accuracy"),
        ({"loss": 0.1}, "returned no 'accuracy', but 'loss': name with measure= what counts"),
        ({"accuracy": 0.5, "seed": 3}, "returned seed, which the frame already has"),
        ({"accuracy": 0.5, "curve": [1, 2]}, "returned .1, 2. as 'curve'; give a finite"),
    ],
)
def test_results_that_cannot_be_stored_are_refused(returned, message):
    with pytest.raises(ValueError, match=message) as caught:
        compare_methods({"fine": steady, "m": lambda sparsity, seed: returned}, [0.5], [0])
    assert caught.value.frame["method"].tolist() == ["fine"]  # nothing that was finished is lost


def test_a_file_that_is_not_a_store_is_refused_and_not_changed(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("these are my notes, and no database at all\n" * 50)
    before = text.read_bytes()
    with pytest.raises(ValueError, match="notes.txt' is not a file of runs, or is damaged"):
        compare_methods({"m": steady}, [0.5], [0], text)
    assert text.read_bytes() == before
    other = tmp_path / "other.sqlite"
    for table in ("runs (name TEXT)", "songs (name TEXT)"):
        other.unlink(missing_ok=True)
        with sqlite3.connect(other) as database:
            database.execute(f"CREATE TABLE {table}")
        before = other.read_bytes()
        with pytest.raises(ValueError, match="other.sqlite' is a database of another program"):
            compare_methods({"m": steady}, [0.5], [0], other)
        assert other.read_bytes() == before
    with pytest.raises(OSError, match="Check that its folder exists"):
        compare_methods({"m": steady}, [0.5], [0], tmp_path / "nowhere" / "runs.sqlite")
    assert calls == []


def test_nothing_to_run_and_impossible_sparsities_are_errors():
    with pytest.raises(ValueError, match="nothing to run"):
        compare_methods({}, [0.5])
    with pytest.raises(ValueError, match="1.5"):
        compare_methods({"m": steady}, [0.5, 1.5])
    with pytest.raises(TypeError, match="methods must be a dict {name: function}, not list"):
        compare_methods([steady], [0.5])
    with pytest.raises(TypeError, match=r"^seeds has 1.5, which is not an integer; give integers such as"):
        compare_methods({"m": steady}, [0.5], [1.5])
    with pytest.raises(TypeError, match=r"^seeds is 3; give a list of integers, such as \[0, 1, 2\]\.$"):
        compare_methods({"m": steady}, [0.5], 3)
    with pytest.raises(ValueError, match="^sparsities is empty"):
        compare_methods({"m": steady}, [])
    with pytest.raises(ValueError, match="no rows"):
        summarize_runs(pd.DataFrame(columns=["method", "sparsity", "accuracy"]))
    assert calls == []


def test_seeds_from_a_generator_are_used_at_every_sparsity_and_duplicates_run_once():
    frame = compare_methods({"m": lambda share, number: share}, [0.5, 0.7, 0.5], (seed for seed in (0, 1, 0)))
    assert frame[["sparsity", "seed"]].values.tolist() == [[0.5, 0], [0.5, 1], [0.7, 0], [0.7, 1]]


def test_an_accuracy_adds_its_interval_and_count():
    frame = compare_methods({"m": lambda sparsity, seed: Accuracy(90, 100)}, [0.5], [0])
    assert frame[["low", "high", "n"]].values.tolist() == [[*Accuracy(90, 100).interval, 100]]


def test_scopes_are_not_mixed():
    frame = pd.DataFrame(
        {"criterion": "magnitude", "scope": ["global", "layer"], "sparsity": 0.5, "accuracy": [0.9, 0.5]}
    )
    assert summarize_runs(frame)["mean"].tolist() == [0.9, 0.5]


def test_a_single_sparsity_stands_for_a_list_of_one():
    frame = compare_methods({"m": lambda sparsity, seed: 1 - sparsity}, 0.25, [3])
    assert frame[["sparsity", "seed", "accuracy"]].values.tolist() == [[0.25, 3, 0.75]]
