"""The checks of chapter 01, and its picture of wires."""

import numpy as np
import pytest

import prunewidgets as pw

CHECKS = "checks.chapter_01"


@pytest.mark.parametrize(
    ("too_often", "missing", "mistake"),
    [
        ([0.8, 0.9], [0.2, 0.4], ""),
        ({0.9, 0.8}, (0.4, "0.2"), ""),
        (np.array([0.9, 0.8]), np.array([0.2, 0.4]), ""),
        ([0.2, 0.4], [0.8, 0.9], "swapped"),
        ([0.8, 0.9], [0.4], "only_absent"),
        ([0.8, 0.9], 0.4, "only_absent"),
        ([0.3], [0.4], "hint"),
        ([0.9], [0.2, 0.4], "hint"),
    ],
)
def test_what_is_wrong_in_the_sorted_matrix(checks, too_often, missing, mistake):
    result = checks.wrong_in_sorted(too_often, missing)
    assert (result.passed, result.mistake) == (not mistake, mistake)


@pytest.mark.parametrize(
    ("forgotten", "entries", "mistake"),
    [
        (0.4, 6, ""),
        ({0.4}, np.int64(6), ""),
        ("0.4", "6", ""),
        (0.4, 4, "distinct"),
        (0.5, 6, "at_tau"),
        (0.4, 7, "at_tau"),
        (0.4, 9, "kept"),
        (0.6, 6, "hint"),
    ],
)
def test_what_is_wrong_in_the_removed_set(checks, forgotten, entries, mistake):
    result = checks.wrong_in_removed(forgotten, entries)
    assert (result.passed, result.mistake) == (not mistake, mistake)


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (3, ""),
        (np.int64(3), ""),
        (9, "wrong_places"),
        (5, "not_pruned"),
        (4, "hint"),
        (12, "hint"),
        ("three", "hint"),
    ],
)
def test_the_right_places_of_the_pruned_matrix(checks, answer, mistake):
    result = checks.right_places(answer)
    assert (result.passed, result.mistake) == (not mistake, mistake)


@pytest.mark.parametrize(
    ("keep", "mistake", "answered"),
    [
        (lambda w, tau: np.abs(w) >= tau, "", True),
        (lambda w, tau: (np.abs(w) >= tau).astype(int), "", True),
        (lambda w, tau: (w >= tau) | (w <= -tau), "", True),
        (lambda w, tau: w >= tau, "", False),
        (lambda w, tau: np.abs(w) > tau, "strict", True),
        (lambda w, tau: np.abs(w) < tau, "removed", True),
        (lambda w, tau: np.where(np.abs(w) >= tau, w, 0), "weights", True),
        (lambda w, tau: None, "nothing", True),
        (lambda w, tau: w > 0, "hint", True),
    ],
)
def test_each_mistake_in_keep_has_its_hint(checks, keep, mistake, answered):
    result = checks.keeps_by_size(keep)
    assert (result.mistake, result.answered) == (mistake, answered)
    assert result.passed == (answered and not mistake)


def test_a_function_that_raises_is_reported_in_one_line(checks, capsys):
    def keep(weights, tau):
        raise NameError("name 'absolute' is not defined")

    checks.keeps_by_size(keep)
    assert capsys.readouterr().out == "✗ keep stopped with NameError: name 'absolute' is not defined\n"


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (((0.2, 0.3), (0.3, 0.4), None), ""),
        (([0.2, 0.3], np.array([0.3, 0.4]), "None"), ""),
        (((0.3, 0.2), (0.4, 0.3), None), "turned"),
        (((0.7, 0.8), (0.6, 0.6), None), "hint"),
        (((0.6, 0.7), (0.5, 0.6), None), "removed"),
        (((0.2, 0.3), (0.3, 0.4), (0.3, 0.3)), "no_eight"),
        ((None, None, None), "hint"),
        ((0.25, 0.35, None), "hint"),
    ],
)
def test_the_thresholds_that_leave_nine_seven_and_eight(checks, answer, mistake):
    result = checks.thresholds_that_leave(*answer)
    assert (result.passed, result.mistake) == (not mistake, mistake)


def test_a_removed_weight_has_no_wire_and_no_term(checks):
    from checks import pictures_01

    every = pictures_01.wiring(pw.example.W)
    cut = pictures_01.wiring(pw.example.W, 0.85)
    assert every._repr_html_().count("<line ") == 12
    assert every.title == "12 of 12 wires"
    assert pictures_01.wiring(np.where(pw.example.W < 0.5, 0, pw.example.W)).title == "6 of 12 wires"
    assert cut._repr_html_().count("<line ") == 1
    assert cut.description == (
        "11 of 12 wires removed; neuron 0 adds nothing; neuron 1 adds nothing; "
        "neuron 2 adds 0.9·x₁; neuron 3 adds nothing."
    )
    assert f'aria-label="{cut.description}"' in cut._repr_html_()
    assert pictures_01.wiring(-pw.example.W, 0.5).sum_of(1) == "−0.6·x₁ − 0.7·x₂"


def test_the_wires_follow_a_slider(checks):
    from checks import pictures_01

    slider = pw.ThresholdSlider(pw.score(pw.example.W))
    picture = pictures_01.follow(slider, pw.example.W)
    slider.threshold = 0.3  # 32 bits: both 0.3 stay
    assert "3 of 12 wires removed" in picture.value
    assert picture.value.count("<line ") == 9
