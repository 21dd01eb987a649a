"""Channels through ``keras.ops``, hand-written attention, U-Nets and models at every step; random chains."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers, ops

import prunewidgets as pw

from ..small_nets import examples, randomise, some_units
from ..tensor_nets import TENSOR_NETS, cells, clips, own_attention, scaled_heads

UNITS = {
    "own_attention": {"stem": 8, "key": 4, "value": 4},
    "einsum_heads": {"stem": 6, "query/d": 3, "query/e": 4, "value/e": 4},
    "einsums": {"query": 6, "value": 7},
    "gates": {"both": 5, "wide": 6},
    "mixer": {"stem": 6, "tokens_0": 7, "up_0": 9, "tokens_1": 7, "up_1": 9},
    "u_net": {"one": 4, "two": 6, "three": 5},
    "clips": {"steps/conv": 3, "steps/dense": 5, "both": 4},
    "plain_attention": {"query": 6, "value": 7, "wide": 8},
    "scaled_heads": {"value": 4, "between": 6, "own_query/d": 3, "own_query/e": 4},
    "dots": {"query": 6, "value": 7, "first": 8},
    "cells": {"deep/lstm": 6, "deep/gru": 5, "deep/simple": 3, "single": 7, "list": 4},
}


def answer(model, x):
    return np.asarray(model(x, training=False))


def check(model, seed=0):
    masks, x = some_units(pw.channel_groups(model), seed), examples(model)
    small = pw.shrink(model, masks)
    wide = answer(pw.mask_units(model, masks), x)
    np.testing.assert_allclose(answer(small, x), wide, rtol=1e-4, atol=1e-5 * max(1, np.abs(wide).max()))
    return small, masks


@pytest.mark.parametrize("build", TENSOR_NETS, ids=lambda build: build.__name__)
def test_shrunk_and_masked_models_agree(build):
    model = randomise(build())
    groups = pw.channel_groups(model)
    found = {name: group.units for name, group in groups.items()}
    assert found == UNITS[build.__name__]
    small, masks = check(model)
    again = {name: group.units for name, group in pw.channel_groups(small).items()}
    assert again == {name: int(kept.sum()) for name, kept in masks.items() if kept.sum() > 1}


@pytest.mark.parametrize("build", [own_attention, clips, scaled_heads, cells])
def test_they_save_load_and_have_a_gradient_everywhere(build, tmp_path):
    small, _ = check(randomise(build()))
    x = examples(small)
    small.save(tmp_path / "small.keras")
    again = keras.saving.load_model(tmp_path / "small.keras")
    np.testing.assert_array_equal(answer(again, x), answer(small, x))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(small(x, training=True)))
    slopes = tape.gradient(loss, [variable.value for variable in small.trainable_variables])
    assert all(slope is not None for slope in slopes)


@pytest.mark.parametrize(
    ("query", "key", "held"),
    [("sigmoid", "sigmoid", True), ("sigmoid", "tanh", False), (None, "relu", False)],
)
def test_sums_over_channels_that_are_not_zero_when_removed_are_refused(query, key, held):
    inputs = keras.Input((4, 3))
    first, second = layers.Dense(6, query, name="query")(inputs), layers.Dense(6, key, name="key")(inputs)
    scores = ops.einsum("btc,bsc->bts", first, second)
    model = randomise(keras.Model(inputs, layers.Dense(2, name="last")(scores)))
    groups = pw.channel_groups(model)
    if held:
        assert "einsum (Einsum) sums over them" in groups.fixed["query"]
    else:
        assert groups["query"].made_by == ("query", "key")
        check(model)


@pytest.mark.parametrize(
    ("query", "key", "held"),
    [("sigmoid", "sigmoid", True), ("sigmoid", "tanh", False)],
)
def test_scaled_attention_of_channels_that_are_not_zero_is_refused(query, key, held):
    """With a scale that is given, which does not change with the width."""
    inputs = keras.Input((4, 3))
    kinds = {"query": query, "key": key, "value": None}
    parts = [
        ops.reshape(layers.Dense(6, kind, name=name)(inputs), (-1, 4, 1, 6)) for name, kind in kinds.items()
    ]
    x = ops.reshape(ops.dot_product_attention(*parts, scale=0.7), (-1, 4, 6))
    model = randomise(keras.Model(inputs, layers.Dense(2, name="last")(x)))
    groups = pw.channel_groups(model)
    if held:
        assert "(DotProductAttention) sums over them" in groups.fixed["query"]
    else:
        assert set(next(iter(groups.values())).made_by) == {"query", "key", "value"}
        check(model)


def test_heads_stay_where_a_bias_has_values_for_each():
    inputs = keras.Input((4, 3))
    parts = [
        layers.EinsumDense("abc,cde->abde", (None, 3, 4), name=name)(inputs)
        for name in ("query", "key", "value")
    ]
    bias = np.random.default_rng(0).normal(size=(1, 3, 4, 4)).astype("float32")
    x = ops.dot_product_attention(*parts, bias=bias)
    x = layers.EinsumDense("abde,dec->abc", (None, 2), name="last")(x)
    model = randomise(keras.Model(inputs, x))
    groups = pw.channel_groups(model)
    assert (
        list(groups) == ["query/e"] and "combines them with what is not made for" in groups.fixed["query/d"]
    )
    check(model)


@pytest.mark.parametrize(("activation", "held"), [("sigmoid", True), ("tanh", False)])
def test_cosines_of_channels_that_are_not_zero_are_refused(activation, held):
    inputs = keras.Input((3,))
    pair = [layers.Dense(5, name="one")(inputs), layers.Dense(5, activation, name="two")(inputs)]
    x = layers.Concatenate()([layers.Dot(-1, normalize=True, name="cosine")(pair), inputs])
    model = randomise(keras.Model(inputs, layers.Dense(2, name="last")(x)))
    groups = pw.channel_groups(model)
    if held:
        assert "cosine (Dot) divides by their norm, and removed ones are not zero" in groups.fixed["one"]
    else:
        assert groups["one"].made_by == ("one", "two")
        check(model)


def test_padding_goes_through_stacked_cells():
    inputs = keras.Input((6,), dtype="int32")
    x = layers.Embedding(20, 5, mask_zero=True, name="words")(inputs)
    x = layers.RNN([layers.LSTMCell(4, name="one"), layers.LSTMCell(3, name="two")], name="deep")(x)
    model = randomise(keras.Model(inputs, layers.Dense(2, name="last")(x)))
    assert list(pw.channel_groups(model)) == ["words", "deep/one", "deep/two"]
    check(model)


class OwnCell(layers.SimpleRNNCell):
    """A cell that Keras does not know."""


def test_cells_without_a_rule_are_named():
    inputs = keras.Input((4, 3))
    x = layers.RNN([layers.GRUCell(4), OwnCell(3)], name="deep")(inputs)
    model = keras.Model(inputs, layers.Dense(2, name="last")(x))
    groups = pw.channel_groups(model)
    assert not groups and "what a cell of the kind OwnCell does" in groups.fixed["deep"]


def dense(draw, x):
    return layers.Dense(draw(st.integers(2, 5)), draw(st.sampled_from(["relu", "sigmoid", "tanh", None])))(x)


def norm(draw, x):
    kinds = [layers.LayerNormalization, layers.RMSNormalization, layers.UnitNormalization]
    kind = draw(st.sampled_from(kinds))
    return kind(axis=-1 if kind is layers.RMSNormalization else draw(st.sampled_from([-1, -1, 1])))(x)


def along_tokens(draw, x):
    return ops.swapaxes(layers.Dense(x.shape[1])(dense(draw, ops.swapaxes(x, 1, 2))), 1, 2)


def attend(draw, x):
    wide = draw(st.sampled_from([2, 4]))
    query, key, value = (layers.Dense(wide, draw(st.sampled_from([None, "sigmoid"])))(x) for _ in range(3))
    if draw(st.booleans()):
        return ops.einsum("bts,bsc->btc", ops.softmax(ops.einsum("btc,bsc->bts", query, key)), value)
    query, key, value = (
        ops.transpose(ops.reshape(one, (-1, 4, 2, wide // 2)), (0, 2, 1, 3)) for one in (query, key, value)
    )
    scores = ops.softmax(ops.matmul(query, ops.swapaxes(key, -1, -2)), axis=draw(st.sampled_from([-1, -2])))
    return ops.reshape(ops.transpose(ops.matmul(scores, value), (0, 2, 1, 3)), (-1, 4, wide))


def part(draw, x):
    width = x.shape[-1]
    if width % 2 == 0 and draw(st.booleans()):
        first, second = ops.split(x, 2, axis=-1)
        return first * ops.sigmoid(second)
    start = draw(st.integers(0, width - 1))
    return x[..., start:] if draw(st.booleans()) else ops.pad(x, ((0, 0), (0, 0), (start, 1)))


def arithmetic(draw, x):
    factor = np.linspace(-1, 2, x.shape[-1], dtype="float32")
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return x * factor + 0.5
    if kind == 1:
        return x * ops.mean(x, axis=1, keepdims=True)
    if kind == 2:
        return ops.cumsum(x, axis=1) - factor
    if kind == 3:
        return ops.softmax(x, axis=1)
    if kind == 4:
        return ops.matmul(x, np.outer(factor, [1, 2, 3]).astype("float32"))
    return ops.concatenate([x, ops.flip(x, axis=1), ops.exp(x[:, :1] * ops.ones((1, 4, 1)))], axis=-1)


def add(draw, x):
    return x + layers.Dense(x.shape[-1])(draw(st.sampled_from([dense, attend, along_tokens, norm]))(draw, x))


@settings(max_examples=6)
@given(st.data())
def test_random_chains_compute_the_same_when_shrunk(data):
    inputs = keras.Input((4, 3))
    x = layers.Dense(4)(inputs)
    for _ in range(data.draw(st.integers(2, 5))):
        x = data.draw(st.sampled_from([dense, norm, along_tokens, attend, part, arithmetic, add]))(
            data.draw, x
        )
    model = randomise(keras.Model(inputs, layers.Dense(2)(ops.max(x, axis=1))))
    try:
        check(model, data.draw(st.integers(0, 9)))
    except ValueError as error:  # a part of the channels that a mask has emptied
        assert "leave nothing of" in str(error)
