"""Models with a fixed batch size or with states from batch to batch, against Keras itself."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.pruning.data_criteria import DATA_CRITERIA, data_score

SIZE = 8


def stateful():
    return keras.Sequential(
        [
            keras.Input((5, 3), batch_size=SIZE),
            layers.LSTM(4, stateful=True, return_sequences=True, name="first"),
            layers.Bidirectional(layers.GRU(3, stateful=True, name="gru"), name="both"),
            layers.Dense(3, "softmax", name="last"),
        ]
    )


def baked():
    """Its batch size is written into a layer."""
    inputs = keras.Input((5, 3), batch_size=SIZE)
    x = layers.Dense(4, "relu", name="in")(keras.ops.reshape(inputs, (SIZE, 15)))
    return keras.Model(inputs, layers.Dense(3, "softmax", name="last")(x))


@pytest.fixture
def series():
    rng = np.random.default_rng(0)
    return rng.normal(size=(40, 5, 3)).astype("float32"), rng.integers(0, 3, 40)


def by_keras(model, x, masks):
    """The outputs of another model of the same kind, with zeros written into it and the same memory."""
    clone = stateful() if model.name.startswith("seq") else baked()
    clone.set_weights(model.get_weights())
    live = pw.LiveModel(clone)
    for name, kept in masks.items():
        live._variables[name].assign(live.weights[name] * kept)
    for ours, theirs in zip(clone.layers, model.layers, strict=True):
        pairs = [(ours, theirs)]
        if isinstance(ours, layers.Bidirectional):
            pairs = [(ours.forward_layer, theirs.forward_layer), (ours.backward_layer, theirs.backward_layer)]
        for one, other in pairs:
            for state, known in zip(getattr(one, "states", ()), getattr(other, "states", ()), strict=True):
                state.assign(known.value)
    return clone.predict(x, batch_size=SIZE, verbose=0)


@pytest.mark.parametrize("build", [stateful, baked])
@pytest.mark.parametrize("used", [False, True])
def test_accuracy_with_a_fixed_batch_size_is_that_of_keras(build, used, series):
    x, y = series
    model = build()
    if used:
        model.predict(x[:16], batch_size=SIZE, verbose=0)
    live = pw.LiveModel(model)
    masks = pw.Masks.from_sparsity(pw.score(live.weights), 0.5)
    for chosen in ({}, masks):
        expected = by_keras(model, x, chosen)
        np.testing.assert_allclose(live.predict(x, chosen), expected, rtol=1e-4, atol=1e-5)
        assert live.evaluate(x, y, chosen) == (expected.argmax(-1) == y).mean()
    np.testing.assert_allclose(
        live.predict(x[:35], masks), by_keras(model, x, masks)[:35], rtol=1e-4, atol=1e-5
    )
    whole = (by_keras(model, x, {}).argmax(-1) == y).mean()
    assert pw.accuracy_curve(model, x, y, [0]).accuracy[0] == whole
    assert (pw.sensitivity(model, x, y, [0.0]).accuracy == whole).all()
    lab = pw.PruningLab(model, x, y)
    assert lab.accuracy == whole
    lab.close()


def test_recurrent_states_do_not_change(series):
    x, y = series
    model = stateful()
    model.predict(x[:8], batch_size=SIZE, verbose=0)
    before = [state.numpy() for state in model.get_layer("first").states]
    assert any(state.any() for state in before)
    pw.accuracy_curve(model, x, y, [0, 0.5])
    for state, known in zip(model.get_layer("first").states, before, strict=True):
        np.testing.assert_array_equal(state.numpy(), known)


@pytest.mark.parametrize("criterion", DATA_CRITERIA)
def test_scores_of_stateful_models_are_refused(criterion, series):
    model = stateful()
    model.compile(loss="sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="stateful=True.*Build it with stateful=False"):
        data_score(model, *series, criterion)


@pytest.mark.parametrize("criterion", ["taylor", "snip", "movement"])
def test_scores_do_not_count_padding_of_the_last_batch(criterion, series):
    x, y = series[0][:35], series[1][:35]
    fixed = baked()
    inputs = keras.Input((5, 3))
    open_ = layers.Dense(3, "softmax", name="last")(
        layers.Dense(4, "relu", name="in")(layers.Flatten()(inputs))
    )
    free = keras.Model(inputs, open_)
    free.set_weights(fixed.get_weights())
    for model in (fixed, free):
        model.compile(loss="sparse_categorical_crossentropy")
    options = {"steps": 5} if criterion == "movement" else {}
    ours = data_score(fixed, x, y, criterion, **options)
    theirs = data_score(free, x, y, criterion, batch_size=SIZE, **options)
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-3, atol=1e-7)


def test_another_size_is_refused(series):
    with pytest.raises(ValueError, match="batch_size is 5.*built for 8 examples at a time"):
        pw.LiveModel(baked()).evaluate(*series, batch_size=5)
    for build in (stateful, baked):
        with pytest.raises(ValueError, match="is built for 8 examples at a time; it cannot take 1"):
            pw.latency(build(), batches=[1], runners=["keras"], seconds=0.01)


def test_a_stateful_model_trains_held_as_keras_with_the_same_zeros_and_restore_brings_states_back(series):
    x, y = series
    ours, theirs = stateful(), stateful()
    theirs.set_weights(ours.get_weights())
    for model in (ours, theirs):
        model.compile(keras.optimizers.SGD(0.1, momentum=0.9), loss="sparse_categorical_crossentropy")
        model.predict(x[:8], batch_size=SIZE, verbose=0)
    states = [state.numpy() for state in ours.get_layer("first").states]
    masks = pw.prune(ours, 0.5, criterion="random")
    live = pw.LiveModel(theirs)
    for name, kept in masks.items():
        live._variables[name].constraint = lambda value, kept=kept: value * kept
        live._variables[name].assign(live.weights[name] * kept)
    for model in (ours, theirs):
        model.fit(x, y, batch_size=SIZE, epochs=2, shuffle=False, verbose=0)
    for name, weights in pw.LiveModel(ours).weights.items():
        np.testing.assert_allclose(weights, live.weights[name], rtol=1e-5, atol=1e-6)
        assert not weights[~masks[name]].any()
    np.testing.assert_allclose(
        ours.predict(x, batch_size=SIZE, verbose=0),
        theirs.predict(x, batch_size=SIZE, verbose=0),
        rtol=1e-4,
        atol=1e-5,
    )
    pw.LiveModel(ours).restore()
    for state, known in zip(ours.get_layer("first").states, states, strict=True):
        np.testing.assert_array_equal(state.numpy(), known)
