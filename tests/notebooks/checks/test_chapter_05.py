"""The checks of chapter 05: right answers in any form pass, and each kind of wrong answer gets its hint."""

from types import SimpleNamespace

import numpy as np
import pytest

import prunewidgets as pw

CHECKS = "checks.chapter_05"


def test_a_share_in_per_cent_is_named(checks, capsys):
    checks.break_even(20)
    assert "in per cent. Write it as a fraction" in capsys.readouterr().out
    checks.break_even("0.2")
    assert capsys.readouterr().out.startswith("✓")


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (0.2, ""),
        (np.float32(0.2), ""),
        ("20 %", "per_cent"),
        (0.8, "kept"),
        (80, "kept"),
        (0.25, "of_four"),
        (1.25, "of_four"),
        (0.5, "hint"),
    ],
)
def test_break_even(checks, answer, mistake):
    assert checks.break_even(answer).mistake == mistake


class TenDigits:
    """Reads 10 pictures of each digit; the 7 loses one at 0.5, two more at 0.8, where the 3 loses all."""

    weights = {"a/kernel": np.arange(1.0, 11.0)}

    def __init__(self):
        self.variables, self.measured = [np.arange(1.0, 11.0), np.zeros(3)], 0
        self.model = SimpleNamespace(get_weights=lambda: self.variables)

    def predict(self, x, masks):
        self.measured += 1
        removed = round(10 * masks.sparsity)
        read = np.repeat(np.arange(10), 10)
        read[70 : 70 + {0: 0, 5: 1, 8: 3}[removed]] = 0
        read[30 : 30 + (10 if removed == 8 else 0)] = 0
        return np.eye(10)[read]


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        ((7, 0.5), ""),
        ([7, "0.5"], ""),
        (np.array([7, 0.5]), ""),
        ((np.int64(7), 50), "per_cent"),
        ((0.5, 7), "swapped"),
        ((7, 0.8), "too_late"),
        ((7, 0), "too_early"),
        ((3, 0.8), "worst"),
        ((1, 0.5), "hint"),
        (7, "hint"),
    ],
)
def test_first_digit(checks, answer, mistake):
    y = np.repeat(np.arange(10), 10)
    result = checks.first_digit(answer, TenDigits(), np.zeros(100), y, [0, 0.5, 0.8], floor=0.95)
    assert (result.mistake, result.passed) == (mistake, not mistake)


def test_first_digit_measures_again_only_what_has_changed(checks):
    live, x, y = TenDigits(), np.zeros(100), np.repeat(np.arange(10), 10)

    def measured(levels):
        before = live.measured
        assert checks.first_digit((7, 0.5), live, x, y, levels, floor=0.95).passed
        return live.measured - before

    assert measured([0, 0.5]) == 2
    assert measured([0, 0.5]) == 0
    assert measured([0, 0.5, 0.8]) == 1
    live.variables[1][2] = 0.5  # a bias, which is not among the prunable weights
    assert measured([0, 0.5]) == 2
    x[0] = 1
    assert measured([0, 0.5]) == 2
    live = TenDigits()
    assert measured([0, 0.5]) == 2


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (0.64, ""),
        (np.float64(0.64), ""),
        ("64 %", "per_cent"),
        (0.8, "share_of_weights"),
        (80, "share_of_weights"),
        (0.36, "removed"),
        (1 / 0.64, "upside_down"),
        (32, "count"),
        (0.1, "hint"),
        ("much", "hint"),
    ],
)
def test_remaining_share(checks, answer, mistake):
    """Three of 5 weights of a convolution at 3 × 3 places are left, and all 5 of a dense layer: 32 of 50."""
    conv = SimpleNamespace(name="conv", output=SimpleNamespace(shape=(None, 3, 3, 1)))
    dense = SimpleNamespace(name="dense", output=SimpleNamespace(shape=(None, 5)))
    left = {"conv/kernel": np.arange(5) < 3, "dense/kernel": np.ones(5, bool)}
    masks = pw.Masks(left)
    result = checks.remaining_share(answer, SimpleNamespace(layers=[conv, dense]), masks)
    assert (result.mistake, result.passed) == (mistake, not mistake)
