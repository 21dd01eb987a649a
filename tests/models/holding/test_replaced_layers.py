"""Layers that are removed from a pruned or measured model, added to it, or replaced."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw


def network(head="head"):
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(16, "relu", name="body"), layers.Dense(4, "softmax", name=head)]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def zeros(model):
    kernels = [variable.numpy() for variable in model.variables if variable.name == "kernel"]
    return sum((kernel == 0).sum() for kernel in kernels) / sum(kernel.size for kernel in kernels)


def with_new_head(model, name, units=4):
    model.pop()
    model.add(layers.Dense(units, "softmax", name=name))
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


@pytest.fixture
def data():
    return np.random.default_rng(0).normal(size=(64, 6)).astype("float32"), np.arange(64) % 4


@pytest.mark.parametrize("name", ["head", "new_head"])
def test_masks_of_a_layer_that_was_removed_are_not_applied(name):
    model = network()
    pw.prune(model, 0.5)
    body = model.layers[0].kernel.numpy()
    with_new_head(model, name)
    applied = pw.LiveModel(model).applied
    assert list(applied) == ["body/kernel"]
    assert applied.removed == (body == 0).sum() > 0


@pytest.mark.parametrize(("name", "units"), [("head", 4), ("head", 7), ("new_head", 4)])
def test_a_replacement_layer_is_pruned_held_and_restored(data, name, units):
    model = network()
    pw.prune(model, 0.5)
    with_new_head(model, name, units)
    head = model.layers[1].kernel
    before = head.numpy()
    pw.prune(model, 0.75)
    model.fit(*data, epochs=2, verbose=0)
    assert zeros(model) == pw.LiveModel(model).applied.sparsity == 0.75
    pw.LiveModel(model).restore()
    np.testing.assert_array_equal(head, before)
    model.fit(*data, verbose=0)
    assert zeros(model) == 0


def test_scores_from_data_do_not_need_a_removed_layer(data):
    model = network()
    pw.prune(model, 0.5)
    with_new_head(model, "new_head")
    assert set(pw.data_score(model, *data, "taylor")) == {"body/kernel", "new_head/kernel"}


def test_restore_frees_a_layer_that_lives_in_another_model(data):
    model = network()
    head = model.layers[1]
    before = head.kernel.numpy()
    pw.prune(model, 0.5)
    with_new_head(model, "head")
    pw.prune(model, 0.5)
    other = keras.Sequential([keras.Input((16,)), head])
    other.compile("sgd", "sparse_categorical_crossentropy")
    x = np.random.default_rng(0).normal(size=(64, 16)).astype("float32")
    removed = head.kernel.numpy() == 0
    other.fit(x, data[1], verbose=0)
    assert (head.kernel.numpy()[removed] == 0).all()
    pw.LiveModel(model).restore()
    np.testing.assert_array_equal(head.kernel, before)
    other.fit(x, data[1], verbose=0)
    assert (head.kernel.numpy() != 0).all()


def another_head_inside(model):
    encoder = model.layers[0]
    encoder.pop()
    encoder.add(layers.Dense(4, name="head"))


def another_activation(model):
    model.layers[0].layers[0].activation = keras.activations.tanh


def another_activation_of_the_head(model):
    model.pop()
    model.add(layers.Dense(3, "sigmoid", name="top"))


@pytest.mark.parametrize("change", [another_head_inside, another_activation, another_activation_of_the_head])
def test_earlier_measurements_are_not_reused_for_a_changed_model(data, change):
    x, _ = data
    model = keras.Sequential([network(), layers.Dense(3, name="top")])
    live = pw.LiveModel(model)
    np.testing.assert_allclose(live.predict(x), model(x), atol=1e-6)
    change(model)
    np.testing.assert_allclose(pw.LiveModel(model).predict(x), model(x), atol=1e-6)
