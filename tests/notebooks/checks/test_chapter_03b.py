"""The checks of chapter 03b."""

import numpy as np
import pytest

CHECKS = "checks.chapter_03b"


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        ("optimizer", ""),
        (" The optimiser", ""),
        ("Adam", ""),
        ("zeros", "zeros"),
        ("rounding", "rounding"),
        ("gzip", "hint"),
        ("fewer weights", "hint"),
        (3, "hint"),
    ],
)
def test_what_made_the_file_smaller(checks, answer, mistake):
    result = checks.smaller_file(answer, 10**9)  # not smaller than an unpruned one: not the zeros
    assert (result.passed, result.mistake) == (not mistake, mistake or "")


@pytest.mark.parametrize(
    ("function", "mistake", "answered"),
    [
        (lambda a, b, y: (np.sum((a == y) & (b != y)), np.sum((a != y) & (b == y))), "", True),
        (lambda a, b, y: [int(((a == y) & (b != y)).sum()), int(((a != y) & (b == y)).sum())], "", True),
        (lambda a, b, y: (..., ...), "", False),
        (lambda a, b, y: (np.sum((a != y) & (b == y)), np.sum((a == y) & (b != y))), "turned", True),
        (lambda a, b, y: (np.sum(a != y), np.sum(b != y)), "all_wrong", True),
        (lambda a, b, y: (np.sum(b != y), np.sum(b == y)), "all_wrong", True),
        (lambda a, b, y: (np.sum(a != b), 0), "changed", True),
        (lambda a, b, y: ((a == y) & (b != y), (a != y) & (b == y)), "each_digit", True),
        (lambda a, b, y: np.sum((a == y) & (b != y)), "one", True),
        (lambda a, b, y: (0, 0), "hint", True),
        (lambda a, b, y: None, "one", True),
        (lambda a, b, y: a.lost, "stopped", True),
    ],
)
def test_each_mistake_in_counting_lost_and_won_has_its_hint(checks, function, mistake, answered):
    result = checks.lost_and_won(function)
    assert (result.mistake, result.answered) == (mistake, answered)
    assert result.passed == (answered and not mistake)
