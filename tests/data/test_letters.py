"""The drawn letters: the same for the same seed, of MNIST's form, and letters indeed."""

import numpy as np
import pytest

from prunewidgets import datasets
from prunewidgets.data import letters


@pytest.fixture(scope="module")
def drawn():
    return datasets.letters(train=600, test=300)


def test_they_have_the_form_of_mnist(drawn):
    for (x, y), n in zip(drawn, (600, 300), strict=True):
        assert x.shape == (n, 28, 28, 1) and x.dtype == np.float32
        assert y.shape == (n,) and y.dtype == np.int64
        assert x.min() == 0 and 0.9 < x.max() <= 1
        assert set(y) == set(range(10))
    x = drawn[0][0]
    assert np.median(x) == 0  # nothing around the letter, so that its weights get no gradient there
    assert x.max(axis=(1, 2, 3)).min() > 0.5  # and none has faded away


def test_a_seed_is_repeated_and_fewer_are_the_first_ones(drawn):
    (x, y), (x_test, y_test) = drawn
    (fewer, labels), (none, _) = datasets.letters(train=550, test=0)
    assert np.array_equal(fewer, x[:550]) and np.array_equal(labels, y[:550]) and len(none) == 0
    (other, _), (other_test, _) = datasets.letters(train=300, test=300, seed=1)
    assert not np.array_equal(other, x[:300]) and not np.array_equal(other_test, x_test)
    assert not np.array_equal(x[:300], x_test)


def test_each_glyph_is_its_letter():
    """Holes, and ink at places known from each letter's form, in every font."""
    glyphs = letters.glyphs()
    assert glyphs.shape == (10, len(letters.FONTS), 64, 64)
    assert 0 <= glyphs.min() and glyphs.max() <= 1 + 1e-9
    by_letter = dict(zip(letters.LETTERS, glyphs > 0.4, strict=True))
    for letter, holes in {"A": 1, "B": 2, "C": 0, "D": 1, "H": 0}.items():
        assert [enclosed(glyph) for glyph in by_letter[letter]] == [holes] * len(letters.FONTS), letter
    for glyph in by_letter["J"]:  # upright, not upside down: its hook is at the bottom
        assert glyph[40:, :32].sum() > glyph[:24, :32].sum()


def enclosed(ink):
    """The number of empty areas that the edge does not reach, by flooding."""
    left, areas = ~ink, 0
    while left.any():
        area = np.zeros_like(left)
        area[tuple(np.argwhere(left)[0])] = True
        while True:
            wider = area.copy()
            for axis in (0, 1):
                wider |= np.roll(area, 1, axis) | np.roll(area, -1, axis)
            wider &= left
            if np.array_equal(wider, area):
                break
            area = wider
        left &= ~area
        areas += 1
    return areas - 1


def test_the_classes_can_be_told_apart(drawn):
    """The nearest mean image, a method that knows nothing of fonts, is far better than one in ten."""
    (x, y), (x_test, y_test) = drawn
    means = np.stack([x[y == label].mean(axis=0) for label in range(10)])
    apart = ((x_test[:, None] - means[None]) ** 2).sum(axis=(2, 3, 4))
    assert np.mean(apart.argmin(axis=1) == y_test) > 0.4


@pytest.mark.parametrize("train", [-1, 1.5, np.nan], ids=["negative", "half", "nan"])
def test_what_is_no_number_of_images_is_refused(train):
    with pytest.raises(ValueError, match=f"train is {train}"):
        datasets.letters(train=train)
