"""Pictures with several digits of MNIST in them, for detectors: made here, the same for each seed."""

import numpy as np

from ..core.arrays import is_whole
from ..core.detection_grid import Boxes, Grid
from .mnist import mnist

SIDE, CELL = 64, 8
SMALLEST, LARGEST = 12, 32
"""Sides in pixels to which a digit's 28 × 28 picture is scaled; its ink takes about 20 of 28."""
MOST_DIGITS, MOST_SCRAPS, SCRAP = 4, 6, 6
INK = 0.2
"""A box ends at the outermost pixels that are brighter than this."""
COVERED = 0.3
"""Largest share of the smaller of two boxes that both may have in common."""
TRIES = 20


def digit_scenes(n: int, part: str = "train", seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures of 64 × 64 pixels with one to four digits of MNIST, and where they are.

    The digits have different sizes, 12 to 32 pixels for the whole 28 × 28 of MNIST, and may overlap a little.
    Up to six scraps of other digits, 6 × 6 pixels, are there to be mistaken for some. No two digits have
    their middles in the same cell of 8 × 8 pixels.

    Args:
        n: Number of pictures.
        part: "train" takes digits from MNIST's 60,000 for training, "test" from its 10,000 for testing.
        seed: Makes other pictures of the same kind.

    Returns:
        x, float32 (n, 64, 64, 1) from 0 to 1, and y, float32 (n, 8, 8, 6), as ``pw.detection.Grid(8)`` writes
        boxes.

    Raises:
        ValueError: Another part, or no whole number of pictures.
        FileNotFoundError: MNIST is missing, see ``mnist``.

    Example:
        >>> x, y = pw.datasets.digit_scenes(2, part="test")
        >>> x.shape, y.shape
        ((2, 64, 64, 1), (2, 8, 8, 6))
        >>> [len(boxes.classes) for boxes in pw.detection.Grid(8).truth(y)]
        [1, 4]
    """
    if part not in ("train", "test"):
        raise ValueError(f"part is {part!r}; it has to be 'train' or 'test'.")
    if not is_whole(n, 1, 10_000_000):
        raise ValueError(f"n is {n!r}; it has to be a whole number of pictures, at least one.")
    n = int(n)
    digits, labels = mnist()[part == "test"]
    rng = np.random.default_rng([seed, part == "test"])
    x = np.zeros((n, SIDE, SIDE, 1), np.float32)
    boxes = [_fill(picture[..., 0], digits[..., 0], labels, rng) for picture in x]
    return x, Grid(CELL).encode(boxes, (SIDE, SIDE))


def _fill(picture: np.ndarray, digits: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Boxes:
    """Draw scraps and digits into an empty picture, and return the digits' boxes."""
    for _ in range(rng.integers(0, MOST_SCRAPS + 1)):
        top, left = rng.integers(4, 19, 2)
        scrap = digits[rng.integers(len(digits)), top : top + SCRAP, left : left + SCRAP]
        _draw(picture, scrap, *rng.integers(0, SIDE - SCRAP, 2))
    corners: list[tuple[int, int, int, int]] = []
    classes: list[int] = []
    for _ in range(rng.integers(1, MOST_DIGITS + 1)):
        for _ in range(TRIES):
            number = rng.integers(len(digits))
            digit = _cropped(_resized(digits[number], int(rng.integers(SMALLEST, LARGEST + 1))))
            high, wide = digit.shape
            top, left = int(rng.integers(0, SIDE - high + 1)), int(rng.integers(0, SIDE - wide + 1))
            box = (top, left, top + high, left + wide)
            if all(_apart(box, other) for other in corners):
                corners.append(box)
                classes.append(int(labels[number]))
                _draw(picture, digit, top, left)
                break
    return Boxes(corners, classes)


def _draw(picture: np.ndarray, part: np.ndarray, top: int, left: int) -> None:
    """Draw a part over what is there: the brighter pixel stays."""
    place = picture[top : top + part.shape[0], left : left + part.shape[1]]
    np.maximum(place, part, out=place)


def _apart(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Return whether two boxes share little, and no cell has the middles of both."""
    high, wide = (min(one[i + 2], other[i + 2]) - max(one[i], other[i]) for i in (0, 1))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    cells = [((box[0] + box[2]) // (2 * CELL), (box[1] + box[3]) // (2 * CELL)) for box in (one, other)]
    return max(high, 0) * max(wide, 0) <= COVERED * min(areas) and cells[0] != cells[1]


def _cropped(digit: np.ndarray) -> np.ndarray:
    """Return a digit without the dark rows and columns around it."""
    rows, columns = (np.flatnonzero(digit.max(axis=axis) > INK) for axis in (1, 0))
    return digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _resized(digit: np.ndarray, side: int) -> np.ndarray:
    """Return a square picture in another size, interpolated linearly, and averaged where it gets smaller."""
    step = len(digit) / side
    middles = (np.arange(side) + 0.5) * step - 0.5
    distance = np.abs(np.arange(len(digit)) - middles[:, None]) / max(step, 1)
    parts = np.maximum(0, 1 - distance)
    parts = (parts / parts.sum(axis=1, keepdims=True)).astype(np.float32)
    return parts @ digit @ parts.T
