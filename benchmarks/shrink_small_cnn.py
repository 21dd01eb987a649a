"""The small CNN without most of its filters: how much faster it is, and how much accuracy it loses.

`python -m benchmarks.shrink_small_cnn` shrinks the shipped network, fine-tunes it on the 60,000 training
digits and evaluates it on the test digits once. `--validate` trains another network on the first 55,000,
tries all sizes below, and measures on the other 5,000; the size was chosen that way.

What is left of the time without most filters is the first convolution, which has to pass over all pixels. So
pixels go too: two rows and columns at each edge, which are empty in nearly all digits.
"""

import json
import sys

import keras
import numpy as np

import prunewidgets as pw
from prunewidgets.models.costs.latency import latency
from prunewidgets.models.shrinking.shrink import shrink
from prunewidgets.models.shrinking.unit_scores import unit_score

from .common import row

TRIED = [(4, 12, 32), (4, 16, 48), (5, 16, 48)]
"""Filters of conv_1 and conv_2, neurons of dense_1: of 16, 32 and 64."""
CHOSEN = (4, 16, 48)
EPOCHS, BATCH = 20, 128


def main(validate: bool) -> None:
    keras.utils.set_random_seed(0)
    (x, y), (x_test, y_test) = pw.datasets.mnist()
    if validate:
        x, x_test, y, y_test = x[:-5000], x[-5000:], y[:-5000], y[-5000:]
        model = pw.models.small_cnn(seed=1)
        train(model, x, y)
    else:
        model = pw.models.pretrained("small_cnn")
    before = pw.LiveModel(model).evaluate(x_test, y_test)
    for size in TRIED if validate else [CHOSEN]:
        small = smaller(model, size, x[:5000], y[:5000])
        train(small, x, y)
        after = pw.LiveModel(small).evaluate(x_test, y_test)
        lost = 100 * (float(before) - float(after))
        print(f"{size}: {before} before, {after} after, {lost:.2f} points lost", file=sys.stderr, flush=True)
        if not validate:
            measure(model, small, x_test, lost)


def smaller(model: keras.Model, size: tuple[int, int, int], x: np.ndarray, y: np.ndarray) -> keras.Model:
    """Return the model without edges, and without the units whose removal would change the loss the least."""
    model = without_edges(model)
    scores = unit_score(model, x, y, "taylor")
    sparsity = {name: 1 - kept / len(scores[name]) for name, kept in zip(scores, size, strict=True)}
    return shrink(model, pw.Masks.from_sparsity(scores, sparsity))


def without_edges(model: keras.Model) -> keras.Model:
    """Return the network of the inner 24 x 24 pixels, to be trained on.

    Before dense_1 it has 4 x 4 positions, each between two of the former 5 x 5 in both directions: their
    weights are the means of what these had.
    """
    kernel = model.get_layer("dense_1").kernel.numpy().reshape(5, 5, 32, 64)
    rows = (kernel[:4] + kernel[1:]) / 2
    inner = ((rows[:, :4] + rows[:, 1:]) / 2).reshape(-1, 64)
    layers = [type(layer).from_config(layer.get_config()) for layer in model.layers]
    small = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Cropping2D(2), *layers])
    small.set_weights([inner if w.shape == (800, 64) else w for w in model.get_weights()])
    small.compile(loss=model.loss)
    return small


def train(model: keras.Model, x: np.ndarray, y: np.ndarray) -> None:
    """Train with Adam and cosine decay of the learning rate."""
    steps = EPOCHS * -(-len(x) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0)


def measure(whole: keras.Model, small: keras.Model, x: np.ndarray, lost: float) -> None:
    frame = latency(
        {"whole": whole, "small": small}, x, batches=(1, 32), runners=("keras", "tflite"), seconds=3
    )
    for (runner, batch), some in frame.groupby(["runner", "batch"]):
        times = some.set_index("model")
        row(
            "shrink_small_cnn",
            f"{runner}, batch {batch}",
            times.loc["small", "median_ms"] / 1000,
            times.loc["whole", "median_ms"] / 1000,
            "the whole network",
            runs=int(times["runs"].min()),
        )
    sizes = whole.count_params(), small.count_params()
    print(json.dumps({"bench": "shrink_small_cnn", "parameters": sizes, "points_lost": round(lost, 2)}))


if __name__ == "__main__":
    main("--validate" in sys.argv)
