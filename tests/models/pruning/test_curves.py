import json
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.models.pruning import curves

NUMBERS = ["sparsity", "threshold", "accuracy", "low", "high", "n", "removed", "total"]


def test_prune_applies_what_it_returns(dense):
    scores = pw.score(pw.LiveModel(dense).weights)
    masks = pw.prune(dense, sparsity=0.9)
    assert masks == pw.Masks.from_sparsity(scores, 0.9)
    assert pw.LiveModel(dense).applied is masks
    assert pw.Masks.from_zeros(pw.LiveModel(dense).weights) == masks


def test_prune_passes_on_its_options(dense):
    live = pw.LiveModel(dense, prunable=lambda variable: variable.path.endswith("first/kernel"))
    scores = pw.score(live.weights, "random", seed=3)
    expected = pw.Masks.from_sparsity(scores, 0.5, scope="layer", granularity="neuron")
    assert pw.prune(live, 0.5, "random", scope="layer", granularity="neuron", seed=3) == expected
    assert pw.prune(dense, {"second/kernel": 0.25}).by_layer()["second/kernel"]["removed"] == 8


def test_pruning_step_by_step_keeps_what_was_removed(dense, data):
    first = pw.prune(dense, 0.3)
    dense.fit(*data, epochs=1, verbose=0)
    second = pw.prune(dense, 0.6)
    assert all(not (second[name] & ~first[name]).any() for name in first)


@pytest.mark.parametrize("scope", ["global", "layer"])
def test_curve_equals_evaluate_at_each_sparsity(dense, data, scope):
    live = pw.LiveModel(dense)
    frame = pw.accuracy_curve(dense, *data, [0, 0.5, 0.97], scope=scope)
    assert list(frame.columns) == [*NUMBERS, "criterion", "scope", "seed"]
    scores = pw.score(live.weights)
    for row, level in zip(frame.itertuples(), [0, 0.5, 0.97], strict=True):
        masks = pw.Masks.from_sparsity(scores, level, scope)
        accuracy = live.evaluate(*data, masks)
        assert (row.accuracy, row.low, row.high, row.n) == (float(accuracy), *accuracy.interval, 64)
        assert (row.removed, row.total, row.sparsity) == (masks.removed, 80, masks.sparsity)
        if scope == "global":
            assert row.threshold == masks.threshold
    assert frame.threshold.isna().all() == (scope == "layer")
    assert frame.attrs["complete"]


def test_curve_accepts_arrays_and_keeps_their_order(dense, data):
    frame = pw.accuracy_curve(dense, *data, np.array([0.8, 0.1]))
    assert frame.removed.tolist() == [64, 8]


def test_the_random_baseline_is_seeded(dense, data):
    def curve(seed):
        return pw.accuracy_curve(dense, *data, [0.3, 0.6], criterion="random", seed=seed)

    assert curve(1).equals(curve(1))
    assert not curve(1).threshold.equals(curve(2).threshold)
    assert curve(1).criterion.tolist() == ["random", "random"]


def test_a_function_is_a_criterion_and_a_metric(dense, data):
    def small_last(w):
        return -np.abs(w)

    frame = pw.accuracy_curve(dense, *data, [0.5], criterion=small_last, metric=lambda y, p: p.shape[1] + 0.5)
    assert frame.criterion.tolist() == ["small_last"]
    assert frame.accuracy.tolist() == [4.5]
    assert frame[["low", "high", "n"]].isna().all(axis=None)


def test_sensitivity_prunes_one_layer_at_a_time(dense, data):
    live = pw.LiveModel(dense)
    frame = pw.sensitivity(dense, *data, [0, 0.5, 1])
    assert list(frame.columns) == ["layer", *NUMBERS, "criterion", "seed"]
    assert frame.layer.tolist() == ["first/kernel"] * 3 + ["second/kernel"] * 3
    assert frame.removed.tolist() == [0, 24, 48, 0, 16, 32]
    assert frame.total.tolist() == [48] * 3 + [32] * 3
    only = pw.Masks({"second/kernel": np.zeros((8, 4), bool)})
    assert frame.accuracy[5] == live.evaluate(*data, only)


def test_sensitivity_warns_of_a_layer_from_which_nothing_was_removed(dense, data):
    says = "0.015 removes nothing from 'second/kernel', which has 32 weights"
    with pytest.warns(UserWarning, match=says) as said:
        pw.sensitivity(dense, *data, [0.015])
    assert {each.filename for each in said} == {__file__}  # the user's line, not one of a progress bar


def test_a_warning_of_an_empty_layer_names_the_line_of_the_user(dense, data):
    def criterion(weights):  # the first layer, (6, 8), goes first
        return np.full(weights.shape, float(len(weights)))

    with pytest.warns(UserWarning, match="At sparsity 0.6: Nothing is left of 'first/kernel'") as said:
        pw.accuracy_curve(dense, *data, [0.6], criterion=criterion)
    assert [each.filename for each in said] == [__file__]


@pytest.mark.parametrize("function", [pw.accuracy_curve, pw.sensitivity])
@pytest.mark.parametrize(
    ("levels", "message"), [([0.5, 1.5], "1.5"), ([-0.1], "-0.1"), ([float("nan")], "nan"), ([], "empty")]
)
def test_impossible_sparsities_are_refused_before_anything_is_measured(
    dense, data, function, levels, message, monkeypatch
):
    monkeypatch.setattr(pw.LiveModel, "evaluate", lambda *args: pytest.fail("measured"))
    with pytest.raises(ValueError, match=message):
        function(dense, *data, levels)


@pytest.mark.parametrize("function", [pw.accuracy_curve, pw.sensitivity])
def test_ctrl_c_keeps_the_finished_rows(dense, data, function, monkeypatch, everything):
    before = everything(dense)
    whole = function(dense, *data, [0, 0.5, 0.9])
    real, calls = pw.LiveModel.evaluate, []

    def interrupted(self, *args, **options):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(self, *args, **options)

    monkeypatch.setattr(pw.LiveModel, "evaluate", interrupted)
    with pytest.warns(UserWarning, match=f"2 of {len(whole)} rows"):
        frame = function(dense, *data, [0, 0.5, 0.9])
    assert frame.equals(whole.head(2))
    assert frame.attrs["complete"] is False
    assert everything(dense) == before


def test_rows_come_one_by_one(dense, data):
    rows = curves.curve_rows(dense, *data, [0, 0.5])
    first = next(rows)
    assert first["removed"] == 0
    assert next(rows)["removed"] == 40


def test_nan_weights_are_refused_by_name(dense, data):
    kernel = dense.layers[0].kernel
    kernel.assign(np.where(np.arange(48).reshape(6, 8) < 3, np.nan, kernel.value.numpy()))
    with pytest.raises(ValueError, match="first/kernel.*3 NaN"):
        pw.accuracy_curve(dense, *data, [0.5])


def test_a_real_interrupt_keeps_the_finished_rows():
    """SIGINT in a process of its own, in the middle of a long curve."""
    code = """
        import json, os, signal, threading, warnings, numpy as np
        import prunewidgets as pw
        warnings.simplefilter("ignore")
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background has it ignored
        model = pw.models.lenet_300_100(seed=0)
        x, y = np.zeros((2000, 28, 28, 1), "float32"), np.zeros(2000, int)
        before = [w.tobytes() for w in model.get_weights()]
        pw.LiveModel(model).evaluate(x, y)
        real, rows = pw.LiveModel.evaluate, []

        def evaluate(*args, **options):
            rows.append(0)
            if len(rows) == 5:
                threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
            return real(*args, **options)

        pw.LiveModel.evaluate = evaluate
        frame = pw.accuracy_curve(model, x, y, np.linspace(0, 1, 5000))
        same = before == [w.tobytes() for w in model.get_weights()]
        print(json.dumps([len(frame), frame.attrs["complete"], same]))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120, check=True
    )
    rows, complete, same = json.loads(done.stdout.splitlines()[-1])
    assert 0 < rows < 5000
    assert not complete
    assert same
