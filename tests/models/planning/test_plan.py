import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.planning import search


@pytest.fixture(scope="module")
def fitted():
    """A small convolutional classifier of 240 noisy pictures in 3 classes, and the pictures."""
    rng = np.random.default_rng(0)
    kinds = rng.normal(size=(3, 6, 6, 1))
    y = rng.integers(0, 3, 240)
    x = (kinds[y] + 0.8 * rng.normal(size=(240, 6, 6, 1))).astype("float32")
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(8, 3, activation="relu", name="conv"),
            layers.Flatten(),
            layers.Dense(10, activation="relu", name="hidden"),
            layers.Dense(3, activation="softmax", name="last"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")
    model.fit(x, y, epochs=4, batch_size=32, verbose=0)
    return model, x, y


@pytest.fixture
def trained(fitted):
    """The same as it was before each test."""
    yield fitted
    pw.LiveModel(fitted[0]).restore()


@pytest.fixture(autouse=True)
def _few_levels(monkeypatch):
    monkeypatch.setattr(search, "DENSITIES", (0.6, 0.3, 0.1))


def values(model):
    return [variable.numpy().tobytes() for variable in model.variables]


def test_a_plan_meets_a_sparsity_and_says_what_it_expects(trained):
    model, x, y = trained
    before = values(model)
    plan = pw.plan(model, x, y, "90 % sparsity", criterion="magnitude", rounds=2)
    live = pw.LiveModel(model)
    assert values(model) == before
    assert plan.complete
    assert live.applied is None
    size = sum(weights.size for weights in live.weights.values())
    kept = size - plan.masks.removed
    assert 0.1 * size - 3 <= kept <= 0.1 * size
    assert plan.layers["kept"].tolist() == [int(plan.masks[name].sum()) for name in plan.layers["layer"]]
    assert plan.layers["weights"].tolist() == plan.layers["kept"].tolist()
    held = np.sort(np.random.default_rng(0).permutation(240)[:48])
    assert plan.expected == live.evaluate(x[held], y[held], plan.masks)
    assert plan.unpruned == live.evaluate(x[held], y[held])
    measured = plan.measure(x, y)
    assert measured.loc["accuracy", "measured"] == live.evaluate(x, y, plan.masks)
    assert measured.loc["weights", ["budget", "expected", "measured"]].tolist() == [0.1 * size, kept, kept]
    assert plan.apply() is model
    assert live.applied == plan.masks
    live.restore()
    assert values(model) == before


def test_the_tables_are_those_of_a_sensitivity_scan(trained):
    model, x, y = trained
    plan = pw.plan(model, x, y, "50 % of weights", criterion="magnitude", rounds=0)
    tables = plan.tables
    rows = np.sort(np.random.default_rng(0).permutation(240)[48:])
    scan = pw.sensitivity(model, x[rows], y[rows], [0, 0.4])
    one = tables[(tables.layer == "last/kernel") & (tables.kept == 18)].iloc[0]
    whole, pruned = scan[scan.layer == "last/kernel"]["accuracy"]
    assert (one.accuracy, one.damage) == (pruned, whole - pruned)


def test_no_start_is_better_and_rounds_never_make_it_worse(trained):
    model, x, y = trained
    plan = pw.plan(model, x, y, "92 % sparsity", criterion="magnitude", rounds=0)
    better = pw.plan(model, x, y, "92 % sparsity", criterion="magnitude", rounds=3)
    live, scores = pw.LiveModel(model), pw.score(pw.LiveModel(model).weights)
    rows = np.sort(np.random.default_rng(0).permutation(240)[48:])
    rivals = [
        live.evaluate(x[rows], y[rows], pw.Masks.from_sparsity(scores, 0.925, scope))
        for scope in ("layer", "global", "erk")
    ]
    own, refined = (live.evaluate(x[rows], y[rows], one.masks) for one in (plan, better))
    assert own >= max(rivals) - 0.02  # they are fitted to the weight, and the last weights differ
    assert refined >= own


@pytest.mark.parametrize("structured", [False, True])
def test_a_file_as_large_as_the_budget(trained, structured, tmp_path):
    model, x, y = trained
    plan = pw.plan(model, x, y, "4 kB", structured=structured, rounds=1)
    made = plan.apply()
    size = pw.save_compact(made, tmp_path / "planned.pwc")
    assert size == plan.costs["bytes"]
    assert 3_400 <= size <= 4_000


@pytest.mark.parametrize("structured", [False, True])
def test_bytes_are_those_of_the_file_whatever_the_budget(trained, structured):
    model, x, y = trained
    plan = pw.plan(model, x, y, "20 % of weights", structured=structured, rounds=0)
    row = plan.measure(x, y).loc["bytes"]
    assert row["measured"] == plan.costs["bytes"] < row["unpruned"]
    assert row["expected"] == pytest.approx(row["measured"], abs=60)
    assert f"{row['expected']:,.0f} bytes" in repr(plan)


def test_an_accuracy_is_reached_with_few_weights(trained):
    model, x, y = trained
    plan = pw.plan(model, x, y, "85 % accuracy", criterion="magnitude", rounds=1)
    rows = np.sort(np.random.default_rng(0).permutation(240)[48:])
    assert pw.LiveModel(model).evaluate(x[rows], y[rows], plan.masks) >= 0.85
    assert plan.masks.sparsity > 0.5
    with pytest.raises(ValueError, match=r"cannot be met: the unpruned model itself reads .* right"):
        pw.plan(model, x, np.zeros(240, int), "95 % accuracy", criterion="magnitude")


def test_units_are_counted_as_the_smaller_model_has_them(trained):
    model, x, y = trained
    plan = pw.plan(model, x, y, "30 % of multiply-adds", structured=True, rounds=1)
    small = plan.apply()
    counts = pw.costs({"planned": small, "whole": model}, batches=())
    expected = plan._choice.candidate.parts.costs(plan._choice.kept)
    assert expected["multiply_adds"] == counts.loc["planned", "multiply_adds"]
    assert expected["weights"] == counts.loc["planned", "prunable"]
    assert expected["bytes"] == counts.loc["planned", "dense_bytes"]
    assert expected["multiply_adds"] <= 0.3 * counts.loc["whole", "multiply_adds"]
    masked = plan._choice.candidate.parts.weight_masks(plan._choice.kept)
    whole = pw.LiveModel(model, prunable="all").predict(x, masked)
    np.testing.assert_allclose(whole, small.predict(x, verbose=0), atol=1e-5)
    assert plan.measure(x, y).loc["accuracy", "measured"] == pw.LiveModel(small).evaluate(x, y)
    held = np.sort(np.random.default_rng(0).permutation(240)[:48])
    assert plan.expected == pw.LiveModel(small).evaluate(x[held], y[held])


def test_milliseconds_are_measured_on_the_smaller_model(trained, monkeypatch):
    model, x, y = trained
    timed = []

    def latency(models, x, batches, runners, seconds):
        timed.append((x.shape, batches, runners))
        sizes = {name: one.get_layer("conv").filters for name, one in models.items()}
        return pd.DataFrame({"model": list(sizes), "low_ms": [0.1 + 0.05 * n for n in sizes.values()]})

    monkeypatch.setattr("prunewidgets.models.planning.times.latency", latency)
    plan = pw.plan(model, x, y, "0.31 ms", structured=True, criterion="l2", rounds=1, batch=8)
    assert plan.apply().get_layer("conv").filters == 4
    assert plan.costs["ms"] == pytest.approx(0.3)
    assert timed[0] == ((192, 6, 6, 1), [8], ["tflite"])
    with pytest.raises(ValueError, match=r"no ordinary layer faster: plan milliseconds with structured=True"):
        pw.plan(model, x, y, "0.3 ms")


def test_another_budget_uses_the_same_tables(trained, tmp_path):
    model, x, y = trained
    plan = pw.plan(model, x, y, "50 % of weights", criterion="magnitude", rounds=0)
    rows = len(plan.tables)
    other = plan.again("20 % of weights")
    assert len(other.tables) == rows
    assert other.masks.sparsity > plan.masks.sparsity
    assert "Plan for 20 % of weights" in repr(other)
    frontier = plan.frontier
    assert frontier["weights"].is_monotonic_decreasing
    assert frontier.loc[1:, "accuracy"].is_monotonic_decreasing  # the first is the unpruned model
    assert frontier.loc[0, "weights"] == sum(frontier.attrs["sizes"].values())
    assert len(frontier) > 3
    assert frontier.loc[0, "bytes"] == pytest.approx(pw.save_compact(model, tmp_path / "whole.pwc"), abs=60)
    view = pw.PlanView(plan)
    assert view.budget == frontier.attrs["budget"] == plan.masks.size - plan.masks.removed
    again = plan.again(view.asked)
    assert again.masks.removed == plan.masks.removed
    view.close()


def test_what_was_measured_before_ctrl_c_is_kept(trained, monkeypatch):
    model, x, y = trained
    evaluate, calls = pw.LiveModel.evaluate, []

    def interrupted(self, *arguments, **options):
        calls.append(1)
        if len(calls) == 7:
            raise KeyboardInterrupt
        return evaluate(self, *arguments, **options)

    monkeypatch.setattr(pw.LiveModel, "evaluate", interrupted)
    with pytest.warns(UserWarning, match="Interrupted: the plan has what was measured so far"):
        plan = pw.plan(model, x, y, "50 % of weights", criterion="magnitude", rounds=1)
    assert not plan.complete
    assert len(plan.tables) > 3
    with pytest.raises(RuntimeError, match=r"interrupted before there was a choice.*plan.again"):
        _ = plan.masks
    assert "interrupted" in repr(plan)
    whole = plan.again(plan.budget)
    assert whole.complete
    monkeypatch.undo()
    monkeypatch.setattr(search, "DENSITIES", (0.6, 0.3, 0.1))
    assert whole.masks == pw.plan(model, x, y, "50 % of weights", criterion="magnitude", rounds=1).masks


def test_a_budget_that_leaves_too_little_says_what_it_takes(trained):
    model, x, y = trained
    with pytest.raises(ValueError, match=r"budget '2 weights' cannot be met: .* still takes 3 weights"):
        pw.plan(model, x, y, "2 weights", criterion="magnitude")
    assert pw.plan(model, x, y, "1 MB", criterion="magnitude").masks.removed == 0
