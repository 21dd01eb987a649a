"""Prune the two LeNets on MNIST as far as they go: `python -m benchmarks.frontier`.

Each row is trained from several seeds that are fixed here, on all 60,000 training digits, without
augmentation or distillation. The settings were chosen on the last 5,000 training digits (`--validate` trains
on the other 55,000 and measures on those); the test digits are read once, after the last epoch. Every run is
kept in `frontier_runs/runs.jsonl`; what is there is not done again. `--jobs 2` makes two runs at a time, each
with one processor.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date

from .checkpoints import FOLDER, path_of
from .common import ROOT

RUNS = FOLDER / "runs.jsonl"
_WRITING = threading.Lock()
SEEDS = {"lenet_300_100": (0, 1, 2, 3, 4), "lenet_5": (0, 1, 2)}
_SGD = {"optimizer": "sgd", "learning_rate": 0.1, "l2": 5e-4}
ROWS: dict[str, dict] = {
    "lenet_300_100_12x": {"net": "lenet_300_100", "ratio": 12, "epochs": 60, "dropout": 0.2, **_SGD},
}


def one_run(row: str, seed: int, validate: bool) -> dict:
    """Train one network here and now; returns its line."""
    import keras
    import tensorflow as tf

    import prunewidgets as pw

    from .checkpoints import save
    from .sparse_training import Settings, train

    tf.config.threading.set_inter_op_parallelism_threads(1)
    (x, y), (x_test, y_test) = pw.datasets.mnist()
    if validate:
        x, x_test, y, y_test = x[:-5000], x[-5000:], y[:-5000], y[-5000:]
    settings = Settings(**ROWS[row])
    start = time.perf_counter()
    model = train(settings, x, y, seed)
    seconds = time.perf_counter() - start
    live = pw.LiveModel(model)
    kept = {name: int((array != 0).sum()) for name, array in live.weights.items()}
    total = sum(array.size for array in live.weights.values())
    biases = sum(variable.value.numpy().size for variable in model.variables) - total
    accuracy, learned = live.evaluate(x_test, y_test), live.evaluate(x, y)
    if seed == 0 and not validate and settings.masks == "global" and settings.ratio > 1:
        save(model, path_of(settings.net, settings.ratio))
    return {
        "row": row,
        "seed": seed,
        "measured_on": "the last 5,000 training digits" if validate else "the 10,000 test digits",
        "error_percent": round(100 * (1 - accuracy.correct / accuracy.n), 2),
        "training_error_percent": round(100 * (1 - learned.correct / learned.n), 3),
        "nonzeros": sum(kept.values()),
        "ratio": round(total / sum(kept.values()), 2),
        "ratio_with_biases": round((total + biases) / (sum(kept.values()) + biases), 2),
        "kept": kept,
        "settings": asdict(settings),
        "seconds": round(seconds),
        "date": date.today().isoformat(),
        "machine": f"{platform.system()}, {os.cpu_count()} CPUs, Keras {keras.version()}",
    }


def in_a_process(row: str, seed: int, validate: bool, threads: int) -> bool:
    """One run in a process of its own, and its line into the file; whether it went well."""
    command = [sys.executable, "-m", "benchmarks.frontier", "--child", row, str(seed)]
    command += ["--validate"] if validate else []
    environment = {**os.environ, "TF_NUM_INTRAOP_THREADS": str(threads), "TF_CPP_MIN_LOG_LEVEL": "2"}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        print(f"{row}, seed {seed}: failed", file=sys.stderr)
        return False
    line = done.stdout.strip().splitlines()[-1]
    print(line, flush=True)
    if not validate:
        with _WRITING:
            unfinished = RUNS.with_suffix(".part")
            unfinished.write_text("".join(json.dumps(run) + "\n" for run in (*finished(), json.loads(line))))
            unfinished.replace(RUNS)
    return True


def finished() -> list[dict]:
    """All runs that are kept."""
    return [json.loads(line) for line in RUNS.read_text().splitlines()] if RUNS.exists() else []


def main() -> None:
    """Do what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="*", default=list(ROWS), choices=list(ROWS))
    parser.add_argument("--seeds", nargs="*", type=int)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(one_run(asked.child[0], int(asked.child[1]), asked.validate)))
        return
    done = [] if asked.validate else [(run["row"], run["seed"]) for run in finished()]
    wanted = [
        (row, seed)
        for row in asked.rows
        for seed in (asked.seeds if asked.seeds is not None else SEEDS[ROWS[row]["net"]])
        if (row, seed) not in done
    ]
    threads = max(1, (os.cpu_count() or 1) // asked.jobs)
    with ThreadPoolExecutor(asked.jobs) as pool:
        went_well = list(pool.map(lambda run: in_a_process(*run, asked.validate, threads), wanted))
    sys.exit(not all(went_well))


if __name__ == "__main__":
    main()
