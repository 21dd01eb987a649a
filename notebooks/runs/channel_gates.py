"""The long experiment of chapter 18: channels chosen for each digit against filters removed for all.

    python notebooks/runs/channel_gates.py        # adds the rows that channel_gates.csv lacks

From the pretrained small CNN, conv_2 is left with 16, 8 and 4 of its 32 channels for each digit, once by a
gate and once by removing the filters with the smallest L1 norm. Both are trained in the same way, on all
60,000 training digits. Accuracy is measured on the 10,000 test digits after the last epoch; nothing is chosen
with them.
"""

from pathlib import Path

import pandas as pd

import prunewidgets as pw
from prunewidgets.models import keras  # keeps TensorFlow's greeting off the page

FILE = Path(__file__).with_suffix(".csv")
CASES = [(seed, kept, way) for seed in range(2) for kept in (4, 8, 16) for way in ("filters", "gate")]
EPOCHS, BATCH, DIGITS = 5, 128, 60_000


def one(seed: int, kept: int, way: str) -> dict[str, object]:
    """Train one network and return its row."""
    (x, y), test = pw.datasets.mnist()
    whole = pw.models.pretrained("small_cnn")
    keras.utils.set_random_seed(seed)
    if way == "gate":
        model = pw.gate_channels(whole, {"conv_2": kept})
    else:
        scores = pw.unit_score(whole, criterion="l1")
        masks = pw.Masks.from_sparsity({"conv_2": scores["conv_2"]}, 1 - kept / 32)
        model = pw.shrink(whole, masks)
    steps = EPOCHS * -(-DIGITS // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(1e-3, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    accuracy = float(pw.LiveModel(model).evaluate(*test))
    return {"seed": seed, "kept": kept, "way": way, "accuracy": accuracy}


if __name__ == "__main__":
    rows = pd.read_csv(FILE).to_dict("records") if FILE.exists() else []
    done = {(row["seed"], row["kept"], row["way"]) for row in rows}
    for case in CASES:
        if case not in done:
            rows.append(one(*case))
            pd.DataFrame(rows).to_csv(FILE, index=False, lineterminator="\n")  # after each network
