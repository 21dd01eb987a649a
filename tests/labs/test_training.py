"""Training beside looking: the lab's own fit, and views that follow one in a cell."""

import gc
import threading
import time
import weakref

import keras
import numpy as np
import pytest

import prunewidgets as pw

from .tiny import X, Y, bits, by_hand


def twin(model):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    copy.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return copy


def held(lab):
    """A fit that goes on until `release` is set; `begun` says that it runs."""
    begun, release = threading.Event(), threading.Event()

    def wait(*_):
        begun.set()
        assert release.wait(60)

    lab.fit(X, Y, epochs=2, callbacks=[keras.callbacks.LambdaCallback(on_epoch_begin=wait)])
    assert begun.wait(60)
    return release


def test_fit_from_the_lab_is_the_same_fit_bit_for_bit_while_one_drags(lab):
    alone = twin(lab.live.model)
    keras.utils.set_random_seed(1)
    alone.fit(X, Y, epochs=3, batch_size=50, verbose=0)
    lab.live.model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    keras.utils.set_random_seed(1)
    lab.fit(X, Y, epochs=3, batch_size=50)
    moves = 0
    while lab._training.is_running:
        lab.threshold = 0.001 * (moves % 300)
        moves += 1
        time.sleep(0.003)
    assert lab.wait(60)
    assert moves > 20
    assert bits(alone) == bits(lab.live.model)
    assert list(lab.history) == ["accuracy", "loss"]
    assert len(lab.history["loss"]) == 3
    assert (lab.error, lab.working, lab.progress) == ("", "", 0.0)
    assert abs(float(lab.accuracy) - by_hand(alone, lab.masks)) < 1e-6


def test_the_views_follow_and_an_accuracy_says_of_which_weights(lab):
    shown = []
    lab.observe(lambda change: shown.append((lab.generation, bytes(lab.weights))), "generation")
    lab.fit(X, Y, epochs=2, batch_size=500)
    assert lab.wait(60)
    assert len(shown) >= 2
    assert len({weights for _, weights in shown}) >= 2
    expected = np.concatenate([array.ravel() for array in lab.live.weights.values()])
    assert lab.weights == expected.tobytes()
    assert lab.measured["generation"] == lab.generation


def test_cancel_stops_after_the_batch_at_hand_and_leaves_a_valid_model(lab):
    release = held(lab)
    lab.cancel()
    release.set()
    assert lab.wait(60)
    assert all(np.isfinite(array).all() for array in lab.live.weights.values())
    assert abs(float(lab.accuracy) - by_hand(lab.live.model, lab.masks)) < 1e-6
    lab.fit(X, Y)  # and it can train again
    assert lab.wait(60)
    assert (len(lab.history["loss"]), lab.error) == (1, "")


def test_apply_and_restore_in_the_middle_of_training(lab):
    before = bits(lab.live.model)
    lab.threshold = 0.1
    lab.wait(60)
    release = held(lab)
    lab.apply()
    removed = lab.live.applied.removed
    assert removed > 0
    release.set()
    assert lab.wait(60)
    zeros = sum(int((array == 0).sum()) for array in lab.live.weights.values())
    assert zeros == removed == lab.applied
    lab.restore()
    assert bits(lab.live.model) == before
    assert (lab.applied, lab.restorable) == (0, False)


def test_a_second_fit_is_refused_while_the_first_one_runs(lab):
    release = held(lab)
    with pytest.raises(RuntimeError, match="training already"):
        lab.fit(X, Y)
    release.set()
    assert lab.wait(60)


def test_two_labs_do_not_train_one_model_at_once(lab):
    other = pw.PruningLab(lab.live.model, X, Y)
    release = held(lab)
    with pytest.raises(RuntimeError, match="another lab"):
        other.fit(X, Y)
    lab.cancel()
    threading.Timer(0.3, release.set).start()
    other.fit(X, Y, epochs=2)
    assert release.is_set()
    assert other.wait(60)
    assert len(other.history["loss"]) == 2
    lab.fit(X, Y)
    assert lab.wait(60)
    assert len(lab.history["loss"]) == 1


def test_what_keras_refuses_is_said_in_the_lab(lab):
    lab.fit(X, Y[:10])
    assert lab.wait(60)
    assert "ValueError" in lab.error
    lab.fit(X, Y)
    assert lab.wait(60)
    assert lab.error == ""


def test_a_closed_lab_trains_no_more(lab):
    release = held(lab)
    lab.close()
    release.set()
    assert lab.wait(60)
    assert len(lab.history["loss"]) == 1  # of two epochs, and of that the first batch


def test_a_fit_in_a_cell_is_followed_by_labs_and_views(lab):
    model = lab.live.model
    histogram, heatmap = (
        pw.WeightHistogram(lab.live.weights),
        pw.SparsityHeatmap(lab.live.weights["dense/kernel"]),
    )
    part = pw.WeightHistogram({"conv/kernel": lab.live.weights["conv/kernel"]}, threshold=0.2)
    generation = lab.generation
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[pw.FollowTraining(lab, histogram, part, heatmap)])
    assert lab.generation == generation + 2
    weights = lab.live.weights
    assert histogram.weights == np.concatenate([array.ravel() for array in weights.values()]).tobytes()
    assert part.weights == weights["conv/kernel"].tobytes()
    assert part.threshold == 0.2
    assert part.sparsity == (np.abs(weights["conv/kernel"]) < np.float32(0.2)).mean()
    assert "no weights 'weights'" in heatmap.error  # it was given one array without the model's name


def test_weights_that_become_nan_are_said_and_training_goes_on(lab):
    model = lab.live.model
    histogram = pw.WeightHistogram(lab.live.weights)

    def spoil(epoch, logs):
        if epoch == 0:
            kernel = model.get_layer("dense").kernel
            kernel.assign(np.full(kernel.shape, np.nan))

    spoiling = keras.callbacks.LambdaCallback(on_epoch_end=spoil)
    history = model.fit(X, Y, epochs=2, verbose=0, callbacks=[spoiling, pw.FollowTraining(lab, histogram)])
    assert len(history.history["loss"]) == 2
    assert "NaN" in histogram.error
    assert "NaN" in lab.error


def test_a_step_is_shown_and_its_accuracy_waits_for_the_epoch(lab):
    old = lab.measured
    lab.follow(lab.live.weights, settled=False)
    assert lab.wait(60)
    assert lab.measured is old
    assert lab.measured["generation"] < lab.generation  # the page marks it as stale
    lab.follow(lab.live.weights, settled=True)
    assert lab.wait(60)
    assert lab.measured["generation"] == lab.generation


def test_of_a_thousand_thresholds_in_a_row_the_last_one_wins(lab):
    for step in range(1_000):
        lab.threshold = 0.0003 * step
    lab.threshold = 0.123
    assert lab.wait(60)
    assert lab.measured["thresholds"] == [0.123] * 3
    assert abs(lab.measured["accuracy"] - by_hand(lab.live.model, lab.masks)) < 1e-6
    assert not lab.measuring


def test_ten_labs_on_one_model(model):
    labs = [pw.PruningLab(model, X, Y) for _ in range(10)]
    for number, lab in enumerate(labs):
        lab.threshold = 0.01 * number
    labs[3].apply()
    for lab in labs:
        assert lab.wait(120)
        assert lab.restorable
        assert abs(lab.measured["accuracy"] - by_hand(model, lab.masks)) < 1e-6
    labs[7].restore()
    assert not any(lab.restorable for lab in labs)
    threads = threading.active_count()
    for lab in labs:
        assert lab.wait(120)
        lab.close()
    assert threading.active_count() <= threads


def test_a_lab_closed_in_the_middle_of_a_measurement(lab):
    for _ in range(20):
        lab.threshold += 0.001
    lab.close()
    assert lab.wait(60)
    assert not any(thread.name == "prunewidgets" for thread in threading.enumerate())


def test_messages_of_the_page_that_run_beside_the_cell(lab):
    """Some servers deliver them in a thread of their own while a cell trains."""
    model, alone = lab.live.model, twin(lab.live.model)
    keras.utils.set_random_seed(1)
    alone.fit(X, Y, epochs=10, batch_size=25, verbose=0)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    done, problems, moves = threading.Event(), [], []

    def page():
        while not done.is_set():
            moves.append(0.001 * (len(moves) % 200 + 1))
            try:
                lab.set_state({"threshold": moves[-1], "sparsity": 0.5})
                if lab.threshold != moves[-1]:
                    problems.append((moves[-1], lab.threshold))
            except Exception as error:
                problems.append(error)
            time.sleep(0.002)

    beside = threading.Thread(target=page)
    keras.utils.set_random_seed(1)
    beside.start()
    model.fit(X, Y, epochs=10, batch_size=25, verbose=0, callbacks=[pw.FollowTraining(lab, every=1)])
    done.set()
    beside.join(60)
    assert not beside.is_alive()
    assert problems == []
    assert len(moves) > 20
    assert bits(alone) == bits(model)
    assert (lab.threshold, lab.error) == (moves[-1], "")
    assert lab.wait(60)
    assert lab.measured["thresholds"] == [moves[-1]] * 3
    assert abs(lab.measured["accuracy"] - by_hand(model, lab.masks)) < 1e-6


def test_buttons_of_the_page_that_run_beside_the_cell(lab):
    model, done = lab.live.model, threading.Event()
    lab.threshold = 0.1
    pressed = []

    def page():
        while not done.is_set():
            for button in ("apply", "restore", "measure_curve", "cancel"):
                lab._handle_custom_msg({"do": button}, [])
                pressed.append(button)
                time.sleep(0.1)

    beside = threading.Thread(target=page)
    beside.start()
    model.fit(X, Y, epochs=5, batch_size=25, verbose=0, callbacks=[pw.FollowTraining(lab, every=1)])
    done.set()
    beside.join(60)
    assert not beside.is_alive()
    assert len(pressed) > 8
    assert lab.error == ""
    before = bits(model)  # the last buttons took everything back
    lab.apply()
    assert lab.wait(60)
    held = sum(int((array == 0).sum()) for array in lab.live.weights.values())
    assert held >= lab.applied > 0
    lab.restore()
    assert bits(model) == before


def test_a_model_that_was_trained_is_freed_with_its_lab(model):
    lab = pw.PruningLab(keras.models.clone_model(model), X, Y)
    lab.live.model.compile("adam", "sparse_categorical_crossentropy")
    lab.fit(X[:100], Y[:100])
    assert lab.wait(60) and lab.error == ""
    seen = weakref.ref(lab.live.model)
    lab.close()
    del lab
    gc.collect()
    assert seen() is None
