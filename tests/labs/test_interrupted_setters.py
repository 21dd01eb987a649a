"""Ctrl-C at any moment of a lab's setters: what is read afterwards agrees, and nothing waits for ever.

``PRUNEWIDGETS_INTERRUPTS=2000`` interrupts that often instead of a few dozen times.
"""

import os

import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw
from prunewidgets.utils.latest_job import LatestJob

from ..support.interrupts import Lines, listen
from .tiny import X, Y

TIMES = int(os.environ.get("PRUNEWIDGETS_INTERRUPTS", "60"))
SIZE = 300
RNG = np.random.default_rng(7)
SCORES = {"magnitude": np.abs, "squared": np.square}


def step(lab) -> tuple[str, object]:
    """A setter of the lab with a value, at random."""
    names = list(lab.live.weights)
    what = RNG.choice(["threshold", "sparsity", "scope", "layer", "thresholds", "criterion"])
    if what == "thresholds" and lab.scope == "global":
        what = "threshold"
    value = {
        "threshold": lambda: float(RNG.uniform(0, 0.4)),
        "sparsity": lambda: float(RNG.uniform(0, 1)),
        "scope": lambda: "layer" if lab.scope == "global" else "global",
        "layer": lambda: str(RNG.choice(names)),
        "thresholds": lambda: {str(RNG.choice(names)): float(RNG.uniform(0, 0.4))},
        "criterion": lambda: "squared" if lab.criterion == "magnitude" else "magnitude",
    }[what]()
    return what, value


def expected_masks(lab) -> dict[str, np.ndarray]:
    """By NumPy alone, from the settings that the lab says it has."""
    each = lab.thresholds if lab.scope == "layer" else dict.fromkeys(lab.live.weights, lab.threshold)
    score = SCORES[lab.criterion]
    return {name: score(w) >= np.float32(each[name]) for name, w in lab.live.weights.items()}


def forward(weights, x) -> np.ndarray:
    """The small dense network of these tests, by NumPy."""
    hidden = np.maximum(x @ weights["first/kernel"], 0)
    return (hidden @ weights["out/kernel"]).argmax(-1)


@pytest.fixture(scope="module")
def model():
    """Two dense layers without biases."""
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(12, activation="relu", use_bias=False, name="first"),
            keras.layers.Dense(4, use_bias=False, name="out"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def differs(page, view) -> list[str]:
    """Which settings the page shows otherwise than the kernel."""
    names = ["threshold", "sparsity", "criterion", "layer", "scope", "thresholds", "generation"]
    return [name for name in names if view.has_trait(name) and page[name] != getattr(view, name)]


def check(lab, x, y, context: str) -> None:
    """What the lab says agrees with NumPy, in the order in which a reader might ask."""
    sparsity = lab.sparsity
    masks = lab.masks
    expected = expected_masks(lab)
    assert all(np.array_equal(masks[name], expected[name]) for name in expected), context
    removed = sum(int((~mask).sum()) for mask in expected.values())
    assert sparsity == lab.sparsity == masks.sparsity == removed / masks.size, context
    if lab.scope == "layer":
        assert lab.threshold == lab.thresholds[lab.layer], context
        assert set(lab.thresholds) == set(expected), context
    else:
        assert lab.thresholds == {}, context
    pruned = {name: w * expected[name] for name, w in lab.live.weights.items()}
    assert float(lab.accuracy) == np.mean(forward(pruned, x) == y), context
    assert lab.wait(20), context
    assert lab.measured["counts"] == [int((~mask).sum()) for mask in expected.values()], context


def test_interrupted_setters_leave_a_lab_that_agrees_with_itself(model):
    x, y = X[:SIZE].reshape(SIZE, -1), Y[:SIZE]
    lab = pw.PruningLab(model, x, y)
    lab.wait(60)
    page = listen(lab)
    lines = {}  # about so many lines each setter runs
    interrupted = 0
    for _ in range(20 * TIMES):
        if interrupted == TIMES:
            break
        what, value = step(lab)
        at = int(RNG.integers(0, lines.get(what, 100)))
        work = Lines(at)
        interrupted += work.run(lambda what=what, value=value: setattr(lab, what, value))
        lines[what] = max(lines.get(what, 20), work.seen)
        context = f"{what} = {value!r}, interrupted at line {at}, {work.hit}; scope {lab.scope}"
        check(lab, x, y, context)
        assert differs(page, lab) == [], context
        setattr(lab, what, value)  # and now without
        check(lab, x, y, f"{what} = {value!r} once more, after {work.hit}")
        if what in ("threshold", "criterion", "scope", "layer"):
            assert getattr(lab, what) == value
    assert interrupted == TIMES


def test_an_interrupted_refresh_is_done_when_somebody_looks(model):
    x, y = X[:SIZE].reshape(SIZE, -1), Y[:SIZE]
    lab = pw.PruningLab(model, x, y, threshold=0.1)
    page = listen(lab)
    for at in range(0, 100_000, 1 if TIMES > 100 else 41):
        for variable in model.variables:
            variable.assign(RNG.normal(0, 0.3, variable.shape))
        work = Lines(at)
        interrupted = work.run(lab.refresh)
        assert all(np.array_equal(lab.masks[name], mask) for name, mask in expected_masks(lab).items())
        check(lab, x, y, work.hit)
        sent = np.frombuffer(page["weights"], "<f4")
        assert np.array_equal(sent, np.concatenate([w.ravel() for w in lab.live.weights.values()])), work.hit
        assert differs(page, lab) == [], work.hit
        if not interrupted:
            break
    assert not interrupted


def test_an_interrupted_request_is_done_when_it_is_waited_for():
    """At each line of `submit` in turn; then every later request works too."""
    for at in range(100):
        jobs, done = LatestJob(), []
        work = Lines(at)
        interrupted = work.run(
            lambda jobs=jobs, done=done: jobs.submit(lambda outdated: done.append("first"))
        )
        assert jobs.wait(10), work.hit
        assert jobs.current is False
        jobs.submit(lambda outdated, done=done: done.append("second"))
        assert jobs.wait(10), work.hit
        assert done[-1] == "second"
        if not interrupted:
            break
    assert at > 3


FRAME = pd.DataFrame({"sparsity": [0.0, 0.5, 0.9], "accuracy": [0.9, 0.8, 0.6], "threshold": [0.0, 0.1, 0.3]})
WEIGHTS = {"a": RNG.normal(size=(9, 7)).astype(np.float32), "b": RNG.normal(size=(5, 4)).astype(np.float32)}


@pytest.mark.parametrize("kind", ["ThresholdSlider", "WeightHistogram", "LedgerView"])
def test_every_moment_of_a_views_setters(kind):
    weights = pw.score(WEIGHTS) if kind == "ThresholdSlider" else WEIGHTS
    view, other = getattr(pw, kind)(weights), pw.ThresholdSlider(pw.score(WEIGHTS))
    pw.link(view, other)
    page, other_page = listen(view), listen(other)
    every = np.concatenate([np.abs(w).ravel() for w in WEIGHTS.values()])
    settings = [("threshold", 0.3), ("sparsity", 0.75)]
    if kind != "ThresholdSlider":
        settings.append(("criterion", "squared"))
    for name, value in settings:
        for at in range(0, 100_000, 1 if TIMES > 100 else 23):
            view.threshold = 0.1
            if name == "criterion":
                view.criterion = "magnitude"
            work = Lines(at)
            interrupted = work.run(lambda name=name, value=value: setattr(view, name, value))
            scores = np.square(every) if getattr(view, "criterion", "") == "squared" else every
            assert view.sparsity == np.mean(scores < np.float32(view.threshold)), work.hit
            assert other.threshold == view.threshold, work.hit
            assert differs(page, view) == differs(other_page, other) == [], work.hit
            setattr(view, name, value)
            assert np.isclose(getattr(view, name), value, atol=0.01) if name != "criterion" else True
            if not interrupted:
                break
        assert not interrupted
