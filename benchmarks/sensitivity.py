"""A sensitivity scan of LeNet-5: 4 layers × 10 levels × 10,000 test digits, one layer pruned at a time."""

import numpy as np

import prunewidgets as pw

from .common import alternate, median_row
from .passes import data, forward_pass

LEVELS = np.linspace(0.5, 0.99, 10)


def naive(live: pw.LiveModel, x: np.ndarray, y: np.ndarray) -> list[float]:
    """Return the same scan, also compiled, but with a whole forward pass for each point."""
    scores = pw.score(live.weights)
    return [
        float(live.evaluate(x, y, pw.Masks.from_sparsity({name: scores[name]}, level)))
        for name in live.names
        for level in LEVELS
    ]


if __name__ == "__main__":
    x, y = data()
    model = pw.models.pretrained("lenet_5")
    live = pw.LiveModel(model)
    once = forward_pass(model, x)
    assert pw.sensitivity(live, x, y, LEVELS)["accuracy"].tolist() == naive(live, x, y)
    taken = alternate(
        3,
        warm_up=0,
        ours=lambda: pw.sensitivity(live, x, y, LEVELS),
        peer=lambda: naive(live, x, y),
        limit=lambda: [once() for _ in LEVELS],
    )
    taken["limit"] = [len(live.names) * time for time in taken["limit"]]
    median_row("sensitivity", "lenet_5", taken, "the same with whole compiled passes")
