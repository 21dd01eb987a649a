"""The checks of chapter 02."""

import numpy as np
import pytest

CHECKS = "checks.chapter_02"


@pytest.mark.parametrize(
    ("distance", "mistake", "answered"),
    [
        (lambda w: np.abs(w - w.mean()) / w.std(), "", True),
        (lambda w: (abs(w - np.mean(w)) / np.std(w, ddof=1)).tolist(), "", True),
        (lambda w: ..., "", False),
        (lambda w: (w - w.mean()) / w.std(), "signed", True),
        (lambda w: np.abs(w - w.mean()), "undivided", True),
        (lambda w: np.abs(w - w.mean()) / w.var(), "variance", True),
        (lambda w: ((w - w.mean()) / w.std()) ** 2, "squared", True),
        (lambda w: -np.abs(w - w.mean()) / w.std(), "turned", True),
        (lambda w: np.abs(w - w.mean(0)) / w.std(0), "columns", True),
        (lambda w: np.abs(w - w.mean()).mean() / w.std(), "shape", True),
        (lambda w: None, "shape", True),
        (np.abs, "hint", True),
        (lambda w: w.middle(), "stopped", True),
    ],
)
def test_each_mistake_in_a_criterion_has_its_hint(checks, distance, mistake, answered):
    result = checks.distance_from_mean(distance)
    assert (result.mistake, result.answered) == (mistake, answered)
    assert result.passed == (answered and not mistake)


@pytest.mark.parametrize(
    ("fill", "mistake"),
    [
        (1.0, ""),
        ("1.0", ""),
        (np.float32(1), ""),
        (0, "zero"),
        (0.5, "number"),
        (-1.0, "number"),
        (1.6, "number"),
        ("mean", "hint"),
    ],
)
def test_what_takes_the_place_of_removed_weights(checks, capsys, fill, mistake):
    rng = np.random.default_rng(0)
    weights, x = rng.normal(1.0, 0.3, (20, 30)), rng.normal(size=(1000, 20))
    result = checks.best_fill(fill, weights, x)
    assert (result.passed, result.mistake) == (not mistake, mistake)
    if mistake in ("zero", "number"):
        assert "the outputs move by" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("tau", "mistake"),
    [
        (90, ""),
        ("90", ""),
        (np.float32(89.5), ""),
        (91, "one_off"),
        (89, "one_off"),
        (10, "kept"),
        (50, "number"),
        ("ninety", "hint"),
    ],
)
def test_a_threshold_for_nine_of_ten(checks, tau, mistake):
    result = checks.threshold_for_ninety(tau, np.arange(100.0))
    assert (result.passed, result.mistake.replace("other_kind", "hint")) == (not mistake, mistake)


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        ({"distribution", "random"}, ""),
        (["Random", " distribution"], ""),
        ("distribution, random", ""),
        ("distribution and random", ""),
        ({"magnitude", "squared"}, "fooled"),
        ({"random"}, "one_of_two"),
        ("distribution", "one_of_two"),
        ({"random", "squared"}, "hint"),
        (2, "hint"),
    ],
)
def test_which_criteria_are_not_fooled(checks, answer, mistake):
    result = checks.not_fooled(answer)
    assert (result.passed, result.mistake) == (not mistake, mistake)
