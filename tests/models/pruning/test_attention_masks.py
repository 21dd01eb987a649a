"""Padding does not count where a criterion looks at the inputs of a layer, in attention layers either."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw


def test_padding_does_not_count():
    words = layers.Embedding(9, 3, mask_zero=True, name="words")
    model = keras.Sequential([keras.Input((4,), dtype="int32"), words, layers.Dense(2, name="only")])
    x = np.array([[1, 2, 0, 0], [3, 4, 5, 0]])
    seen = words.embeddings.numpy()[[1, 2, 3, 4, 5]]
    scores = pw.data_score(model, x, criterion="wanda", layers="only")["only/kernel"]
    expected = np.abs(model.layers[-1].kernel.numpy()) * np.linalg.norm(seen, axis=0)[:, None]
    np.testing.assert_allclose(scores, expected, rtol=1e-5)


@pytest.mark.parametrize(
    "attention",
    [
        layers.MultiHeadAttention(2, 3, name="look"),
        layers.MultiHeadAttention(2, 3, use_gate=True, name="look"),
        layers.GroupQueryAttention(3, 4, 2, name="look"),
    ],
    ids=["heads", "gated", "grouped"],
)
def test_padding_does_not_count_in_attention(attention):
    """The same as each text alone, without its padding."""
    attention = type(attention).from_config(attention.get_config())
    inputs = keras.Input((None,), dtype="int32")
    words = layers.Embedding(9, 4, mask_zero=True, name="words")(inputs)
    model = keras.Model(inputs, layers.Dense(2, name="last")(attention(words, words)))
    x = np.array([[1, 2, 0, 0], [3, 4, 5, 0]])
    padded = pw.data_score(model, x, criterion="wanda", exclude="words")
    alone = [pw.data_score(model, row[row > 0][None], criterion="wanda", exclude="words") for row in x]
    assert {name.split("/")[-2] for name in padded} >= {"query", "key", "value", "attention_output", "last"}
    for name, scores in padded.items():
        expected = np.sqrt(sum(np.square(one[name], dtype=np.float64) for one in alone))
        np.testing.assert_allclose(scores, expected, rtol=1e-4, err_msg=name)
    assert not any("call" in vars(layer) for layer in model._flatten_layers())
