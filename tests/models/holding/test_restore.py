import gc

import keras
import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.models.holding import state as model_state


def half(live):
    return pw.Masks.from_sparsity(pw.score(live.weights), 0.5)


def interrupt_at(batch):
    def stop(number, logs):
        if number == batch:
            raise KeyboardInterrupt

    return keras.callbacks.LambdaCallback(on_train_batch_end=stop)


@pytest.mark.parametrize("trained", [False, True], ids=["optimizer not built", "optimizer built"])
def test_restore_returns_every_bit(dense, data, everything, trained):
    if trained:
        dense.fit(*data, epochs=1, verbose=0)
    else:
        dense.optimizer.build(dense.trainable_variables)
    before = everything(dense)
    live = pw.LiveModel(dense)
    live.apply(half(live))
    dense.fit(*data, epochs=2, verbose=0)
    live.apply(half(live))
    dense.fit(*data, epochs=1, verbose=0)
    assert everything(dense) != before
    live.restore()
    assert everything(dense) == before
    assert live.applied is None


def test_an_optimizer_that_was_never_built_trains_like_a_new_one_after_restore(data):
    def fresh():
        model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4, "softmax", name="only")])
        model.compile(keras.optimizers.Adam(0.05), loss="sparse_categorical_crossentropy")
        return model

    pruned, twin = fresh(), fresh()
    twin.set_weights(pruned.get_weights())
    live = pw.LiveModel(pruned)
    live.apply(half(live))
    pruned.fit(*data, epochs=2, verbose=0)
    live.restore()
    for model in (pruned, twin):
        model.fit(*data, epochs=2, shuffle=False, verbose=0)
    assert [w.tobytes() for w in pruned.get_weights()] == [w.tobytes() for w in twin.get_weights()]


def test_after_restore_training_is_free_again(dense, data):
    live = pw.LiveModel(dense)
    live.apply({name: np.zeros(w.shape, bool) for name, w in live.weights.items()})
    dense.fit(*data, epochs=1, verbose=0)
    live.restore()
    start = live.weights["first/kernel"]
    dense.fit(*data, epochs=1, verbose=0)
    assert (live.weights["first/kernel"] != start).all()


def test_a_training_step_compiled_by_the_user_survives_restore(dense, data):
    import tensorflow as tf

    x, y = data
    live = pw.LiveModel(dense)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, dense(x, training=True)))
        gradients = tape.gradient(loss, dense.trainable_variables)
        dense.optimizer.apply(gradients, dense.trainable_variables)

    masks = half(live)
    live.apply(masks)
    step()
    assert not any(live.weights[name][~kept].any() for name, kept in masks.items())
    live.restore()
    gc.collect()
    step()
    assert all(live.weights[name][~kept].any() for name, kept in masks.items())


def test_restore_twice_and_without_apply_does_nothing(dense, data, everything):
    live = pw.LiveModel(dense)
    before = everything(dense)
    live.restore()
    assert everything(dense) == before
    live.apply(half(live))
    live.restore()
    dense.fit(*data, epochs=1, verbose=0)
    trained = everything(dense)
    live.restore()
    assert everything(dense) == trained


def test_a_new_apply_after_restore_takes_a_new_snapshot(dense, data, everything):
    live = pw.LiveModel(dense)
    live.apply(half(live))
    live.restore()
    dense.fit(*data, epochs=1, verbose=0)
    before = everything(dense)
    live.apply(half(live))
    dense.fit(*data, epochs=1, verbose=0)
    assert pw.Masks.from_zeros(live.weights).sparsity == 0.5
    live.restore()
    assert everything(dense) == before


def test_restore_works_after_an_interrupt_in_fit(dense, data, everything):
    dense.fit(*data, epochs=1, verbose=0)
    before = everything(dense)
    live = pw.LiveModel(dense)
    live.apply(half(live))
    with pytest.raises(KeyboardInterrupt):
        dense.fit(*data, epochs=1, batch_size=8, verbose=0, callbacks=[interrupt_at(3)])
    live.restore()
    assert everything(dense) == before


def test_an_interrupted_evaluation_changes_nothing(dense, data, everything, monkeypatch):
    live = pw.LiveModel(dense)
    before = everything(dense)
    real, calls = live._state.forward._function, []

    def interrupted(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(live._state.forward, "_function", interrupted)
    with pytest.raises(KeyboardInterrupt):
        live.evaluate(*data, half(live), batch_size=8)
    assert everything(dense) == before


@pytest.mark.parametrize("again", [False, True], ids=["first apply", "second apply"])
def test_apply_is_all_or_nothing(dense, data, everything, monkeypatch, again):
    dense.fit(*data, epochs=1, verbose=0)
    live = pw.LiveModel(dense)
    untouched = everything(dense)
    if again:
        live.apply(half(live))
        dense.fit(*data, epochs=1, verbose=0)
    before, applied = everything(dense), live.applied
    real, calls = model_state.masked, []

    def interrupted(*args):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(model_state, "masked", interrupted)
    others = pw.Masks.from_sparsity(pw.score(live.weights, "random"), 0.9)
    with pytest.raises(KeyboardInterrupt):
        live.apply(others)
    monkeypatch.undo()
    assert everything(dense) == before
    assert live.applied is applied
    if again:
        dense.fit(*data, epochs=1, verbose=0)
        assert pw.Masks.from_zeros(live.weights) == applied  # the old masks are still held
    live.restore()
    assert everything(dense) == untouched


@pytest.mark.parametrize("times", [1, 2])
def test_an_interrupt_in_restore_is_raised_when_it_is_done(dense, data, everything, monkeypatch, times):
    """The first Ctrl-C waits until everything is back; after a second one restore can be repeated."""
    dense.fit(*data, epochs=1, verbose=0)
    before = everything(dense)
    live = pw.LiveModel(dense)
    live.apply(half(live))
    real, interrupts = model_state.write_back, iter(range(times))

    def interrupted(saved):
        if next(interrupts, None) is None:
            return real(saved)
        real(saved[:2])
        raise KeyboardInterrupt

    monkeypatch.setattr(model_state, "write_back", interrupted)
    with pytest.raises(KeyboardInterrupt):
        live.restore()
    assert (live.applied is None) == (times == 1)
    if times == 2:
        live.restore()
    assert everything(dense) == before


def test_restore_keeps_constraints_set_after_apply(dense):
    kernel, live = dense.layers[0].kernel, pw.LiveModel(dense)
    live.apply(half(live))
    live.restore()
    kernel.constraint = keras.constraints.NonNeg()
    other = pw.LiveModel(dense, prunable=lambda variable: variable is not kernel)
    other.apply(half(other))
    other.restore()
    assert isinstance(kernel.constraint, keras.constraints.NonNeg)
