"""A tidied network answers as before: silent units are empty, and columns begin one after the other."""

import keras
import numpy as np

from research.lenet_frontier.tidied import tidy


def network() -> keras.Model:
    layers = keras.layers
    stack = [keras.Input((12, 12, 1)), layers.Conv2D(6, 3, name="a"), layers.MaxPooling2D()]
    stack += [layers.Conv2D(5, 3, activation="relu", name="b"), layers.Flatten()]
    stack += [layers.Dense(12, activation="relu", name="c"), layers.Dense(3, activation="softmax", name="d")]
    model = keras.Sequential(stack)
    rng = np.random.default_rng(0)
    for variable in model.weights:
        value = rng.normal(size=variable.shape)
        kept = rng.random(variable.shape) < 0.3 if variable.name == "kernel" else True
        variable.assign(np.where(kept, value, 0))
    return model


def silence(model: keras.Model) -> None:
    """One filter that nothing reads, one without inputs, and a neuron of each kind."""
    a, b, c, d = (model.get_layer(name).kernel for name in "abcd")
    a.assign(np.where(np.arange(6) == 1, 0, a.numpy()))
    b.assign(np.where(np.arange(6)[:, None] == 4, 0, b.numpy()))
    c.assign(np.where(np.arange(12) == 2, 0, c.numpy()))
    d.assign(np.where(np.arange(12)[:, None] == 7, 0, d.numpy()))


def test_outputs_do_not_change_and_silent_units_are_zero():
    model = network()
    silence(model)
    x = np.random.default_rng(1).normal(size=(8, 12, 12, 1)).astype(np.float32)
    before, kept = model(x).numpy(), sum(np.count_nonzero(w) for w in model.get_weights())
    tidy(model)
    assert np.allclose(model(x).numpy(), before, atol=1e-5)
    assert sum(np.count_nonzero(w) for w in model.get_weights()) < kept - 20
    for layer, reader, units in (("a", "b", 6), ("c", "d", 12)):
        made = model.get_layer(layer).kernel.numpy().reshape(-1, units).any(axis=0)
        read = (
            model.get_layer(reader).kernel.numpy().reshape(-1, units, 5 if units == 6 else 3).any(axis=(0, 2))
        )
        assert np.array_equal(made, read) and made.sum() <= units - 2
        first = model.get_layer(layer).kernel.numpy().reshape(-1, units)[:, made] != 0
        assert np.all(np.diff(first.argmax(axis=0)) >= 0) and made[: made.sum()].all()
