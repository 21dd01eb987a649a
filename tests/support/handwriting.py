"""Digits drawn on a lab's pad, and what MNIST's rules make of them, computed by NumPy alone."""

from collections.abc import Sequence

import numpy as np
from playwright.sync_api import Locator, Page

PEN = 1 / 12
PAD = ".pw-pad canvas"

Stroke = Sequence[tuple[float, float]]
SEVEN: list[Stroke] = [[(0.25, 0.2), (0.75, 0.2), (0.55, 0.6), (0.45, 0.85)]]
ONE: list[Stroke] = [[(0.5, 0.15), (0.5, 0.85)]]


def as_digit(strokes: Sequence[Stroke], pen: float = PEN, samples: int = 20) -> np.ndarray:
    """Return the picture as float (28, 28), 0 to 255: the share of ink under each pixel, by many samples.

    The ink is cut out and scaled so that its longer side has 20 pixels, and moved so that its centre of mass
    is the middle of pixel (14, 14), or as near to it as the edges allow.
    """
    corners = np.array([point for stroke in strokes for point in stroke])
    low, high = corners.min(0) - pen / 2, corners.max(0) + pen / 2
    pixel = (high - low).max() / 20  # one pixel of the picture, in shares of the pad

    def ink(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        there = np.zeros(np.broadcast(x, y).shape, bool)
        for stroke in strokes:
            for (x0, y0), (x1, y1) in zip(stroke[:1] + list(stroke[:-1]), stroke, strict=True):
                length = (x1 - x0) ** 2 + (y1 - y0) ** 2
                along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length if length else 0 * (x + y)
                along = np.clip(along, 0, 1)
                there |= np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0)) <= pen / 2
        return there

    steps = (np.arange(20 * samples) + 0.5) / samples * pixel
    whole = ink(low[0] + steps[None, :], low[1] + steps[:, None])
    rows, columns = np.nonzero(whole)
    size = (high - low) / pixel
    centre = np.array([columns.mean() + 0.5, rows.mean() + 0.5]) / samples  # from the ink's own corner
    corner = np.clip(14.5 - centre, 0, 28 - size)  # where the ink's corner is in the picture
    fine = (np.arange(28 * samples) + 0.5) / samples
    picture = ink(
        low[0] + (fine[None, :] - corner[0]) * pixel,
        low[1] + (fine[:, None] - corner[1]) * pixel,
    )
    return 255 * picture.reshape(28, samples, 28, samples).mean((1, 3))


def draw(page: Page, pad: Locator, strokes: Sequence[Stroke]) -> None:
    """Draw with the mouse."""
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=5)
        page.mouse.up()
