"""The text encoder computes what BERT's formulas say, here in NumPy; padding changes nothing."""

from math import erf

import numpy as np
import pytest

import prunewidgets as pw

SIZES = {"words": 20, "width": 6, "layers": 2, "heads": 3, "units": 5, "longest": 7}


@pytest.fixture(scope="module")
def encoder():
    model = pw.models.text_encoder(**SIZES)
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=array.shape) for array in model.get_weights()])
    return model


def normalised(x, gamma, beta):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12) * gamma + beta


def by_hand(model, row):
    """The vector of one text without padding, float64, head by head."""
    weights = {layer.name: layer.get_weights() for layer in model.layers}
    x = normalised(weights["words"][0][row] + weights["places"][0][: len(row)], *weights["norm"])
    for n in range(SIZES["layers"]):
        wq, bq, wk, bk, wv, bv, wo, bo = weights[f"attention_{n}"]
        seen = np.zeros_like(x) + bo
        for head in range(SIZES["heads"]):
            q, k, v = (x @ w[:, head] + b[head] for w, b in ((wq, bq), (wk, bk), (wv, bv)))
            scores = np.exp(q @ k.T / np.sqrt(q.shape[1]))
            seen += scores / scores.sum(1, keepdims=True) @ v @ wo[head]
        x = normalised(x + seen, *weights[f"attention_norm_{n}"])
        (up, up_bias), (down, down_bias) = weights[f"up_{n}"], weights[f"down_{n}"]
        inner = x @ up + up_bias
        inner *= 0.5 * (1 + np.vectorize(erf)(inner / np.sqrt(2)))
        x = normalised(x + inner @ down + down_bias, *weights[f"norm_{n}"])
    return x.mean(0)


def test_it_computes_berts_formulas_and_padding_changes_no_vector(encoder):
    rows = [[3, 17, 4, 9, 1], [5, 6], [8]]
    padded = np.array([row + [0] * (7 - len(row)) for row in rows], np.int32)
    found = encoder.predict(padded, verbose=0)
    np.testing.assert_allclose(found, [by_hand(encoder, row) for row in rows], atol=1e-4)


def test_its_heads_units_rows_and_width_are_groups_of_units(encoder):
    import keras

    kinds = keras.layers.Dense(3, name="kind")(encoder.output)
    groups = pw.channel_groups(keras.Model(encoder.input, kinds), embedding_rows=True)
    counts = {name: group.units for name, group in groups.items()}
    assert {name: counts[name] for name in ("words/rows", "words", "attention_1/heads", "up_1")} == {
        "words/rows": 20,
        "words": 6,
        "attention_1/heads": 3,
        "up_1": 5,
    }
    assert groups["words"].made_by[:2] == ("words", "places")


def test_the_same_seed_gives_the_same_weights_and_no_two_arrays_are_alike():
    first, again = (pw.models.text_encoder(**SIZES, seed=3).get_weights() for _ in range(2))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    model = pw.models.text_encoder(**SIZES, seed=3)
    kernels = [model.get_layer(f"up_{n}").kernel.numpy() for n in range(2)]
    assert not np.array_equal(*kernels)


def test_a_width_that_the_heads_do_not_share_is_refused():
    with pytest.raises(ValueError, match="multiple of heads, which is 3"):
        pw.models.text_encoder(width=64, heads=3)
