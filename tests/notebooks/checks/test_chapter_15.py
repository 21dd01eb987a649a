"""The checks of chapter 15 accept right and reject wrong answers, on networks that can be checked by hand."""

import numpy as np
import pytest

CHECKS = "checks.chapter_15"

KERNEL = [[1, -1, 0, 0], [0, 0, 1, -1]]
SIDES = [-0.6] * 4


def test_the_points_keep_away_from_the_edges(checks):
    x, y = checks.square()
    assert x.shape == (200, 2) and y.shape == (200,)
    far = np.abs(x).max(axis=1)
    assert np.array_equal(y == 1, far < 0.6)
    assert np.abs(far - 0.6).min() > 0.06
    x, y = checks.quadrants()
    assert np.array_equal(y == 1, np.sign(x[:, 0]) != np.sign(x[:, 1]))
    assert len(x) == 200 and np.abs(x).min() > 0.06


@pytest.mark.parametrize(
    ("given", "verdict", "mistake"),
    [
        (([[..., ...], [..., ...]], [..., ...], [..., ...], ...), "○", ""),
        ((KERNEL, SIDES, [-1] * 4, 0.01), "✓", ""),
        ((np.array(KERNEL) * 2.0, [-1.2] * 4, [[-3]] * 4, [0.05]), "✓", ""),
        ((KERNEL, SIDES, [1] * 4, -0.01), "✗", "swapped"),
        ((KERNEL, SIDES, [-1] * 4, -0.01), "✗", "some"),
        (([[1, -1, 0, 0], [0, 0, 1, 0]], SIDES, [-1] * 4, 0.01), "✗", "some"),
        (([[1, -1, 1e-9, 0], [0, 0, 1, -1]], SIDES, [-1] * 4, 0.01), "✗", "many"),
        ((KERNEL, SIDES, [-1] * 3, 0.01), "✗", "shapes"),
        (("words", SIDES, [-1] * 4, 0.01), "✗", "shapes"),
    ],
)
def test_a_network_written_by_hand(checks, capsys, given, verdict, mistake):
    result = checks.by_hand(*given)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


def leading(kernel, out):
    used = (kernel != 0).any(axis=0) & (out != 0)
    return (kernel[:, used] != 0).sum() + (out[used] != 0).sum()


@pytest.mark.parametrize(
    ("function", "verdict", "mistake"),
    [
        (lambda kernel, out: ..., "○", ""),
        (leading, "✓", ""),
        (lambda kernel, out: float(leading(kernel, out)), "✓", ""),
        (lambda kernel, out: None, "✗", "nothing"),
        (lambda kernel, out: np.count_nonzero(kernel) + np.count_nonzero(out), "✗", "all"),
        (lambda kernel, out: np.count_nonzero(out * np.abs(kernel).sum(0)), "✗", "units"),
        (lambda kernel, out: np.count_nonzero(kernel[:, out != 0]), "✗", "kernel"),
        (lambda kernel, out: np.count_nonzero(kernel * out) + np.count_nonzero(out), "✗", "no_input"),
        (lambda kernel, out: 3, "✗", "hint"),
        (lambda kernel, out: "many", "✗", "hint"),
        (lambda kernel: 3, "✗", "stopped"),
    ],
)
def test_weights_that_lead_somewhere(checks, capsys, function, verdict, mistake):
    result = checks.leading(function)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


@pytest.mark.parametrize(
    ("answer", "verdict", "mistake"),
    [
        (..., "○", ""),
        (7, "✓", ""),
        ("7", "✓", ""),
        (12, "✗", "four_units"),
        (6, "✗", "corners"),
        (3, "✗", "fewer"),
        (8, "✗", "one_less"),
        (40, "✗", "hint"),
    ],
)
def test_the_smallest_exclusive_or(checks, capsys, answer, verdict, mistake):
    result = checks.exclusive_or(answer)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake
