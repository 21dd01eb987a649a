"""Factorizing goes into nested models; what it cannot go into, a warning names."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw

X = np.random.default_rng(0).normal(size=(5, 8, 8, 2)).astype(np.float32)


def truncated(kernel, rank):
    """The nearest kernel of that rank, by NumPy."""
    u, s, v = np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), full_matrices=False)
    return ((u[:, :rank] * s[:rank]) @ v[:rank]).reshape(kernel.shape)


def sequential_backbone():
    return keras.Sequential(
        [
            keras.Input((8, 8, 2)),
            layers.Conv2D(16, 3, padding="same", activation="relu", name="conv"),
            layers.Conv2D(2, 3, padding="same", name="back"),
        ],
        name="backbone",
    )


def functional_backbone():
    inputs = keras.Input((8, 8, 2))
    x = layers.Conv2D(16, 3, padding="same", activation="relu", name="conv")(inputs)
    x = layers.Conv2D(2, 3, padding="same", name="back")(x)
    return keras.Model(inputs, layers.Add()([inputs, x]), name="backbone")


def deeper_backbone():
    inputs = keras.Input((8, 8, 2))
    return keras.Model(inputs, sequential_backbone()(inputs), name="outer")


def used_twice(backbone):
    inputs = keras.Input((8, 8, 2))
    x = layers.Flatten()(backbone(backbone(inputs)))
    return keras.Model(inputs, layers.Dense(30, name="wide")(x))


def in_a_chain(backbone):
    return keras.Sequential(
        [keras.Input((8, 8, 2)), backbone, layers.Flatten(), layers.Dense(30, name="wide")]
    )


@pytest.mark.parametrize("outside", [used_twice, in_a_chain])
@pytest.mark.parametrize(
    ("build", "within"),
    [
        (sequential_backbone, "backbone"),
        (functional_backbone, "backbone"),
        (deeper_backbone, "outer/backbone"),
    ],
)
def test_layers_of_nested_models_are_factorized(outside, build, within):
    model = outside(build())
    ranks = {f"{within}/conv": 5, "wide": 7}
    small = pw.factorize(model, rank=ranks)
    for variable in model.trainable_variables:
        rank = {"conv": 5, "wide": 7}.get(variable.path.split("/")[-2])
        if rank and variable.name == "kernel":
            variable.assign(truncated(variable.numpy(), rank))
    np.testing.assert_allclose(small(X), model(X), rtol=1e-4, atol=1e-4)
    conv, wide = 2 * 9 * 16 - 5 * (2 * 9 + 16), 128 * 30 - 7 * (128 + 30)
    assert small.count_params() == model.count_params() - conv - wide
    plan = pw.rank_plan(model, rank=ranks).set_index("layer")
    assert plan.loc[f"{within}/conv", "rank"] == 5
    assert plan.loc[f"{within}/back", "left_because"] == "not asked for"


class Own(keras.Model):
    """A subclassed backbone, without a visible graph."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = layers.Dense(40)

    def call(self, x):
        return self.inner(x)

    def build(self, shape):
        self.inner.build(shape)


def test_layers_with_inner_layers_that_cannot_be_replaced_are_named():
    inputs = keras.Input((4, 30))
    shared = layers.Dense(40, name="shared")
    x = layers.TimeDistributed(layers.Dense(40), name="steps")(inputs)
    x = layers.Concatenate()(
        [x, Own(name="own")(inputs), layers.TimeDistributed(shared, name="more")(inputs)]
    )
    x = layers.Concatenate()([x, shared(inputs)])
    model = keras.Model(inputs, layers.Dense(40, name="out")(layers.Flatten()(x)))
    with pytest.warns(UserWarning, match=r"inner layers cannot be replaced\): steps, own, more"):
        small = pw.factorize(model, energy=0.2)
    plan = pw.rank_plan(model, energy=0.2).set_index("layer")
    assert plan.loc["shared", "left_because"] == "more shares it"
    assert plan.loc["own", "left_because"] == "a Own, whose inner layers cannot be replaced"
    assert [layer.name for layer in small.layers if layer.name.endswith("_narrow")] == ["out_narrow"]
    assert small.get_layer("more").layer is small.get_layer("shared")


def test_no_warning_if_no_layer_is_left_whole():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        pw.factorize(in_a_chain(sequential_backbone()), energy=0.2)


def test_a_layer_without_keywords_is_named():
    class Plain(layers.Layer):
        def __init__(self):
            super().__init__()

        def call(self, x):
            return x * 2

    model = keras.Sequential([keras.Input((40,)), Plain(), layers.Dense(40, name="out")])
    with pytest.raises(ValueError, match=r"'plain' \(Plain\) cannot be copied.*does not take 'trainable'"):
        pw.factorize(model, energy=0.2)
