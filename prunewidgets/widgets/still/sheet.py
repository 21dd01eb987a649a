"""Sheet: the paper of a still picture. Distances are CSS pixels; there are `SCALE` dots to each."""

import functools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .png import Still, to_png

# The colours of the views on a light ground, see static/style.css.
PAPER, INK, SOFT, LINE = "#ffffff", "#1b1b1b", "#5c5c5c", "#c4c4c4"
KEPT, PRUNED, MARK, GROUND = "#0072b2", "#d55e00", "#009e73", "#f3f3f3"
LINES = ("#0072b2", "#d55e00", "#007a59", "#cc79a7", "#b27d00", "#3a8fc4")
SIZE = 13
SCALE = 1.5
"""Dots to a CSS pixel: sharp enough for dense screens, and half the bytes of 2."""
GREYS = 2
"""Steps between a letter and the paper: with more, the file grows and no letter gets smoother."""

FONTS = Path(__file__).parents[1] / "static" / "fonts"

Point = tuple[float, float]


class Box(NamedTuple):
    """A part of a sheet."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def wide(self) -> float:
        """Its width."""
        return self.right - self.left

    @property
    def tall(self) -> float:
        """Its height."""
        return self.bottom - self.top


@functools.cache
def font(bold: bool, size: float) -> Any:
    """Return the font of the views; pillow's own where its FreeType cannot read compressed fonts."""
    name = "semibold.woff2" if bold else "regular.woff2"
    try:
        return ImageFont.truetype(FONTS / name, round(size * SCALE), layout_engine=ImageFont.Layout.BASIC)
    except OSError:
        return ImageFont.load_default(size * SCALE)


def width_of(text: str, bold: bool = False, size: float = SIZE) -> float:
    """Return how wide a text is."""
    return float(font(bold, size).getlength(text)) / SCALE


def fitting(text: str, room: float, bold: bool = False) -> str:
    """Return a text in one line, shortened to the room there is."""
    line = " ".join(text.encode("utf-8", "replace").decode().split())[:400]
    if width_of(line, bold) <= room:
        return line
    while line and width_of(line + "…", bold) > room:
        line = line[: min(len(line) - 1, int(len(line) * 0.95))]
    return line + "…"


def wrapped(text: str, room: float) -> list[str]:
    """Return the lines of a text."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(f"{lines[-1]} {word}") <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [fitting(line, room) for line in lines]


class Sheet:
    """What is drawn on, in the colours of a palette that grows as they are used."""

    def __init__(self, width: int, height: int) -> None:
        """Take a white sheet with a frame, so that it stands apart from a dark page."""
        self.width, self.height = width, height
        self._palette: dict[tuple[int, int, int], int] = {}
        self._image = Image.new("P", (round(width * SCALE), round(height * SCALE)), self.colour(PAPER))
        self._pen = ImageDraw.Draw(self._image)
        self.outline(Box(0, 0, width - 0.5, height - 0.5), LINE)

    def colour(self, name: str, ground: str = PAPER, share: float = 1.0) -> int:
        """Return the index of a colour, of which `share` covers the ground."""
        red, green, blue = (
            round(under + (over - under) * share)
            for over, under in zip(_rgb(name), _rgb(ground), strict=True)
        )
        return self._palette.setdefault((red, green, blue), len(self._palette))

    def fill(self, box: Box, colour: str, share: float = 1.0) -> None:
        """Fill a rectangle; at least one dot of it is seen."""
        left, top, right, bottom = _dots(*box)
        if right >= left and bottom >= top:
            self._pen.rectangle(
                (left, top, max(right - 1, left), max(bottom - 1, top)), self.colour(colour, share=share)
            )

    def outline(self, box: Box, colour: str, width: float = 0.5) -> None:
        """Draw the edges of a rectangle."""
        self._pen.rectangle(_dots(*box), outline=self.colour(colour), width=max(1, round(width * SCALE)))

    def line(
        self, points: Iterable[Point], colour: str, width: float = 1, dash: Sequence[float] = ()
    ) -> None:
        """Draw a line through points; `dash` are lengths of strokes and gaps."""
        for part in _dashes(list(points), dash) if dash else [list(points)]:
            dots = [(x * SCALE, y * SCALE) for x, y in part]
            self._pen.line(dots, self.colour(colour), round(width * SCALE), "curve")

    def area(self, points: Iterable[Point], colour: str, share: float = 1.0) -> None:
        """Fill a polygon."""
        self._pen.polygon([(x * SCALE, y * SCALE) for x, y in points], self.colour(colour, share=share))

    def hatch(self, shape: Box | Sequence[Point], colour: str) -> None:
        """Fill a rectangle or a polygon with the diagonal strokes that mean "removed"."""
        corners = [] if isinstance(shape, Box) else [(x * SCALE, y * SCALE) for x, y in shape]
        across, down = zip(*corners, strict=True) if corners else ((), ())
        edges = (min(across), min(down), max(across), max(down)) if corners else _dots(*shape)
        left, top, right, bottom = (round(edge) for edge in edges)
        rows, columns = np.ogrid[top:bottom, left:right]
        if not rows.size or not columns.size:
            return
        stroke, ground = self.colour(colour), self.colour(PAPER)
        strokes = np.where((rows + columns) % round(6 * SCALE) < 2 * SCALE, stroke, ground).astype(np.uint8)
        mask = Image.new("1", (right - left, bottom - top), not corners)
        if corners:
            ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in corners], 1)
        self._image.paste(Image.fromarray(strokes), (left, top), mask)

    def dot(self, x: float, y: float, radius: float, colour: str, ring: str = "") -> None:
        """Draw a disc, or a ring filled with another colour."""
        box = _dots(x - radius, y - radius, x + radius, y + radius)
        self._pen.ellipse(
            box, self.colour(colour), self.colour(ring or colour), round(2 * SCALE) if ring else 0
        )

    def cells(self, left: float, top: float, dots: np.ndarray, names: Sequence[str]) -> None:
        """Put a picture down dot by dot: indices of the named colours, negative where the sheet stays."""
        lookup = np.array([self.colour(name) for name in names], np.uint8)
        mask = Image.fromarray(dots >= 0)
        place = (round(left * SCALE), round(top * SCALE))
        self._image.paste(Image.fromarray(lookup[np.maximum(dots, 0)]), place, mask)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        colour: str = INK,
        align: float = 0,
        bold: bool = False,
        ground: str = PAPER,
        size: float = SIZE,
    ) -> None:
        """Write a line on an even ground, at the height `y`: from `x` on with `align` 0, up to it with 1."""
        face = font(bold, size)
        letters = face.getmask(text, "L")
        if not letters.size[0] or not letters.size[1]:
            return
        grey = np.asarray(letters, np.uint16).reshape(letters.size[1], letters.size[0])
        steps = (grey * GREYS + 127) // 255
        ramp = np.array([self.colour(colour, ground, step / GREYS) for step in range(GREYS + 1)], np.uint8)
        _, up, _, _ = face.getbbox(text)
        ascent, descent = face.getmetrics()
        place = (
            round(x * SCALE - align * letters.size[0]),
            round(y * SCALE - (ascent + descent) / 2 + up),
        )
        self._image.paste(Image.fromarray(ramp[steps]), place, Image.fromarray(steps > 0))

    def still(self, text: str) -> Still:
        """Return the finished picture."""
        palette = list(self._palette)
        return Still(to_png(np.asarray(self._image), palette, text), self.width, self.height, text)


def page(title: str, sentence: str, tall: float, mark: str, width: int = 680) -> tuple[Sheet, Box]:
    """Return a sheet with a title and a sentence, and the box between them, which is `tall` pixels high."""
    lines = wrapped(sentence, width - 28)
    sheet = Sheet(width, round(34 + tall + 8 + 18 * len(lines) + 10))
    aside = width_of(mark)
    sheet.text(14, 19, fitting(title, width - 46 - aside, bold=True), bold=True)
    sheet.text(width - 14, 19, mark, SOFT, align=1)
    for i, line in enumerate(lines):
        sheet.text(14, 34 + tall + 16 + 18 * i, line)
    return sheet, Box(14, 34, width - 14, 34 + tall)


@functools.cache
def _rgb(name: str) -> tuple[int, int, int]:
    return int(name[1:3], 16), int(name[3:5], 16), int(name[5:7], 16)


def _dots(left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int]:
    return round(left * SCALE), round(top * SCALE), round(right * SCALE), round(bottom * SCALE)


def _dashes(points: list[Point], dash: Sequence[float]) -> list[list[Point]]:
    """Return the strokes of a dashed line, each a list of points."""
    strokes: list[list[Point]] = [[points[0]]]
    index, left, drawing = 0, dash[0], True
    for start, end in zip(points, points[1:], strict=False):
        long = float(np.hypot(end[0] - start[0], end[1] - start[1]))
        done = 0.0
        while long - done > left:
            done += left
            at = (start[0] + (end[0] - start[0]) * done / long, start[1] + (end[1] - start[1]) * done / long)
            if drawing:
                strokes[-1].append(at)
            else:
                strokes.append([at])
            drawing, index = not drawing, (index + 1) % len(dash)
            left = dash[index]
        left -= long - done
        if drawing:
            strokes[-1].append(end)
    return [stroke for stroke in strokes if len(stroke) > 1]
