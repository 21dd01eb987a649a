"""The checks of chapter 18 accept right and reject wrong answers; its view and pictures say what is so."""

import numpy as np
import pandas as pd
import pytest

CHECKS = "checks.chapter_18"

WHOLE, EARLY, LATE = 2_293_000, 316_800, 1_896_000  # LeNet-5's


@pytest.mark.parametrize(
    ("answer", "verdict", "mistake"),
    [
        (..., "○", ""),
        (1.21, "✓", ""),
        (2_293 / 1_896, "✓", ""),
        (7.24, "✗", "first"),
        (0.83, "✗", "share"),
        (0.173, "✗", "saved"),
        (3, "✗", "hint"),
        ("few", "✗", "hint"),
    ],
)
def test_what_the_later_exit_saves(checks, capsys, answer, verdict, mistake):
    result = checks.later_exit(answer, WHOLE, EARLY, LATE)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


def first_sure(probabilities, threshold):
    sure = probabilities.max(axis=1) >= threshold
    sure[-1] = True
    return np.argmax(sure)


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        pytest.param(first_sure, "", id="right"),
        pytest.param(lambda p, t: next((n for n in range(2) if max(p[n]) >= t), 2), "", id="loop"),
        pytest.param(lambda p, t: next((n for n in range(2) if max(p[n]) > t), 2), "above", id="above alone"),
        pytest.param(lambda p, t: np.argmax(p.max(axis=1) >= t), "unsure", id="argmax of nothing"),
        pytest.param(lambda p, t: p.max(axis=1).argmax(), "surest", id="surest"),
        pytest.param(lambda p, t: first_sure(p, t) + 1, "from_one", id="from one"),
        pytest.param(
            lambda p, t: max([n for n in range(3) if max(p[n]) >= t], default=2), "last_sure", id="last"
        ),
        pytest.param(lambda p, t: 1, "hint", id="always one"),
        pytest.param(lambda p, t: None, "nothing", id="nothing"),
        pytest.param(lambda p: 1, "stopped", id="stopped"),
    ],
)
def test_where_a_digit_leaves(checks, capsys, function, mistake):
    result = checks.leaves_at(function)
    assert (result.passed, result.mistake) == (not mistake, mistake)


def test_a_function_that_is_not_written_yet_is_an_open_question(checks, capsys):
    assert not checks.leaves_at(lambda probabilities, threshold: ...).answered


LAYERS = {"conv_1/kernel": 97_344, "conv_2/kernel": 557_568, "conv_2_gate/kernel": 512}
LAYERS |= {"dense_1/kernel": 51_200, "dense_2/kernel": 640}


@pytest.mark.parametrize(
    ("answer", "verdict", "mistake"),
    [
        (..., "○", ""),
        (97_344 + 139_392 + 512 + 12_800 + 640, "✓", ""),
        ("250688", "✓", ""),
        (250_176, "✗", "no_gate"),
        (97_344 + 139_392 + 512 + 51_200 + 640, "✗", "made_only"),
        (97_344 + 139_392 + 51_200 + 640, "✗", "made_only"),
        (706_752 / 4, "✗", "all"),
        (706_752, "✗", "whole"),
        (707_264, "✗", "whole"),
        (12, "✗", "hint"),
    ],
)
def test_the_work_behind_a_gate(checks, capsys, answer, verdict, mistake):
    result = checks.gated_work(answer, 8, LAYERS)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


@pytest.fixture
def three():
    """Three digits of two classes: sure and right, sure and wrong, not sure (and right at the end)."""
    early = np.array([[0.95, 0.05], [0.9, 0.1], [0.4, 0.6]], np.float32)
    end = np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.1]], np.float32)
    return [early, end], np.zeros((3, 28, 28, 1), np.float32), np.array([0, 1, 0])


def test_the_view_follows_the_slider(checks, three):
    view = checks.who_leaves(*three, [10_000_000, 40_000_000])
    slider, shown = view.children
    assert slider.value == 0.9 and "<b>66.7 %</b> of 3" in shown.value
    assert "<b>66.67 %</b> right (100.00 %" in shown.value and "<b>20.00 million" in shown.value
    assert "wrong answer (1)" in shown.value and "a 1, read as 0" in shown.value
    slider.value = 1.01
    assert "<b>0.0 %</b>" in shown.value and "<b>100.00 %</b> right" in shown.value
    assert "read as" not in shown.value


def test_a_threshold_is_compared_as_the_package_does(checks, three):
    from checks.who_leaves_18 import page

    outputs = [np.float32([[0.7, 0.3]]), np.float32([[0.7, 0.3]])]
    assert "<b>100.0 %</b>" in page(outputs, three[1][:1], three[2][:1], [1, 2], 0.7)


def test_each_call_times_the_next_digits(checks):
    seen = []
    frame = checks.times({"noted": lambda batch: seen.append(batch.copy())}, np.arange(5), [2], seconds=0)
    assert [one.tolist() for one in seen[:4]] == [[0, 1], [2, 3], [0, 1], [2, 3]]
    assert frame[["name", "batch"]].values.tolist() == [["noted", 2]] and (frame.low <= frame.high).all()


def test_the_pictures_say_what_they_show(checks):
    frame = pd.DataFrame({"threshold": [0.5, 0.9], "multiply_adds": [1e6, 2e6], "accuracy": [0.5, 0.75]})
    said = checks.tradeoff(frame, 0.9).description
    assert "50.00 % with 1.00 million at 0.5; 75.00 % with 2.00 million at 0.9" in said
    gates = np.zeros((20, 3))
    gates[:, 0] = 1  # always on
    gates[4:6, 2] = 1  # for the 2s
    picture = checks.channels(gates, np.repeat(np.arange(10), 2))
    assert (
        "1 always on, 1 never. Channel 2 differs most: on for 100 % of the 2s and 0 %" in picture.description
    )
    (shown,) = picture.axes[0].images
    np.testing.assert_array_equal(shown.get_array()[2], [1, 1, 0])  # channels 0, 2, 1
    runs = pd.DataFrame({"seed": [0, 1], "kept": 4, "way": "gate", "accuracy": [0.5, 0.7]})
    assert "gate: 60.00 % with 4" in checks.trained_longer(runs).description
