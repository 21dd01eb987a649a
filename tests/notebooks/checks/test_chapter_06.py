"""The checks of chapter 06: right answers pass in any form, and each kind of wrong answer gets its hint."""

import numpy as np
import pytest

import prunewidgets as pw

CHECKS = "checks.chapter_06"
MASKS = pw.Masks.from_threshold(pw.score({"a/kernel": np.array([[0.5, -0.6, 0.1, 0.9, 0.7, 0.8]])}), 0.5)
LATER = {"a/kernel": np.array([[0.4, -0.6, 0.0, -0.2, 0.7, 0.8]])}
"""Five are kept under τ = 0.5; two of them are smaller by now."""


@pytest.mark.parametrize(
    "answer, mistake",
    [
        (2, ""),
        ("2", ""),
        (np.int64(2), ""),
        (2.0, ""),
        (0.4, "share"),
        (40, "share"),
        (4, "hint"),
        (2.5, "hint"),
        ("two", "hint"),
    ],
)
def test_smaller_now(checks, answer, mistake):
    result = checks.smaller_now(answer, MASKS, LATER)
    assert (result.mistake, result.passed) == (mistake, not mistake)


def test_counts_of_something_else_get_their_own_hints(checks):
    """Three of six are below τ with the removed one, three of five kept are not; four of w < τ."""
    assert checks.smaller_now(3, MASKS, LATER).mistake == "with_removed"
    later = {"a/kernel": np.array([[0.4, -0.6, 0.0, -0.2, -0.7, 0.1]])}  # three small ones, two large
    assert checks.smaller_now(4, MASKS, later).mistake == "with_removed"
    assert checks.smaller_now(2, MASKS, later).mistake == "still_larger"
    assert checks.smaller_now(5, MASKS, later).mistake == "without_size"
    assert not checks.smaller_now(..., MASKS, later).answered


@pytest.mark.parametrize(
    "answer, mistake",
    [
        ((80, 40), ""),
        (["80", "40"], ""),
        (np.array([80, 40]), ""),
        ((40, 80), "swapped"),
        ((60, 30), "last_batch"),
        ((20, 10), "epochs"),
        ((600, 300), "digits"),
        ((40, 40), "first_ten"),
        ((80, 80), "hint"),
        (80, "hint"),
    ],
)
def test_steps_of_both(checks, answer, mistake):
    """Thirty digits are four batches of eight, the last of six: 20 · 4 steps against 10 · 4."""
    result = checks.steps_of_both(answer, digits=30, batch_size=8)
    assert (result.mistake, result.passed) == (mistake, not mistake)


def test_open_steps_are_not_judged(checks):
    assert not checks.steps_of_both((80, ...), digits=30, batch_size=8).answered


def cubic(step, final, begin, end):
    t = min(max((step - begin) / (end - begin), 0), 1)
    return final - final * (1 - t) ** 3


def shaped(shape):
    """A schedule that is wrong in its shape alone."""
    return lambda step, final, begin, end: shape(
        step, final, min(max((step - begin) / (end - begin), 0), 1), end
    )


@pytest.mark.parametrize(
    "function, mistake",
    [
        (cubic, ""),
        (lambda *given: np.float32(cubic(*given)), ""),
        (pw.schedules.polynomial, ""),
        (lambda step, final, begin, end: final * (1 - (1 - (step - begin) / (end - begin)) ** 3), "runs_on"),
        (shaped(lambda step, final, t, end: final * t), "linear"),
        (shaped(lambda step, final, t, end: final * (1 - (1 - t) ** 2)), "square"),
        (shaped(lambda step, final, t, end: final * t**3), "t_cubed"),
        (lambda *given: 1 - cubic(*given), "density"),
        (lambda *given: 100 * cubic(*given), "in_per_cent"),
        (lambda step, final, begin, end: cubic(step, final, 0, end), "from_zero"),
        (lambda *given: -cubic(*given), "outside"),
        (lambda step, final, begin, end: final, "hint"),
        (lambda *given: None, "no_number"),
        (lambda *given: "much", "no_number"),
        (lambda step: 0, "stopped"),
        (lambda *given: 1 / 0, "stopped"),
    ],
)
def test_ramp(checks, function, mistake):
    result = checks.ramp(function)
    assert (result.mistake, result.passed) == (mistake, not mistake)


def test_an_unwritten_ramp_is_open(checks, capsys):
    assert not checks.ramp(lambda *given: ...).answered
    assert capsys.readouterr().out.startswith("○")


def test_a_wrong_ramp_is_told_where(checks, capsys):
    checks.ramp(lambda step, final, begin, end: final * (step >= begin))
    assert "ramp(94, final=0.95, begin=94, end=705) is 0.95; it should be 0." in capsys.readouterr().out
