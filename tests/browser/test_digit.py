"""A drawing becomes a picture as MNIST's were made: against NumPy with many samples for each pixel."""

import numpy as np
import pytest

from ..support.bare import run
from ..support.handwriting import ONE, PEN, SEVEN, as_digit

RNG = np.random.default_rng(4)
LOOP = [[(0.5 + 0.2 * np.cos(a), 0.5 + 0.35 * np.sin(a)) for a in np.linspace(0, 6.2, 40)]]
DRAWINGS = {
    "one": ONE,
    "seven": SEVEN,
    "zero": LOOP,
    "four, of two strokes": [[(0.4, 0.1), (0.2, 0.6), (0.8, 0.6)], [(0.6, 0.3), (0.6, 0.95)]],
    "small, in a corner": [[(0.06, 0.07), (0.11, 0.09), (0.08, 0.2)]],
    "dot": [[(0.9, 0.3)]],
    "lying": [[(0.05, 0.5), (0.95, 0.52)]],
    "scribble": [list(map(tuple, RNG.uniform(0.05, 0.95, (12, 2))))],
}


def drawn(page, strokes, pen=PEN):
    """The picture as the page makes it, (28, 28) int."""
    script = "({ asDigit }, [strokes, pen]) => [...asDigit(strokes, pen)]"
    return np.array(run(page, "numbers/digit", script, [strokes, pen])).reshape(28, 28)


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_picture_is_that_of_numpy(functions, name):
    picture, expected = drawn(functions, DRAWINGS[name]), as_digit(DRAWINGS[name])
    # The page has 16 samples along a pixel and places a drawing as finely; edges differ by no more than that.
    assert np.abs(picture - expected).max() < 1.5 * 255 / 16
    assert np.abs(picture - expected).mean() < 1.5
    assert picture.sum() == pytest.approx(expected.sum(), rel=0.035)


@pytest.mark.parametrize("name", sorted(set(DRAWINGS) - {"seven"}))
def test_the_ink_has_mnists_size_and_place(functions, name):
    picture = drawn(functions, DRAWINGS[name])
    sides = [np.ptp(np.flatnonzero(picture.any(axis))) + 1 for axis in (0, 1)]
    assert max(sides) in (20, 21)  # 21 where it begins within a pixel
    middle = np.arange(28) + 0.5
    centre = [(picture.sum(axis) * middle).sum() / picture.sum() for axis in (0, 1)]
    assert centre == pytest.approx([14.5, 14.5], abs=0.1)


def test_ink_that_is_heavy_on_one_side_is_not_cut_off(functions):
    ell = [[(0.1, 0.1), (0.1, 0.9), (0.12, 0.5), (0.1, 0.1)], [(0.1, 0.9), (0.9, 0.9)]]
    picture = drawn(functions, ell)
    assert picture.sum() == pytest.approx(as_digit(ell).sum(), rel=0.035)
    assert np.abs(picture - as_digit(ell)).mean() < 2


def test_the_drawings_place_and_size_on_the_pad_do_not_matter(functions):
    moved = [[(0.3 * x + 0.5, 0.3 * y + 0.1) for x, y in stroke] for stroke in SEVEN]
    assert np.array_equal(drawn(functions, SEVEN), drawn(functions, moved, pen=0.3 * PEN))


def test_nothing_drawn_is_an_empty_picture(functions):
    assert not drawn(functions, []).any()
