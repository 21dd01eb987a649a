"""Rules for layers of the user's: right ones let units go, wrong ones are named before anything is lost."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw

from ..small_nets import examples, randomise

KEPT = np.array([True, False, True, True, False, True])


class Scale(layers.Layer):
    def build(self, shape):
        self.gamma = self.add_weight(shape=(shape[-1],), initializer="ones", name="gamma")
        self.beta = None

    def call(self, x):
        return x * self.gamma


class Gated(layers.Layer):
    """A dense layer with a gate, which is a layer within."""

    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.gate = layers.Dense(width, activation="sigmoid", name="gate")

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.width), name="kernel")
        self.gate.build(shape)

    def call(self, x):
        return (x @ self.kernel) * self.gate(x)

    def get_config(self):
        return super().get_config() | {"width": self.width}


class Centred(layers.Layer):
    def call(self, x):
        return x - keras.ops.mean(x, axis=-1, keepdims=True)


class SlightlyCentred(layers.Layer):
    def call(self, x):
        return x - 0.01 * keras.ops.mean(x, axis=-1, keepdims=True)


class Doubled(layers.Layer):
    def call(self, x):
        return 2 * x


DENSE = {
    "reads": {"kernel": 0, "gate.kernel": 0},
    "makes": {"kernel": 1, "gate.kernel": 1, "gate.bias": 0},
    "units": "width",
}


def around(*own):
    stack = [layers.Dense(6, activation="relu", name="first"), *own, layers.Dense(2, name="last")]
    return randomise(keras.Sequential([keras.Input((4,)), *stack]))


def copied(kind, name):
    """A class of its own for one test, so that no rule of another test holds for it."""
    return (
        type(kind)(kind.__name__, (kind,), {})(6, name=name)
        if kind is Gated
        else type(kind.__name__, (kind,), {})(name=name)
    )


def test_units_around_layers_with_rules_are_removed():
    scale, doubled, gated = copied(Scale, "scale"), copied(Doubled, "doubled"), copied(Gated, "gated")
    model = around(scale, doubled, gated)
    assert "Scale" in pw.channel_groups(model).fixed["first"]
    pw.register_channels(type(scale), {"carries": {"gamma": 0, "beta": 0}})
    pw.register_channels(type(doubled), "passes")
    pw.register_channels(type(gated), DENSE)
    groups = pw.channel_groups(model)
    assert groups["first"].carried_by == ("scale",) and groups["first"].read_by == ("gated",)
    assert groups["gated"].read_by == ("last",)
    masks = {"first": KEPT, "gated": ~KEPT}
    small, masked, x = pw.shrink(model, masks), pw.mask_units(model, masks), examples(model)
    assert (small.get_layer("gated").width, small.get_layer("scale").gamma.shape) == (2, (4,))
    np.testing.assert_allclose(small(x), masked(x), rtol=1e-5, atol=1e-5)
    inner = np.maximum(x @ model.get_layer("first").kernel + model.get_layer("first").bias, 0)[:, KEPT]
    inner = 2 * inner * scale.gamma.numpy()[KEPT]
    gate = inner @ gated.gate.kernel.numpy()[KEPT] + gated.gate.bias.numpy()
    inner = (inner @ gated.kernel.numpy()[KEPT] / (1 + np.exp(-gate)))[:, ~KEPT]
    last = model.get_layer("last")
    np.testing.assert_allclose(small(x), inner @ last.kernel.numpy()[~KEPT] + last.bias, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "rule", "says"),
    [
        (Centred, "passes", "registered for Centred is wrong: .* the layer 'own' computes something else"),
        (SlightlyCentred, "passes", "is wrong: .* the layer 'own' computes something else"),
        (Scale, "passes", "made from its configuration|shape"),
        (Scale, {"carries": {"delta": 0}}, "does not fit the layer 'own': it names the weight 'delta'"),
        (Scale, {"carries": {"gamma": 1}}, r"names axis 1 of 'gamma', which has the shape \(6,\)"),
        (Gated, DENSE | {"reads": {"kernel": 0}}, "rule registered for Gated may be wrong"),
        (Gated, DENSE | {"units": "size"}, "'size', which is not in its configuration"),
        (Gated, "passes", "smaller model cannot be made; the rule registered for Gated"),
    ],
    ids=["mixes", "mixes_a_little", "forgotten", "no_weight", "no_axis", "half", "argument", "passes"],
)
def test_a_wrong_rule_is_named(kind, rule, says):
    own = copied(kind, "own")
    model = around(own)
    before = model.get_weights()
    pw.register_channels(type(own), rule)
    with pytest.raises(ValueError, match=says):
        pw.shrink(model, {"first": KEPT})
    for ours, theirs in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("kind", "rule", "says"),
    [
        (Scale, "carries", "The rule 'carries' is not one"),
        (Scale, {"carries": ["gamma"]}, "is not one"),
        (Scale, {"makes": {"gamma": 0}}, "is not one"),
        (layers.Dense, "passes", "Dense has its rule already"),
    ],
    ids=["word", "list", "no_reads", "keras"],
)
def test_what_is_no_rule_is_refused(kind, rule, says):
    with pytest.raises(ValueError, match=says):
        pw.register_channels(kind, rule)
    with pytest.raises(TypeError, match="takes a class of layers"):
        pw.register_channels(Doubled(), "passes")
