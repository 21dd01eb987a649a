"""The checks of chapter 12 tell right answers from wrong ones, on a network that keeps no weight at first."""

import keras
import numpy as np
import pandas as pd
import pytest

CHECKS = "checks.chapter_12"


@pytest.fixture(scope="module")
def model() -> keras.Model:
    keras.utils.set_random_seed(12)
    network = keras.Sequential(
        [
            keras.Input((600,)),
            keras.layers.Dense(30, "relu", bias_initializer="ones"),
            keras.layers.Dense(5, "relu", bias_initializer="ones"),
            keras.layers.Dense(3, "softmax"),
        ]
    )
    network.layers[0].set_weights([network.layers[0].kernel.numpy() / 2, network.layers[0].bias.numpy()])
    return network


def up_and_down(arrays, c):
    k1, b1, k2, *rest = arrays
    return [c * k1, c * b1, k2 / c, *rest]


def without_the_bias(arrays, c):
    k1, b1, k2, *rest = arrays
    return [c * k1, b1, k2 / c, *rest]


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda arrays, c: ..., "○"),
        (up_and_down, "✓ the same answers"),
        (lambda arrays, c: up_and_down(arrays, 1 / c), "✗ The same answers"),
        (lambda arrays, c: arrays, "✗ These are the arrays as they were"),
        (without_the_bias, "✗ Another network"),
        (lambda arrays, c: [c * array for array in arrays], "✗ Another network"),
        (lambda arrays, c: arrays[:2], "✗ rescaled stopped"),
        (lambda arrays, c: None, "✗ rescaled stopped"),
    ],
)
def test_a_rescaled_network_has_to_answer_the_same_and_keep_more(
    checks, capsys, monkeypatch, model, function, says
):
    monkeypatch.setattr(checks, "ENOUGH", 1000)
    checks.rescaled_network(function, model, np.random.default_rng(0).random((20, 600), np.float32))
    assert capsys.readouterr().out.startswith(says)


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (lambda arrays, c: up_and_down(arrays, 1 / c), "wrong_way"),
        (lambda arrays, c: arrays, "unchanged"),
        (without_the_bias, "bias"),
        (lambda arrays, c: [c * arrays[0], c * arrays[1], *arrays[2:]], "not_back"),
        (lambda a, c: [c * a[0], c * a[1], a[2] / c, a[3] / c, *a[4:]], "second_bias"),
        (lambda arrays, c: [*arrays[:4], c * arrays[4], arrays[5]], "another"),
        (lambda arrays, c: [c * arrays[0]], "stopped"),
    ],
)
def test_a_wrong_scale_gets_its_hint(checks, capsys, monkeypatch, model, function, mistake):
    monkeypatch.setattr(checks, "ENOUGH", 1000)
    x = np.random.default_rng(0).random((20, 600), np.float32)
    assert checks.rescaled_network(function, model, x).mistake == mistake


PARTS = {"word table": 2**28, "all else": 3 * 2**28}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (..., "○"),
        (3, "✓ 3.00 GiB"),
        ("3.0", "✓"),
        (np.float64(3.01), "✓"),
        (5, "✗ not 5. Add up"),
        (3 * 2**30 / 1e9, "That is in GB"),
        (1, "That is the table itself"),
        ("three", "✗"),
    ],
)
def test_what_is_left_without_the_table_is_asked_for_in_gib(checks, capsys, answer, says):
    checks.without_the_table(answer, PARTS)
    assert says in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (2**32 / 1e9, "gigabytes"),
        (1, "table"),
        (5, "whole"),
        (4096, "mebibytes"),
        (2**32, "bytes"),
        (2**30, "count"),
        (0.8, "share"),
        (7, "hint"),
    ],
)
def test_a_size_in_other_units_gets_its_hint(checks, capsys, answer, mistake):
    parts = {"word table": 2**28, "all else": 2**30}
    assert checks.without_the_table(answer, parts).mistake == mistake


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        ({"d": "cannot be"}, "impossible"),
        ({"b": "not shown", "e": "not shown"}, "impossible"),
        ({"c": "measured here"}, "where"),
        ({"c": "measured here", "d": "cannot be"}, "hint"),
        ({"a": "true"}, "other_words"),
    ],
)
def test_mixed_up_kinds_of_evidence_get_their_hint(checks, wrong, mistake):
    right = {name: kind for name, (kind, _) in checks.KINDS.items()}
    assert checks.kinds_of_evidence(right | wrong).mistake == mistake


def test_kinds_of_evidence_may_be_written_in_capitals(checks):
    right = {name: kind for name, (kind, _) in checks.KINDS.items()}
    assert checks.kinds_of_evidence({name: f" {kind.title()} " for name, kind in right.items()}).passed


def test_kinds_of_evidence_names_the_statements_to_look_at_again(checks, capsys):
    right = {name: kind for name, (kind, _) in checks.KINDS.items()}
    checks.kinds_of_evidence(right)
    assert capsys.readouterr().out.startswith("✓")
    checks.kinds_of_evidence({name: kind.upper() for name, kind in right.items()})
    assert capsys.readouterr().out.startswith("✓")
    checks.kinds_of_evidence(right | {"b": "not shown", "d": "cannot be"})
    assert "Look again at b, d." in capsys.readouterr().out
    checks.kinds_of_evidence(right | {"f": ...})
    assert capsys.readouterr().out.startswith("○")
    checks.kinds_of_evidence("measured here")
    assert "Look again at a, b, c, d, e, f." in " ".join(capsys.readouterr().out.split())


def test_the_pictures_say_their_numbers_to_those_who_cannot_see_them(checks):
    bars = checks.stored({"one": PARTS})._repr_html_()
    assert 'alt="Two' not in bars
    assert "one takes 4.00 GiB, 1.00 of it the word table" in bars
    frames = pd.DataFrame({"whole": [1.0, 1.0, 9.0], "<b>": [1.0, 2.0, 3.0]})
    rows = checks.frame_times(frames)._repr_html_()
    assert "Times of 3 pictures for each network. whole: median 1.00, slowest 9.00 ms" in rows
    assert "<b>" not in rows
