"""The ledger on a live model: it times masked copies beside the dense model, and never touches the model."""

import threading

import keras
import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.core.ledger import ledger
from prunewidgets.labs import latencies, ledger_lab
from prunewidgets.labs.ledger_lab import LedgerLab
from prunewidgets.models.costs import products, runners
from prunewidgets.models.formats.tflite import to_tflite

from .tiny import X, Y, bits

TIMED = {"keras_1", "keras_32", "tflite_1", "tflite_32", "csr_1", "csr_32"}
UNITS = {f"units_{name}" for name in TIMED if "csr" not in name}
COUNTED = {"units_parameters", "units_multiply_adds"}
MEMORY = {"left": 900, "dense": 1_000, "units": 400}


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    """Three rounds are enough: no test asserts a speed."""
    monkeypatch.setattr(latencies, "SECONDS", 0.0)
    monkeypatch.setattr(ledger_lab, "REST", 0.0)
    monkeypatch.setattr(ledger_lab, "WINS_SECONDS", 0.0)
    monkeypatch.setattr(products, "SPARSITIES", (0.5, 0.99))
    monkeypatch.setattr(
        ledger_lab, "measured_memory", lambda *_: MEMORY
    )  # tested for itself; it starts a process


@pytest.fixture
def as_it_is(monkeypatch):
    """No smaller model is built, no sparse product tried."""
    monkeypatch.setattr(ledger_lab, "cut_to", lambda *_: None)
    monkeypatch.setattr(ledger_lab, "largest_layer", lambda *_: {})


@pytest.fixture
def without_times(monkeypatch, as_it_is):
    """Nothing is timed: for tests of what is counted and when."""
    monkeypatch.setattr(ledger_lab, "RUNNERS", ())
    monkeypatch.setattr(LedgerLab, "_tflite_size", lambda *_: None)


@pytest.fixture
def with_keras_alone(monkeypatch, as_it_is):
    """To convert to TFLite takes a second each time."""
    monkeypatch.setattr(ledger_lab, "RUNNERS", ("keras",))
    monkeypatch.setattr(LedgerLab, "_tflite_size", lambda *_: None)


def waited(lab: LedgerLab) -> LedgerLab:
    assert lab.wait(120)
    return lab


def test_everything_is_measured_and_belongs_to_the_masks_shown(model):
    before = bits(model)
    lab = waited(LedgerLab(model, X, threshold=0.1))
    assert lab.error == ""
    files = {"gzip_bytes", "compact_bytes", "tflite_sparse_bytes"}
    peaks = {"peak_bytes": 900, "units_peak_bytes": 400}
    assert set(lab.measured) == {*files, *TIMED, *UNITS, *COUNTED, *peaks} == set(lab.offered)
    for name, value in peaks.items():
        assert (lab.measured[name]["value"], lab.measured[name]["base"]) == (value, 1_000)
    assert {entry["removed"] for entry in lab.measured.values()} == {lab.masks.removed}
    sparse = lab.measured["tflite_sparse_bytes"]
    assert sparse["base"] == len(to_tflite(model))
    assert sparse["value"] == len(to_tflite(model, "sparse", masks=lab.masks))
    weights = lab.measured["units_parameters"]
    assert 0 < weights["value"] <= lab.masks.kept and weights["base"] == lab.masks.size
    assert lab.wins["inputs"] == 144 and lab.wins["units"] == 16
    assert set(lab.wins["from"]) == {"1", "32"} and set(lab.wins["from"].values()) <= {0.5, 0.99, None}
    for name in TIMED | UNITS:
        entry = lab.measured[name]
        assert 0 < entry["low"] <= entry["value"] <= entry["high"] < 60
        assert 0 < entry["base_low"] <= entry["base"] <= entry["base_high"] < 60
    assert lab.conditions["runs"] >= 3 and lab.title == "tiny"
    assert bits(model) == before
    assert lab.positions == pw.LiveModel(model).positions()


def test_what_is_timed_is_the_masked_model_and_the_dense_one(model, monkeypatch, as_it_is):
    made = []

    def spy(which, batches, x, masks, names):
        calls = runners.make_calls(which, batches, x, masks, names)
        made.append(
            (names, None if masks is None else masks.removed, {k: call() for k, call in calls.items()})
        )
        return calls

    monkeypatch.setattr(latencies, "make_calls", spy)
    lab = waited(LedgerLab(model, X))
    made.clear()
    lab._latencies._dense_calls.clear()
    lab.threshold = 0.15
    removed = waited(lab).masks.removed
    assert removed > 0
    assert [(names, masks) for names, masks, _ in made] == [
        (["keras"], removed),
        (["keras"], None),
        (["tflite"], removed),
        (["tflite"], None),
        (["csr"], removed),
        (["dense"], None),
    ]
    answers = {(names[0], masks): out for names, masks, out in made}
    masked = lab.live.predict(X[:32], lab.masks)
    for runner in ("keras", "tflite"):
        np.testing.assert_allclose(answers[runner, removed][runner, 32], masked, atol=1e-5)
        np.testing.assert_allclose(
            answers[runner, None][runner, 32], model.predict(X[:32], verbose=0), atol=1e-5
        )
    made.clear()
    lab.threshold = 0.05
    waited(lab)
    assert [masks for _, masks, _ in made] == [lab.masks.removed] * 3  # the dense model's calls are kept


def test_apply_and_restore_by_whomever_are_followed(model, without_times):
    lab = waited(LedgerLab(model, X))
    generation = lab.generation
    masks = pw.prune(model, 0.9)
    assert waited(lab).generation > generation
    kept = ledger(masks.apply(lab.live.weights))
    assert lab.measured["gzip_bytes"]["value"] == kept["gzip_bytes"]
    lab.live.restore()
    assert waited(lab).measured["gzip_bytes"]["value"] == ledger(lab.live.weights)["gzip_bytes"]


def test_while_a_model_trains_its_ledger_is_counted_and_not_measured(model, without_times):
    lab = waited(LedgerLab(model, X, threshold=0.1))
    measured, generation = lab.measured, lab.generation
    model.fit(X[:256], Y[:256], epochs=2, verbose=0, callbacks=[pw.FollowTraining(lab)])
    assert lab.generation == generation + 2
    assert waited(lab).measured == measured
    assert lab.sparsity == pw.Masks.from_threshold(pw.score(lab.live.weights), 0.1).sparsity
    lab.measure_again()
    assert waited(lab).measured["gzip_bytes"]["generation"] == lab.generation


def timing_held_up(monkeypatch):
    """Two events: timing has begun; it may go on."""
    entered, go, real = threading.Event(), threading.Event(), latencies.rounds

    def slow(calls, seconds):
        entered.set()
        assert go.wait(30)
        return real(calls, seconds)

    monkeypatch.setattr(latencies, "rounds", slow)
    return entered, go


def test_the_latest_threshold_is_the_one_that_is_timed(model, monkeypatch, with_keras_alone):
    lab = waited(LedgerLab(model, X))
    entered, go = timing_held_up(monkeypatch)
    shown = set()
    lab.observe(lambda change: shown.add(change["new"]["keras_1"]["threshold"]), "measured")
    lab.threshold = 0.1
    assert entered.wait(60)
    lab.threshold = 0.2
    lab.threshold = 0.3
    go.set()
    waited(lab)
    assert shown == {0.0, 0.3}


def test_cancel_by_the_button_keeps_the_old_numbers(model, monkeypatch, with_keras_alone):
    lab = waited(LedgerLab(model, X))
    entered, go = timing_held_up(monkeypatch)
    lab.threshold = 0.1
    assert entered.wait(60)
    lab._handle_custom_msg({"do": "cancel"}, [])
    go.set()
    waited(lab)
    assert lab.cancelled is True and lab.measured["keras_1"]["threshold"] == 0.0
    assert lab.measured["gzip_bytes"]["threshold"] == 0.1  # what was finished
    lab._handle_custom_msg({"do": "measure_again"}, [])
    assert waited(lab).measured["keras_1"]["threshold"] == 0.1


def test_a_runner_that_fails_is_said_and_the_others_are_timed(model, monkeypatch):
    real = latencies.make_calls

    def make_calls(which, batches, x, masks, names):
        if names == ["tflite"]:
            raise ValueError("TFLite cannot express the model 'tiny'.")
        return real(which, batches, x, masks, names)

    monkeypatch.setattr(latencies, "make_calls", make_calls)
    lab = waited(LedgerLab(model, X))
    assert lab.error == "TFLite cannot express the model 'tiny'."
    assert set(lab.measured) & (TIMED | UNITS) == {
        *("keras_1", "keras_32", "csr_1", "csr_32"),
        *("units_keras_1", "units_keras_32"),
    }
    assert not {"tflite_1", "units_tflite_32"} & set(lab.offered)


def test_a_model_that_keras_cannot_run_is_said_in_one_sentence_and_the_rest_is_measured():
    """TensorFlow takes no such name; the products of the layers alone need none."""
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4, name="第一层")])
    lab = waited(LedgerLab(model))
    assert lab.error.startswith("'第一层' is not a valid ")
    assert not any(noise in lab.error for noise in ("\x1b", "Arguments received", "Exception"))
    assert {"csr_1", "csr_32", "gzip_bytes"} <= set(lab.measured) and not lab.measuring
    assert not {"keras_1", "tflite_1"} & set(lab.offered)


def test_a_model_whose_units_all_stay_is_measured_without_that(model, monkeypatch, with_keras_alone):
    def refuse(*_):
        raise ValueError("The model 'tiny' has no graph that could be rewritten.")

    monkeypatch.setattr(ledger_lab, "cut_to", refuse)
    lab = waited(LedgerLab(model, X))
    assert lab.error == "The model 'tiny' has no graph that could be rewritten."
    assert not set(lab.offered) & (UNITS | COUNTED) and "peak_bytes" in lab.measured


@pytest.mark.parametrize("memory", [{}, RuntimeError("the process for it ended with 1")])
def test_where_memory_cannot_be_measured_there_is_no_row_for_it(model, monkeypatch, without_times, memory):
    def measured_memory(models, x, masks, batch, outdated):
        assert models == {"left": model, "dense": model} and masks["left"].removed > 0 and not outdated()
        if memory:
            raise memory
        return memory

    monkeypatch.setattr(ledger_lab, "measured_memory", measured_memory)
    lab = waited(LedgerLab(model, X, threshold=0.2))
    assert lab.offered == ["gzip_bytes", "compact_bytes"]
    assert lab.error == str(memory or "")


def test_a_smaller_model_is_compared_with_the_one_it_came_from(model, with_keras_alone):
    small = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(4)])
    lab = waited(LedgerLab(small, X, dense_model=model))
    big = pw.LiveModel(model)
    assert lab.dense["parameters"] == sum(w.size for w in big.weights.values())
    assert lab.dense["multiply_adds"] == ledger(big.weights, None, big.positions())["multiply_adds"]
    assert lab.measured["gzip_bytes"]["base"] == 4 * lab.dense["parameters"]
    assert lab.error == "" and not set(lab.offered) & (UNITS | COUNTED)


def test_a_layer_that_hides_its_uses_is_said_and_the_rest_is_shown(without_times):
    model = keras.Sequential([keras.Input((None, 6)), keras.layers.Dense(6, name="open")])
    lab = waited(LedgerLab(model))
    assert lab.positions is None and "open/kernel" in lab.error
    assert lab.measured["gzip_bytes"]["base"] == 4 * 36


@pytest.mark.parametrize("bad", ["a string", keras.Sequential([keras.layers.Dense(3)])])
def test_bad_models_are_refused(bad):
    with pytest.raises((TypeError, ValueError)):
        LedgerLab(bad)
