"""Train the networks that ``pretrained`` ships: ``python -m prunewidgets.models.zoo.train [name …]``."""

import hashlib
import io
import json
import sys
from datetime import date
from typing import Any

import keras
import numpy as np

from ...core.detection import DetectionMetric, Grid
from ...data.digit_scenes import CELL, digit_scenes
from ...data.mnist import mnist
from ..live.live_model import LiveModel
from ..measuring.accuracy import Accuracy
from .pretrained import ARCHITECTURES, FOLDER, RECORD

SEED = 0
EPOCHS = {"lenet_300_100": 12, "lenet_5": 6, "small_cnn": 12, "digit_detector": 8}
BATCH = {"digit_detector": 32}
RATE = {"digit_detector": 2e-3}
SCENES = 20_000


def train(name: str) -> tuple[keras.Model, dict[str, Any]]:
    """Train one network on the 60,000 training digits, or scenes of them, with cosine decay of the rate.

    Nothing is chosen by looking at the test digits: the seed and the number of epochs are fixed above.

    Returns:
        The model, and the record that ``trained.json`` stores next to the digest of its weights.
    """
    if name == "digit_detector":
        (x_train, y_train), (x_test, y_test) = digit_scenes(SCENES), digit_scenes(1000, "test")
    else:
        (x_train, y_train), (x_test, y_test) = mnist()
    batch, rate = BATCH.get(name, 128), RATE.get(name, 1e-3)
    keras.utils.set_random_seed(SEED)
    model = ARCHITECTURES[name](seed=SEED)
    steps = EPOCHS[name] * -(-len(x_train) // batch)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps)),
        loss=model.loss,
        metrics=["accuracy"] if name != "digit_detector" else None,
    )
    model.fit(x_train, y_train, batch_size=batch, epochs=EPOCHS[name], verbose=2)
    result = _tested(model, x_test, y_test)
    print(name, result)
    return model, {
        **result,
        "epochs": EPOCHS[name],
        "batch_size": batch,
        "optimizer": f"Adam {rate:.0e}, cosine decay to 0".replace("e-0", "e-"),
        "seed": SEED,
        "date": date.today().isoformat(),
        "keras": keras.version(),
    }


def _tested(model: keras.Model, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """Return what ``trained.json`` says of a network on the test examples."""
    if model.name == "digit_detector":
        grid = Grid(CELL)
        found = LiveModel(model).evaluate(x, y, metric=DetectionMetric(grid.found, grid.truth))
        return {"test_mean_average_precision": round(float(found), 4), "test_n": len(x)}
    accuracy = LiveModel(model).evaluate(x, y)
    assert isinstance(accuracy, Accuracy)  # no metric was given
    return {"test_correct": accuracy.correct, "test_n": accuracy.n}


def main(names: list[str]) -> None:
    """Train the named networks, or all if none is named, and write their weights and records."""
    FOLDER.mkdir(exist_ok=True)
    record_file = FOLDER / RECORD
    record = json.loads(record_file.read_text()) if record_file.exists() else {}
    for name in names or ARCHITECTURES:
        model, entry = train(name)
        content = io.BytesIO()
        arrays = {f"{number:02d}": value for number, value in enumerate(model.get_weights())}
        np.savez_compressed(content, **arrays)
        (FOLDER / f"{name}.npz").write_bytes(content.getvalue())
        record[name] = {"sha256": hashlib.sha256(content.getvalue()).hexdigest(), **entry}
        record_file.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
