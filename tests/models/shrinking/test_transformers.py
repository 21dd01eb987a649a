"""Transformers, ConvNeXt and the like lose width: what is exact, worked out without the package."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw

from ..small_nets import convnext, examples, pre_norm, randomise, some_units, transformer


def answer(model, x):
    return np.asarray(model(x, training=False))


def one_norm(norm, width=6):
    inputs = keras.Input((3, 4))
    x = norm(layers.Dense(width, name="made")(inputs))
    return randomise(keras.Model(inputs, layers.Dense(2, name="last")(x)))


@pytest.mark.parametrize(
    ("build", "made_by"),
    [
        (transformer, "stem own down"),
        (pre_norm, "tokens places own_0 down_0 own_1 down_1"),
        (convnext, "stem down_0 down_1"),
    ],
)
def test_the_residual_stream_is_one_group_through_norms_attention_and_embeddings(build, made_by):
    model = build()
    stream = next(iter(pw.channel_groups(model).values()))
    assert stream.made_by == tuple(made_by.split())
    norms = {one.name for one in model.layers if "Normalization" in type(one).__name__ and one.weights}
    assert norms <= set(stream.carried_by)


def test_layer_normalisation_sees_the_kept_channels_alone():
    model = one_norm(layers.LayerNormalization(name="norm"))
    kept = np.array([True, False, True, True, False, False])
    x = examples(model)
    inner = model.get_layer("made")(x).numpy()[..., kept]
    inner = (inner - inner.mean(-1, keepdims=True)) / np.sqrt(inner.var(-1, keepdims=True) + 1e-3)
    norm, last = model.get_layer("norm"), model.get_layer("last")
    inner = inner * norm.gamma.numpy()[kept] + norm.beta.numpy()[kept]
    by_hand = inner @ last.kernel.numpy()[kept] + last.bias.numpy()
    small, masked = pw.shrink(model, {"made": kept}), pw.mask_units(model, {"made": kept})
    np.testing.assert_allclose(answer(small, x), by_hand, atol=1e-5)
    np.testing.assert_allclose(answer(masked, x), by_hand, atol=1e-5)
    assert type(small.get_layer("norm")) is layers.LayerNormalization


def test_group_normalisation_loses_whole_groups_of_the_same_size():
    model = one_norm(layers.GroupNormalization(3, name="norm"))
    assert pw.channel_groups(model)["made"].units == 3
    small = pw.shrink(model, {"made": np.array([True, False, True])})
    norm = small.get_layer("norm")
    assert (norm.groups, norm.gamma.shape) == (2, (4,))
    kept = np.array([0, 1, 4, 5])
    np.testing.assert_array_equal(norm.gamma.numpy(), model.get_layer("norm").gamma.numpy()[kept])


def test_fewer_keys_leave_the_scores_of_the_others_as_they_were():
    inputs = keras.Input((5, 4))
    attention = layers.MultiHeadAttention(2, 4, name="own")
    model = randomise(keras.Model(inputs, attention(inputs, inputs)))
    kept = np.array([True, False, False, True])
    small, x = pw.shrink(model, {"own/keys": kept}), examples(model)
    assert (small.get_layer("own").key_dim, small.get_layer("own").value_dim) == (2, 4)
    for dense in (attention._query_dense, attention._key_dense):
        dense.kernel.assign(dense.kernel.numpy() * kept)
        dense.bias.assign(dense.bias.numpy() * kept)
    np.testing.assert_allclose(answer(small, x), answer(model, x), atol=1e-5)


def test_masked_and_smaller_models_save_load_and_can_be_cut_again(tmp_path):
    model = randomise(pre_norm())
    masks, x = some_units(pw.channel_groups(model)), examples(model)
    masked, small = pw.mask_units(model, masks), pw.shrink(model, masks)
    for name, each in (("masked", masked), ("small", small)):
        each.save(tmp_path / f"{name}.keras")
        again = keras.saving.load_model(tmp_path / f"{name}.keras")
        np.testing.assert_array_equal(answer(again, x), answer(each, x))
    twice = pw.shrink(masked, masks)
    assert [type(layer) for layer in twice.layers] == [type(layer) for layer in small.layers]
    np.testing.assert_allclose(answer(twice, x), answer(small, x), atol=1e-5)
    fewer = {name: kept.copy() for name, kept in masks.items()}
    first = next(iter(fewer))
    fewer[first][np.flatnonzero(~fewer[first])[0]] = True  # one of the removed units stays, as zeros
    np.testing.assert_allclose(answer(pw.shrink(masked, fewer), x), answer(small, x), atol=1e-5)
    small.compile("sgd", "mse")
    y = np.zeros_like(answer(small, x))
    before = np.square(answer(small, x)).mean()
    small.fit(x, y, verbose=0)
    assert np.square(answer(small, x)).mean() < before


def test_what_cannot_be_exact_is_refused_by_name():
    with pytest.warns(UserWarning, match="rms_scaling"):
        norm = layers.LayerNormalization(rms_scaling=True, name="norm")
    with pytest.raises(ValueError, match="norm, and rms_scaling=True has no rule"):
        pw.shrink(one_norm(norm), {"made": np.arange(6) < 3})
    with pytest.raises(ValueError, match="norm, and its axis 1 is not that of the channels"):
        pw.shrink(one_norm(layers.GroupNormalization(3, axis=1, name="norm")), {"made": np.arange(6) < 3})
    odd = one_norm(layers.RMSNormalization(axis=1, name="norm"), width=3)
    with pytest.raises(ValueError, match="norm, and Keras scales the last axis"):
        pw.shrink(odd, {"made": np.arange(3) < 2})
    inputs = keras.Input((4,))
    halves = keras.ops.split(layers.Dense(6, name="both")(inputs), 2, axis=-1)
    joined = layers.Concatenate()(
        [layers.Dense(2, name="left")(inputs), layers.Dense(2, name="right")(inputs)]
    )
    joined = layers.Add()([joined, layers.Dense(4, name="sum")(inputs)])
    outputs = [layers.Dense(1)(part) for part in (*halves, joined)]
    model = keras.Model(inputs, outputs)
    with pytest.raises(ValueError, match="'split'.*the masks leave nothing of its part 2 of 2"):
        pw.shrink(model, {"both": np.arange(6) < 3})
    with pytest.raises(ValueError, match="'right'.*the masks leave nothing of its units"):
        pw.shrink(model, {"left": np.arange(4) < 2})
