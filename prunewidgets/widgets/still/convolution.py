"""A convolution at one window: the image, the output, and all filters with the chosen one framed."""

from typing import Any

import numpy as np

from .cut import parts, tau
from .heatmap import CIVIDIS, levels
from .png import Still
from .sheet import LINE, MARK, PAPER, SCALE, Box, Sheet, page
from .texts import grouped, say, short

SIDE = 200
SHADES = 12


def draw(view: Any) -> Still:
    """Draw a `ConvolutionSteps`."""
    (part,) = parts(view)
    tall, wide, _, _ = part.weights.shape
    image = np.frombuffer(view.image, "<f4").reshape(view.image_size).astype(np.float64)
    kernels = np.where(part.kept, part.weights, 0)[:, :, 0, :].astype(np.float64)
    chosen, kept = kernels[:, :, view.filter], part.kept[:, :, 0, view.filter]
    windows = np.lib.stride_tricks.sliding_window_view(image, (tall, wide))
    output = np.einsum("rcij,ij->rc", windows, chosen)
    text = say(
        view,
        "conv_at",
        filter=grouped(view.filter),
        row=view.row,
        column=view.column,
        kept=int(kept.sum()),
        total=kept.size,
        sum=short(float(output[view.row, view.column])),
    )
    sentence = f"{text[:1].upper()}{text[1:]} (τ = {tau(view)})."
    title = f"{say(view, 'conv_filter')} {grouped(view.filter)}"
    sheet, box = page(title, sentence, SIDE + 24, say(view, "still_mark"))
    greys = [f"#{shade:02x}{shade:02x}{shade:02x}" for shade in np.linspace(0, 255, SHADES).astype(int)]
    low, high = float(image.min()), float(image.max())
    shades = np.rint((image - low) / ((high - low) or 1) * (SHADES - 1)).astype(int)
    window = (view.row, view.column, tall, wide)
    places = [box.left, (box.left + box.right - SIDE) / 2, box.right - SIDE]
    for left, key in zip(places, ("conv_image", "conv_output", "conv_filters"), strict=True):
        sheet.text(left, box.top + 8, say(view, key), bold=True)
    _draw_grid(sheet, places[0], box.top + 22, shades, greys, window)
    _draw_output(sheet, places[1], box.top + 22, output, (view.row, view.column, 1, 1))
    _draw_filters(sheet, places[2], box.top + 22, part.scores[:, :, 0, :], part.kept[:, :, 0, :], view.filter)
    return sheet.still(sentence)


def _draw_grid(
    sheet: Sheet,
    left: float,
    top: float,
    grid: np.ndarray,
    names: list[str],
    window: tuple[int, int, int, int],
) -> None:
    """Draw cells in colours and a frame around some of them."""
    rows, columns = grid.shape
    dots = max(1, int(SIDE * SCALE // max(rows, columns)))
    side = dots / SCALE
    sheet.cells(left, top, np.repeat(np.repeat(grid, dots, 0), dots, 1), names)
    sheet.outline(Box(left, top, left + columns * side, top + rows * side), LINE)
    row, column, tall, wide = window
    x, y = left + column * side, top + row * side
    frame = Box(x, y, x + wide * side, y + tall * side)
    sheet.outline(Box(frame.left - 2, frame.top - 2, frame.right + 2, frame.bottom + 2), PAPER, 4)
    sheet.outline(Box(frame.left - 1, frame.top - 1, frame.right + 1, frame.bottom + 1), MARK, 2)


def _draw_output(
    sheet: Sheet, left: float, top: float, output: np.ndarray, window: tuple[int, int, int, int]
) -> None:
    """Positive sums are blue, negative ones orange, as strong as they are large."""
    strongest = float(np.abs(output).max()) or 1.0
    steps = np.rint(output / strongest * SHADES).astype(int) + SHADES
    names = []
    for step in range(-SHADES, SHADES + 1):
        full, share = ((213, 94, 0), -step / SHADES) if step < 0 else ((0, 114, 178), step / SHADES)
        names.append("#" + "".join(f"{round(255 + (c - 255) * share):02x}" for c in full))
    _draw_grid(sheet, left, top, steps, names, window)


def _draw_filters(
    sheet: Sheet, left: float, top: float, scores: np.ndarray, kept: np.ndarray, chosen: int
) -> None:
    tall, wide, count = scores.shape
    across = int(np.ceil(np.sqrt(count)))
    tile = SIDE / across
    side = (tile - 6) / max(tall, wide)
    steps = levels(scores, float(scores.max()) or 1.0)
    for i in range(count):
        x, y = left + (i % across) * tile + 3, top + (i // across) * tile + 3
        for row, column in np.ndindex(tall, wide):
            cell = Box(
                x + column * side, y + row * side, x + (column + 1) * side - 0.5, y + (row + 1) * side - 0.5
            )
            if kept[row, column, i]:
                sheet.fill(cell, CIVIDIS[steps[row, column, i]])
        frame = Box(x - 1, y - 1, x + wide * side + 1, y + tall * side + 1)
        sheet.outline(frame, MARK if i == chosen else LINE, 2.5 if i == chosen else 0.5)
