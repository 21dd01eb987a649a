"""An encoder of BERT-base's size, 109 million weights, in the lab (Devlin et al. 2019; random weights)."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw

WIDTH, HEADS, INNER, WORDS, LENGTH = 768, 12, 3072, 30_522, 32


@pytest.fixture(scope="module")
def encoder():
    """Embeddings of tokens and positions, twelve blocks, a pooler, two classes."""
    keras.utils.set_random_seed(0)
    tokens = keras.Input((LENGTH,), dtype="int32")
    places = layers.Embedding(512, WIDTH, name="positions")(keras.ops.arange(LENGTH))
    x = layers.LayerNormalization()(layers.Embedding(WORDS, WIDTH, name="tokens")(tokens) + places)
    for block in range(12):
        seen = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, name=f"attention_{block}")(x, x)
        x = layers.LayerNormalization()(x + seen)
        inner = layers.Dense(INNER, activation="gelu", name=f"up_{block}")(x)
        x = layers.LayerNormalization()(x + layers.Dense(WIDTH, name=f"down_{block}")(inner))
    x = layers.Dense(WIDTH, activation="tanh", name="pooler")(x[:, 0])
    return keras.Model(tokens, layers.Dense(2, activation="softmax", name="classes")(x), name="encoder")


def test_it_opens_is_counted_exactly_and_measured(encoder, capsys):
    assert encoder.count_params() > 109e6
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, WORDS, (8, LENGTH)).astype("int32"), rng.integers(0, 2, 8)
    with pytest.raises(ValueError, match=r"takes about 1.5 GB .* more than the limit of 1.0 GB"):
        pw.PruningLab(encoder, x, y, memory_limit=1e9)
    lab = pw.PruningLab(encoder, x, y, threshold=0.02)
    assert "this lab takes about 1.5 GB" in capsys.readouterr().out
    assert lab.layer == "tokens/embeddings"
    removed = [
        int((np.abs(array) < np.float32(0.02)).sum()) for array in lab.live.snapshot().weights.values()
    ]
    assert lab.removed_per_layer() == removed
    total = sum(layer["size"] for layer in lab.layers)
    assert lab.sparsity == sum(removed) / total
    assert len(lab.weights) <= 16_100_000 < 4 * total  # a sample, and the page says so
    lab.sparsity = 0.9
    by_hand = sum(
        int((np.abs(array) < np.float32(lab.threshold)).sum())
        for array in lab.live.snapshot().weights.values()
    )
    assert lab.masks.removed == by_hand
    assert abs(by_hand - 0.9 * total) < 10  # among so many floats some are equal, and go together
    assert lab.wait(300)
    assert (lab.measured["n"], lab.error) == (8, "")
    lab.close()
