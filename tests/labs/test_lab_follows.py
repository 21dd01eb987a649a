"""The lab never shows a number of other weights, other masks or other examples as the present one."""

import threading

import numpy as np
import pytest
import traitlets as t

import prunewidgets as pw

from .tiny import X, Y, by_hand


def test_apply_keeps_the_accuracy_of_the_unpruned_model(lab):
    dense = by_hand(lab.live.model, {})
    assert abs(lab.unpruned - dense) < 1e-6
    lab.sparsity = 0.9
    lab.apply()
    assert lab.wait(60)
    assert abs(lab.unpruned - dense) < 1e-6
    assert lab.measured["accuracy"] < dense
    assert lab.flips["total"] > 0


def test_a_lab_opened_on_a_pruned_model_knows_the_unpruned_accuracy(model):
    dense = by_hand(model, {})
    pw.prune(model, 0.9)
    lab = pw.PruningLab(model, X, Y)
    assert lab.wait(60)
    assert abs(lab.unpruned - dense) < 1e-6
    assert lab.restorable


def test_accuracy_and_masks_follow_training(lab):
    lab.threshold = 0.1
    lab.live.model.fit(X, Y, verbose=0)
    assert abs(float(lab.accuracy) - by_hand(lab.live.model, lab.masks)) < 1e-6
    for name, weights in lab.live.weights.items():
        assert np.array_equal(lab.masks[name], np.abs(weights) >= np.float32(0.1))


def test_a_curve_of_earlier_weights_is_dropped(lab):
    lab.measure_curve()
    assert lab.wait(120)
    assert len(lab.curve) == 12
    lab.sparsity = 0.9
    lab.apply()
    assert (len(lab.curve), lab.series) == (0, [])


def test_what_was_measured_says_for_which_weights(lab):
    assert lab.measured["generation"] == lab.generation
    lab.live.model.fit(X[:64], Y[:64], verbose=0)
    lab.refresh()
    assert lab.wait(60)
    assert lab.measured["generation"] == lab.generation == 2


def test_with_a_metric_the_first_answer_says_on_how_many(model):
    seen = []
    lab = pw.PruningLab(model, X, Y, metric=lambda y, predictions: 0.5)
    lab.wait(60)
    lab.observe(lambda change: seen.append(change["new"]["n"]), "measured")
    lab.threshold = 0.1
    assert lab.wait(60)
    assert seen == [1000, len(X)]


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_a_metric_that_is_no_number_is_refused(model, value):
    lab = pw.PruningLab(model, X, Y, metric=lambda y, predictions: value)
    with pytest.raises(RuntimeError, match=f"The metric 'metric' is {value} here, which no view can show"):
        lab.accuracy  # noqa: B018


def test_an_observer_may_ask_for_the_accuracy_while_others_prune(lab):
    heard = []
    lab.observe(lambda change: heard.append(float(lab.accuracy)), "applied")
    lab.threshold = 0.05  # something is being measured meanwhile
    pruning = threading.Thread(target=pw.prune, args=(lab.live.model, 0.5), daemon=True)
    pruning.start()
    pruning.join(60)
    assert not pruning.is_alive()
    assert abs(heard[-1] - by_hand(lab.live.model, lab.masks)) < 1e-6


def test_accuracy_right_after_cancel_is_measured(lab):
    lab.threshold = 0.3
    lab.cancel()
    assert abs(float(lab.accuracy) - by_hand(lab.live.model, lab.masks)) < 1e-6


def test_an_error_stays_until_its_own_cause_is_mended(lab, monkeypatch):
    def broken(*args):
        raise RuntimeError("apply failed")

    with monkeypatch.context() as patch:
        patch.setattr(lab.live, "apply_chosen", broken)
        lab.threshold = 0.1
        lab._handle_custom_msg({"do": "apply"}, [])
        assert lab.wait(60)  # a measurement that goes well
        assert "apply failed" in lab.error
    lab._handle_custom_msg({"do": "apply"}, [])
    assert lab.error == ""


def test_a_criterion_that_cannot_rank_these_weights_is_taken_back(lab):
    kernel = lab.live.model.get_layer("dense").kernel
    kernel.assign(np.full(kernel.shape, 1e30))
    lab.refresh()
    lab.criterion = "squared"
    assert lab.criterion == "magnitude"
    assert "infinite" in lab.error
    assert lab.masks == pw.Masks.from_threshold(pw.score(lab.live.weights), lab.threshold)


def test_thresholds_of_single_layers_can_be_set(lab):
    lab.scope = "layer"
    lab.thresholds = {"conv/kernel": 0.3}
    assert lab.sparsity == lab.masks.sparsity
    assert lab.masks["dense/kernel"].all()
    lab.layer = "conv/kernel"
    assert lab.threshold == 0.3


@pytest.mark.parametrize("bad", [{"nope": 0.1}, {"conv/kernel": -1.0}, {"conv/kernel": "x"}])
def test_bad_thresholds_are_refused_and_the_others_stay(lab, bad):
    lab.scope = "layer"
    lab.thresholds = {"conv/kernel": 0.3}
    before = lab.thresholds
    with pytest.raises((t.TraitError, ValueError, TypeError)):
        lab.thresholds = bad
    assert lab.thresholds == before


def test_everything_applied_can_be_restored(lab):
    lab.sparsity = 0.5
    lab.apply()
    lab.live.apply(pw.Masks({name: np.ones(w.shape, bool) for name, w in lab.live.weights.items()}))
    assert (lab.applied, lab.restorable) == (0, True)
    lab.restore()
    assert not lab.restorable


def test_biases_are_said_to_count_where_they_do(model):
    lab = pw.PruningLab(pw.LiveModel(model, prunable="all"), X, Y)
    assert not lab.kernels_only


def test_a_closed_lab_measures_no_more(lab):
    lab.close()
    lab.threshold = 0.2
    assert lab.wait(0.1)


def test_another_criterion_keeps_the_sparsity(lab):
    lab.sparsity = 0.75
    lab.criterion = "random"
    assert lab.masks.sparsity == lab.sparsity == 0.75
    lab.criterion = "magnitude"
    lab.scope = "layer"
    lab.sparsity = 0.5
    shares = [figures["removed"] for figures in lab.masks.by_layer().values()]
    lab.criterion = "squared"
    assert [figures["removed"] for figures in lab.masks.by_layer().values()] == shares


def test_from_one_threshold_each_back_to_one_for_all_the_sparsity_stays(lab):
    lab.scope = "layer"
    lab.thresholds = {"conv/kernel": 0.4, "dense/kernel": 0.1, "out/kernel": 0.0}
    before = lab.sparsity
    lab.scope = "global"
    assert lab.sparsity == lab.masks.sparsity == before


def test_a_line_measured_again_keeps_its_place(lab):
    for scope in ("global", "layer", "global"):
        lab.scope = scope
        lab.measure_curve()
        assert lab.wait(120)
    assert [line["name"] for line in lab.series] == ["global", "layer"]
    assert len(lab.curve) == 24


def test_what_was_done_in_the_page_during_a_cell_comes_in_one_message(lab):
    each = {"conv/kernel": 0.1, "dense/kernel": 0.3, "out/kernel": 0.0}
    lab.set_state({"threshold": 0.3, "sparsity": 0.5, "thresholds": each, "scope": "layer"})
    assert (lab.scope, lab.thresholds, lab.error) == ("layer", each, "")
    assert lab.masks == pw.Masks.from_threshold(pw.score(lab.live.weights), each)
    lab.set_state({"threshold": 0.2, "thresholds": {**each, "dense/kernel": 0.4}, "scope": "global"})
    assert (lab.scope, lab.threshold, lab.thresholds, lab.error) == ("global", 0.2, {}, "")
    removed = pw.Masks.from_threshold(pw.score(lab.live.weights), 0.25).sparsity
    lab.set_state({"criterion": "squared", "threshold": 0.25})
    assert lab.sparsity == lab.masks.sparsity == pytest.approx(removed, abs=0.001)
