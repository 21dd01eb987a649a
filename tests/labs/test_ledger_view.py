"""The ledger's kernel side: it follows τ, measures what the page cannot count, and drops what is outdated."""

import threading

import numpy as np
import pytest
import traitlets as t

import prunewidgets as pw
from prunewidgets import compact
from prunewidgets.core.ledger import ledger
from prunewidgets.labs import ledger_view
from prunewidgets.labs.ledger_view import LedgerView
from prunewidgets.widgets import buffers, lifetimes

RNG = np.random.default_rng(4)
WEIGHTS = {
    "conv/kernel": RNG.normal(0, 0.1, (3, 3, 2, 8)).astype(np.float32),
    "dense/kernel": RNG.normal(0, 0.3, (40, 20)).astype(np.float32),
}
POSITIONS = {"conv/kernel": 36, "dense/kernel": 1}
EVERYTHING = np.concatenate([np.abs(w).ravel() for w in WEIGHTS.values()])


def waited(view: LedgerView) -> LedgerView:
    assert view.wait(30)
    return view


def test_threshold_and_sparsity_are_two_readings_of_one_state():
    view, heard = LedgerView(WEIGHTS, POSITIONS, threshold=0.1), []
    assert view.sparsity == np.mean(EVERYTHING < np.float32(0.1))
    view.observe(lambda change: heard.append(change["new"]), "threshold")
    view.threshold = 0.25
    assert heard == [0.25]
    view.sparsity = 0.5
    assert np.count_nonzero(EVERYTHING < np.float32(view.threshold)) == EVERYTHING.size // 2


@pytest.mark.parametrize("threshold", [0.0, 0.2, 9.0])
def test_gzip_is_measured_and_says_what_it_belongs_to(threshold):
    view = waited(LedgerView(WEIGHTS, threshold=threshold))
    removed = int((EVERYTHING < np.float32(threshold)).sum())
    expected = ledger(WEIGHTS, pw.Masks.from_threshold(pw.score(WEIGHTS), threshold))
    assert view.measured["gzip_bytes"] == {
        "value": expected["gzip_bytes"],
        "base": 4 * EVERYTHING.size,
        "generation": view.generation,
        "criterion": "magnitude",
        "removed": removed,
        "threshold": threshold,
    }
    assert view.measuring is False and view.counted == {}


def test_the_compact_file_is_written_down_to_be_counted(tmp_path):
    view = waited(LedgerView(WEIGHTS, threshold=0.3))
    left = pw.Masks.from_threshold(pw.score(WEIGHTS), 0.3).apply(WEIGHTS)
    size = compact.write(left, tmp_path / "left.pwc")
    assert view.measured["compact_bytes"]["value"] == size == (tmp_path / "left.pwc").stat().st_size
    assert all(
        np.array_equal(array, left[name])
        for name, array in compact.read(tmp_path / "left.pwc").values.items()
    )


def test_it_measures_again_when_the_threshold_the_criterion_or_the_weights_change():
    view = waited(LedgerView(WEIGHTS))

    def belongs():
        entry = waited(view).measured["gzip_bytes"]
        return entry["criterion"], entry["removed"], entry["generation"]

    first = belongs()
    view.threshold = 0.2
    second = belongs()
    view.criterion = "squared"
    third = belongs()
    view.show_weights({name: 2 * array for name, array in WEIGHTS.items()})
    fourth = belongs()
    assert first == ("magnitude", 0, 1)
    assert second == ("magnitude", int((EVERYTHING < np.float32(0.2)).sum()), 1)
    assert third == ("squared", int((EVERYTHING**2 < np.float32(0.2)).sum()), 2)
    assert fourth == ("squared", int(((2 * EVERYTHING) ** 2 < np.float32(0.2)).sum()), 3)


def test_the_latest_request_wins_and_an_outdated_answer_is_dropped(monkeypatch):
    view = waited(LedgerView(WEIGHTS))
    entered, go, real = threading.Event(), threading.Event(), ledger_view.gzip_size

    def slow(arrays):
        entered.set()
        assert go.wait(20)
        return real(arrays)

    monkeypatch.setattr(ledger_view, "gzip_size", slow)
    shown = []
    view.observe(lambda change: shown.extend(e["threshold"] for e in change["new"].values()), "measured")
    view.threshold = 0.1
    assert entered.wait(20)
    view.threshold = 0.15
    view.threshold = 0.3
    go.set()
    waited(view)
    assert set(shown) == {0.0, 0.3}  # never one that was asked for in between


def test_cancel_keeps_what_was_measured_and_says_so(monkeypatch):
    view = waited(LedgerView(WEIGHTS))
    before, entered, go = view.measured, threading.Event(), threading.Event()

    def slow(arrays):
        entered.set()
        assert go.wait(20)
        return 0

    monkeypatch.setattr(ledger_view, "gzip_size", slow)
    view.threshold = 0.1
    assert entered.wait(20)
    view.cancel()
    go.set()
    waited(view)
    assert view.measured == before and view.cancelled is True
    view.threshold = 0.2
    assert view.cancelled is False
    waited(view)


def test_what_fails_while_measuring_is_said_and_forgotten_when_it_works_again(monkeypatch):
    view = waited(LedgerView(WEIGHTS))
    real = ledger_view.gzip_size
    monkeypatch.setattr(ledger_view, "gzip_size", lambda *_: 1 / 0)
    view.threshold = 0.1
    waited(view)
    assert view.error == "ZeroDivisionError: division by zero" and view.measuring is False
    monkeypatch.setattr(ledger_view, "gzip_size", real)
    view.threshold = 0.2
    assert waited(view).error == ""


def test_of_weights_too_many_to_send_the_kernel_counts(monkeypatch):
    monkeypatch.setattr(ledger_view, "MOST_SENT", 500)
    monkeypatch.setattr(buffers, "MOST_SENT", 500)
    view = waited(LedgerView(WEIGHTS, POSITIONS, threshold=0.2))
    expected = ledger(WEIGHTS, pw.Masks.from_threshold(pw.score(WEIGHTS), 0.2), POSITIONS)
    expected.pop("gzip_bytes")
    assert view.counted["costs"] == expected
    assert view.offered == ["gzip_bytes"]
    assert view.counted["removed"] == int((EVERYTHING < np.float32(0.2)).sum())


def test_the_weights_given_stay_as_they_are():
    copies = {name: array.copy() for name, array in WEIGHTS.items()}
    view = waited(LedgerView(copies, threshold=0.4))
    view.sparsity = 1.0
    waited(view)
    assert all(np.array_equal(copies[name], array) for name, array in WEIGHTS.items())


@pytest.mark.parametrize(
    ("weights", "options", "message"),
    [
        ({"a": np.array([np.nan])}, {}, "'a' holds 1 NaN"),
        ({}, {}, "no weights to show"),
        (WEIGHTS, {"positions": {"nope": 1}}, "an entry for 'nope', but there is no such weight"),
        (WEIGHTS, {"criterion": "nope"}, "nope"),
        (WEIGHTS, {"threshold": -1.0}, "negative"),
    ],
)
def test_bad_input_is_refused(weights, options, message):
    before = len(lifetimes._instances)
    with pytest.raises((ValueError, t.TraitError), match=message):
        LedgerView(weights, **options)
    if "threshold" not in options:
        assert len(lifetimes._instances) == before


def test_a_closed_ledger_measures_no_more_until_it_is_opened_again():
    view = waited(LedgerView(WEIGHTS))
    before = view.measured
    view.close()
    view.threshold = 0.2
    assert waited(view).measured == before
    view.open()
    assert waited(view).measured["gzip_bytes"]["threshold"] == 0.2


def test_it_is_linked_like_any_view():
    slider, view = pw.ThresholdSlider(pw.score(WEIGHTS), threshold=0.2), LedgerView(WEIGHTS)
    pw.link(slider, view)
    slider.threshold = 0.3
    assert view.threshold == 0.3
    assert waited(view).measured["gzip_bytes"]["threshold"] == 0.3


def test_it_follows_a_training_by_the_weights_it_shows():
    view = waited(LedgerView(WEIGHTS, threshold=0.2))
    view.follow({**{name: 0 * array for name, array in WEIGHTS.items()}, "other": np.ones(3)}, settled=True)
    assert view.sparsity == 1.0
    view.follow({"other": np.ones(3)}, settled=True)
    assert "no weights" in view.error
