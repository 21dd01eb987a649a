"""Every view: threshold and sparsity are two readings of one state."""

import numpy as np
import pandas as pd
import pytest
import traitlets as t

import prunewidgets as pw
from prunewidgets.widgets import lifetimes
from prunewidgets.widgets.still import still_of

RNG = np.random.default_rng(1)
WEIGHTS = {
    "conv/kernel": RNG.normal(0, 0.1, (3, 3, 2, 4)).astype(np.float32),
    "dense/kernel": RNG.normal(0, 0.3, (20, 10)).astype(np.float32),
}
EVERYTHING = np.sort(np.concatenate([np.abs(w).ravel() for w in WEIGHTS.values()]))
FRAME = pd.DataFrame(
    {"sparsity": [0.0, 0.5, 0.9], "accuracy": [0.99, 0.98, 0.6], "threshold": [0.0, 0.1, 0.3]}
)

MAKERS = {
    "ThresholdSlider": lambda: pw.ThresholdSlider(pw.score(WEIGHTS)),
    "WeightHistogram": lambda: pw.WeightHistogram(WEIGHTS),
    "SparsityHeatmap": lambda: pw.SparsityHeatmap(WEIGHTS),
    "SortingSteps": lambda: pw.SortingSteps(pw.example.W),
    "AccuracyCurve": lambda: pw.AccuracyCurve(FRAME),
}
COUNTING = ["ThresholdSlider", "WeightHistogram", "SparsityHeatmap"]


@pytest.fixture(params=MAKERS)
def view(request):
    """Each of the five single views."""
    return MAKERS[request.param]()


def test_setting_a_threshold_calls_observers(view):
    received = []
    view.observe(lambda change: received.append(change["new"]), "threshold")
    view.threshold = 0.3
    assert received == [0.3]


@pytest.mark.parametrize("bad", [float("nan"), -0.1])
def test_a_bad_threshold_is_refused_and_nothing_is_lost(view, bad):
    view.threshold = 0.2
    with pytest.raises((ValueError, t.TraitError), match="threshold"):
        view.threshold = bad
    assert view.threshold == 0.2


@pytest.mark.parametrize("bad", [float("nan"), -0.1, 1.5])
def test_a_bad_sparsity_is_refused_and_nothing_is_lost(view, bad):
    view.threshold = 0.2
    before = view.sparsity
    with pytest.raises((ValueError, t.TraitError), match="sparsity"):
        view.sparsity = bad
    assert (view.threshold, view.sparsity) == (0.2, before)


@pytest.mark.parametrize("number", [np.float32(0.25), np.float64(0.25), np.int64(1)])
def test_numpy_numbers_are_accepted(view, number):
    view.threshold = number
    assert view.threshold == float(number)


@pytest.mark.parametrize("bad", [True, "0.5", None])
def test_values_that_are_not_numbers_are_refused(view, bad):
    with pytest.raises(t.TraitError):
        view.threshold = bad


def test_observers_of_sparsity_get_the_reached_value():
    slider, received = pw.ThresholdSlider(pw.score(pw.example.W)), []
    slider.observe(lambda change: received.append(change["new"]), "sparsity")
    slider.sparsity = 2 / 12
    assert received == [1 / 12]


@pytest.mark.parametrize("state", [{"threshold": -1.0}, {"threshold": "x"}, {"sparsity": 7.0}])
def test_a_bad_value_from_the_page_is_reverted_and_reported(view, state):
    view.threshold = 0.3
    before = view.threshold, view.sparsity
    view.set_state(state)
    assert (view.threshold, view.sparsity) == before
    assert view.error != ""
    view.set_state({"threshold": 0.3})
    assert view.error == ""


def test_bad_values_set_together_are_all_reverted(view):
    view.threshold = 0.3
    before = view.threshold, view.sparsity
    with pytest.raises(t.TraitError), view.hold_trait_notifications():
        view.sparsity = 0.25
        view.threshold = -1.0
    assert (view.threshold, view.sparsity) == before


@pytest.mark.parametrize("name", COUNTING)
@pytest.mark.parametrize("threshold", [0.0, 0.05, 0.2, 100.0])
def test_sparsity_equals_numpys_count(name, threshold):
    view = MAKERS[name]()
    view.threshold = threshold
    assert view.sparsity == np.mean(EVERYTHING < np.float32(threshold))


@pytest.mark.parametrize("name", COUNTING)
@pytest.mark.parametrize("removed", [0, 1, 100, EVERYTHING.size - 1, EVERYTHING.size])
def test_setting_a_sparsity_reaches_it_without_ties(name, removed):
    view = MAKERS[name]()
    view.sparsity = removed / EVERYTHING.size
    assert view.sparsity == removed / EVERYTHING.size
    assert np.count_nonzero(EVERYTHING < np.float32(view.threshold)) == removed


@pytest.mark.parametrize(("wanted", "reached"), [(1, 1), (2, 1), (3, 3), (4, 3), (6, 6), (8, 7), (12, 12)])
def test_ties_move_the_sparsity_to_a_reachable_one(wanted, reached):
    """0.2, 0.3 and 0.6 stand twice: no threshold removes 2, 4 or 8; of two equally near, fewer go."""
    slider = pw.ThresholdSlider(pw.score(pw.example.W))
    slider.sparsity = wanted / 12
    assert slider.sparsity == reached / 12


def test_float32_scores_compare_as_numpy_does():
    slider = pw.ThresholdSlider(np.array([0.7, 0.1], np.float32), threshold=0.7)
    assert slider.sparsity == 0.5  # float32(0.7) is not below 0.7 rounded to float32


def test_nan_weights_are_refused_by_name():
    broken = WEIGHTS | {"dense/kernel": np.full((2, 2), np.nan, np.float32)}
    with pytest.raises(ValueError, match="'dense/kernel' holds 4 NaN"):
        pw.WeightHistogram(broken)


@pytest.mark.parametrize("make", [pw.ThresholdSlider, pw.WeightHistogram, pw.SparsityHeatmap])
def test_nothing_to_show_is_an_error(make):
    with pytest.raises(ValueError, match="at least one"):
        make({})


def test_unknown_layer_is_an_error():
    with pytest.raises(ValueError, match="layer 'conv' is not among"):
        pw.SparsityHeatmap(WEIGHTS, layer="conv")


def test_an_unknown_layer_is_refused_later_too():
    view = pw.SparsityHeatmap(WEIGHTS)
    with pytest.raises(t.TraitError, match="not among"):
        view.layer = "nope"


def test_another_criterion_is_counted_again():
    view = pw.WeightHistogram(WEIGHTS, threshold=0.01)
    view.criterion = "squared"
    assert view.sparsity == np.mean(np.square(EVERYTHING) < np.float32(0.01))


def test_a_refused_view_leaves_no_widget_behind():
    before = len(lifetimes._instances)
    with pytest.raises(ValueError, match="NaN"):
        pw.WeightHistogram(np.array([np.nan]))
    assert len(lifetimes._instances) == before


def test_closed_views_are_collected():
    """A view without references is collected (with a path as module anywidget would keep it)."""
    import gc
    import weakref

    slider = MAKERS["ThresholdSlider"]()
    slider.close()
    seen = weakref.ref(slider)
    del slider
    gc.collect()
    assert seen() is None


@pytest.mark.parametrize("name", MAKERS)
def test_a_page_without_widgets_shows_a_sentence(name):
    view = MAKERS[name]()
    data, _ = view._repr_mimebundle_()
    lines = [repr(view), still_of(view).text, "This view needs its kernel: run the cell to see it."]
    assert data["text/plain"].split("\n") == lines
