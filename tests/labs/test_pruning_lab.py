"""PruningLab: measured numbers against a model masked by hand, and an untouched model."""

import numpy as np
import pytest

import prunewidgets as pw

from .tiny import X, Y, bits, by_hand


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9, 1.0])
def test_accuracy_is_measured_with_exactly_the_masks_shown(lab, sparsity):
    lab.sparsity = sparsity
    assert lab.masks.sparsity == lab.sparsity
    assert abs(float(lab.accuracy) - by_hand(lab.live.model, lab.masks)) < 1e-6
    assert lab.measured["n"] == len(X)
    low, high = lab.measured["low"], lab.measured["high"]
    assert low <= lab.measured["accuracy"] <= high


def test_looking_never_changes_the_model(lab):
    before = bits(lab.live.model)
    for threshold in (0.01, 0.1, 1.0):
        lab.threshold = threshold
    lab.scope = "layer"
    lab.criterion = "distribution"
    lab.measure_curve()
    assert lab.wait(60)
    assert bits(lab.live.model) == before
    assert lab.error == ""


def test_apply_prunes_and_restore_brings_every_bit_back(lab):
    before = bits(lab.live.model)
    lab.sparsity = 0.75
    masks = lab.masks
    lab.apply()
    assert lab.applied == masks.removed
    for name, weights in lab.live.weights.items():
        assert np.array_equal(weights != 0, masks[name])
    lab.live.model.fit(X[:256], Y[:256], verbose=0)
    assert all((weights[~masks[name]] == 0).all() for name, weights in lab.live.weights.items())
    lab.restore()
    assert bits(lab.live.model) == before
    assert lab.applied == 0


def test_a_layer_s_name_is_that_of_its_weights(lab):
    lab.scope = "layer"
    lab.thresholds = {"conv": 0.3}
    assert lab.thresholds["conv/kernel"] == 0.3 and set(lab.thresholds.values()) == {0.0, 0.3}
    with pytest.raises(
        ValueError, match="thresholds has an entry for 'conf', .* no such layer or weight; there are: "
    ):
        lab.thresholds = {"conf": 0.3}
    assert lab.thresholds["conv/kernel"] == 0.3


def test_one_threshold_for_each_layer(lab):
    lab.threshold = 0.1
    lab.scope = "layer"
    assert set(lab.thresholds.values()) == {0.1}
    lab.layer = "conv/kernel"
    lab.threshold = 0.3
    assert lab.thresholds["conv/kernel"] == 0.3
    weights = lab.live.weights
    for name in weights:
        kept = np.abs(weights[name]) >= np.float32(0.3 if name == "conv/kernel" else 0.1)
        assert np.array_equal(lab.masks[name], kept)
    assert lab.sparsity == lab.masks.sparsity
    lab.layer = "dense/kernel"
    assert lab.threshold == 0.1  # the slider shows the τ of the layer chosen


def test_a_sparsity_with_a_threshold_for_each_layer_is_given_up_by_each(lab):
    lab.scope = "layer"
    lab.sparsity = 0.5
    for figures in lab.masks.by_layer().values():
        assert figures["removed"] == round(0.5 * figures["size"])


@pytest.mark.parametrize("criterion", ["squared", "distribution", "random"])
def test_criteria(lab, criterion):
    lab.criterion = criterion
    lab.sparsity = 0.5
    expected = pw.Masks.from_sparsity(pw.score(lab.live.weights, criterion), lab.sparsity)
    assert lab.masks == expected
    assert lab.wait(60)
    assert lab.measured["criterion"] == criterion


def test_measured_says_for_which_masks(lab):
    lab.threshold = 0.2
    assert lab.wait(60)
    counts = [figures["removed"] for figures in lab.masks.by_layer().values()]
    assert lab.measured["counts"] == counts


def test_the_latest_threshold_wins(lab):
    for threshold in np.linspace(0, 1, 50):
        lab.threshold = float(threshold)
    assert lab.wait(60)
    assert lab.measured["counts"] == lab.removed_per_layer()


def test_flips_are_those_that_were_right_and_are_wrong_now(lab):
    lab.sparsity = 0.9
    assert lab.wait(60)
    model = lab.live.model
    before = model.predict(X, verbose=0).argmax(-1)
    now = lab.live.predict(X, lab.masks).argmax(-1)
    flipped = np.flatnonzero((before == Y) & (now != Y))
    assert lab.flips["total"] == len(flipped) > 0
    difference = pw.paired(before, now, Y)
    assert [lab.flips["won"], lab.flips["p_value"]] == [difference.won, difference.p_value]
    assert [flip["index"] for flip in lab.flips["shown"]] == flipped[:12].tolist()
    assert [flip["read"] for flip in lab.flips["shown"]] == now[flipped[:12]].tolist()
    assert len(lab.flip_images) == min(12, len(flipped)) * 8 * 8


def test_the_curve_agrees_with_accuracy_curve(lab):
    lab.measure_curve()
    assert lab.wait(120)
    frame = pw.accuracy_curve(lab.live.model, X, Y, lab.curve["sparsity"])
    assert np.array_equal(lab.curve["accuracy"], frame["accuracy"])
    assert len(lab.series[0]["points"]) == 12
    assert (lab.working, lab.progress) == ("", 0.0)


def test_a_second_curve_is_laid_beside_the_first(lab):
    lab.measure_curve()
    assert lab.wait(120)
    lab.scope = "layer"
    lab.measure_curve()
    assert lab.wait(120)
    assert [line["name"] for line in lab.series] == ["global", "layer"]


def test_cancel_keeps_finished_points(lab, monkeypatch):
    seen = []

    def stop_after_three(change):
        seen.append(change)
        if len(seen) == 3:
            lab.cancel()

    lab.observe(stop_after_three, "series")
    lab.measure_curve()
    assert lab.wait(120)
    assert 3 <= len(lab.curve) < 12
    assert lab.working == ""


def test_a_cancelled_accuracy_is_measured_when_asked_for(lab):
    lab.threshold = 0.3
    lab.cancel()
    lab.wait(60)
    assert abs(float(lab.accuracy) - by_hand(lab.live.model, lab.masks)) < 1e-6


def test_refresh_follows_training(lab):
    lab.live.model.fit(X[:256], Y[:256], verbose=0)
    lab.refresh()
    assert abs(float(lab.accuracy) - by_hand(lab.live.model, lab.masks)) < 1e-6
    assert np.array_equal(
        np.frombuffer(lab.weights, "<f4"), np.concatenate([w.ravel() for w in lab.live.weights.values()])
    )


def test_it_follows_what_others_do_to_its_model(lab):
    other = pw.PruningLab(lab.live.model, X, Y)
    pw.prune(lab.live.model, 0.5)
    for follower in (lab, other):
        assert follower.applied == round(0.5 * lab.masks.size)
        zeros = np.count_nonzero(np.frombuffer(follower.weights, "<f4") == 0)
        assert zeros == follower.applied
    other.restore()
    assert lab.applied == 0
    assert not (np.frombuffer(lab.weights, "<f4") == 0).any()


def test_a_closed_lab_follows_no_longer(lab):
    weights = lab.weights
    lab.close()
    pw.prune(lab.live.model, 0.5)
    assert lab.weights == weights


def test_watching_keeps_no_lab_alive(model):
    import gc
    import weakref

    seen = weakref.ref(pw.PruningLab(model, X, Y))
    seen().wait(60)
    seen().close()
    gc.collect()
    assert seen() is None


def test_a_metric_of_the_users_own(model):
    def fraction_above_half(y, predictions):
        return float((predictions.max(axis=-1) > 0.5).mean())

    lab = pw.PruningLab(model, X, Y, metric=fraction_above_half)
    assert lab.accuracy == fraction_above_half(Y, model.predict(X, verbose=0))
    assert lab.measured["low"] is None


def test_buttons_do_what_they_say(lab):
    lab.sparsity = 0.5
    lab._handle_custom_msg({"do": "apply"}, [])
    assert lab.applied == lab.masks.removed > 0
    lab._handle_custom_msg({"do": "restore"}, [])
    assert lab.applied == 0


def test_an_error_in_a_callback_is_shown(lab, monkeypatch):
    def broken(*args):
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(lab.live, "apply_chosen", broken)
    lab._handle_custom_msg({"do": "apply"}, [])
    assert "the disk is on fire" in lab.error
    lab._handle_custom_msg({"do": "restore"}, [])
    assert lab.error == ""


def test_an_error_while_measuring_is_shown_and_raised(lab, monkeypatch):
    def broken(*args, **options):
        raise MemoryError("too large")

    monkeypatch.setattr(lab.live, "measure", broken)
    lab.threshold = 0.2
    with pytest.raises(RuntimeError, match="too large"):
        lab.accuracy  # noqa: B018
    assert "too large" in lab.error


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [(X, Y[:-1], "the same length"), (X[:0], Y[:0], "at least one")],
)
def test_bad_examples_are_refused(model, x, y, message):
    with pytest.raises(ValueError, match=message):
        pw.PruningLab(model, x, y)


def test_what_is_no_model_is_refused():
    with pytest.raises(TypeError):
        pw.PruningLab("small_cnn", X, Y)


def test_nan_weights_are_refused_by_name(model):
    kernel = model.get_layer("dense").kernel
    kernel.assign(np.full(kernel.shape, np.nan))
    with pytest.raises(ValueError, match="dense/kernel"):
        pw.PruningLab(model, X, Y)
