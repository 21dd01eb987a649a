"""SR-STE: steps of training against the paper's update in NumPy, and what is left at the end."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.core.layouts import KERAS, Layout
from prunewidgets.models.training.straight_through import _chooser

from ..small_nets import examples, randomise


@pytest.fixture
def model():
    model = keras.Sequential([keras.Input((6,)), layers.Dense(3, name="only")])
    model.compile(keras.optimizers.SGD(0.5), "mse")
    return randomise(model)


def two_of_four(w):
    """Of rows 0 to 3 the two largest in each column, of rows 4 and 5 the one."""
    mask = np.zeros(w.shape, bool)
    for start, stop, stay in ((0, 4, 2), (4, 6, 1)):
        for column in range(w.shape[1]):
            order = sorted(range(start, stop), key=lambda row: -abs(w[row, column]))
            mask[order[:stay], column] = True
    return mask


@pytest.mark.parametrize("strength", [0.0, 0.3])
def test_steps_are_those_of_the_paper(model, strength):
    """w ← w − γ (g(w̃) + λ (1 − mask) w), the masks those of the present w; some change on the way."""
    x, y = examples(model, 16), np.ones((16, 3), np.float32)
    w, b = (value.astype(float) for value in model.get_weights())
    masks = [two_of_four(w)]
    with pw.sr_ste(model, (2, 4), strength):
        history = model.fit(x, y, batch_size=16, epochs=6, verbose=0)
        trained = model.get_weights()[0]
        within = model.predict(x, verbose=0)
    for _ in range(6):
        wrong = x @ (w * masks[-1]) + b - y
        loss = (wrong**2).mean() + strength / 2 * ((w * ~masks[-1]) ** 2).sum()
        slope = x.T @ wrong * 2 / wrong.size
        w = w - 0.5 * (slope + strength * ~masks[-1] * w)
        b = b - 0.5 * wrong.sum(0) * 2 / wrong.size
        masks.append(two_of_four(w))
    assert any((later & ~masks[0]).any() for later in masks)
    assert history.history["loss"][-1] == pytest.approx(loss, rel=1e-4)
    np.testing.assert_allclose(trained, w, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(model.get_weights()[0], w * masks[-1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(within, x @ (w * masks[-1]) + b, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(model.predict(x, verbose=0), within, rtol=1e-4, atol=1e-5)
    assert np.array_equal(pw.LiveModel(model).applied["only/kernel"], masks[-1])


@pytest.mark.parametrize(
    ("shape", "layout"),
    [((7, 5), KERAS), ((3, 2, 8, 4), KERAS), ((3, 6, 5), Layout((-3, -2), (-1,))), ((1, 3), KERAS)],
    ids=["ragged", "convolution", "einsum", "short"],
)
def test_masks_are_those_of_the_pattern_ties_included(shape, layout):
    w = np.random.default_rng(0).integers(-2, 3, shape).astype("float32")
    for pair in ((2, 4), (1, 3), (4, 4)):
        wanted = pw.patterns.n_of_m(np.abs(w), *pair, {"weights": layout})["weights"]
        np.testing.assert_array_equal(_chooser(shape, layout, *pair)(w), wanted)


def test_convolutions_hold_the_pattern_afterwards_and_all_comes_back(everything):
    model = keras.Sequential(
        [
            keras.Input((4, 4, 3)),
            layers.Conv2D(4, 2, activation="relu"),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )
    model.compile("adam", "mse")
    x = examples(model, 8)
    y = model.predict(x, verbose=0) + 1
    model.fit(x, y, verbose=0)
    before = everything(model)
    with pw.sr_ste(model, (1, 2)):
        model.fit(x, y, epochs=2, verbose=0)
        within = model.predict(x, verbose=0)
    live = pw.LiveModel(model)
    np.testing.assert_allclose(model.predict(x, verbose=0), within, rtol=1e-4, atol=1e-5)
    masks = live.applied
    assert masks == pw.patterns.n_of_m(pw.score(live.weights), 1, 2) and not model.losses
    model.fit(x, y, verbose=0)
    assert live.applied == masks and pw.Masks.from_zeros(live.weights).removed >= masks.removed
    live.restore()
    assert everything(model) == before


def test_what_was_removed_before_stays_so(model):
    x, y = examples(model, 32), np.ones((32, 3), np.float32)
    before = pw.prune(model, 0.6)["only/kernel"]
    with pw.sr_ste(model):
        model.fit(x, y, verbose=0)
    kept = pw.LiveModel(model).applied["only/kernel"]
    assert not (kept & ~before).any() and (kept[:4].sum(axis=0) <= 2).all()


def test_ctrl_c_leaves_a_valid_model(model):
    x, y = examples(model, 64), np.ones((64, 3), np.float32)

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), pw.sr_ste(model):
        model.fit(x, y, verbose=0, callbacks=[Stop()])
    assert pw.LiveModel(model).applied.removed == 9
    model.fit(x, y, verbose=0)
    assert pw.LiveModel(model).applied.removed == 9 and not model.losses


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strength": -1}, "strength is -1; give a number, 0 or more"),
        ({"strength": "a"}, "strength is 'a'"),
        ({"n_of_m": (3, 2)}, "n_of_m is .3, 2."),
        ({"n_of_m": None}, "n_of_m is None"),
    ],
    ids=str,
)
def test_wrong_arguments(model, options, message):
    with pytest.raises(ValueError, match=message), pw.sr_ste(model, **options):
        pass
