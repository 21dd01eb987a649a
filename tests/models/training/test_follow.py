"""Views that follow training; and the training does not notice."""

import threading
import time

import keras
import numpy as np
import pytest

import prunewidgets as pw


class Notes:
    """What a view would have been shown."""

    def __init__(self):
        self.seen = []

    def follow(self, weights, settled):
        self.seen.append(({name: array.copy() for name, array in weights.items()}, settled))


def fit(model, data, **options):
    """The same fit each time it is called with an equal model."""
    keras.utils.set_random_seed(5)
    return model.fit(*data, verbose=0, batch_size=8, **options)


def twin(model):
    copy = keras.models.clone_model(model)
    for ours, theirs in zip(copy.variables, model.variables, strict=True):  # the seed of dropout too
        ours.assign(theirs.value)
    copy.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return copy


def values(model):
    return [variable.value.numpy() for variable in model.variables]


def test_each_epoch_is_shown_as_it_ends(dense, data):
    notes, ends = Notes(), []
    live = pw.LiveModel(dense)
    keep = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(live.weights))
    fit(dense, data, epochs=3, callbacks=[keep, pw.FollowTraining(notes)])
    assert [settled for _, settled in notes.seen] == [True] * 3
    for (shown, _), expected in zip(notes.seen, ends, strict=True):
        assert all(np.array_equal(shown[name], expected[name]) for name in expected)


def test_batches_are_shown_at_a_limited_rate(dense, data, monkeypatch):
    monkeypatch.setattr("prunewidgets.models.training.follow._PAUSE", 0.0)
    monkeypatch.setattr("prunewidgets.models.training.follow._SHARE", 1e6)
    notes = Notes()
    steps = -(-len(data[0]) // 8)
    fit(dense, data, epochs=2, callbacks=[pw.FollowTraining(notes, every=2)])
    assert [settled for _, settled in notes.seen].count(False) == 2 * steps // 2
    monkeypatch.setattr("prunewidgets.models.training.follow._PAUSE", 60.0)
    notes.seen.clear()
    fit(dense, data, epochs=1, callbacks=[pw.FollowTraining(notes, every=1)])
    assert [settled for _, settled in notes.seen] == [False, True]


def test_following_a_training_does_not_change_it_by_a_bit(dense, data):
    alone, watched = twin(dense), twin(dense)
    fit(alone, data, epochs=4)
    live, done = pw.LiveModel(watched), threading.Event()

    def look():
        while not done.is_set():
            masks = pw.Masks.from_sparsity(pw.score(live.weights), 0.5)
            live.evaluate(*data, masks)

    looking = threading.Thread(target=look)
    looking.start()
    fit(watched, data, epochs=4, callbacks=[pw.FollowTraining(Notes(), every=1)])
    done.set()
    looking.join(30)
    assert not looking.is_alive()
    assert all(
        np.array_equal(ours, theirs) for ours, theirs in zip(values(alone), values(watched), strict=True)
    )


def test_other_threads_can_read_between_two_steps(data):
    """Each step writes its number into two layers, with a pause in between."""
    model = keras.Sequential([keras.Input((6,)), *(keras.layers.Dense(1, use_bias=False) for _ in range(2))])
    model.layers[0].kernel.assign(np.full((6, 1), 0.5))
    live, mixed, done = pw.LiveModel(model), [], threading.Event()
    steps = []

    def step(iterator):
        number = float(len(steps))
        steps.append(number)
        model.layers[0].kernel.assign(np.full((6, 1), number))
        time.sleep(0.002)  # others have the time to come in between
        model.layers[1].kernel.assign(np.full((1, 1), number))
        next(iterator)
        return {}

    def look():
        while not done.is_set():
            first, second = live.snapshot().weights.values()
            if steps and first[0, 0] != second[0, 0] and len(steps) > 1:
                mixed.append((first[0, 0], second[0, 0]))

    model.compile("sgd", "mse")
    model.train_function = step
    model.make_train_function = lambda force=False: None
    looking = threading.Thread(target=look)
    looking.start()
    model.fit(data[0], data[1], batch_size=1, epochs=1, verbose=0, callbacks=[pw.FollowTraining()])
    done.set()
    looking.join(30)
    assert len(steps) > 10
    assert mixed == []


def test_pruning_during_fit_is_held_from_the_next_batch_on(dense, data):
    live, zeros = pw.LiveModel(dense), []

    def prune(batch, logs):
        if batch == 1:
            pw.prune(live, 0.5)
        if batch >= 1:
            zeros.append(sum(int((array == 0).sum()) for array in live.weights.values()))

    fit(
        dense,
        data,
        epochs=1,
        callbacks=[pw.FollowTraining(), keras.callbacks.LambdaCallback(on_batch_end=prune)],
    )
    assert len(zeros) > 3
    assert set(zeros) == {live.applied.removed}


def test_best_weights_from_before_the_pruning_are_put_back_pruned(dense, data):
    live = pw.LiveModel(dense)
    worse = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(badness=epoch))
    best = keras.callbacks.EarlyStopping("badness", patience=1, mode="min", restore_best_weights=True)

    def prune(epoch, logs):
        if epoch == 0:
            pw.prune(dense, sparsity=0.5)

    pruning = keras.callbacks.LambdaCallback(on_epoch_end=prune)
    history = dense.fit(*data, epochs=9, verbose=0, callbacks=[worse, best, pruning, pw.FollowTraining()])
    assert len(history.epoch) == 2
    for name, array in live.weights.items():
        assert not array[~live.applied[name]].any()
        assert array.any()


def test_an_interrupt_leaves_the_model_valid_and_unlocked(dense, data):
    live = pw.LiveModel(dense)

    def interrupt(batch, logs):
        if batch == 2:
            raise KeyboardInterrupt

    stop = keras.callbacks.LambdaCallback(on_batch_end=interrupt)
    with pytest.raises(KeyboardInterrupt):
        fit(dense, data, callbacks=[pw.FollowTraining(Notes(), every=1), stop])
    free = []

    def come_in():
        free.append(live.lock.acquire(timeout=5))
        live.lock.release()

    other = threading.Thread(target=come_in)
    other.start()
    other.join(10)
    assert free == [True]
    assert all(np.isfinite(array).all() for array in live.weights.values())
    fit(dense, data)  # and it trains on


def test_views_that_cannot_follow_training_are_refused(dense):
    with pytest.raises(TypeError, match="^only a lab or a view of weights can follow training, not list"):
        pw.FollowTraining([1])
    with pytest.raises(ValueError, match="every is 0"):
        pw.FollowTraining(every=0)
