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
    ("clerk", "expected"),
    [
        (lambda down, obd: ..., "○"),
        (lambda down, obd: 2 * (down + obd), "✓"),
        (lambda down, obd: down, "✗"),
        (lambda down, obd: down - obd, "✗"),
        (lambda down, obd: np.zeros(50), "✗"),
        (lambda down: down, "✗"),
    ],
)
def test_a_clerk_has_to_rank_weights_by_the_rise(checks, capsys, clerk, expected):
    rng = np.random.default_rng(0)
    sample = pd.DataFrame({"down": rng.normal(size=50), "obd": 3 * rng.random(50)})
    checks.predicts_the_rise(clerk, sample.assign(rise=sample["down"] + sample["obd"]))
    assert mark(capsys) == expected


@pytest.mark.parametrize("clerk", [lambda down, obd: down, lambda down, obd: np.zeros(50)])
def test_a_correlation_that_is_too_small_is_shown(checks, capsys, clerk):
    rng = np.random.default_rng(0)
    sample = pd.DataFrame({"down": rng.normal(size=50), "obd": 3 * rng.random(50)})
    checks.predicts_the_rise(clerk, sample.assign(rise=sample["down"] + sample["obd"]))
    said = " ".join(capsys.readouterr().out.split())
    assert (
        said.startswith("✗ Its rank correlation with the rise is") and "more than 0.97 is asked for" in said
    )


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
