"""The heatmap: the weights in their places, removed ones blank."""

import math
from typing import Any, NamedTuple

import numpy as np

from .cut import Part, cut_sentence, parts, sample_note
from .png import Still
from .sheet import LINE, PAPER, SCALE, SOFT, Box, Sheet, page, width_of
from .texts import grouped, say, short

CIVIDIS = (
    "#00224e",
    "#123570",
    "#3b496c",
    "#575d6d",
    "#707173",
    "#8a8678",
    "#a59c74",
    "#c3b369",
    "#e1cc55",
    "#fee838",
)
GAP = "#e2e2e2"
TALLEST = 230
LARGEST = 42  # CSS pixels, of a cell
SMALLEST = 3  # where weights have less room, a cell stands for several
LARGER = 2.5  # times as long are the sides of such a cell, to show the share that is kept
FEW = 200  # with fewer weights, the brightest colour is that of the largest


class Cells(NamedTuple):
    """A grid of cells; those between two filters stand for no weight.

    Attributes:
        kept: share of a cell's weights that is kept, NaN between filters.
        mean: mean |w| of the kept.
        each: how many weights a cell stands for.
        gaps: whether there are gaps between filters.
    """

    kept: np.ndarray
    mean: np.ndarray
    each: int = 1
    gaps: bool = False


def draw(view: Any) -> Still:
    """Draw a `SparsityHeatmap`."""
    layer = view.layer or next(iter(view._ranked.arrays))
    (part,) = shown = parts(view, layer)
    sentence = cut_sentence(view, layer)
    side, grid = laid_out(part, 652, TALLEST)
    tall = grid.kept.shape[0] * side[1]
    title = heading(view, part) + sample_note(view, shown)
    sheet, box = page(title, sentence, tall + 24, say(view, "still_mark"))
    draw_heatmap(sheet, box, view, part)
    return sheet.still(sentence)


def heading(view: Any, part: Part) -> str:
    """Return the layer and its shape."""
    shape = " × ".join(grouped(n) for n in view._ranked.arrays[part.name].shape)
    return say(view, "layer_shape", layer=part.name, shape=shape)


def draw_heatmap(sheet: Sheet, box: Box, view: Any, part: Part) -> None:
    """Draw the legend and the cells."""
    side, grid = laid_out(part, box.wide, box.tall - 24)
    strongest = brightest(part.weights)
    end = _draw_legend(sheet, box, view, strongest, part.weights.size < FEW)
    averaged = say(view, "averaged", each=grouped(grid.each))
    if grid.each > 1 and end + 20 + width_of(averaged) <= box.right:
        sheet.text(box.right, box.top + 8, averaged, SOFT, align=1)
    place = Box(box.left, box.top + 24, box.right, box.bottom)
    if min(side) >= 8 and grid.each == 1:
        _draw_large(sheet, place, part, grid, side, strongest)
    else:
        _draw_small(sheet, place, grid, side, strongest)


def laid_out(part: Part, wide: float, tall: float) -> tuple[tuple[float, float], Cells]:
    """Return the size of a cell, in CSS pixels, and the cells, for the room there is."""
    grid = cells_of(part, int(tall // SMALLEST), int(wide // SMALLEST))
    rows, columns = grid.kept.shape
    side = math.floor(min(wide / columns, tall / rows, LARGEST) * SCALE) / SCALE
    if grid.gaps or side >= 8:
        return (side, side), grid
    # A long thin matrix is stretched: its cells need not be square.
    across, up = (
        min(math.floor(room / n * SCALE) / SCALE, 3 * side) for room, n in ((wide, columns), (tall, rows))
    )
    return (across, up), grid


def cells_of(part: Part, most_rows: int, most_columns: int) -> Cells:
    """Lay weights out as static/numbers/grid.js does: as they are, as a grid of filters, or in blocks."""
    shape = part.weights.shape
    inputs, outputs = (1, part.weights.size) if len(shape) < 2 else shape[-2:]
    depth = max(1, part.weights.size // max(inputs * outputs, 1))
    sizes = np.abs(part.weights.astype(np.float64))
    kept = part.kept
    if depth > 1:
        tiled = _tiled(kept, sizes, shape)
        if tiled.kept.shape[0] <= most_rows and tiled.kept.shape[1] <= most_columns:
            return tiled
    elif inputs <= most_rows and outputs <= most_columns:
        return Cells(kept.reshape(inputs, outputs).astype(float), sizes.reshape(inputs, outputs))
    down, across = math.ceil(LARGER * inputs / most_rows), math.ceil(LARGER * outputs / most_columns)
    blocks = (kept.reshape(depth, inputs, outputs), sizes.reshape(depth, inputs, outputs))
    count = _sums(np.ones((inputs, outputs)) * depth, down, across)
    left = _sums(blocks[0].sum(0), down, across)
    size = _sums((blocks[0] * blocks[1]).sum(0), down, across)
    return Cells(left / count, size / np.maximum(left, 1), depth * down * across)


def _sums(grid: np.ndarray, down: int, across: int) -> np.ndarray:
    rows = np.add.reduceat(grid, np.arange(0, grid.shape[0], down), axis=0)
    return np.add.reduceat(rows, np.arange(0, grid.shape[1], across), axis=1)


def _tiled(kept: np.ndarray, sizes: np.ndarray, shape: tuple[int, ...]) -> Cells:
    """Filters side by side with a gap; a single input or output channel is wrapped into several lines."""
    *spatial, inputs, outputs = shape
    tall, wide = (math.prod(spatial[:-1]), spatial[-1]) if len(spatial) > 1 else (spatial[0], 1)
    count = inputs * outputs
    per_line = min(count, math.ceil(math.sqrt(3 * count))) if 1 in (inputs, outputs) else outputs
    lines = math.ceil(count / per_line)
    grids = []
    for values in (kept, sizes):
        tiles = np.full((lines * per_line, tall + 1, wide + 1), np.nan)
        tiles[:count, :tall, :wide] = values.reshape(tall, wide, count).transpose(2, 0, 1)
        grid = tiles.reshape(lines, per_line, tall + 1, wide + 1).transpose(0, 2, 1, 3)
        grids.append(grid.reshape(lines * (tall + 1), per_line * (wide + 1))[:-1, :-1])
    return Cells(grids[0], grids[1], gaps=True)


def brightest(weights: np.ndarray) -> float:
    """Return |w| of the brightest colour: a few outliers would turn all others dark."""
    sizes = np.abs(weights).ravel()
    if not sizes.size:
        return 1.0
    place = int((sizes.size - 1) * (1 if sizes.size < FEW else 0.995))
    return float(np.partition(sizes, place)[place]) or 1.0


def levels(mean: np.ndarray, strongest: float) -> np.ndarray:
    """Return the step of the colour scale of each cell."""
    steps = np.nan_to_num(mean) / strongest * len(CIVIDIS)
    return np.clip(steps, 0, len(CIVIDIS) - 1).astype(np.int64)


def _draw_legend(sheet: Sheet, box: Box, view: Any, strongest: float, few: bool) -> float:
    """Draw what the colours mean; return where that ends."""
    x, y = box.left, box.top + 8
    sheet.text(x, y, "|w|  0", SOFT)
    x += width_of("|w|  0") + 6
    for colour in CIVIDIS:
        sheet.fill(Box(x, y - 5, x + 7, y + 5), colour)
        x += 7
    most = short(strongest) if few else f"≥ {short(strongest)}"
    sheet.text(x + 6, y, most, SOFT)
    x += 6 + width_of(most) + 18
    _draw_blank(sheet, Box(x, y - 6, x + 12, y + 6))
    sheet.text(x + 18, y, say(view, "pruned"), SOFT)
    return x + 18 + width_of(say(view, "pruned"))


def _draw_blank(sheet: Sheet, box: Box) -> None:
    """A removed weight: its frame, and a stroke across."""
    sheet.outline(box, LINE)
    wide, tall = box.wide, box.tall
    ends = [(box.left + wide * 0.3, box.top + tall * 0.7), (box.left + wide * 0.7, box.top + tall * 0.3)]
    sheet.line(ends, LINE, 0.5)


def _draw_large(
    sheet: Sheet, box: Box, part: Part, grid: Cells, side: tuple[float, float], strongest: float
) -> None:
    wide, tall = side
    steps = levels(grid.mean, strongest)
    values = part.weights.reshape(grid.kept.shape) if not grid.gaps and wide >= 34 and tall >= 20 else None
    for row, column in np.ndindex(grid.kept.shape):
        if np.isnan(grid.kept[row, column]):
            continue
        left, top = box.left + column * wide, box.top + row * tall
        if not grid.kept[row, column]:
            _draw_blank(sheet, Box(left, top, left + wide - 1, top + tall - 1))
            continue
        colour = CIVIDIS[steps[row, column]]
        sheet.fill(Box(left, top, left + wide - 1, top + tall - 1), colour)
        if values is not None:
            ink = "#000000" if steps[row, column] > 5 else PAPER
            text = short(float(values[row, column]))
            size = min(13.0, 1.6 * wide / max(5, len(text)))
            sheet.text(left + wide / 2, top + tall / 2, text, ink, align=0.5, ground=colour, size=round(size))


def _draw_small(sheet: Sheet, box: Box, grid: Cells, side: tuple[float, float], strongest: float) -> None:
    """Paint dot by dot; in a cell of several weights the kept share of its area is filled."""
    wide, tall = (max(1, round(length * SCALE)) for length in side)
    rows, columns = grid.kept.shape
    share = np.nan_to_num(grid.kept)
    edges = [
        np.abs(np.arange(n) - (n - 1) / 2)[None, None, :] < np.sqrt(share)[:, :, None] * n / 2
        for n in (tall, wide)
    ]
    if grid.each == 1:
        inside = np.broadcast_to((share > 0)[:, None, :, None], (rows, tall, columns, wide))
    else:
        inside = edges[0].transpose(0, 2, 1)[:, :, :, None] & edges[1][:, None, :, :]
    steps = levels(grid.mean, strongest)[:, None, :, None]
    blank, gap = len(CIVIDIS), len(CIVIDIS) + 1
    dots = np.where(inside, steps, blank)
    dots = np.where(np.isnan(grid.kept)[:, None, :, None], gap, dots)
    sheet.cells(box.left, box.top, dots.reshape(rows * tall, columns * wide), [*CIVIDIS, PAPER, GAP])
    sheet.outline(
        Box(box.left - 0.5, box.top - 0.5, box.left + columns * side[0], box.top + rows * side[1]), LINE
    )
