"""Curves of accuracy against sparsity: measured points with their intervals, and what a reader expected."""

import math
from functools import partial
from typing import Any

import numpy as np

from ...core.measures import digits_apart, number_text
from .axes import Plot, Scale, draw_axes, round_step, round_ticks
from .png import Still
from .sheet import INK, LINES, MARK, PAPER, SOFT, Box, Sheet, page, width_of
from .texts import better, brief, grouped, percent, plain, say, say_of, value_of

CROWDED = 0.9  # points from this sparsity on share a tenth of an axis that is not stretched
DASHES = ((), (6, 3), (2, 3), (8, 3, 2, 3))
STRETCHED = (0, 0.5, 0.9, 0.95, 0.99, 0.995, 0.999)
EVEN = (0, 0.2, 0.4, 0.6, 0.8, 1)
FEW = (0, 0.25, 0.5, 0.75, 1)  # where there is little room

Points = list[dict[str, Any]]


def draw(view: Any) -> Still:
    """Draw an `AccuracyCurve`."""
    sentence = curve_sentence(view, view.series)
    methods = methods_of(view.series)
    legend = 24 if len(methods) > 1 else 0
    sheet, box = page(say_of(view, "curve", "curve_of"), sentence, 250 + legend, say(view, "still_mark"))
    draw_curve(sheet, Box(box.left, box.top, box.right, box.bottom - legend), view, view.series)
    if legend:
        _draw_legend(sheet, box, methods)
    return sheet.still(sentence)


def curve_sentence(view: Any, series: list[dict[str, Any]]) -> str:
    """Return how many points there are, and the first and last of them."""
    points = _sorted(series)
    if not points:
        return say(view, "still_curve_empty")
    first, last = points[0], points[-1]
    ends = {"start": percent(first["sparsity"]), "end": percent(last["sparsity"]), "n": grouped(len(points))}
    if len(series) > 1:
        return say(view, "still_curves", lines=grouped(len(series)), **ends)
    found = {"first": value_of(view, first["accuracy"]), "last": value_of(view, last["accuracy"])}
    return say_of(view, "still_curve", "still_curve_of", **found, **ends)


def methods_of(series: list[dict[str, Any]]) -> list[str]:
    """Return the names of the lines; the seeds of one method share a name."""
    return list(dict.fromkeys(line.get("method", line["name"]) for line in series))


def draw_curve(
    sheet: Sheet, box: Box, view: Any, series: list[dict[str, Any]], here: float | None = None
) -> None:
    """Draw measured lines, and the current sparsity; `here`: the accuracy measured there by a lab."""
    points = _sorted(series)
    pruned = [p["sparsity"] for p in points if p["sparsity"] > 0]
    known = [p["sparsity"] for p in points if p["sparsity"] < 1] + [view.sparsity] * (view.sparsity < 1)
    values = [_low(p) for p in points] + ([] if here is None else [here])
    plot = accuracy_axes(sheet, box, view, bool(pruned) and pruned[0] >= CROWDED, max([0.9, *known]), values)
    methods = methods_of(series)
    for line in series:
        i = methods.index(line.get("method", line["name"]))
        _draw_line(sheet, plot, _sorted([line]), i)
    x = plot.x(view.sparsity)
    sheet.line([(x, plot.box.top), (x, plot.box.bottom)], MARK, 1.5, (4, 3))
    if here is not None:
        y = plot.y(here)
        sheet.area([(x, y - 7), (x + 6, y), (x, y + 7), (x - 6, y)], MARK)
    elif not points:
        middle = (plot.box.left + plot.box.right) / 2
        sheet.fill(Box(middle - 80, box.top + box.tall / 2 - 20, middle + 80, box.top + box.tall / 2), PAPER)
        sheet.text(middle, box.top + box.tall / 2 - 10, say(view, "no_points"), SOFT, align=0.5)


def accuracy_axes(
    sheet: Sheet, box: Box, view: Any, stretched: bool, most: float, values: list[float]
) -> Plot:
    """Draw the axes; where all accuracies are high the axis does not start at 0, and says so."""
    end = -math.log10(1 - most) * 1.03 if stretched else 1.0

    def along(sparsity: float) -> float:
        return min(-math.log10(max(1 - sparsity, 1e-12)), end) / end if stretched else sparsity

    names = ["sparsity_axis_stretched", "sparsity_axis_stretched_short"] if stretched else ["sparsity_axis"]
    name = next((n for n in names if width_of(say(view, n)) <= box.wide), "sparsity")
    ticks = [s for s in STRETCHED if along(s) < 1] if stretched else EVEN if box.wide > 400 else FEW
    across = Scale(0, 1, say(view, name), ticks, brief, along)
    return draw_axes(sheet, box, across, value_scale(view, values, box.tall))


def value_scale(view: Any, values: list[float], tall: float) -> Scale:
    """Return the axis of the measured values of a view, `tall` pixels long."""
    share = view.measure.get("share", True)
    low, high = value_range(values, share)
    ticks = round_ticks(low, high, tall / 55)
    text = brief if share else partial(number_text, digits=digits_apart(ticks))
    return Scale(low, high, _value_name(view, low, text(low)), ticks, text)


def value_range(values: list[float], share: bool) -> tuple[float, float]:
    """Return the ends of the axis of measured values, see static/numbers/value_range.js."""
    least, most = min(values, default=0.0), max(values, default=1.0)
    if share:
        return (math.floor(least * 20) / 20 if least > 0.6 else 0.0), 1.0
    low = 0.0 if 0 <= 2 * least <= most else least
    high = 0.0 if least <= 2 * most <= 0 else most
    room = high - low if high > low else abs(high) or 1.0
    step = round_step(room / 5)
    low, high = (low, high) if high > low else (low - step, high + step)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return float(f"{first * step:.12g}"), float(f"{last * step:.12g}")


def _value_name(view: Any, low: float, start: str) -> str:
    name = view.measure.get("name") or say(view, "accuracy_axis")
    notes = [better(view), say(view, "starts_at", low=start) if low else ""]
    return f"{plain(name)} ({', '.join(filter(None, notes))})" if any(notes) else plain(name)


def _draw_line(sheet: Sheet, plot: Plot, points: Points, i: int) -> None:
    colour = LINES[i % len(LINES)]
    spots = [(plot.x(p["sparsity"]), plot.y(p["accuracy"])) for p in points]
    ranges = [(plot.x(p["sparsity"]), p.get("low"), p.get("high")) for p in points]
    for x, low, high in ranges:
        if low is not None and high is not None:
            sheet.line([(x, plot.y(low)), (x, plot.y(high))], colour, 1)
            for value in (low, high):
                sheet.line([(x - 3, plot.y(value)), (x + 3, plot.y(value))], colour, 1)
    if len(spots) > 1:
        sheet.line(spots, colour, 2, DASHES[i % len(DASHES)])
    for x, y in spots:
        draw_mark(sheet, i, x, y, colour)


def draw_mark(sheet: Sheet, i: int, x: float, y: float, colour: str) -> None:
    """Draw the mark of the i-th method: they differ in shape as well."""
    shape = i % 4
    if shape == 0:
        sheet.dot(x, y, 3.5, colour)
    elif shape == 1:
        sheet.fill(Box(x - 3, y - 3, x + 3, y + 3), colour)
    else:
        up = 1 if shape == 2 else -1
        sheet.area([(x, y - 4 * up), (x + 4, y + 3 * up), (x - 4, y + 3 * up)], colour)


def _draw_legend(sheet: Sheet, box: Box, methods: list[str]) -> None:
    x, y = box.left, box.bottom - 8
    for i, name in enumerate(methods):
        if x + 20 + width_of(name) > box.right:
            sheet.text(x, y, "…", SOFT)
            return
        draw_mark(sheet, i, x + 4, y, LINES[i % len(LINES)])
        sheet.text(x + 14, y, name, INK)
        x += 14 + width_of(name) + 18


def _sorted(series: list[dict[str, Any]]) -> Points:
    return sorted((p for line in series for p in line["points"]), key=lambda p: float(p["sparsity"]))


def _low(point: dict[str, Any]) -> float:
    return float(point["accuracy"] if point.get("low") is None else point["low"])


def inside(curve: list[tuple[float, float]], points: Points) -> Points:
    """Return the points in the range of a drawn curve."""
    return [p for p in points if curve and curve[0][0] <= p["sparsity"] <= curve[-1][0]]


def height_at(curve: list[tuple[float, float]], sparsity: float) -> float:
    """Return where a drawn curve is at a sparsity."""
    return float(np.interp(sparsity, *np.array(curve).T))
