"""The long experiment of chapter 07: lottery tickets of LeNet-300-100 with all 60,000 training digits.

    python notebooks/runs/lottery_tickets.py        # adds the seeds that lottery_tickets.csv lacks

Each seed trains 39 networks: the dense one, and after each of 19 rounds, in which a fifth of the surviving
weights goes, the ticket and its control, the same masks from shuffled initial values. Accuracy is measured on
the 10,000 test digits after the last epoch; nothing is chosen with them.
"""

from pathlib import Path

import pandas as pd

import prunewidgets as pw
from prunewidgets.models import lenet_300_100, lottery_tickets  # keeps TensorFlow's greeting off the page

# isort: split
import keras

FILE = Path(__file__).with_suffix(".csv")
SEEDS = range(2)
EPOCHS = 3
BATCH = 128
SPARSITY = 1 - 0.8**19  # 98.56 %


def one_seed(seed: int) -> pd.DataFrame:
    """Return the rows of `pw.lottery_tickets` for one draw of initial weights and one order of the digits."""
    (x_train, y_train), test = pw.datasets.mnist()

    def train(model: keras.Model, callbacks: list[keras.callbacks.Callback]) -> None:
        keras.utils.set_random_seed(seed)  # the same order each time
        model.fit(x_train, y_train, batch_size=BATCH, epochs=EPOCHS, verbose=0, callbacks=callbacks)

    found = lottery_tickets(
        lenet_300_100(seed=seed), train, *test, SPARSITY, share=0.2, control=True, seed=1000 * seed
    )
    return found.assign(seed=seed)


if __name__ == "__main__":
    done = pd.read_csv(FILE) if FILE.exists() else pd.DataFrame({"seed": []})
    for seed in sorted(set(SEEDS) - set(done["seed"])):
        done = pd.concat([done, one_seed(seed)]).astype({"seed": int})
        done.round(6).to_csv(FILE, index=False, lineterminator="\n")  # after each seed
