"""Slimming: the penalty is in the gradient while the ``with`` lasts, and nowhere after it."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(8, name="a"),
            layers.BatchNormalization(name="norm", gamma_regularizer=keras.regularizers.L2(0.01)),
            layers.ReLU(),
            layers.Dense(5, name="b"),
            layers.BatchNormalization(name="other"),
            layers.Dense(4, "softmax", name="c"),
        ]
    )
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    return model


def step(model, data):
    """One step from the same weights; returns the scales before and after."""
    before = [model.get_layer(name).gamma.numpy() for name in ("norm", "other")]
    saved = model.get_weights()
    model.fit(*data, batch_size=64, verbose=0)
    after = [model.get_layer(name).gamma.numpy() for name in ("norm", "other")]
    model.set_weights(saved)
    return before, after


def test_a_step_is_shorter_by_the_penalty(model, data):
    model.get_layer("other").gamma.assign([-1.0, 2.0, 0.5, -0.5, 1.0])
    before, plain = step(model, data)  # traces the step, which has to be traced again
    with pw.slimming(model, strength=0.05):
        _, slim = step(model, data)
    _, again = step(model, data)
    for start, without, within, later in zip(before, plain, slim, again, strict=True):
        np.testing.assert_allclose(within, without - 0.1 * 0.05 * np.sign(start), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(later, without, rtol=1e-6)


def test_only_the_chosen_ones(model, data):
    before, plain = step(model, data)
    with pw.slimming(model, 0.05, exclude="norm"):
        _, slim = step(model, data)
    np.testing.assert_allclose(slim[0], plain[0], rtol=1e-6)
    assert (slim[1] < plain[1]).all()


def test_ctrl_c_takes_the_penalty_away(model, data):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise KeyboardInterrupt

    own = [model.get_layer(name).gamma.regularizer for name in ("norm", "other")]
    with pytest.raises(KeyboardInterrupt), pw.slimming(model):
        model.fit(*data, verbose=0, callbacks=[Stop()])
    assert [model.get_layer(name).gamma.regularizer for name in ("norm", "other")] == own
    assert len(model.losses) == 1  # its own


def test_channels_die_out_and_are_removed(model, data):
    with pw.slimming(model, strength=0.3):
        model.fit(*data, epochs=30, verbose=0)
    scores = pw.unit_score(model, criterion="batch_norm")
    assert min(scores["a"].min(), scores["b"].min()) < 0.05
    masks = pw.Masks.from_sparsity({name: scores[name] for name in ("a", "b")}, 0.5)
    smaller, masked = pw.shrink(model, masks), pw.mask_units(model, masks)
    outputs = [one.predict(data[0], verbose=0) for one in (smaller, masked)]
    np.testing.assert_allclose(*outputs, atol=1e-5)


@pytest.mark.parametrize("strength", [0, -1, "a", None, float("nan")])
def test_the_strength_is_a_number_above_zero(model, strength):
    message = f"strength is {strength!r}; give a number above 0"
    with pytest.raises(ValueError, match=message), pw.slimming(model, strength):
        pass


def test_a_model_without_scales_is_refused():
    model = keras.Sequential([keras.Input((3,)), layers.BatchNormalization(scale=False), layers.Dense(2)])
    with pytest.raises(ValueError, match="no batch normalisation with a scale"), pw.slimming(model):
        pass
