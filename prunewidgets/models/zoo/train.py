"""Train the networks that ``pretrained`` ships: ``python -m prunewidgets.models.zoo.train [name …]``."""

import hashlib
import io
import json
import sys
from datetime import date
from typing import Any

import keras
import numpy as np

from ...data.mnist import mnist
from ..live.live_model import LiveModel
from ..measuring.accuracy import Accuracy
from .pretrained import ARCHITECTURES, FOLDER, RECORD

SEED = 0
EPOCHS = {"lenet_300_100": 12, "lenet_5": 6, "small_cnn": 12}
BATCH = 128


def train(name: str) -> tuple[keras.Model, dict[str, Any]]:
    """Train one network on the 60,000 training digits, with cosine decay of the learning rate.

    Nothing is chosen by looking at the test digits: the seed and the number of epochs are fixed above.

    Returns:
        The model, and the record that ``trained.json`` stores next to the digest of its weights.
    """
    (x_train, y_train), (x_test, y_test) = mnist()
    keras.utils.set_random_seed(SEED)
    model = ARCHITECTURES[name](seed=SEED)
    steps = EPOCHS[name] * -(-len(x_train) // BATCH)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x_train, y_train, batch_size=BATCH, epochs=EPOCHS[name], verbose=2)
    accuracy = LiveModel(model).evaluate(x_test, y_test)
    assert isinstance(accuracy, Accuracy)  # no metric was given
    print(name, accuracy)
    return model, {
        "test_correct": accuracy.correct,
        "test_n": accuracy.n,
        "epochs": EPOCHS[name],
        "batch_size": BATCH,
        "optimizer": "Adam 1e-3, cosine decay to 0",
        "seed": SEED,
        "date": date.today().isoformat(),
        "keras": keras.version(),
    }


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
