"""What a page sends: only what is its own is taken, and what is refused leaves everything as it was."""

import keras
import numpy as np
import pytest
import traitlets as t

import prunewidgets as pw

from ..support.interrupts import listen
from .test_view_traits import MAKERS, WEIGHTS


@pytest.fixture(params=MAKERS)
def view(request):
    """Each of the five single views."""
    return MAKERS[request.param]()


@pytest.fixture
def layered():
    """A lab on two layers, each with a threshold of its own."""
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(5, name="a"), keras.layers.Dense(3, name="b")]
    lab = pw.PruningLab(
        keras.Sequential([keras.Input((6,)), *layers]), np.zeros((4, 6), np.float32), np.zeros(4, int)
    )
    lab.scope = "layer"
    lab.thresholds = {"a/kernel": 0.2, "b/kernel": 0.4}
    assert lab.wait(60)
    return lab


def removed_by_numpy(lab):
    return np.mean(
        np.concatenate(
            [(np.abs(w) < np.float32(lab.thresholds[n])).ravel() for n, w in lab.live.weights.items()]
        )
    )


def test_setting_no_thresholds_changes_nothing(layered):
    layered.thresholds = {}
    assert layered.thresholds == {"a/kernel": 0.2, "b/kernel": 0.4}
    assert layered.sparsity == layered.masks.sparsity == removed_by_numpy(layered)


@pytest.mark.parametrize(
    "bad",
    [{"b/kernel": "x"}, {"b/kernel": np.nan}, {"b/kernel": None}, {"b/kernel": -1.0}, {"c": 0.1}, [0.1], 3],
)
def test_bad_thresholds_are_refused_and_nothing_is_lost(layered, bad):
    with pytest.raises((ValueError, TypeError, t.TraitError)):
        layered.thresholds = bad
    layered.set_state({"thresholds": bad})
    assert layered.error != ""
    assert layered.thresholds == {"a/kernel": 0.2, "b/kernel": 0.4}
    assert layered.sparsity == layered.masks.sparsity == removed_by_numpy(layered)


@pytest.mark.parametrize("given", [{}, {"b/kernel": 0.1}])
def test_the_page_gets_the_thresholds_it_left_out(layered, given):
    page = listen(layered)
    page["thresholds"] = given
    layered.set_state({"thresholds": given})
    assert page["thresholds"] == layered.thresholds == {"a/kernel": 0.2, "b/kernel": 0.4} | given


def test_a_refused_scope_is_reported_and_changes_nothing(layered):
    layered.set_state({"scope": "each", "thresholds": {"a/kernel": 0.9}})
    assert "each" in layered.error
    assert layered.thresholds == {"a/kernel": 0.2, "b/kernel": 0.4}


KERNELS_OWN = {
    "measured": {"accuracy": float("nan"), "n": "many"},
    "flips": {"shown": [1]},
    "unpruned": float("inf"),
    "progress": float("nan"),
    "words": {},
    "title": "<b>",
    "generation": -1,
    "layers": [],
    "weights": b"\0",
    "error": "all is well",
    "_esm": "alert(1)",
    "criteria": [],
}


@pytest.mark.parametrize("name", KERNELS_OWN)
def test_the_page_cannot_set_what_only_the_kernel_knows(layered, name):
    page = listen(layered)
    page[name] = KERNELS_OWN[name]
    layered.set_state({name: KERNELS_OWN[name], "threshold": 0.3})
    assert layered.threshold == 0.3  # the rest of the message is taken
    assert name in layered.error
    assert layered.wait(60)  # for the accuracy at the new threshold, with what flipped there
    if name != "error":
        assert page[name] == layered.get_state(name)[name] != KERNELS_OWN[name]


@pytest.mark.parametrize(
    "name", ["positions", "wins", "measured", "counted", "dense", "offered", "conditions"]
)
def test_the_page_cannot_set_the_ledgers_counts(name):
    ledger = pw.LedgerView(WEIGHTS)
    assert ledger.wait(60)
    before = ledger.get_state(name)[name]
    ledger.set_state({name: {"from": [float("nan")]}})
    assert ledger.get_state(name)[name] == before
    assert name in ledger.error


@pytest.mark.parametrize(
    "make",
    [
        *MAKERS.values(),
        lambda: pw.ScheduleView(),
        lambda: pw.LedgerView(WEIGHTS),
        lambda: pw.ExpectedCurve([0.5, 0.9]),
        lambda: pw.ShowOfHands("Does it break?", ["yes", "no"], found="yes"),
        lambda: pw.ConvolutionSteps(np.ones((6, 6)), np.ones((3, 3, 1, 2))),
    ],
)
def test_the_page_may_set_only_a_few_traits(make):
    """Whatever a view has beside these, its page cannot change."""
    view = make()
    pages = {"threshold", "sparsity", "criterion", "layer", "step"}
    pages |= {"kind", "final", "begin", "end", "power", "share", "total", "guess", "stage"} & set(view.keys)
    pages |= {"filter", "row", "column", "before", "after", "revealed"} & set(view.keys)
    for name in set(view.keys) - pages - {"_view_count"}:
        before = view.get_state(name)[name]
        view.set_state({name: "other"})
        assert view.get_state(name)[name] == before or name == "error", name


def test_a_state_sent_back_unchanged_causes_no_message(layered):
    """Some hosts send all that they know with each change."""
    layered.set_state(layered.get_state() | {"threshold": 0.3})
    assert (layered.threshold, layered.error) == (0.3, "")


def test_a_criterion_that_fails_on_these_weights_is_reverted():
    view = pw.WeightHistogram({"a": np.float32([1e30, 1.0])}, threshold=2.0)
    with pytest.raises(ValueError, match="a"):
        view.criterion = "squared"
    assert (view.criterion, view.sparsity) == ("magnitude", 0.5)
    view.set_state({"criterion": "squared"})
    assert (view.criterion, view.sparsity) == ("magnitude", 0.5)
    assert view.error != ""


@pytest.mark.parametrize(
    "message", ["\x1b[1mbad\x1b[0m news", "\x1b[38;5;9mbad\x1b[K news", "\x1b]8;;x\x07bad\x1b]8;;\x07 news"]
)
def test_terminal_colours_are_removed_from_messages(view, message):
    view._report("measuring", message)
    assert view.error == "bad news"
