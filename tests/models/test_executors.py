"""Runs in worker processes and in threads: the rows, masks and keys of one call in the notebook."""

import ast
import pickle
import subprocess
import sys
import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw
from prunewidgets.experiments.settings import method_settings


def compiled(*between, optimizer="adam", **options):
    model = keras.Sequential([keras.Input((6,)), *between, layers.Dense(3, activation="softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy", **options)
    return model


def pruned():
    model = compiled(layers.Dense(5))
    pw.prune(model, 0.5)
    return model


NETS = {
    "not trained yet": compiled,
    "gathers gradients": lambda: compiled(optimizer=keras.optimizers.SGD(0.1, gradient_accumulation_steps=2)),
    "averages weights": lambda: compiled(optimizer=keras.optimizers.Adam(use_ema=True)),
    "a metric object": lambda: compiled(metrics=[keras.metrics.SparseCategoricalAccuracy()]),
    "draws without a seed": lambda: compiled(layers.Dropout(0.5)),
    "may draw": lambda: compiled(layers.Embedding(9, 4), layers.LSTM(5)),
    "pruned": pruned,
}


@pytest.mark.filterwarnings("ignore:Skipping variable loading for optimizer")
@pytest.mark.parametrize("net", NETS)
def test_a_model_in_a_worker_process_has_the_same_key(net):
    model = NETS[net]()
    there = pickle.loads(pickle.dumps(model))
    here = method_settings("m", lambda sparsity, seed: model)
    assert not model.optimizer.built or net == "pruned"  # as before
    model, given = there, model
    assert method_settings("m", lambda sparsity, seed: model) == here
    model.optimizer.variables[0].assign(3)  # how many steps it has done
    assert method_settings("m", lambda sparsity, seed: model) != here
    model = given
    model.layers[-1].bias.assign([1.0, 0.0, 0.0])
    assert method_settings("m", lambda sparsity, seed: model) != here


class Pause:
    """Stands in for the lock of a ``tf.function``: says when it is taken, and waits to be let on."""

    def __init__(self):
        self.taken, self.go_on = threading.Event(), threading.Event()

    def __enter__(self):
        self.taken.set()
        assert self.go_on.wait(20)

    def __exit__(self, *error):
        pass


def test_pruning_in_one_thread_does_not_break_tuples_of_others():
    """Python cannot finish a tuple that something else refers to: "bad argument to internal function"."""
    function, pause = tf.function(lambda x: x), Pause()
    function._lock = pause
    model = compiled()
    model.predict(np.zeros((1, 6)), verbose=0)  # only what has been traced is searched
    pruning = threading.Thread(target=pw.prune, args=(model, 0.5))

    def numbers():
        yield from range(5)
        pruning.start()
        assert pause.taken.wait(20)
        yield from range(5, 50)

    try:
        assert tuple(numbers()) == tuple(range(50))
    finally:
        pause.go_on.set()
        pruning.join()


PROGRAM = """
import hashlib, sqlite3
from concurrent.futures import ThreadPoolExecutor
from functools import partial
import joblib, keras, numpy as np
import prunewidgets as pw

X = np.random.default_rng(0).normal(size=(90, 6)).astype("float32")
Y = X[:, :3].argmax(1)

def kernels(seed):
    rng = np.random.default_rng(100 + seed)
    return [rng.normal(size=shape).astype("float32") for shape in ((6, 8), (8, 3))]

def build(seed):
    first, last = keras.layers.Dense(8, activation="relu"), keras.layers.Dense(3, activation="softmax")
    model = keras.Sequential([keras.Input((6,)), first, last])
    model.compile("adam", "sparse_categorical_crossentropy")
    for layer, kernel in zip((first, last), kernels(seed)):
        layer.kernel.assign(kernel)
    return model

def digest(masks):
    return hashlib.sha256(b"".join(np.packbits(mask).tobytes() for mask in masks)).hexdigest()

def pruned(sparsity, seed, criterion):
    model = build(seed)
    masks = pw.prune(model, sparsity, criterion, seed=seed)
    return {"accuracy": pw.LiveModel(model).evaluate(X, Y), "masks": digest(masks.values())}

def given(sparsity, seed, model):
    live = pw.LiveModel(model)
    masks = pw.Masks.from_sparsity(pw.score(live.weights, "random", seed), sparsity, scope="global")
    return {"accuracy": live.evaluate(X, Y, masks), "masks": digest(masks.values())}

def right(sparsity, seed, criterion, weights):
    scores = [np.abs(kernel) for kernel in weights]
    if criterion == "random":
        drawn = [np.random.default_rng([seed, place]) for place in (0, 1)]
        scores = [rng.random(kernel.shape, np.float32) for rng, kernel in zip(drawn, weights)]
    flat = np.concatenate([score.ravel() for score in scores])
    kept = np.ones(len(flat), bool)
    kept[np.argsort(flat, kind="stable")[: round(sparsity * len(flat))]] = False
    first, last = kept[:48].reshape(6, 8), kept[48:].reshape(8, 3)
    answers = np.maximum(X @ (weights[0] * first), 0) @ (weights[1] * last)
    return float((answers.argmax(1) == Y).mean()), digest((first, last))

def rows(frame):
    return [(float(row.accuracy), row.masks) for row in frame.itertuples()]

def keys(store):
    return sorted(key for key, in sqlite3.connect(store).execute("SELECT key FROM runs"))

if __name__ == "__main__":
    model = build(7)
    methods = {name: partial(pruned, criterion=name) for name in ("magnitude", "random")}
    methods["given"] = partial(given, model=model)
    serial = pw.compare_methods(methods, [0.5, 0.75], [0, 1], "serial")
    found = {"serial": (rows(serial), keys("serial"))}
    jobs = [([sparsity], [seed]) for sparsity in (0.5, 0.75) for seed in (0, 1)]

    def collect(way, frames):
        found[way] = sum(map(rows, frames), []), keys(way)

    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(pw.compare_methods, methods, *job, "threads") for job in jobs]
        collect("threads", [future.result() for future in futures])
    compare = joblib.delayed(pw.compare_methods)
    collect("loky", joblib.Parallel(2, "loky")(compare(methods, *job, "loky") for job in jobs))
    collect("jobs", [pw.compare_methods(methods, [0.5, 0.75], [0, 1], "jobs", jobs=2)])
    sources = {"magnitude": ("magnitude", kernels), "random": ("random", kernels)}
    sources["given"] = "random", lambda seed: kernels(7)
    wanted = [
        right(row.sparsity, row.seed, sources[row.method][0], sources[row.method][1](row.seed))
        for row in serial.itertuples()
    ]
    same = [one == found["serial"] for one in found.values()]
    print([found["serial"][0] == wanted, len(found["serial"][1]), *same])
"""


def test_workers_give_the_rows_and_keys_of_one_call(tmp_path):
    (tmp_path / "script.py").write_text(PROGRAM)
    command = [sys.executable, "script.py"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert ast.literal_eval(run.stdout.splitlines()[-1]) == [True, 12, True, True, True, True]
