"""The checks of chapter 06b accept right answers and reject wrong ones."""

import json
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw

CHECKS = "checks.chapter_06b"
ROOT = Path(__file__).parents[3]
HELD = np.eye(4, dtype="float32"), np.array([0, 1, 2, 3])


def marks(capsys) -> str:
    return "".join(line[0] for line in capsys.readouterr().out.splitlines() if line[:1] in "✓✗○")


@pytest.mark.parametrize(
    "l1, l2, mistake",
    [
        (np.sign, lambda w: 2 * w, ""),
        (lambda w: w / abs(w), lambda w: w + w, ""),
        (lambda w: 1.0, lambda w: 2 * w, "one_side"),
        (lambda w: 2 * w, np.sign, "swapped"),
        (abs, lambda w: w**2, "penalties"),
        (abs, lambda w: 2 * w, "the_penalty_itself"),
        (np.sign, lambda w: w, "half"),
        (np.sign, lambda w: 2 * abs(w), "no_sign"),
        (np.sign, lambda w: w**2, "square"),
        (np.sign, lambda w: 7.0, "hint"),
        (np.sign, lambda w: "steep", "hint"),
        (np.sign, lambda w: w.slope, "stopped"),
    ],
)
def test_slopes(checks, l1, l2, mistake):
    result = checks.slopes(l1, l2)
    assert (result.mistake, result.passed) == (mistake, not mistake)


def test_an_unwritten_slope_is_open(checks):
    assert not checks.slopes(np.sign, lambda w: ...).answered


def identity(density: int = 4) -> keras.Model:
    """A 4×4 kernel that is the identity and reads all of HELD, with 12 zeros or none."""
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, use_bias=False, name="a")])
    model.set_weights([np.eye(4) + (0 if density == 4 else 0.01)])
    return model


def trained(*steps: int, density: int = 4, first: int = 1) -> keras.Model:
    """A network that began as one that reads nothing, was compiled and fitted so often, and reads all."""
    model = identity(density)
    ready = model.get_weights()
    model.set_weights([np.roll(np.eye(4), first, axis=1)])
    for n in steps:
        model.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
        model.fit(np.ones((n, 4)), np.zeros(n), batch_size=1, verbose=0)
    model.set_weights(ready)
    return model


@pytest.mark.parametrize(
    "steps, density, at_least, verdict",
    [
        ([10], 4, 0.9, "✓"),
        ([4, 6], 4, 0.9, "✓"),
        ([11], 4, 0.9, "✗"),
        ([10, 1], 4, 0.9, "✗"),  # the optimizer of the second compile counts 1
        ([10], 16, 0.9, "✗"),
        ([10], 4, 1.1, "✗"),
    ],
)
def test_sparse_network_keeps_to_all_three_limits(checks, capsys, steps, density, at_least, verdict):
    made = []
    function = lambda: made.append(trained(*steps, density=density)) or made[0]  # noqa: E731
    returned = checks.sparse_network(function, HELD, sparsity=0.75, steps=10, at_least=at_least)
    assert marks(capsys) == verdict
    assert returned.network is (made[0] if sum(steps) <= 10 and density == 4 else None)
    assert returned.passed == (verdict == "✓")


def test_an_inaccurate_network_is_reported_with_its_accuracy(checks, capsys):
    checks.sparse_network(lambda: trained(10), HELD, sparsity=0.75, steps=10, at_least=1.1)
    assert "✗ Within the budget, but not accurate enough." in capsys.readouterr().out


@pytest.mark.parametrize(
    "function, says",
    [
        (lambda: trained(10, first=0), "It read 100 % of the digits before its first step"),
        (identity, "Build and fit the network inside the function"),
    ],
)
def test_a_network_that_was_trained_before_is_refused(checks, capsys, function, says):
    assert checks.sparse_network(function, HELD, sparsity=0.75, steps=10, at_least=0.9).network is None
    assert says in capsys.readouterr().out


def test_fit_is_as_before_after_the_check(checks, capsys):
    plain = keras.Model.fit
    for function in (lambda: trained(1), lambda: 1 / 0, lambda: keras.Sequential().fit(1)):
        checks.sparse_network(function, HELD, sparsity=0.75, steps=10, at_least=0.9)
        assert keras.Model.fit is plain and "fit" not in vars(keras.Model)
    assert marks(capsys) == "✓✗✗"


def test_the_test_digits_stay_closed_without_a_network(checks, capsys):
    assert checks.sparse_network(lambda: ..., HELD, sparsity=0.75, steps=10, at_least=0.9).network is None
    assert checks.sparse_network(lambda: "no", HELD, sparsity=0.75, steps=10, at_least=0.9).network is None
    assert checks.sparse_network(lambda: 1 / 0, HELD, sparsity=0.75, steps=10, at_least=0.9).network is None
    checks.once_on_the_test_set(checks.Trained("", False), None, HELD, HELD)
    assert marks(capsys) == "○✗✗○"


def test_both_sets_are_compared_with_the_unpruned_network(checks, capsys):
    whole, mine = identity(), identity()
    mine.set_weights([np.eye(4)[:, [0, 1, 3, 2]]])  # confuses two of four
    checks.once_on_the_test_set(
        checks.Trained("", True, network=mine), pw.LiveModel(whole), HELD, (HELD[0][:2], HELD[1][:2])
    )
    losses = [line.split("loss of ")[1] for line in capsys.readouterr().out.splitlines() if "loss" in line]
    assert losses == ["50.00 points", "0.00 points"]


def test_the_runs_of_the_chapter_are_those_of_the_benchmark():
    """`runs/how_far.csv` is a part of `frontier_runs/runs.jsonl`, and cannot differ from it."""
    lines = (ROOT / "research" / "lenet_frontier" / "runs" / "runs.jsonl").read_text().splitlines()
    errors = {(run["row"], run["seed"]): run["error_percent"] for run in map(json.loads, lines)}
    shown = pd.read_csv(ROOT / "notebooks" / "runs" / "how_far.csv")
    endings = {"little by little": "{}x", "random mask": "{}x_random", "each layer alone": "{}x_layer"}
    for run in shown.itertuples():
        row = "lenet_300_100_" + endings[run.way].format(run.one_of)
        assert run.error_percent == errors.pop((row, run.seed))
    left = {row for row, _ in errors if row.startswith("lenet_300_100")}
    assert all(row.endswith(("dense", "narrow")) for row in left)


@pytest.mark.parametrize(
    "function, mistake",
    [
        (lambda: trained(10, density=16), "too_many_weights"),
        (lambda: trained(11), "too_many_steps"),
        (lambda: trained(10, first=0), "head_start"),
        (identity, "no_fit"),
        (lambda: "no", "no_network"),
        (lambda: 1 / 0, "stopped"),
    ],
)
def test_each_wrong_network_gets_its_hint(checks, function, mistake):
    result = checks.sparse_network(function, HELD, sparsity=0.75, steps=10, at_least=0.9)
    assert (result.mistake, result.passed) == (mistake, False)


def test_weights_are_kept_before_the_training_and_after_each_epoch(checks):
    from checks.pictures_06b import EveryEpoch, over_epochs, two_penalties

    keep, model = EveryEpoch(), identity()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.fit(np.ones((2, 4)), np.zeros((2, 4)), epochs=2, verbose=0, callbacks=[keep])
    assert [len(weights) for weights in keep.weights] == [16] * 3
    assert keep.weights[0].tolist() == np.eye(4).ravel().tolist()
    drawn = over_epochs({"none": keep, "L1": [np.full(10, 0.05), np.zeros(10)]})
    assert "none: 75 % near zero before the training" in drawn.description
    assert "L1: 0 % near zero before the training, 100 % after it" in drawn.description
    for picture in (drawn, two_penalties()):
        assert picture._repr_png_()[0].startswith(b"\x89PNG")
