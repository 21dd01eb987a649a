"""Ctrl-C at seeded random moments: never lost, never half of something.

``PRUNEWIDGETS_INTERRUPTS=500`` makes each storm that long; it is short by default.
"""

import gc
import os
import signal
import sys
import threading

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.utils.uninterrupted import uninterrupted

STORM = int(os.environ.get("PRUNEWIDGETS_INTERRUPTS", "4"))


def network():
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(8, "relu", name="a"), layers.Dense(4, "softmax", name="b")]
    )
    optimizer = keras.optimizers.Adam(0.01, use_ema=True)
    model.compile(optimizer, "sparse_categorical_crossentropy", run_eagerly=True)
    return model


def run(call, stop_at=None, within=""):
    """How many Python functions (of a file) are called inside; at one of them a real SIGINT comes."""
    made = 0

    def count(frame, event, argument):
        nonlocal made
        if event == "call" and frame.f_code.co_filename.endswith(within):
            made += 1
            if made == stop_at:
                signal.raise_signal(signal.SIGINT)

    gc.disable()  # hypothesis counts collections in a function, and Python ignores what is raised in it
    sys.setprofile(count)
    try:
        call()
    finally:
        sys.setprofile(None)
        gc.enable()
    return made


def storm(prepare, seed, within=""):
    """Interrupt ``prepare()()`` at random calls, and yield what ``prepare`` left in a list."""
    rng = np.random.default_rng(seed)
    length = min(run(prepare()[0], within=within) for _ in range(2))  # the first creates some things once
    for _ in range(STORM):
        call, seen = prepare()
        with pytest.raises(KeyboardInterrupt):
            run(call, int(rng.integers(2, length)), within)
        yield seen


def test_the_first_apply_is_safe_from_interrupts(data, everything):
    def prepare():
        model = network()
        live = pw.LiveModel(model)
        masks = pw.Masks.from_sparsity(pw.score(live.weights), 0.5)
        return lambda: live.apply(masks), (model, live, masks, model.get_weights())

    built = 0
    for model, live, masks, before in storm(prepare, 1):
        slots = len(model.optimizer.variables)
        assert slots == (2 + 3 * 4 if model.optimizer.built else 2)
        built += model.optimizer.built
        if live.applied is None:
            assert [w.tobytes() for w in model.get_weights()] == [w.tobytes() for w in before]
        else:
            assert all((live.weights[name] == 0).sum() == (~kept).sum() for name, kept in masks.items())
        model.train_on_batch(*data)  # a half-built optimizer has no slots for it
        if live.applied is not None:
            assert all((live.weights[name] == 0).sum() == (~kept).sum() for name, kept in masks.items())
    assert built


def test_restore_is_safe_from_interrupts(data, everything):
    def prepare():
        model = network()
        model.train_on_batch(*data)
        before = everything(model)
        live = pw.LiveModel(model)
        pw.prune(model, 0.5)
        model.train_on_batch(*data)
        return live.restore, (model, live, before, everything(model))

    for model, live, before, pruned in storm(prepare, 2):
        assert everything(model) == (pruned if live.applied else before)
        live.restore()
        assert everything(model) == before


def test_a_later_apply_is_safe_from_interrupts(data, everything):
    def prepare():
        model = network()
        live = pw.LiveModel(model)
        pw.prune(model, 0.5)
        model.train_on_batch(*data)
        masks = pw.Masks.from_sparsity(pw.score(live.weights), 0.8)
        return lambda: live.apply(masks), (model, live)

    for model, live in storm(prepare, 3):
        model.train_on_batch(*data)
        zeros = sum((w == 0).sum() for w in live.weights.values())
        assert zeros == live.applied.removed in (40, 64)


def test_rewinding_is_safe_from_interrupts(data, everything):
    def prepare():
        model = network()
        point = pw.RewindPoint()
        model.fit(*data, verbose=0, callbacks=[point])
        before = everything(model)
        return point.rewind, (model, point, before)

    for model, point, before in storm(prepare, 4):
        now = everything(model)
        point.rewind()
        assert now in (before, everything(model))


@pytest.mark.parametrize("use", ["save", "load", "shrink"])
def test_models_built_after_an_interrupt_have_their_usual_names(tmp_path, use):
    """Keras leaves a name scope open; every later model then has other names."""
    model = network()
    pw.save_compact(model, tmp_path / "valid.pwc")
    calls = {
        "save": lambda: pw.save_compact(model, tmp_path / "again.pwc"),
        "load": lambda: pw.load_compact(tmp_path / "valid.pwc"),
        "shrink": lambda: pw.shrink(model, {}),
    }
    for _ in storm(lambda: (calls[use], None), 5, "common/name_scope.py"):
        fresh = layers.Dense(2, name="fresh")
        fresh.build((None, 3))
        assert fresh.kernel.path == "fresh/kernel"
        assert pw.load_compact(tmp_path / "valid.pwc").count_params() == model.count_params()


def test_work_in_another_thread_is_done_and_the_main_thread_is_interrupted(dense):
    live = pw.LiveModel(dense)
    masks = pw.Masks.from_sparsity(pw.score(live.weights), 0.5)
    thread = threading.Thread(target=lambda: [(live.apply(masks), live.restore()) for _ in range(4)])
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    thread.join(60)
    assert not thread.is_alive()
    assert live.applied is None
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_an_interrupt_waits_for_the_outermost_step_and_errors_come_first():
    done = []
    with pytest.raises(KeyboardInterrupt):
        with uninterrupted():
            with uninterrupted():
                signal.raise_signal(signal.SIGINT)
                done.append("inner")
            done.append("outer")
    assert done == ["inner", "outer"]
    with pytest.raises(KeyboardInterrupt) as caught:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            raise ValueError("its own")
    assert isinstance(caught.value.__context__, ValueError)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
