"""Reused inputs and activations: the same numbers as a whole pass each time, and only where that is so."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.measuring import prepared as module


@pytest.fixture
def digits():
    rng = np.random.default_rng(0)
    return rng.random((230, 28, 28, 1), dtype="float32"), rng.integers(0, 10, 230)


@pytest.fixture
def lenet():
    return pw.LiveModel(pw.models.lenet_5(seed=1))


def half(live, name):
    return pw.Masks.from_sparsity({name: pw.score(live.weights)[name]}, 0.5)


def same_numbers(live, x):
    """Whether each weight can be masked in front of its own activations, bit for bit; where they start."""
    whole = live.prepare(x)
    starts = {}
    for name in live.names:
        part = live.prepare_before(name, whole)
        assert np.array_equal(live.predict(part, half(live, name)), live.predict(x, half(live, name)))
        starts[name] = part.start
    return starts


def test_a_chain_starts_at_the_pruned_layer(lenet, digits):
    names = [layer.name for layer in lenet.model.layers]
    starts = same_numbers(lenet, digits[0])
    assert {name: names[start] for name, start in starts.items()} == {
        f"{name}/kernel": name for name in ("conv_1", "conv_2", "dense_1", "dense_2")
    }


def test_the_scan_equals_whole_passes(lenet, digits):
    frame = pw.sensitivity(lenet, *digits, [0.3, 0.9])
    scores = pw.score(lenet.weights)
    expected = [
        lenet.evaluate(*digits, pw.Masks.from_sparsity({name: scores[name]}, level))
        for name in lenet.names
        for level in (0.3, 0.9)
    ]
    assert frame.accuracy.tolist() == [float(accuracy) for accuracy in expected]


def test_the_scan_runs_earlier_layers_once(lenet, digits, monkeypatch):
    runs = []
    call = type(lenet._state.forward)._function
    monkeypatch.setattr(
        type(lenet._state.forward), "_function", lambda *args: runs.append(args[3]) or call(*args)
    )
    pw.sensitivity(lenet, *digits, [0.1, 0.2, 0.3, 0.4])
    whole = [layers for layers in runs if layers is None]
    assert len(whole) == 4  # the levels of the first layer
    assert len(runs) == 4 * 4 + 3  # and once up to each later one


def test_prepared_measuring_changes_nothing(lenet, digits, everything):
    before = everything(lenet.model)
    positions = lenet.positions()
    pw.sensitivity(lenet, *digits, [0.5])
    assert everything(lenet.model) == before
    assert lenet.positions() == positions


def test_prepared_inputs_keep_the_weights_at_their_time(lenet, digits):
    expected = lenet.predict(digits[0])
    part = lenet.prepare_before("dense_1/kernel", lenet.prepare(digits[0]))
    for variable in lenet.model.variables:
        variable.assign(-variable.value)
    assert np.array_equal(lenet.predict(part), expected)


def test_large_activations_are_not_kept(lenet, digits, monkeypatch):
    monkeypatch.setattr(module, "_KEPT", 100_000)
    whole = lenet.prepare(digits[0])
    assert all(np.may_share_memory(batch, digits[0]) for batch in whole.batches)
    assert set(same_numbers(lenet, digits[0]).values()) == {0}


def not_a_chain():
    inputs = keras.Input((6,))
    first = layers.Dense(6, name="first")(inputs)
    second = layers.Dense(6, name="second")(layers.add([inputs, first]))
    return keras.Model(inputs, layers.Dense(3, name="third")(second))


def with_padding():
    """A mask of time steps goes from layer to layer beside the activations."""
    stack = [layers.Embedding(9, 4, mask_zero=True), layers.Dense(4), layers.GRU(5), layers.Dense(3)]
    return keras.Sequential([keras.Input((6,), dtype="int32"), *stack])


@pytest.mark.parametrize("build", [not_a_chain, with_padding])
def test_other_graphs_use_whole_passes(build):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 9, (20, 6))
    live = pw.LiveModel(build())
    assert set(same_numbers(live, x).values()) == {0}


def test_subclassed_models_run_whole(subclassed, data):
    live = pw.LiveModel(subclassed)
    whole = live.prepare(data[0])
    assert all(live.prepare_before(name, whole) is whole for name in live.names)


def test_mixed_precision_runs_whole(data):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = keras.Sequential([keras.Input((6,)), layers.Dense(8), layers.Dense(3)])
    finally:
        keras.config.set_dtype_policy("float32")
    assert set(same_numbers(pw.LiveModel(model), data[0]).values()) == {0}


@pytest.mark.parametrize("change", [lambda x: x[..., 0], lambda x: (255 * x).astype("uint8")])
def test_inputs_that_the_model_reshapes_work(lenet, digits, change):
    same_numbers(lenet, change(digits[0]))


def test_reordered_inputs_give_the_same_result_kept_or_made_again(lenet, digits, monkeypatch):
    order = np.random.default_rng(0).permutation(len(digits[0]))
    expected = lenet.predict(digits[0])[order]
    kept = lenet.prepare(digits[0], order)
    monkeypatch.setattr(module, "_KEPT", 100_000)
    assert module.kept_bytes(digits[0]) == 0
    for prepared in (kept, lenet.prepare(digits[0], order)):
        assert np.allclose(lenet.predict(prepared), expected, atol=1e-6)


@pytest.mark.parametrize("depth", [20, 40])
def test_a_deep_chain_is_not_compiled_for_each_layer(depth):
    x, y = np.random.default_rng(0).normal(size=(8, 5)).astype("float32"), np.arange(8) % 5
    model = keras.Sequential([keras.Input((5,)), *(layers.Dense(5) for _ in range(depth))])
    live = pw.LiveModel(model)
    frame = pw.sensitivity(live, x, y, [0.5])
    scores = pw.score(live.weights)
    for name, accuracy in zip(live.names[::7], frame.accuracy[::7], strict=True):
        whole = live.evaluate(x, y, pw.Masks.from_sparsity({name: scores[name]}, 0.5))
        assert accuracy == float(whole)
    assert live._state.forward.traces <= 2 * 12 + 1


def test_a_layer_that_is_used_twice_starts_from_the_inputs():
    """The second use is behind activations that were kept: they may not stand for it."""
    again = layers.Dense(5, name="again")
    model = keras.Sequential([keras.Input((5,)), layers.Dense(5, name="a"), again, layers.Dense(5), again])
    x = np.random.default_rng(0).normal(size=(8, 5)).astype("float32")
    live = pw.LiveModel(model)
    whole = last = live.prepare(x)
    for name in (*live.names, *live.names[::-1]):
        last = live.prepare_before(name, whole, last)
        expected = live.predict(x, half(live, name))
        np.testing.assert_allclose(live.predict(last, half(live, name)), expected, rtol=1e-5, atol=1e-6)
