"""What a store has, as a frame; any measure, with its direction."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw
from prunewidgets.experiments.compare import compare_methods
from prunewidgets.experiments.load import load_runs
from prunewidgets.experiments.measures import direction_of
from prunewidgets.experiments.summary import summarize_runs


def perplexity(sparsity, seed, measure=1.0):
    return {"perplexity": 20 * measure + 10 * sparsity + seed, "note": '},"method":"x"'}


def diverges(sparsity, seed):
    return float("nan") if seed else 5.0


def test_the_frame_of_a_store_has_what_the_calls_returned(tmp_path):
    store = tmp_path / "runs.sqlite"
    methods = {'a "quoted"': perplexity, "b": partial(perplexity, measure=2.0)}
    called = compare_methods(methods, [0.5, 0.9], [3, 1], store, measure="perplexity")
    loaded = load_runs(store)
    shared = [name for name in called if name != "seconds"]
    pd.testing.assert_frame_equal(loaded[shared], called[shared], check_exact=True)
    assert loaded.attrs == {"measure": "perplexity", "direction": "min"}
    assert loaded.groupby("method")["code"].nunique().tolist() == [1, 1] and loaded["code"].nunique() == 2
    assert str(loaded["date"].dt.tz) == "UTC" and "failure" not in loaded
    pd.testing.assert_frame_equal(summarize_runs(loaded), summarize_runs(called))
    assert summarize_runs(called)["mean"].tolist() == [27, 47, 31, 51]


def test_other_code_of_a_method_is_seen(tmp_path):
    for scale in (1.0, 2.0):
        methods = {"m": partial(perplexity, measure=scale)}
        compare_methods(methods, [0.5], [0], tmp_path / "r", measure="perplexity")
    loaded = load_runs(tmp_path / "r")
    assert loaded["perplexity"].tolist() == [25, 45] and loaded["code"].nunique() == 2
    assert any("2 versions of its code" in sentence for sentence in pw.report(loaded).warnings)


def test_the_same_number_under_another_name_is_another_run(tmp_path):
    runs = []

    def method(sparsity, seed):
        runs.append(seed)
        return 0.5

    for measure in ("accuracy", "loss", "accuracy", "loss"):
        frame = compare_methods({"m": method}, [0.5], [0], tmp_path / "r", measure=measure)
        assert frame[measure].tolist() == [0.5]
    assert len(runs) == 2 and "measure" not in load_runs(tmp_path / "r").attrs
    assert load_runs(tmp_path / "r")[["accuracy", "loss"]].isna().sum().tolist() == [1, 1]


def test_a_run_without_a_finite_measure_has_failed(tmp_path):
    with pytest.raises(ValueError, match="'m' at sparsity 0.5 and seed 1 returned nan as loss; it has to be"):
        compare_methods({"m": diverges}, [0.5], [0, 1], measure="loss")
    frame = compare_methods({"m": diverges}, [0.5], [0, 1], tmp_path / "r", measure="loss", on_error="row")
    assert frame["failure"].tolist()[1].startswith("returned nan as loss")
    assert summarize_runs(frame)[["mean", "n"]].values.tolist() == [[5.0, 1]]
    assert load_runs(tmp_path / "r")["failure"].tolist()[1] == frame["failure"][1]


def test_what_is_no_store_is_not_created_or_read(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file of runs .*nothing.sqlite"):
        load_runs(tmp_path / "nothing.sqlite")
    assert not list(tmp_path.iterdir())
    (tmp_path / "text").write_text("no database " * 100)
    with pytest.raises(ValueError, match="text' is not a file of runs"):
        load_runs(tmp_path / "text")


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("accuracy", "max"),
        ("val_loss", "min"),
        ("top-5_accuracy", "max"),
        ("RMSE", "min"),
        ("mean_iou", "max"),
    ],
)
def test_the_name_of_a_measure_says_what_is_better(name, direction):
    assert direction_of(name) == direction
    assert direction_of(name, "min") == "min"


def test_a_measure_that_does_not_say_is_asked_for():
    with pytest.raises(ValueError, match="measure 'energy' does not say .* give direction='max', or 'min'"):
        compare_methods({"m": diverges}, [0.5], [0], measure="energy")
    frame = compare_methods({"m": diverges}, [0.5], [0], measure="energy", direction="min")
    assert frame.attrs["direction"] == "min" and frame["energy"].tolist() == [5.0]
    with pytest.raises(ValueError, match="direction is 'up'"):
        compare_methods({"m": diverges}, [0.5], [0], direction="up")
    with pytest.raises(ValueError, match="measure is 'seconds', which the frame uses"):
        compare_methods({"m": diverges}, [0.5], [0], measure="seconds", direction="min")


def test_numbers_of_numpy_are_measures():
    frame = compare_methods({"m": lambda sparsity, seed: np.float32(3.5)}, [0.5], [0], measure="loss")
    assert frame["loss"].tolist() == [3.5]
