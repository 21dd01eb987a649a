"""The lower limit for everything that measures a model: plain compiled forward passes, nothing else."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

BATCH = 1000  # faster than 10,000 at once on two cores


def data() -> tuple[np.ndarray, np.ndarray]:
    """Return the 10,000 test digits and their labels."""
    import prunewidgets as pw

    (_, _), (x, y) = pw.datasets.mnist()
    return x, y


def forward_pass(model: keras.Model, x: np.ndarray) -> Callable[[], list[np.ndarray]]:
    """Return a function that computes all outputs for x: batches made before, one tf.function, no masks."""
    compiled = tf.function(lambda batch: model(batch, training=False), autograph=False)
    batches = [tf.constant(x[start : start + BATCH]) for start in range(0, len(x), BATCH)]
    return lambda: [compiled(batch).numpy() for batch in batches]
