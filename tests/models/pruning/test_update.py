"""Pruning with an update on live models: what is removed, what the outputs lose, and what comes back."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.pruning.solvers import SOLVERS, Task, damped, obc

from ..small_nets import examples, plain, randomise, residual, transformer


def outputs_lose(model, x, before):
    return float(np.square(model.predict(x, verbose=0) - before).mean())


@pytest.fixture
def steps():
    """A hidden layer whose inputs depend on each other."""
    model = keras.Sequential(
        [keras.Input((12,)), layers.Dense(16, "relu", name="a"), layers.Dense(5, name="b")]
    )
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(200, 6)) @ rng.normal(size=(6, 12))).astype("float32")
    return randomise(model), x + 0.1 * rng.normal(size=x.shape).astype("float32")


def test_layer_after_layer_by_hand(steps):
    """The second layer is solved on what the pruned first one gives it."""
    model, x = steps
    w1, b1, w2, b2 = (array.astype(float) for array in model.get_weights())
    new1, kept1 = obc(w1, damped(x.astype(float).T @ x, 0.01)[0], Task(96))
    hidden = np.maximum(x @ new1 + b1, 0)
    new2, kept2 = obc(w2, damped(hidden.T @ hidden, 0.01)[0], Task(40))
    masks = pw.prune_and_update(model, x, 0.5, "obc", scope="layer")
    assert np.array_equal(masks["a/kernel"], kept1) and np.array_equal(masks["b/kernel"], kept2)
    np.testing.assert_allclose(model.get_weights()[0], new1, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(model.get_weights()[2], new2, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("method", SOLVERS)
def test_outputs_lose_less_than_by_magnitude(steps, method):
    model, x = steps
    before = model.predict(x, verbose=0)
    live = pw.LiveModel(model)
    granularity = {"granularity": "row"} if method == "thinet" else {}
    masks = pw.prune(model, 0.5, scope="layer", **granularity)
    plainly, removed = outputs_lose(model, x, before), masks.removed
    live.restore()
    assert pw.prune_and_update(model, x, 0.5, method, scope="layer").removed == removed
    assert outputs_lose(model, x, before) < plainly / 2


def test_wanda_on_the_inputs_from_pruned_layers(steps):
    """Against NumPy; the first layer has the scores of ``data_score``, the second other inputs."""
    model, x = steps
    w1, b1, w2, b2 = (array.astype(float) for array in model.get_weights())

    def kept(w, x, removed):
        scores = np.abs(w) * np.linalg.norm(x, axis=0)[:, None]
        return scores > np.sort(scores, axis=0)[removed - 1]

    first = kept(w1, x, 6)
    second = kept(w2, np.maximum(x @ (w1 * first) + b1, 0), 8)
    assert not np.array_equal(second, kept(w2, np.maximum(x @ w1 + b1, 0), 8))
    masks = pw.prune_and_update(model, x, 0.5, "wanda", scope="layer")
    assert np.array_equal(masks["a/kernel"], first) and np.array_equal(masks["b/kernel"], second)
    for found, right in zip(model.get_weights(), (w1 * first, b1, w2 * second, b2), strict=True):
        assert np.array_equal(found, right.astype("float32"))
    pw.LiveModel(model).restore()
    scores = pw.data_score(model, x, criterion="wanda", layers="a")
    masks = pw.prune_and_update(model, x, n_of_m=(2, 4), method="wanda", layers="a")
    assert masks == pw.patterns.n_of_m(scores, 2, 4)


@pytest.mark.parametrize("scope", ["global", "erk"])
def test_layers_give_up_as_much_as_masks_of_that_scope(steps, scope):
    model, x = steps
    wanted = pw.Masks.from_sparsity(pw.score(pw.LiveModel(model).weights), 0.63, scope)
    found = pw.prune_and_update(model, x, 0.63, scope=scope)
    assert found.by_layer() == wanted.by_layer() and found != wanted


def test_everything_comes_back(steps, everything):
    model, x = steps
    model.compile("adam", "mse")
    model.fit(x, np.zeros((200, 5)), epochs=1, verbose=0)
    before = everything(model)
    masks = pw.prune_and_update(model, x, 0.7)
    live = pw.LiveModel(model)
    assert live.applied == masks and masks.sparsity == pytest.approx(0.7, abs=0.01)
    model.fit(x, np.zeros((200, 5)), epochs=1, verbose=0)
    assert pw.Masks.from_zeros(live.weights) == masks
    live.restore()
    assert everything(model) == before


def test_an_interrupt_leaves_the_model_alone(steps, everything, monkeypatch):
    model, x = steps
    before = everything(model)

    def stop(*args):
        raise KeyboardInterrupt

    monkeypatch.setitem(SOLVERS, "obs", stop)
    with pytest.raises(KeyboardInterrupt):
        pw.prune_and_update(model, x, 0.5, "obs")
    assert everything(model) == before and pw.LiveModel(model).applied is None


@pytest.mark.parametrize(
    ("build", "method"), [(plain, "sparsegpt"), (residual, "obs"), (transformer, "sparsegpt")]
)
def test_convolutions_attention_and_branches(build, method):
    model = randomise(build())
    x = examples(model, 50)
    before = model.predict(x, verbose=0)
    pw.prune(model, 0.5, scope="layer")
    plainly = outputs_lose(model, x, before)
    pw.LiveModel(model).restore()
    masks = pw.prune_and_update(model, x, 0.5, method, scope="layer")
    assert set(masks) == set(pw.LiveModel(model).names)
    for name, mask in masks.items():
        assert (~mask).sum() == round(mask.size / 2), name
    assert outputs_lose(model, x, before) < plainly


@pytest.mark.parametrize("method", ["sparsegpt", "obs", "obc", "wanda"])
def test_two_of_four_in_every_window_place(method):
    model = keras.Sequential([keras.Input((6, 6, 8)), layers.Conv2D(3, 3, groups=1, name="only")])
    masks = pw.prune_and_update(model, examples(model, 20), n_of_m=(2, 4), method=method)
    assert (masks["only/kernel"].reshape(9, 2, 4, 3).sum(axis=2) == 2).all()


def test_the_parts_of_a_grouped_convolution():
    model = keras.Sequential([keras.Input((6, 6, 4)), layers.Conv2D(6, 3, groups=2, name="only")])
    x = examples(model, 30)
    before = model.predict(x, verbose=0)
    masks = pw.prune_and_update(model, x, 0.5)
    assert masks.removed == 54
    assert outputs_lose(model, x, before) < 0.5 * np.square(before).mean()


def test_inputs_that_are_always_zero_go_first():
    model = keras.Sequential([keras.Input((6,)), layers.Dense(4, name="only")])
    x = examples(model, 30)
    x[:, [1, 4]] = 0
    before, kernel = model.predict(x, verbose=0), model.get_weights()[0]
    masks = pw.prune_and_update(model, x, 1 / 3)
    assert not masks["only/kernel"][[1, 4]].any() and masks.removed == 8
    np.testing.assert_allclose(model.predict(x, verbose=0), before, rtol=1e-4, atol=1e-5)
    pw.LiveModel(model).restore()
    kept = pw.prune_and_update(model, x, 0.1)["only/kernel"]  # those that stay keep their values
    assert np.array_equal(model.get_weights()[0][1][kept[1]], kernel[1][kept[1]])


def test_some_layers_only(steps):
    model, x = steps
    first = model.get_weights()[0]
    masks = pw.prune_and_update(model, x, {"b": 0.5})
    assert list(masks) == ["b/kernel"] and np.array_equal(model.get_weights()[0], first)


BAD = [
    ({"sparsity": 0.5, "method": "best"}, "method 'best' is not known; choose one of obs, obc, sparsegpt"),
    ({}, "Give sparsity= or n_of_m=, one of them"),
    ({"sparsity": 0.5, "n_of_m": (2, 4)}, "Give sparsity= or n_of_m=, one of them"),
    ({"sparsity": 1.5}, "1.5"),
    ({"sparsity": {"c": 0.5}}, "sparsity has an entry for 'c'"),
    ({"n_of_m": (5, 4)}, "n_of_m is .5, 4.; of every m weights n stay"),
    ({"n_of_m": 2}, "n_of_m is 2; of every"),
    ({"n_of_m": (2, 4), "method": "thinet"}, "'thinet' removes whole inputs"),
    ({"sparsity": 0.5, "scope": "output"}, "scope 'output' is not known here"),
    ({"sparsity": 0.5, "damping": -1}, "damping is -1; give a number, 0 or more"),
    ({"sparsity": 0.5, "batch_size": 0}, "batch_size is 0; it has to be a whole number"),
]


@pytest.mark.parametrize(("options", "message"), BAD, ids=[message[:20] for _, message in BAD])
def test_wrong_arguments(steps, options, message):
    model, x = steps
    with pytest.raises(ValueError, match=message):
        pw.prune_and_update(model, x, **options)
