"""A snapshot keeps the values of its moment without copying them."""

import keras
import numpy as np
import pytest

import prunewidgets as pw


@pytest.fixture
def live(dense):
    return pw.LiveModel(dense)


def test_nothing_is_copied_until_the_model_is_written_to(live):
    first, second = live.snapshot(), live.snapshot()
    for name in live.names:
        assert np.shares_memory(first.weights[name], second.weights[name])
        assert not first.weights[name].flags.writeable


@pytest.mark.parametrize("change", ["assign", "assign_add", "fit"])
def test_a_snapshot_keeps_the_values_at_its_time(live, data, change):
    before, snapshot = live.weights, live.snapshot()
    for _ in range(3):
        if change == "fit":
            live.model.fit(*data, verbose=0)
        else:
            for variable in live.model.variables:
                getattr(variable, change)(np.ones(variable.shape, "float32"))
    for name, array in before.items():
        assert np.array_equal(snapshot.weights[name], array)
        assert not np.array_equal(live.snapshot().weights[name], array)


def test_a_snapshot_survives_sparse_updates_of_an_embedding():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Embedding(9, 4), keras.layers.Flatten()])
    model.add(keras.layers.Dense(2))
    model.compile("sgd", "mse")
    live = pw.LiveModel(model)
    before, snapshot = live.weights, live.snapshot()
    for _ in range(2):
        model.fit(np.arange(9).reshape(3, 3), np.ones((3, 2)), verbose=0)
        assert all(np.array_equal(snapshot.weights[name], array) for name, array in before.items())
        assert not snapshot.same(live.snapshot())
        assert live.snapshot().same(live.snapshot())


def test_a_changed_bias_makes_another_snapshot(live):
    snapshot = live.snapshot()
    assert snapshot.same(live.snapshot())
    bias = next(variable for variable in live.model.variables if variable.name == "bias")
    before = bias.numpy()
    bias.assign(before + 1e-3)
    assert not snapshot.same(live.snapshot())
    bias.assign(before)  # as it was, in other memory
    assert snapshot.same(live.snapshot())


def test_the_original_snapshot_is_from_before_the_first_apply(live, data):
    before = live.weights
    pw.prune(live, 0.5)
    live.model.fit(*data, verbose=0)
    pw.prune(live, 0.8)
    original = live.snapshot(original=True)
    assert all(np.array_equal(original.weights[name], array) for name, array in before.items())
    accuracy = live.evaluate(*data, snapshot=original)
    live.restore()
    assert accuracy == live.evaluate(*data)


def test_a_snapshot_is_measured_after_the_model_has_changed(live, data):
    snapshot, expected = live.snapshot(), live.evaluate(*data)
    for variable in live.model.variables:
        variable.assign(-variable.value)
    assert live.evaluate(*data, snapshot=snapshot) == expected
    read = live.predict(data[0], snapshot=snapshot).argmax(-1)
    assert (read == data[1]).mean() == expected


def test_a_removed_layer_is_named():
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, name="a"), keras.layers.Dense(2, name="b")]
    )
    live = pw.LiveModel(model)
    model.pop()
    with pytest.raises(ValueError, match="no longer has the weights b/kernel"):
        live.snapshot()
