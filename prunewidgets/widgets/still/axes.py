"""The axes of a still picture: round numbers, fine lines, and where a value lies."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .sheet import INK, LINE, SIZE, SOFT, Box, Sheet, fitting, width_of
from .texts import grouped


class Scale(NamedTuple):
    """Values from `low` to `high` along an axis, its name, and the numbers to write on it."""

    low: float
    high: float
    name: str
    ticks: Sequence[float]
    text: Callable[[float], str] = grouped
    along: Callable[[float], float] | None = None
    """Where a value lies, 0 to 1, on an axis with unequal steps."""

    def at(self, value: float) -> float:
        """Return where a value lies, 0 to 1."""
        if self.along is not None:
            return self.along(value)
        return (value - self.low) / ((self.high - self.low) or 1)


class Plot(NamedTuple):
    """The field within the axes."""

    box: Box
    across: Scale
    up: Scale

    def x(self, value: float) -> float:
        """Return where a value lies on the sheet."""
        return self.box.left + self.across.at(value) * self.box.wide

    def y(self, value: float) -> float:
        """Return where a value lies on the sheet."""
        return self.box.bottom - self.up.at(value) * self.box.tall


def round_ticks(low: float, high: float, wanted: float) -> list[float]:
    """Return round values of a scale, about as many as wanted."""
    raw = (high - low) / max(wanted, 1)
    if not (math.isfinite(raw) and raw > 0):
        return [low]
    step = round_step(raw)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = [float(f"{i * step:.12g}") for i in range(first, min(last, first + 40) + 1)]
    return round_ticks(low, high, 2 * wanted) if len(ticks) < 3 <= wanted < 200 else ticks


def round_step(raw: float) -> float:
    """Return the least of 1, 2 and 5 times a power of ten that reaches a length, or nearly does."""
    decade = 10.0 ** math.floor(math.log10(raw))
    return next((times * decade for times in (1, 2, 5) if times * decade >= raw * 0.999), 10 * decade)


def draw_axes(sheet: Sheet, box: Box, across: Scale, up: Scale) -> Plot:
    """Draw axes into a box and return the field within them."""
    left = max(width_of(up.text(tick)) for tick in up.ticks) + 8
    field = Box(
        box.left + left, box.top + SIZE * (2.4 if up.name else 0.6), box.right - 16, box.bottom - SIZE * 2.9
    )
    plot = Plot(field, across, up)
    sheet.text(box.left, box.top + SIZE * 0.55, fitting(up.name, box.wide), INK)
    for tick in up.ticks:
        y = plot.y(tick)
        sheet.line([(field.left, y), (field.right, y)], LINE, 0.5)
        sheet.text(field.left - 6, y, up.text(tick), SOFT, align=1)
    sheet.line([(field.left, field.bottom), (field.right, field.bottom)], LINE, 1)
    end = box.left - 10
    for tick in across.ticks:
        text = across.text(tick)
        middle = min(plot.x(tick), box.right - width_of(text) / 2)
        if middle - width_of(text) / 2 < end + 6:
            continue
        sheet.text(middle, field.bottom + SIZE * 0.85, text, SOFT, align=0.5)
        end = middle + width_of(text) / 2
    name = fitting(across.name, box.wide)
    sheet.text((field.left + field.right) / 2, field.bottom + SIZE * 2.2, name, INK, align=0.5)
    return plot
