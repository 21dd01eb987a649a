"""The checks of chapter 16 accept right and reject wrong answers, each with its hint."""

import numpy as np
import pytest

import prunewidgets as pw

CHECKS = "checks.chapter_16"


def overlap(a, b, clip=0.0, whole=None):
    high, wide = (max(clip, min(a[i + 2], b[i + 2]) - max(a[i], b[i])) for i in (0, 1))
    one, other = ((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return high * wide / (whole(one, other) if whole else one + other - high * wide)


@pytest.mark.parametrize(
    ("function", "verdict", "mistake"),
    [
        (lambda a, b: ..., "○", ""),
        (overlap, "✓", ""),
        (lambda a, b: pw.detection.iou([a], [b]), "✓", ""),
        (lambda a, b: None, "✗", "nothing"),
        (lambda a, b: overlap(a, b, clip=-99), "✗", "apart"),
        (lambda a, b: overlap(a, b, whole=lambda one, other: one + other), "✗", "sum"),
        (lambda a, b: overlap(a, b, whole=lambda one, other: one), "✗", "first"),
        (lambda a, b: overlap(a, b, whole=min), "✗", "smaller"),
        (lambda a, b: overlap(a, b, whole=lambda one, other: 1), "✗", "shared"),
        (lambda a, b: 0.5, "✗", "hint"),
        (lambda a, b: "much", "✗", "number"),
        (lambda a, b: [0.5, 0.5], "✗", "number"),
        (lambda a: 0.5, "✗", "stopped"),
    ],
    ids="open right array nothing apart sum first smaller shared half word two stopped".split(),
)
def test_the_overlap_of_two_boxes(checks, capsys, function, verdict, mistake):
    result = checks.overlap(function)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


@pytest.mark.parametrize(
    ("answer", "verdict", "mistake"),
    [
        (..., "○", ""),
        (0.625, "✓", ""),
        ("62.5 %", "✓", ""),
        (2.5 / 3, "✗", "found_only"),
        ((1 + 2 / 3 + 3 / 4) / 4, "✗", "not_beyond"),
        (0.6, "✗", "precision"),
        (0.75, "✗", "recall"),
        (0.3, "✗", "hint"),
    ],
)
def test_average_precision_by_hand(checks, capsys, answer, verdict, mistake):
    result = checks.precision(answer, (True, False, True, True, False), objects=4)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


def test_the_exercise_agrees_with_the_package():
    right = [True, False, True, True, False]
    assert pw.detection.average_precision(right, [0.9, 0.8, 0.7, 0.6, 0.5], objects=4) == 0.625


def slope(t1, m1, t2, m2):
    return (t1 - t2) / (m1 - m2)


@pytest.mark.parametrize(
    ("function", "verdict", "mistake"),
    [
        (lambda t1, m1, t2, m2: ..., "○", ""),
        (lambda t1, m1, t2, m2: t1 - slope(t1, m1, t2, m2) * m1, "✓", ""),
        (lambda t1, m1, t2, m2: (t2 * m1 - t1 * m2) / (m1 - m2), "✓", ""),
        (lambda t1, m1, t2, m2: None, "✗", "nothing"),
        (slope, "✗", "slope"),
        (lambda t1, m1, t2, m2: slope(t1, m1, t2, m2) * m1, "✗", "work"),
        (lambda t1, m1, t2, m2: slope(t1, m1, t2, m2) * m2, "✗", "work"),
        (lambda t1, m1, t2, m2: t1 - t2, "✗", "difference"),
        (lambda t1, m1, t2, m2: 7, "✗", "hint"),
        (lambda t1, m1, t2, m2: "long", "✗", "hint"),
        (lambda t1, m1: 7, "✗", "stopped"),
    ],
    ids="open right other nothing slope work work_small difference seven word stopped".split(),
)
def test_the_time_that_stays(checks, capsys, function, verdict, mistake):
    result = checks.fixed_cost(function)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


@pytest.fixture
def scene():
    """A scene with two digits; one is found, and there is a box where nothing is, with a low score."""
    Boxes = pw.detection.Boxes
    truth = [Boxes([[0, 0, 20, 20], [40, 40, 60, 60]], [3, 7])] * 4
    found = [Boxes([[0, 0, 20, 20], [30, 0, 40, 10]], [3, 1], [0.9, 0.3])] * 4
    return np.zeros((4, 64, 64, 1), np.float32), found, truth


def test_a_picture_says_what_was_found(checks, scene):
    drawn = checks.scenes(*scene)
    assert "scene 0: 1 of 2 digits found, 1 wrong" in repr(drawn)
    html = drawn._repr_html_()
    assert html.count("<rect") == 3 * 3 and repr(drawn) in html
    assert html.count(">3 90<") == html.count(">1 30<") == 3


def test_sliders_choose_the_boxes_that_are_drawn(checks, scene):
    x, found, truth = scene
    nothing = [pw.detection.Boxes([], [], [])] * 4
    removed, least, picture = checks.watch(x, {0.0: found, 0.5: nothing}, truth).children
    assert "1 of 2 digits found, 0 wrong" in picture.value
    least.value = 20
    assert "1 of 2 digits found, 1 wrong" in picture.value
    removed.value = 1
    assert "50 % of the filters" in picture.value and "0 of 2 digits found, 0 wrong" in picture.value


def test_a_page_without_python_shows_steps(checks, scene, monkeypatch):
    from checks import pictures_16

    monkeypatch.setattr(pictures_16, "writing", lambda: True)
    x, found, truth = scene
    shown = checks.watch(x, {0.0: found, 0.5: found}, truth)
    assert "0 % of the filters" in shown.value and "50 % of the filters" in shown.value


def test_the_picture_of_found_and_fast_has_all_numbers(checks):
    import pandas as pd

    rows = [("whole", "keras", 1, 600, 0.9), ("½", "keras", 1, 900, 0.8), ("zeros", "keras", 1, 590, 0.85)]
    rows += [("whole", "tflite", 32, 1500, 0.9)]
    table = pd.DataFrame(rows, columns=["network", "runner", "batch", "frames", "mean_average_precision"])
    picture = checks.found_and_fast(table)
    said = "keras, batch 1: whole 0.90 at 600, ½ 0.80 at 900, zeros 0.85 at 590; tflite, batch 32: whole 0.90"
    assert said in picture.description
    first, second = picture.axes
    assert [line.get_xdata().tolist() for line in first.lines] == [[600, 900], [590]]
    assert second.lines[0].get_ydata().tolist() == [0.9]
