"""Refreshed statistics are those that NumPy finds in the layers' inputs."""

import keras
import numpy as np
import pytest

import prunewidgets as pw


@pytest.fixture
def model():
    """Two dense layers, each normalised, with statistics from somewhere else."""
    stack = [keras.layers.Dense(4, name="a"), keras.layers.BatchNormalization(name="norm_a")]
    stack += [keras.layers.Dense(3, name="b"), keras.layers.BatchNormalization(momentum=0.9, name="norm_b")]
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((5,)), *stack])
    for layer in (model.get_layer("norm_a"), model.get_layer("norm_b")):
        layer.gamma.assign(np.linspace(0.5, 2, layer.gamma.shape[0]))
        layer.moving_mean.assign(np.full(layer.gamma.shape, 7.0))
    return model


def by_hand(model, batches):
    """Mean over the batches of means and variances: what batch normalisation sees in training."""
    found = {"norm_a": [], "norm_b": []}
    for batch in batches:
        for dense, norm in (("a", "norm_a"), ("b", "norm_b")):
            kernel, bias = model.get_layer(dense).get_weights()
            layer = model.get_layer(norm)
            batch = batch @ kernel + bias
            mean, variance = batch.mean(axis=0), batch.var(axis=0)
            found[norm].append((mean, variance))
            batch = layer.gamma.numpy() * (batch - mean) / np.sqrt(variance + layer.epsilon)
            batch = batch + layer.beta.numpy()
    sizes = [len(batch) for batch in batches]
    return {name: np.average(values, axis=0, weights=sizes) for name, values in found.items()}


@pytest.mark.parametrize("batch_size", [10, 30, 100], ids=["three", "unequal", "one"])
def test_they_are_the_means_over_the_batches(model, batch_size):
    x = np.random.default_rng(0).normal(1, 3, (50, 5)).astype(np.float32)
    expected = by_hand(model, np.split(x, range(batch_size, 50, batch_size)))
    kernels = [array.copy() for array in pw.LiveModel(model).weights.values()]
    pw.refresh_statistics(model, x, batch_size)
    for name, (mean, variance) in expected.items():
        layer = model.get_layer(name)
        np.testing.assert_allclose(layer.moving_mean, mean, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(layer.moving_variance, variance, rtol=1e-4)
    for before, after in zip(kernels, pw.LiveModel(model).weights.values(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_second_time_changes_nothing(model):
    x = np.random.default_rng(1).normal(size=(40, 5)).astype(np.float32)
    pw.refresh_statistics(model, x)
    once = model.get_weights()
    pw.refresh_statistics(model, x)
    for one, other in zip(once, model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_training_goes_on_with_the_layers_own_momentum(model):
    pw.refresh_statistics(model, np.ones((4, 5), np.float32))
    with pytest.raises(ValueError):
        pw.refresh_statistics(model, np.ones((4, 6), np.float32))
    assert [model.get_layer(name).momentum for name in ("norm_a", "norm_b")] == [0.99, 0.9]


def test_values_that_are_lost_are_found_again(model):
    x = np.random.default_rng(5).normal(size=(30, 5)).astype(np.float32)
    pw.refresh_statistics(model, x)
    expected = model.get_weights()
    model.get_layer("norm_a").moving_mean.assign(np.full(4, np.nan))
    pw.refresh_statistics(model, x)
    for one, other in zip(expected, model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_examples_that_fail_or_are_not_numbers_leave_the_old_ones(model):
    before = model.get_weights()
    x = np.ones((4, 5), np.float32)

    def interrupted():
        yield (x,)
        raise KeyboardInterrupt

    with pytest.raises(ValueError, match="'norm_a'.* NaN or infinite"):
        pw.refresh_statistics(model, x * np.nan)
    with pytest.raises(KeyboardInterrupt):
        pw.refresh_statistics(model, interrupted())
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_frozen_layers_keep_theirs(model):
    model.get_layer("norm_a").trainable = False
    pw.refresh_statistics(model, np.random.default_rng(2).normal(size=(9, 5)).astype(np.float32))
    assert (model.get_layer("norm_a").moving_mean.numpy() == 7).all()
    assert (model.get_layer("norm_b").moving_mean.numpy() != 7).all()


def test_a_data_set_is_read_as_far_as_asked(model):
    x = np.random.default_rng(3).normal(size=(30, 5)).astype(np.float32)
    expected = by_hand(model, [x[:10], x[10:20]])
    pw.refresh_statistics(model, ((x[k : k + 10],) for k in (0, 10, 20)), steps=2)
    np.testing.assert_allclose(model.get_layer("norm_a").moving_mean, expected["norm_a"][0], rtol=1e-4)


def test_zeros_that_are_held_stay_and_restore_brings_the_statistics_back(model):
    model.compile("sgd", "mse")
    before = model.get_weights()
    live = pw.LiveModel(model)
    masks = pw.prune(model, 0.5)
    pw.refresh_statistics(model, np.random.default_rng(4).normal(size=(9, 5)).astype(np.float32))
    assert all((live.weights[name][~mask] == 0).all() for name, mask in masks.items())
    live.restore()
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_model_without_any_is_refused():
    with pytest.raises(ValueError, match="'small_cnn' has no batch normalisation"):
        pw.refresh_statistics(pw.models.small_cnn(), np.zeros((2, 28, 28, 1), np.float32))
