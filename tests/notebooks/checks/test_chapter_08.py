"""The checks of chapter 08 accept right and reject wrong answers, on numbers that can be checked by hand."""

import numpy as np
import pandas as pd
import pytest

CHECKS = "checks.chapter_08"


def mark(capsys) -> str:
    """The first character of the verdict."""
    return capsys.readouterr().out[:1]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(..., "○"), (15, "✓"), ("15", "✓"), (15.4, "✗"), (3, "✗"), (14, "✗"), ("15 or so", "✗")],
)
def test_silent_weights_are_those_of_pixels_dark_in_every_image(checks, capsys, answer, expected):
    images = np.zeros((3, 2, 2, 1), np.float32)
    images[1, 0, 0, 0] = 0.5  # one pixel of four has ink, in one image of three
    checks.silent_weights(answer, images, np.ones((4, 5)))
    assert mark(capsys) == expected


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda down, obd: ..., "○"),
        (lambda down, obd: 2 * (down + obd), "✓"),
        (lambda down, obd: down, "✗"),
    ],
)
def test_weights_are_ranked_by_the_rise(checks, capsys, function, expected):
    rng = np.random.default_rng(0)
    sample = pd.DataFrame({"down": rng.normal(size=50), "obd": 3 * rng.random(50)})
    checks.predicts_the_rise(function, sample.assign(rise=sample["down"] + sample["obd"]))
    assert mark(capsys) == expected


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (lambda down, obd: -down - obd, "turned"),
        (lambda down, obd: down - obd, "difference"),
        (lambda down, obd: abs(down) + obd, "size"),
        (lambda down, obd: down, "down_alone"),
        (lambda down, obd: 3 * obd, "obd_alone"),
        (lambda down, obd: down * obd, "product"),
        (lambda down, obd: np.zeros(50), "hint"),
        (lambda down: down, "stopped"),
    ],
)
def test_a_wrong_prediction_of_the_rise_gets_its_hint(checks, capsys, function, mistake):
    rng = np.random.default_rng(0)
    sample = pd.DataFrame({"down": rng.normal(size=50), "obd": 3 * rng.random(50)})
    result = checks.predicts_the_rise(function, sample.assign(rise=sample["down"] + sample["obd"]))
    assert (result.passed, result.mistake) == (False, mistake)


WEIGHTS = np.array([[0.5, -2.0], [1.0, 3.0]])
GRADIENTS = [np.array([[1.0, 2.0], [-3.0, 0.5]]), np.array([[-1.0, 2.0], [1.0, 0.5]])]
MEAN = np.array([[0.5, 4.0], [2.0, 1.5]])  # of |g·w|, by hand


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (lambda w, g: np.mean([abs(b * w) for b in g], axis=0), ""),
        (lambda w, g: sum(abs(b * w) for b in g), ""),  # the same order
        (lambda w, g: (np.abs(w) * np.abs(g).mean(axis=0)).tolist(), ""),
        (lambda w, g: abs(np.mean(g, axis=0) * w), "cancelled"),
        (lambda w, g: abs(sum(g) * w), "cancelled"),
        (lambda w, g: np.mean(g, axis=0) * w, "sign"),
        (lambda w, g: np.abs(g).mean(axis=0), "no_weight"),
        (lambda w, g: np.mean(np.square(g) * w**2, axis=0), "squares"),
        (lambda w, g: abs(g[-1] * w), "last_batch"),
        (lambda w, g: abs(w * g), "shape"),
        (lambda w, g: np.mean(abs(w * g)), "shape"),
        (lambda w, g: np.mean([abs(b * w) for b in g[:2]], axis=0) + len(w) - 1, "fixed"),
        (lambda w, g: np.zeros_like(w), "hint"),
        (lambda w: w, "stopped"),
    ],
)
def test_a_taylor_score_is_the_mean_size_of_gradient_times_weight(checks, capsys, function, mistake):
    result = checks.taylor_score(function, WEIGHTS, GRADIENTS, MEAN)
    assert (result.passed, result.mistake) == (not mistake, mistake)
    assert checks.taylor_score(lambda w, g: ..., WEIGHTS, GRADIENTS, MEAN).answered is False


def test_the_taylor_score_of_the_package_is_compared(checks, capsys):
    checks.taylor_score(lambda w, g: np.mean(np.abs(g) * abs(w), axis=0), WEIGHTS, GRADIENTS, MEAN + 0.4)
    assert "the largest difference is 1e-01 of" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [(3, "pixels"), (5, "others"), (20, "in_one"), (4, "hint"), (15.4, "hint"), ("15 or so", "hint")],
)
def test_a_wrong_count_of_silent_weights_gets_its_hint(checks, capsys, answer, mistake):
    images = np.zeros((3, 2, 2, 1), np.float32)
    images[1, 0, 0, 0] = 0.5
    assert checks.silent_weights(answer, images, np.ones((4, 5))).mistake == mistake


@pytest.mark.parametrize(
    ("two_of_four", "anywhere", "mistake"),
    [
        ({0, 1, 2, 6}, {0, 1, 6, 7}, "swapped"),
        ({1, 2, 7, 8}, {1, 2, 3, 7}, "from_one"),
        ({2, 3, 4, 5}, {3, 4, 5, 7}, "removed"),
        ({0, 2, 5, 6}, {0, 2, 5, 6}, "signed"),
        ({0, 1, 2, 6}, {0, 1, 2, 6}, "not_two"),
        ({0, 1, 6, 7}, {0, 1, 2}, "not_four"),
        ({0, 1, 6, 7}, {0, 1, 2, 7}, "hint"),
    ],
)
def test_wrong_places_get_their_hint(checks, capsys, two_of_four, anywhere, mistake):
    column = np.array([0.9, -0.8, 0.7, 0.1, -0.05, 0.2, 0.6, -0.3])
    assert checks.kept_places(two_of_four, anywhere, column).mistake == mistake


@pytest.mark.parametrize(
    ("two_of_four", "anywhere", "expected"),
    [
        (..., ..., "○"),
        ({0, 2, 5, 6}, {0, 1, 2, 6}, "✗"),
        ({0, 1, 2, 6}, {0, 1, 2, 6}, "✗"),
        ({0, 1, 6, 7}, {0, 1, 2, 6}, "✓"),
        ([7, 6, 1, 0], (0, 1, 2, 6), "✓"),
        (np.array([0, 1, 6, 7]), {"0", "1", "2", "6"}, "✓"),
        (4, {0, 1, 2, 6}, "✗"),
    ],
)
def test_places_that_stay_in_a_column_of_eight(checks, capsys, two_of_four, anywhere, expected):
    column = np.array([0.9, -0.8, 0.7, 0.1, -0.05, 0.2, 0.6, -0.3])
    checks.kept_places(two_of_four, anywhere, column)
    assert mark(capsys) == expected


def test_where_a_picture_is_larger(checks):
    middle = np.pad(np.ones((14, 14)), 7)
    assert checks.mostly(middle) == "middle"
    assert checks.mostly(1 - middle) == "edge"
    assert checks.mostly(np.ones((28, 28))) == "everywhere"


def test_the_valley_draws_the_parabola_of_slope_and_bend(checks):
    def loss(w):
        return np.cosh(w - 0.2)

    w, step = 0.5, 1e-4
    g = (loss(w + step) - loss(w - step)) / (2 * step)
    h = (loss(w + step) - 2 * loss(w) + loss(w - step)) / step**2
    values = w * np.linspace(-1, 2.5, 15)
    picture = checks.valley(w, values, loss(values) - loss(w), -np.sinh(0.3) * w, np.cosh(0.3) * w**2 / 2)
    lines = {line.get_linestyle(): line for line in picture.axes[0].lines if len(line.get_xdata()) > 50}
    coefficients = {
        style: np.polyfit(line.get_xdata() - w, line.get_ydata(), 2) for style, line in lines.items()
    }
    np.testing.assert_allclose(coefficients["-"], [h / 2, g, 0], atol=1e-6)
    np.testing.assert_allclose(coefficients["--"], [h / 2, 0, 0], atol=1e-6)
    says = picture._repr_html_()
    assert "lowest at 0.25." in says
    assert f"measured {loss(0) - loss(w):+.2g}; expected by OBD: bend {h * w**2 / 2:+.2g}" in says


def test_clouds_and_maps_are_described(checks):
    x, y = pd.Series([0.1, 0.2, 0.3], name="size"), pd.Series([0.2, 0.2, 0.9], name="obd")
    assert "2 lie on level lines" in checks.scatter(x, y)._repr_html_()
    rim = np.ones((8, 8))
    rim[2:-2, 2:-2] = 0
    assert "dark: edge; bright: middle." in checks.pictures({"dark": rim, "bright": 1 - rim}).description
