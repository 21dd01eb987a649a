"""Prune the two LeNets on MNIST as far as they go: `python -m research.lenet_frontier.frontier`.

Each row is trained from several seeds that are fixed here, on all 60,000 training digits, without
augmentation or distillation. The settings were chosen on the last 10,000 training digits (`--validate` trains
on the other 50,000 and measures on those); the test digits are read once, after the last epoch. Every run is
stored in `runs/runs.jsonl` and not repeated. `--jobs 2` makes two runs at a time, each with one processor.
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

from .checkpoints import FOLDER, ROOT, path_of

RUNS = FOLDER / "runs.jsonl"
HELD_OUT = 10_000
_WRITING = threading.Lock()
SEEDS = {"lenet_300_100": (0, 1, 2, 3, 4), "lenet_5": (0, 1, 2)}
_LENET_5 = {"learning_rate": 0.1, "longest": 1.0, "end": 0.6, "settle": 0.8}
ROWS: dict[str, dict] = {
    "lenet_300_100_12x": {"ratio": 12, "epochs": 60, "learning_rate": 0.1, "dropout": 0.2},
    "lenet_300_100_60x": {"ratio": 60, "epochs": 200, "learning_rate": 0.1, "dropout": 0.15, "regrow": 0.1},
    "lenet_300_100_115x": {"ratio": 115, "epochs": 120, "learning_rate": 0.1, "dropout": 0.05},
    "lenet_5_108x": {"ratio": 108, "epochs": 60, "dropout": 0.2, "l2": 5e-4, "strength": 0.5, **_LENET_5},
    "lenet_5_300x": {"ratio": 300, "epochs": 200, "dropout": 0.03, "l2": 2e-4, **_LENET_5, "end": 0.55},
}
for _row, _settings in ROWS.items():
    _settings["net"] = _row.rpartition("_")[0]
_WIDTHS = {
    "lenet_300_100_12x": (27, 27),
    "lenet_300_100_60x": (5, 34),
    "lenet_300_100_115x": (2, 62),
    "lenet_5_108x": (4, 8, 22),
    "lenet_5_300x": (2, 6, 10),
}
BASELINES: dict[str, dict] = {
    f"{row}_{kind}": settings | change
    for row, settings in ROWS.items()
    for kind, change in {
        "random": {"masks": "random"},
        "layer": {"masks": "layer"},
        "narrow": {"ratio": 1, "widths": _WIDTHS[row]},
    }.items()
} | {
    f"{net}_dense": ROWS[row] | {"ratio": 1}
    for net, row in {"lenet_300_100": "lenet_300_100_12x", "lenet_5": "lenet_5_108x"}.items()
}
"""The same training with random masks, with magnitudes ranked layer by layer, of a dense net with as many
weights (`widths` are those of its hidden layers), and of the dense net as it is."""
ROWS["lenet_5_300x_noise"] = {  # as many weights as lenet_5_300x, after two stages
    "net": "lenet_5",
    "ratio": 300,
    "epochs": 50,
    "learning_rate": 0.05,
    "dropout": 0.03,
    "l2": 2e-4,
    "longest": 1.0,
    "end": 0.5,
    "settle": 0.6,
    "regrow": 0.1,
    "noisy": 110,
    "left": 3_000,
}
"""The runs behind the published figures: {row: settings}."""
SUPERSEDED = ("lenet_5_300x",)
"""Rows with a better one at the same ratio, kept for their baselines."""
SAVED_SEED = {"lenet_5_300x_noise": 2}
"""The seed whose network is kept as a file; 0 where nothing is said."""
EVERYTHING = ROWS | BASELINES


def seeds_of(row: str) -> tuple[int, ...]:
    """Return the seeds of a row, fixed beforehand; baselines have the first one or two of them."""
    seeds = SEEDS[EVERYTHING[row]["net"]]
    return seeds if row in ROWS else seeds[: len(seeds) // 2]


def one_run(row: str, seed: int, validate: bool) -> dict:
    """Train one network in this process; return its line."""
    import keras
    import tensorflow as tf

    import prunewidgets as pw

    from .checkpoints import save
    from .sparse_training import Settings, train

    tf.config.threading.set_inter_op_parallelism_threads(1)
    (x, y), (x_test, y_test) = pw.datasets.mnist()
    if validate:
        x, x_test, y, y_test = x[:-HELD_OUT], x[-HELD_OUT:], y[:-HELD_OUT], y[-HELD_OUT:]
    settings = Settings(**EVERYTHING[row])
    start = time.perf_counter()
    saved = ROOT / "build" / f"{row}_{seed}{'_validate' if validate else ''}.stage"
    saved.parent.mkdir(exist_ok=True)
    model = train(settings, x, y, seed, saved)
    seconds = time.perf_counter() - start
    live = pw.LiveModel(model)
    kept = {name: int((array != 0).sum()) for name, array in live.weights.items()}
    total = sum(array.size for array in live.weights.values())
    biases = sum(variable.value.numpy().size for variable in model.variables) - total
    accuracy, learned = live.evaluate(x_test, y_test), live.evaluate(x, y)
    if row in ROWS and seed == SAVED_SEED.get(row, 0) and not validate:
        save(model, path_of(row))
    return {
        "row": row,
        "seed": seed,
        "measured_on": f"the last {HELD_OUT:,} training digits" if validate else "the 10,000 test digits",
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
    """Do one run in a separate process and store its line; return whether it succeeded."""
    command = [sys.executable, "-m", "research.lenet_frontier.frontier", "--child", row, str(seed)]
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
    """Return all stored runs."""
    return [json.loads(line) for line in RUNS.read_text().splitlines()] if RUNS.exists() else []


def main() -> None:
    """Do the runs that are missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="*", default=list(EVERYTHING), choices=list(EVERYTHING))
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
        for seed in (asked.seeds if asked.seeds is not None else seeds_of(row))
        if (row, seed) not in done
    ]
    threads = max(1, (os.cpu_count() or 1) // asked.jobs)
    with ThreadPoolExecutor(asked.jobs) as pool:
        succeeded = list(pool.map(lambda run: in_a_process(*run, asked.validate, threads), wanted))
    sys.exit(not all(succeeded))


if __name__ == "__main__":
    main()
