"""The checks of chapter 20 accept right and reject wrong answers; its tables agree with the formats."""

import math
import os

import keras
import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw

CHECKS = "checks.chapter_20"


def test_the_kinds_of_numbers(checks):
    frame = checks.kinds()
    # From the definitions of the formats: IEEE 754 for both floats; bfloat16 is a float32 cut after 16 bits.
    assert frame["binary digits"].to_dict() == {"float32": 24, "float16": 11, "bfloat16": 8}
    assert frame["largest"].to_dict() == {"float32": "3.4e+38", "float16": "6.55e+04", "bfloat16": "3.39e+38"}
    assert float(frame.loc["float16", "smallest above 0"]) == pytest.approx(2**-24, rel=0.01)
    assert float(frame.loc["bfloat16", "next after 0.1"]) == pytest.approx(2**-11, rel=0.01)


def ulp(w, digits):
    return 2.0 ** (math.floor(math.log2(w)) + 1 - digits)


@pytest.mark.parametrize(
    ("function", "verdict", "mistake"),
    [
        (lambda w: ..., "○", ""),
        (lambda w: ulp(w, 8) / 2, "✓", ""),
        (lambda w: ulp(w, 8), "✗", "whole"),
        (lambda w: ulp(w, 8) / 4, "✗", "quarter"),
        (lambda w: ulp(w, 11) / 2, "✗", "float16"),
        (lambda w: w / 256, "✗", "relative"),
        (lambda w: 2**-9, "✗", "one_size"),
        (lambda w: 1e-3, "✗", "hint"),
        (lambda w: None, "✗", "nothing"),
        (lambda w: w.missing, "✗", "stopped"),
    ],
)
def test_the_least_step(checks, capsys, function, verdict, mistake):
    result = checks.least_step(function)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


@pytest.mark.parametrize(
    ("function", "verdict", "mistake"),
    [
        (lambda bits: ..., "○", ""),
        (lambda bits: 1 / bits, "✓", ""),
        (lambda bits: 100 / bits, "✗", "percent"),
        (lambda bits: 1 - 1 / bits, "✗", "density"),
        (lambda bits: bits, "✗", "bits"),
        (lambda bits: 0.5, "✗", "hint"),
        (lambda bits: None, "✗", "nothing"),
        (lambda bits: bits.length, "✗", "stopped"),
    ],
)
def test_when_leaving_out_pays(checks, capsys, function, verdict, mistake):
    result = checks.pays_from(function)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


def run(accuracy, moved, loss=0.4):
    return lambda policy, optimizer: pd.Series(
        {"accuracy": accuracy, "weights that moved": moved, "last loss": loss}
    )


@pytest.mark.parametrize(
    ("settings", "train", "verdict", "mistake"),
    [
        ({"beta_2": 0.99}, run(0.92, 0.9), "✓", ""),
        ({}, run(0.64, 0.0), "✗", "beta_2"),
        ({"beta_2": 0.99, "learning_rate": 1e-5}, run(0.65, 0.0), "✗", "small_step"),
        ({"beta_2": 0.9}, run(0.1, 1.0, math.nan), "✗", "nan"),
        ({"beta_2": 0.9}, run(0.8, 0.6), "✗", "hint"),
        ({"beta_2": 0.9}, lambda policy, optimizer: 1 / 0, "✗", "stopped"),
    ],
)
def test_an_optimizer_that_learns(checks, capsys, settings, train, verdict, mistake):
    result = checks.learns(keras.optimizers.Adam(**settings), train)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


def test_other_optimizers_are_not_tried(checks):
    def train(policy, optimizer):
        raise AssertionError("not to be called")

    assert not checks.learns(..., train).answered
    assert checks.learns(keras.optimizers.SGD(), train).mistake == "other"
    used = keras.optimizers.Adam()
    used.build([keras.Variable(np.zeros(3))])
    assert checks.learns(used, train).mistake == "used"


def test_how_a_training_went(checks):
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, use_bias=False)])
    network.layers[0].set_weights([np.array([[0.0, 1], [2, 0], [3, 5]])])
    name = next(iter(pw.LiveModel(network).weights))
    before = {name: np.array([[0.0, 1], [2, 0], [3, 4]], np.float32)}
    found = checks.how_it_went(network, before, [2.0, 1.0], np.eye(3, dtype=np.float32), np.array([1, 0, 0]))
    assert (
        found["zeros held"]
        and found["weights that moved"] == 0.25
        and found["accuracy"] == pytest.approx(2 / 3)
    )
    before[name][0, 1] = 0  # removed, and not zero any more
    assert not checks.how_it_went(network, before, [1.0], np.eye(3, dtype=np.float32), np.zeros(3, int))[
        "zeros held"
    ]


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="Linux tells the highest memory")
def test_the_memory_of_a_training_is_read(checks):
    frame = checks.trainings(["float32"], batch=64)
    # The outputs of the first layer alone, kept for the way back.
    first = pw.models.small_cnn().layers[0].output.shape[1:]
    assert frame.loc["float32", "MB"] > 64 * 4 * np.prod(first) / 1e6
    assert frame.loc["float32", "seconds"] > 0


def test_memory_is_not_measured_elsewhere(checks, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert checks.trainings(["float32"]) is None


def test_the_pictures_say_what_they_show(checks):
    weights = np.random.default_rng(0).normal(size=5000).astype(np.float32)
    assert "5,000" not in checks.steps(weights, 0.9).description
    assert "bfloat16: half of the weights move from" in checks.moving(abs(weights) + 0.1).description
    assert "4 bits: pays from 25 %" in checks.bytes_left().description
