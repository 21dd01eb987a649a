"""The long experiment of chapter 19: tickets found on digits, trained on drawn letters.

    python notebooks/runs/moved_tickets.py        # adds the seeds that moved_tickets.csv lacks

Each seed trains LeNet-300-100 on 10,000 digits, and from the same initial values on 10,000 and on 1,000
letters. The largest weights of each are a mask. Then five kinds of network are trained on the letters: the
dense one, the ticket found on the letters, the ticket moved from the digits, its mask alone with shuffled
initial values, and a random mask with as many weights in each layer. Accuracy is measured after the last
epoch, on 5,000 letters that are not trained on; nothing is chosen with them.
"""

import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pandas as pd

import prunewidgets as pw
from prunewidgets.models import RewindPoint, lenet_300_100  # keeps TensorFlow's greeting off the page

# isort: split
import keras

FILE = Path(__file__).with_suffix(".csv")
SEEDS = range(5)
DIGITS = 10_000
EPOCHS = {10_000: 4, 1_000: 20}
"""Number of letters to train on -> epochs."""
SPARSITIES = (0.8, 0.95, 0.98)


def one_seed(seed: int) -> pd.DataFrame:
    """Return the accuracy of each network for one draw of initial weights: letters, sparsity, kind."""
    (digits, which), _ = pw.datasets.mnist()
    (x, y), test = pw.datasets.letters()
    model = lenet_300_100(seed=seed)
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", steps_per_execution=16)
    live, start = pw.LiveModel(model), RewindPoint(0)
    initial = live.weights

    def fit(x, y, epochs, callbacks=()) -> None:
        keras.utils.set_random_seed(seed)  # the same order each time
        model.fit(x, y, batch_size=64, epochs=epochs, verbose=0, callbacks=[*callbacks])

    fit(digits[:DIGITS], which[:DIGITS], 4, [start])
    found = {sparsity: pw.Masks.from_sparsity(pw.score(live.weights), sparsity) for sparsity in SPARSITIES}
    rows = []
    for letters, epochs in EPOCHS.items():

        def train(kind: str, sparsity: float) -> None:
            fit(x[:letters], y[:letters], epochs)  # noqa: B023  called in this round only
            accuracy = float(live.evaluate(*test))
            rows.append({"seed": seed, "letters": letters, "sparsity": sparsity})  # noqa: B023
            rows[-1] |= {"kind": kind, "accuracy": accuracy}

        live.restore()
        start.rewind()
        train("dense", 0.0)
        trained = live.weights
        for sparsity in SPARSITIES:
            masks = found[sparsity]
            share = {name: 1 - mask.mean() for name, mask in masks.items()}
            random = pw.Masks.from_sparsity(pw.score(initial, "random", seed=seed), share)
            own = pw.Masks.from_sparsity(pw.score(trained), sparsity)
            kinds = {"own ticket": own, "ticket moved": masks, "mask moved": masks, "random mask": random}
            for kind, masks in kinds.items():
                live.apply(masks)
                start.shuffle(seed + 1) if kind == "mask moved" else start.rewind()
                train(kind, sparsity)
    return pd.DataFrame(rows)


def machine() -> str:
    """Return one line on where and when the runs were made."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("keras", "numpy", "matplotlib"))
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"# {libraries}, Python {platform.python_version()}, {system}, {date.today()}\n"


if __name__ == "__main__":
    done = pd.read_csv(FILE, comment="#") if FILE.exists() else pd.DataFrame({"seed": [], "letters": []})
    for seed in sorted(set(SEEDS) - set(done["seed"])):
        done = pd.concat([done, one_seed(seed)]).astype({"seed": int, "letters": int})
        table = done.round(6).to_csv(index=False, lineterminator="\n")
        FILE.write_text(machine() + table, encoding="utf-8")  # after each seed
