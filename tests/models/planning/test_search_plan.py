"""A searched plan: every trial meets the budget, the best is the plan, the study hears what was measured."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

import prunewidgets as pw

SIZES = {"one/kernel": 60, "two/kernel": 30}


class Study:
    """Proposes the given shares in turn, and keeps what it hears."""

    def __init__(self, *proposals, direction=None):
        self.proposals, self.heard = list(proposals), []
        if direction is not None:
            self.direction = SimpleNamespace(name=direction)

    def ask(self):
        shares = self.proposals[len(self.heard)]

        def suggest_float(name, low, high, *, log):
            assert (low, high, log) == (0.01, 1.0, True)
            return shares[name]

        return SimpleNamespace(suggest_float=suggest_float, shares=shares)

    def tell(self, trial, values):
        self.heard.append((trial.shares, values))


def shares(one, two):
    return {"one/kernel": one, "two/kernel": two}


@pytest.fixture(scope="module")
def problem():
    """A dense classifier of 10 → 6 → 5, with noisy points of 5 classes; half of them for the search."""
    rng = np.random.default_rng(0)
    kinds = rng.normal(size=(5, 10))
    y = rng.integers(0, 5, 200)
    x = (kinds[y] + 0.5 * rng.normal(size=(200, 10))).astype("float32")
    keras.utils.set_random_seed(0)
    hidden, out = (keras.layers.Dense(6, "relu", name="one"), keras.layers.Dense(5, "softmax", name="two"))
    model = keras.Sequential([keras.Input((10,)), hidden, out])
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=20, verbose=0)
    return model, x, y


def right(model, x, y, kept):
    """Count by hand which of the points are right with the largest of each kernel left."""
    w1, b1, w2, b2 = (np.array(array) for array in model.get_weights())
    for kernel, number in ((w1, kept["one/kernel"]), (w2, kept["two/kernel"])):
        kernel.ravel()[np.argsort(-np.abs(kernel), axis=None)[int(number) :]] = 0
    return float(np.mean((np.maximum(x @ w1 + b1, 0) @ w2 + b2).argmax(axis=1) == y))


def search_part(x, y):
    held = np.random.default_rng(0).permutation(len(x))[: len(x) // 5]
    rest = np.setdiff1d(np.arange(len(x)), held)
    return (x[rest], y[rest]), (x[held], y[held])


def test_each_proposal_is_scaled_to_the_budget_and_measured(problem):
    model, x, y = problem
    before = model.get_weights()
    study = Study(shares(1, 1), shares(0.1, 0.4), shares(0.02, 1))
    plan = pw.search_plan(model, x, y, "45 weights", study=study, trials=3)
    assert plan.trials["one/kernel"].tolist() == [30, 15, 15]  # 4 × 6 and 12; all 30 of two are the most
    assert plan.trials["two/kernel"].tolist() == [15, 30, 30]
    search, held = search_part(x, y)
    by_hand = [right(model, *search, row) for row in plan.trials.to_dict("records")]
    assert plan.trials["accuracy"].tolist() == pytest.approx(by_hand)
    assert [value for _, value in study.heard] == plan.trials["accuracy"].tolist()
    assert [told for told, _ in study.heard] == study.proposals
    best = plan.trials.loc[plan.trials["accuracy"].idxmax()]
    assert {n: int(m.sum()) for n, m in plan.masks.items()} == {n: best[n] for n in SIZES}
    assert float(plan.on_search) == pytest.approx(max(by_hand))
    assert float(plan.expected) == pytest.approx(right(model, *held, best))
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert (plan.trials["seconds"] > 0).all() and plan.complete and plan.measurements == 2


def test_a_study_of_optuna(problem):
    optuna = pytest.importorskip("optuna")
    model, x, y = problem
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    plan = pw.search_plan(model, x, y, "45 weights", study=study, trials=5)
    assert [trial.value for trial in study.trials] == plan.trials["accuracy"].tolist()
    assert study.best_value == float(plan.on_search)
    assert set(study.best_params) == set(SIZES)
    with pytest.raises(ValueError, match=r"create_study\(direction='maximize'\)"):
        pw.search_plan(model, x, y, "45 weights", study=optuna.create_study())


def test_at_random_by_its_seed_and_no_tables_until_they_are_asked_for(problem):
    model, x, y = problem
    first, again, other = (
        pw.search_plan(model, x, y, "50 %  of weights", trials=6, seed=s) for s in (1, 1, 2)
    )
    names = ["accuracy", *SIZES]
    assert first.trials[names].equals(again.trials[names])
    assert not first.trials[names].equals(other.trials[names])
    assert (first.trials[list(SIZES)].sum(axis=1) == 45).all()
    assert first.start == "search" and "begun from search, " in repr(first)
    assert "damage" not in first.layers and first.tables.empty
    assert first.frontier["weights"].is_monotonic_decreasing  # measures them
    assert not first.tables.empty


@pytest.mark.parametrize("budget", ["300 bytes", "40 % of multiply-adds"])
def test_other_budgets(problem, budget, tmp_path):
    model, x, y = problem
    whole = pw.save_compact(model, tmp_path / "whole.pwc")
    if budget.endswith("bytes"):
        budget = f"{whole - 100} bytes"
    plan = pw.search_plan(model, x, y, budget, trials=4)
    if budget.endswith("bytes"):
        assert plan.costs["bytes"] <= whole - 100
    else:
        assert plan.costs["multiply_adds"] == 36


def test_whole_units_and_another_metric(problem):
    model, x, y = problem
    study = Study({"one": 0.5}, {"one": 0.2}, direction="MINIMIZE")
    plan = pw.search_plan(
        model, x, y, "50 % of weights", study, 2, structured=True, metric="sparse_categorical_crossentropy"
    )
    (column,) = (name for name in plan.trials if "crossentropy" in name)
    assert plan.trials["one"].tolist() == [3, 3]
    assert [value for _, value in study.heard] == plan.trials[column].tolist()
    assert plan.apply().count_params() == 3 * 11 + 5 * 4


def test_ctrl_c_keeps_the_trials_that_were_finished(problem, monkeypatch):
    model, x, y = problem
    evaluate, calls = pw.LiveModel.evaluate, []

    def interrupted(self, *arguments, **options):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return evaluate(self, *arguments, **options)

    study = Study(shares(1, 1), shares(0.1, 0.4), shares(1, 0.1))
    monkeypatch.setattr(pw.LiveModel, "evaluate", interrupted)
    with pytest.warns(UserWarning, match="Interrupted: the plan is the best of 2 trials"):
        plan = pw.search_plan(model, x, y, "45 weights", study=study, trials=3)
    assert not plan.complete and len(plan.trials) == len(study.heard) == 2
    assert plan.masks.removed == 45
    calls[:] = [1, 1]
    with pytest.warns(UserWarning, match="the best of 0 trials"):
        plan = pw.search_plan(model, x, y, "45 weights")
    assert plan.trials.empty
    with pytest.raises(RuntimeError, match="interrupted before there was a choice"):
        _ = plan.masks


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"budget": "90 % accuracy"}, "budget '90 % accuracy' cannot be searched"),
        ({"budget": "1 ms", "structured": True}, "budget '1 ms' cannot be searched"),
        ({"budget": "1 weights"}, r"budget '1 weights' cannot be met: .* still takes 2 weights"),
        ({"trials": 0}, "trials is 0; it has to be a whole number, 1 or more"),
        ({"study": "optuna"}, "study is 'optuna'; it has to have ask and tell"),
        ({"study": Study(shares(np.nan, 1))}, "the share nan for 'one/kernel'; it has to be from 0.01 to 1"),
        ({"study": Study(shares(1, 7))}, "the share 7 for 'two/kernel'; it has to be from 0.01 to 1"),
        ({"seed": -1}, "seed is -1; it has to be a whole number, 0 or more"),
        ({"study": Study(direction="MINIMIZE")}, r"worst accuracy: .*create_study\(direction='maximize'\)"),
        ({"study": Study(direction="MAXIMIZE"), "metric": "mae"}, r"worst .*direction='minimize'"),
    ],
    ids="accuracy milliseconds little trials study nan large seed minimize maximize".split(),
)
def test_what_cannot_be_searched(problem, options, message):
    model, x, y = problem
    with pytest.raises(ValueError, match=message):
        pw.search_plan(model, x, y, **({"budget": "45 weights"} | options))
