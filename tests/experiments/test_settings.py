"""What the key of a run depends on: everything that decides what runs, and nothing else."""

import ast
import copy
import functools
import marshal
import os
import runpy
import sqlite3
import subprocess
import sys
import types
from functools import partial

import numpy as np
import pandas as pd
import pytest

from prunewidgets.experiments.compare import compare_methods
from prunewidgets.experiments.settings import method_settings

from .counted_methods import calls, no_calls_yet, noisy, steady  # noqa: F401


def test_another_function_or_argument_is_another_run(tmp_path):
    store = tmp_path / "runs.sqlite"
    compare_methods({"m": noisy}, [0.5], [1], store)
    compare_methods({"m": steady}, [0.5], [1], store)
    compare_methods({"m": partial(noisy, scale=0.02)}, [0.5], [1], store)
    frame = compare_methods({"m": partial(noisy, scale=0.03)}, [0.5], [1], store)
    compare_methods({"other name": noisy}, [0.5], [1], store)
    assert len(calls) == 5 and frame["accuracy"][0] == pytest.approx(0.87)
    compare_methods({"m": partial(noisy, scale=0.03)}, [0.5], [1], store)
    assert len(calls) == 5


def test_a_function_without_source_is_identified_by_its_code(tmp_path):
    store, results = tmp_path / "runs.sqlite", []
    for text in ("0.5", "0.25", "0.5"):
        scope = {}
        exec(f"def typed(sparsity, seed):\n    return {text}", scope)
        results.append(compare_methods({"m": scope["typed"]}, [0.5], [0], store)["accuracy"][0])
    assert results == [0.5, 0.25, 0.5]
    assert sqlite3.connect(store).execute("SELECT COUNT(*) FROM runs").fetchone() == (2,)


def test_every_part_of_a_lambda_is_in_its_key(tmp_path):
    """Python gives the source of a lambda by the line: too little of one, and the same for two on one."""
    (tmp_path / "lambdas.py").write_text(
        "pair = [lambda sparsity, seed: 0.5, lambda sparsity, seed: 0.25]\n"
        "long = (\n  lambda sparsity, seed:\n    0.75\n)\nother = (\n  lambda sparsity, seed:\n    1.0\n)\n"
    )
    scope = runpy.run_path(str(tmp_path / "lambdas.py"))
    methods, store = [*scope["pair"], scope["long"], scope["other"]], tmp_path / "runs.sqlite"
    for _ in range(2):
        found = [compare_methods({"m": method}, [0.5], [0], store)["accuracy"][0] for method in methods]
        assert found == [0.5, 0.25, 0.75, 1.0]


def test_the_code_that_runs_counts_and_not_a_file_edited_since(tmp_path):
    """Edited, but not imported again: the old function still runs, and must not pass for the new one."""
    path, store = tmp_path / "edited.py", tmp_path / "runs.sqlite"
    path.write_text("def method(sparsity, seed):\n    return 0.5\n")
    old = runpy.run_path(str(path))["method"]
    path.write_text("def method(sparsity, seed):\n    return 0.25\n")
    assert compare_methods({"m": old}, [0.5], [0], store)["accuracy"][0] == 0.5
    new = runpy.run_path(str(path))["method"]
    assert compare_methods({"m": new}, [0.5], [0], store)["accuracy"][0] == 0.25


def test_sets_are_the_same_in_every_process(tmp_path):
    """Their order differs with the hashes of text."""
    program = (
        "import sys\nfrom prunewidgets.experiments.settings import key_of, method_settings, settings_of\n"
        "def method(sparsity, seed, of={'a', 'b', 'c', 'd'}):\n    return seed in {'e', 'f', 'g', 'h'}\n"
        "print(key_of(settings_of(method_settings('m', method), 0.5, 0)))"
    )
    keys = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(keys) == 1 and len(keys.pop().strip()) == 64


PROGRAM = """
import dataclasses, enum, multiprocessing, sys
from typing import Generic, TypeVar
import numpy as np
from functools import partial
from prunewidgets.experiments.settings import key_of, method_settings, settings_of

RATES = np.arange(5.0)
WORDS = {"b", "a", "c"}

T = TypeVar("T")

@dataclasses.dataclass(frozen=True, slots=True)
class Rates(Generic[T]):
    first: int = 1

class Way(enum.Enum):
    MAGNITUDE = 1

class Trainer:
    steps = 3
    __slots__ = ("rate",)

    def __init__(self, rate):
        self.rate = rate

    def run(self):
        return self.rate * Trainer.steps + helper()

def helper():
    return RATES.sum() + len(WORDS) + (1 if RATES is None else method.scale)

def method(sparsity, seed, trainer=None, scale=1):
    return (trainer or Trainer(scale)).run()

method.scale = 2
OTHERS = [Rates(), Way]
METHODS = [method, partial(method, trainer=Trainer(0.5)), Trainer(2).run, partial(method, scale=OTHERS)]

def keys(methods):
    return [key_of(settings_of(method_settings("m", method), 0.5, 0)) for method in methods]

if __name__ == "__main__":
    print(keys(METHODS))
    if sys.argv[1] == "spawn":
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            print(pool.apply(keys, (METHODS,)))
    else:
        import joblib
        print(joblib.Parallel(2, "loky")(joblib.delayed(keys)([method]) for method in METHODS))
"""


@pytest.mark.parametrize("way", ["spawn", "loky"])
def test_a_worker_process_computes_the_same_keys_as_the_notebook(tmp_path, way):
    (tmp_path / "script.py").write_text(PROGRAM)
    command = [sys.executable, str(tmp_path / "script.py"), way]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    here, there = map(ast.literal_eval, run.stdout.splitlines())
    assert np.ravel(there).tolist() == here and len(set(here)) == 4


def test_a_function_unpickled_without_its_module_has_the_same_key():
    """As cloudpickle builds one again: its code, and of the globals those that it names."""
    scope = {"__name__": "__main__", "E": 5, "other": object()}
    exec(compile("def helper(): return E\ndef method(s, k): return helper()", "cell 7", "exec"), scope)
    known = {"E": 5, "__name__": "elsewhere"}
    codes = {
        name: marshal.loads(marshal.dumps(scope[name].__code__.replace(co_filename="/tmp/worker")))
        for name in ("helper", "method")
    }
    known |= {name: types.FunctionType(code, known) for name, code in codes.items()}
    here, there = (method_settings("m", each["method"]) for each in (scope, known))
    assert here == there
    known["E"] = 6
    assert method_settings("m", known["method"]) != here


def test_installed_functions_are_identified_by_version(monkeypatch):
    def method(sparsity, seed):
        return pd.DataFrame([sparsity]).mean()[0]

    def keys():
        return method_settings("m", method)

    before = keys()
    assert len(before["code"]["parts"]) == 1
    monkeypatch.setattr(
        "prunewidgets.utils.installed._version", lambda top: "99" if top == "pandas" else None
    )
    assert keys() != before


def test_circular_values_and_unset_variables_are_errors(tmp_path):
    def early(sparsity, seed):
        return later

    ring = []
    ring.append(ring)
    for method in (early, partial(noisy, scale=ring)):
        with pytest.raises(TypeError, match="method 'm': .* cannot be described"):
            compare_methods({"m": method}, [0.5], [0], tmp_path / "runs.sqlite")
    later = 0.5
    assert compare_methods({"m": early}, [0.5], [0], tmp_path / "runs.sqlite")["accuracy"][0] == later


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.arange(2000.0), np.arange(2000.0) + (np.arange(2000) == 1000)),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        ({"rate": 0.1}, {"rate": 0.2}),
        ([1, "a", None], [1, "a", 0.0]),
        (steady, noisy),
    ],
)
def test_bound_arguments_are_in_the_key(tmp_path, one, other):
    """In a partial, as a default and in an enclosing function; and equal values find the run again."""

    def by_partial(value):
        return partial(_counted, value=value)

    def by_default(value):
        return lambda sparsity, seed, value=value: _counted(sparsity, seed, value)

    def by_enclosing(value):
        return lambda sparsity, seed: _counted(sparsity, seed, value)

    for number, make in enumerate((by_partial, by_default, by_enclosing)):
        store = tmp_path / f"{number}.sqlite"
        calls.clear()
        for value in (one, other, copy.deepcopy(one)):
            compare_methods({"m": make(value)}, [0.5], [0], store)
        assert len(calls) == 2


def _counted(sparsity, seed, value):
    calls.append(value)
    return 0.5


def test_values_that_cannot_be_described_are_refused_only_with_a_store(tmp_path):
    class Thing:
        def __init__(self):
            self.opened = open(os.devnull)

        def go(self, sparsity, seed):
            return 0.5

    for method in (Thing().go, partial(noisy, scale=Thing())):
        with pytest.raises(TypeError, match="method 'm': .* cannot be described"):
            compare_methods({"m": method}, [0.5], [0], tmp_path / "runs.sqlite")
    assert compare_methods({"m": Thing().go}, [0.5], [0])["accuracy"].tolist() == [0.5]


def test_decorated_functions_have_keys_of_their_own(tmp_path):
    def half(function):
        return functools.wraps(function)(lambda sparsity, seed: function(sparsity, seed) / 2)

    def same(function):
        return functools.wraps(function)(lambda sparsity, seed: function(sparsity, seed))

    store = tmp_path / "runs.sqlite"
    found = [compare_methods({"m": way(steady)}, [0.5], [0], store)["accuracy"][0] for way in (half, same)]
    assert found == [0.375, 0.75]


CELLS = """
import numpy as np
from functools import partial
from prunewidgets.experiments.compare import compare_methods

TABLE = np.arange(6.0)

def helper():
    return float(TABLE.mean()) / 10

class Trainer:
    rate: float = 0.1
    def run(self):
        return helper() + self.rate

def one(sparsity, seed):
    import json
    return Trainer().run()

def other(sparsity, seed, scale=2):
    return helper() / scale

if __name__ == "__main__":
    compare_methods({"one": one, "other": partial(other, scale=3)}, [0.5], [0, 1], "STORE", jobs=JOBS)
"""


def test_a_notebook_a_script_and_workers_have_the_same_keys(tmp_path):
    """One store for a script, a notebook's cells and either with workers: each run is done once."""
    cells = "from IPython.core.interactiveshell import InteractiveShell as S; import sys; s = S.instance()\n"
    cells += "for cell in open('cells.py').read().split('\\n\\n'): s.run_cell(cell).raise_error()"
    for jobs, command in (
        ("None", ["cells.py"]),
        ("1", ["-c", cells]),
        ("None", ["-c", cells]),
        ("1", ["cells.py"]),
    ):
        (tmp_path / "cells.py").write_text(CELLS.replace("STORE", "runs").replace("JOBS", jobs))
        subprocess.run([sys.executable, *command], cwd=tmp_path, check=True, timeout=120)
        with sqlite3.connect(tmp_path / "runs") as database:
            assert database.execute("SELECT COUNT(*) FROM runs").fetchone() == (4,)
