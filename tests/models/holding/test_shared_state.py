import gc
import re
import threading
import weakref

import keras
import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.models.holding import state as model_state


def half(live):
    return pw.Masks.from_sparsity(pw.score(live.weights), 0.5)


def test_two_live_models_of_one_model_agree(dense, everything):
    dense.optimizer.build(dense.trainable_variables)
    before = everything(dense)
    one, two = pw.LiveModel(dense), pw.LiveModel(dense)
    masks = pw.prune(dense, 0.5)
    assert one.applied is two.applied is masks
    assert one.lock is two.lock
    two.restore()
    assert one.applied is None
    assert everything(dense) == before


def test_live_models_with_other_prunable_weights_do_not_disturb_each_other(dense, data):
    kernels = pw.LiveModel(dense)
    biases = pw.LiveModel(dense, prunable="all", layers=re.compile("bias$"))
    kernels.apply(half(kernels))
    biases.apply({"first/bias": np.zeros(8, bool)})
    assert set(kernels.applied) == {"first/kernel", "second/kernel", "first/bias"}
    dense.fit(*data, epochs=1, verbose=0)
    assert not biases.weights["first/bias"].any()
    assert pw.Masks.from_zeros(kernels.weights).sparsity == 0.5


def test_an_uncompiled_model_can_be_pruned_and_restored(subclassed, everything):
    before = everything(subclassed)
    live = pw.LiveModel(subclassed)
    live.apply(half(live))
    assert pw.Masks.from_zeros(live.weights).sparsity == pytest.approx(0.5, abs=0.01)
    live.restore()
    assert everything(subclassed) == before


def test_nothing_keeps_a_model_alive(data):
    gc.collect()  # the models of other tests
    model = pw.models.small_cnn()
    live = pw.LiveModel(model)
    live.evaluate(np.zeros((3, 28, 28, 1)), [0, 1, 2])
    live.apply(half(live))
    model.fit(np.zeros((3, 28, 28, 1)), np.array([0, 1, 2]), verbose=0)
    reference = weakref.ref(model)
    known = len(model_state._STATES)
    del model, live
    keras.backend.clear_session()
    gc.collect()
    assert reference() is None
    assert len(model_state._STATES) < known


def test_threads_see_only_complete_states(dense, data):
    """While one thread applies and restores, each look of another sees all zeros or none."""
    live = pw.LiveModel(dense)
    nothing = pw.Masks({name: np.zeros(w.shape, bool) for name, w in live.weights.items()})
    allowed = {live.predict(data[0]).tobytes(), live.predict(data[0], nothing).tobytes()}
    seen, failed = set(), []

    def look():
        try:
            for _ in range(20):
                seen.add(pw.LiveModel(dense).predict(data[0]).tobytes())
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        live.apply(nothing)
        live.restore()
    assert failed == []
    assert seen <= allowed


@pytest.mark.parametrize(
    "use",
    [
        lambda live, x: live.predict(x),
        lambda live, x: live.weights,
        lambda live, x: live.apply({}),
        lambda live, x: live.restore(),
    ],
    ids=["predict", "weights", "apply", "restore"],
)
def test_reading_and_writing_wait_for_the_lock(dense, data, use):
    live = pw.LiveModel(dense)
    live.predict(data[0])
    live.apply({})
    thread = threading.Thread(target=use, args=(live, data[0]))
    with live.lock:
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(30)
    assert not thread.is_alive()


def test_measuring_beside_a_running_fit(dense, data, everything):
    """The lab measures in a thread while a cell trains: neither may disturb the other."""
    live, done, failed, seen = pw.LiveModel(dense), threading.Event(), [], []

    def look():
        try:
            while not done.is_set():
                seen.append(live.evaluate(*data, half(live)))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        dense.fit(*data, epochs=15, batch_size=4, verbose=0)
    finally:
        done.set()
        thread.join()
    assert failed == []
    assert len(seen) > 3
    assert dense.optimizer.iterations.value.numpy() == 15 * 16
