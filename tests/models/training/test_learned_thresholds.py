"""Learned soft thresholds: outputs, loss and a step by hand, and what is left at the end."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw

from ..small_nets import examples, plain, randomise


def sigmoid(s):
    return 1 / (1 + np.exp(-s))


def soft(w, s):
    return np.sign(w) * np.maximum(np.abs(w) - sigmoid(s), 0)


@pytest.fixture
def model():
    model = keras.Sequential([keras.Input((6,)), layers.Dense(3, name="only")])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return randomise(model)


def extras(model):
    return [variable for variable in model.trainable_variables if variable.name == "learned"]


def test_a_step_by_hand(model):
    x, y = examples(model, 16), np.ones((16, 3), np.float32)
    w, b = (value.astype(float) for value in model.get_weights())
    s, strength = -1.0, 0.5
    with pw.learned_thresholds(model, strength, first=s):
        np.testing.assert_allclose(model.predict(x, verbose=0), x @ soft(w, s) + b, rtol=1e-4, atol=1e-5)
        history = model.fit(x, y, batch_size=16, verbose=0)
        new_w, new_b, new_s = (variable.numpy() for variable in model.trainable_variables)
    wrong = x @ soft(w, s) + b - y
    assert history.history["loss"][0] == pytest.approx((wrong**2).mean() + strength / 2 * s**2, rel=1e-4)
    slope = x.T @ wrong * 2 / wrong.size * (np.abs(w) > sigmoid(s))
    slope_s = -(slope * np.sign(w)).sum() * sigmoid(s) * (1 - sigmoid(s)) + strength * s
    assert 0 < (slope == 0).sum() < 18
    np.testing.assert_allclose(new_w, w - 0.1 * slope, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(new_b, b - 0.1 * wrong.sum(0) * 2 / wrong.size, rtol=1e-4, atol=1e-6)
    assert new_s == pytest.approx(s - 0.1 * slope_s, rel=1e-4)
    np.testing.assert_allclose(model.get_weights()[0], soft(new_w, new_s), rtol=1e-4, atol=1e-6)
    live = pw.LiveModel(model)
    assert live.applied == pw.Masks.from_zeros(live.weights) and live.applied.removed
    assert np.array_equal(live.applied["only/kernel"], np.abs(new_w) > sigmoid(new_s))


def test_convolutions_and_outputs_at_the_end():
    model = randomise(plain())
    model.compile("sgd", "mse")
    x = examples(model, 5)
    with pw.learned_thresholds(model, first=-3):
        within = model.predict(x, verbose=0)
    np.testing.assert_allclose(model.predict(x, verbose=0), within, rtol=1e-4, atol=1e-5)
    assert 0 < pw.LiveModel(model).applied.sparsity < 1 and not model.losses


def test_a_stronger_penalty_is_sparser(data):
    found = []
    for strength in (1e-3, 0.3):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((6,)), layers.Dense(16, "relu"), layers.Dense(4, "softmax")])
        model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
        with pw.learned_thresholds(model, strength):
            model.fit(*data, epochs=20, verbose=0)
        found.append(pw.LiveModel(model).applied.sparsity)
    assert found[0] < found[1] - 0.1


def test_the_share_is_exact_and_all_comes_back(model, everything):
    x, y = examples(model, 32), np.ones((32, 3), np.float32)
    model.fit(x, y, verbose=0)
    before = everything(model)
    with pw.learned_thresholds(model, sparsity=0.5):
        model.fit(x, y, verbose=0)
    live = pw.LiveModel(model)
    assert live.applied.removed == 9 and not extras(model)
    model.fit(x, y, verbose=0)
    assert pw.Masks.from_zeros(live.weights) == live.applied
    live.restore()
    assert everything(model) == before


def test_ctrl_c_leaves_a_valid_model(model):
    x, y = examples(model, 64), np.ones((64, 3), np.float32)

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), pw.learned_thresholds(model, sparsity=0.5):
        model.fit(x, y, verbose=0, callbacks=[Stop()])
    assert pw.LiveModel(model).applied.removed == 9 and not extras(model)
    model.fit(x, y, verbose=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strength": 0}, "strength is 0; give a number above 0"),
        ({"first": "a"}, "first is 'a'; give a number"),
        ({"first": float("nan")}, "first is nan"),
        ({"sparsity": 2}, "2"),
    ],
    ids=str,
)
def test_wrong_arguments(model, options, message):
    with pytest.raises(ValueError, match=message), pw.learned_thresholds(model, **options):
        pass
