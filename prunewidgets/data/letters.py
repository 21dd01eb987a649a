"""Drawn letters: A to J in the fonts that come with matplotlib, distorted, from a seed."""

from functools import cache

import numpy as np

from ..core.arrays import is_whole

LETTERS = "ABCDEFGHIJ"
FONTS = (
    "DejaVuSans",
    "DejaVuSans-Bold",
    "DejaVuSans-Oblique",
    "DejaVuSansMono",
    "DejaVuSansMono-Bold",
    "DejaVuSerif",
    "DejaVuSerif-Bold",
    "DejaVuSerif-Italic",
    "STIXGeneral",
    "STIXGeneralBol",
    "STIXGeneralItalic",
    "cmr10",
    "cmss10",
    "cmtt10",
)
SIDE, GRID = 28, 64
"""Pixels of an image, and of the glyph that it is drawn from."""

Split = tuple[np.ndarray, np.ndarray]


def letters(train: int = 10_000, test: int = 5_000, seed: int = 0) -> tuple[Split, Split]:
    """Return images of the letters A to J, made here: 14 fonts, turned, sheared, bent, thick and thin.

    They have the form of MNIST, so a network that reads digits can be trained on them as it is. Fewer images
    are the first ones of more with the same seed. Nothing is downloaded.

    Args:
        train: Number of images for training. Defaults to 10,000, which take about three seconds.
        test: Number of images for testing, of the same fonts with other distortions. Defaults to 5,000.
        seed: Random seed. Defaults to 0.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: images float32 in [0, 1] of shape (n, 28, 28, 1), labels
        int64 of shape (n,) from 0 (A) to 9 (J). With another version of matplotlib, single pixels at the
        edge of a letter may differ a little.

    Raises:
        ValueError: If a number of images is not whole, or below 0.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = pw.datasets.letters(train=1_000, test=200)
        >>> x_train.shape, x_test.shape
        ((1000, 28, 28, 1), (200, 28, 28, 1))
        >>> "".join("ABCDEFGHIJ"[label] for label in y_train[:8])
        'GHGFEGEI'

    Source: the idea of letters from fonts as a rival to MNIST: Bulatov, "notMNIST dataset" (2011); no image
        of it is used.
    """
    if not all(is_whole(n, 0, 10_000_000) for n in (train, test)):
        raise ValueError(
            f"train is {train!r} and test is {test!r}; they are whole numbers of images, 0 or more."
        )
    return _drawn(int(train), [seed, 0]), _drawn(int(test), [seed, 1])


def _drawn(n: int, seed: list[int]) -> Split:
    """Draw n letters: images (n, 28, 28, 1) and labels (n,)."""
    random = np.random.default_rng(seed).random((n, 14))  # a row for each image, so that fewer are the first
    labels = (random[:, 0] * len(LETTERS)).astype(np.int64)
    fonts = (random[:, 1] * len(FONTS)).astype(np.int64)
    images = np.empty((n, SIDE, SIDE), np.float32)
    for start in range(0, n, 500):
        part = slice(start, start + 500)
        x, y = _places(random[part, 2:13])
        soft = _between(glyphs(), labels[part], fonts[part], x, y)
        edge = (0.35 + 0.25 * random[part, 13])[:, None, None]  # lower: thicker
        ink = 1 / (1 + np.exp(14 * (edge - soft)))
        images[part] = np.clip((ink - 0.02) / 0.96, 0, 1)  # exactly 0 around the letter, as in MNIST
    return images[..., None], labels


def _places(random: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where on its glyph each pixel is read, x and y of shape (n, 28, 28); the glyph is in −1 to 1.

    Args:
        random: Numbers from 0 to 1, (n, 11): shift, bends, turn, shear and size of each image.
    """
    down, right, bend_x, bend_y, phase_x, phase_y, turn, turn_2, shear, width, height = (
        column[:, None, None] for column in random.T
    )
    steps = (np.arange(SIDE) + 0.5) * 2 / SIDE - 1
    x, y = steps[None, None, :] - 0.3 * (right - 0.5), steps[None, :, None] - 0.3 * (down - 0.5)
    x, y = (
        x + 0.3 * (bend_x - 0.5) * np.sin(3 * y + 2 * np.pi * phase_x),
        y + 0.3 * (bend_y - 0.5) * np.sin(3 * x + 2 * np.pi * phase_y),
    )
    angle = np.radians(30) * (turn + turn_2 - 1)  # small turns are the most frequent
    x, y = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    x = x + (shear - 0.5) * y
    return x / (0.55 + 0.35 * width), y / (0.65 + 0.3 * height)


def _between(
    glyph: np.ndarray, labels: np.ndarray, fonts: np.ndarray, x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """Read glyphs between their pixels, linearly; outside of them it is as at their edge."""
    labels, fonts = labels[:, None, None], fonts[:, None, None]
    column, row = (np.clip((at + 1) * GRID / 2 - 0.5, 0, GRID - 1.001) for at in (x, y))
    left, top = column.astype(np.int64), row.astype(np.int64)
    column, row = column - left, row - top
    upper, lower = (
        glyph[labels, fonts, line, left] * (1 - column) + glyph[labels, fonts, line, left + 1] * column
        for line in (top, top + 1)
    )
    return np.asarray(upper * (1 - row) + lower * row)


@cache
def glyphs() -> np.ndarray:
    """Return every letter in every font, slightly blurred, float64 (10, 14, 64, 64), 1 where there is ink.

    A point is ink if it is inside an odd number of the outlines: so A, B and D have their holes.
    """
    from matplotlib import get_data_path  # here: matplotlib is slow to import and rarely needed
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    steps = (np.arange(GRID) + 0.5) * 2 / GRID - 1
    points = np.stack(np.meshgrid(steps, -steps), axis=-1).reshape(-1, 2)  # the first row on top
    ink = np.empty((len(LETTERS), len(FONTS), GRID, GRID))
    for number, name in enumerate(FONTS):
        font = FontProperties(fname=f"{get_data_path()}/fonts/ttf/{name}.ttf")
        for place, letter in enumerate(LETTERS):
            outline = TextPath((0, 0), letter, size=1, prop=font)
            low, high = outline.get_extents().get_points()
            vertices = (outline.vertices - (low + high) / 2) * 1.6 / (high - low).max()
            parts = Path(vertices, outline.codes).to_polygons()
            inside = np.logical_xor.reduce([Path(part).contains_points(points) for part in parts])
            ink[place, number] = inside.reshape(GRID, GRID)
    apart = np.subtract.outer(np.arange(GRID), np.arange(GRID))
    blur = np.exp(-0.5 * (apart / 1.2) ** 2)
    blur /= blur.sum(axis=1, keepdims=True)
    return np.asarray(blur @ ink @ blur.T)
