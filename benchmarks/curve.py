"""A whole accuracy-versus-sparsity curve: 20 levels × 10,000 test digits."""

import keras
import numpy as np

import prunewidgets as pw

from .common import alternate, median_row
from .passes import BATCH, data, forward_pass

LEVELS = np.linspace(0, 0.99, 20)


def by_hand(model: keras.Model, x: np.ndarray, y: np.ndarray) -> list[float]:
    """Return the accuracies as one would write it without prunewidgets: set_weights and evaluate."""
    original = model.get_weights()
    kernels = [number for number, array in enumerate(original) if array.ndim > 1]
    sizes = np.concatenate([np.abs(original[number]).ravel() for number in kernels])
    accuracies = []
    for level in LEVELS:
        cut = np.quantile(sizes, level)
        masked = [np.where(np.abs(array) >= cut, array, 0) if array.ndim > 1 else array for array in original]
        model.set_weights(masked)
        accuracies.append(model.evaluate(x, y, batch_size=BATCH, verbose=0)[1])
    model.set_weights(original)
    return accuracies


if __name__ == "__main__":
    x, y = data()
    for case, runs in (("lenet_300_100", 7), ("lenet_5", 3)):
        model = pw.models.pretrained(case)
        once = forward_pass(model, x)
        pw.accuracy_curve(model, x, y, [0.5]), model.evaluate(x, y, batch_size=BATCH, verbose=0), once()
        taken = alternate(
            runs,
            warm_up=0,
            ours=lambda: pw.accuracy_curve(model, x, y, LEVELS),  # noqa: B023
            peer=lambda: by_hand(model, x, y),  # noqa: B023
            limit=lambda: [once() for _ in LEVELS],  # noqa: B023
        )
        median_row("curve", case, taken, f"set_weights + evaluate, batch {BATCH}")
