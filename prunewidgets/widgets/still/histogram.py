"""The histogram: how many weights have which value, and which of them are removed."""

from typing import Any, NamedTuple

import numpy as np

from .axes import Scale, draw_axes, round_ticks
from .cut import Part, cut_sentence, parts, sample_note
from .png import Still
from .sheet import KEPT, PRUNED, Box, Sheet, page
from .texts import grouped, say, short

BINS = 81  # as in static/numbers/bars.js: one bar sits on zero


class Bars(NamedTuple):
    """Bars from -reach to reach.

    Attributes:
        reach: the largest |w|.
        totals: number of weights in each.
        removed: how many of them are removed.
    """

    reach: float
    totals: np.ndarray
    removed: np.ndarray


def draw(view: Any) -> Still:
    """Draw a `WeightHistogram`."""
    sentence, shown = cut_sentence(view, view.layer), parts(view, view.layer)
    title = heading(view, view.layer) + sample_note(view, shown)
    sheet, box = page(title, sentence, 230, say(view, "still_mark"))
    draw_histogram(sheet, box, view, shown)
    return sheet.still(sentence)


def heading(view: Any, layer: str) -> str:
    """Return whose weights these are, and what they are cut by."""
    names = list(view._ranked.arrays)
    name = layer or (names[0] if len(names) == 1 else say(view, "all_layers"))
    key = "weights_alone" if name == "weights" else "weights_of"
    return say(view, key, layer=name, criterion=view._ranked.criterion)


def draw_histogram(sheet: Sheet, box: Box, view: Any, shown: list[Part]) -> None:
    """Draw the bars; their removed part is hatched, to scale from the base."""
    bars = bars_of(shown)
    tallest = max(1, int(bars.totals.max()))
    numbers = round_ticks(-bars.reach, bars.reach, box.wide / 75)
    across = Scale(-bars.reach, bars.reach, say(view, "weight_value"), numbers, short)
    steps = [tick for tick in round_ticks(0, tallest, box.tall / 45) if tick % 1 == 0]
    plot = draw_axes(sheet, box, across, Scale(0, tallest, say(view, "weight_count"), steps, grouped))
    zone = removed_zone(view._ranked.criterion, shown)
    field = plot.box
    if zone:
        start, end = (min(max(plot.x(edge), field.left), field.right) for edge in zone)
        sheet.fill(Box(start, field.top, end, field.bottom), PRUNED, 0.13)
    wide = field.wide / BINS
    for i in np.flatnonzero(bars.totals):
        left = field.left + i * wide
        top = min(plot.y(bars.totals[i]), field.bottom - 1)
        sheet.fill(Box(left, top, left + max(wide - 1, 1), field.bottom), KEPT)
        cut = field.bottom - (field.bottom - top) * bars.removed[i] / bars.totals[i]
        sheet.hatch(Box(left, cut, left + max(wide - 1, 1), field.bottom), PRUNED)
    for edge in zone or ():
        if abs(edge) <= bars.reach:
            sheet.line([(plot.x(edge), field.top), (plot.x(edge), field.bottom)], PRUNED, 1.5, (5, 3))
    if zone and zone[1] > zone[0]:
        middle = min(max(plot.x(sum(zone) / 2), field.left + 30), field.right - 30)
        sheet.text(middle, field.top - 9, say(view, "cut"), PRUNED, align=0.5)


def bars_of(shown: list[Part]) -> Bars:
    """Count the weights into bars."""
    reach = max((float(np.abs(part.weights).max()) for part in shown if part.weights.size), default=0) or 1.0
    totals, removed = np.zeros(BINS, np.int64), np.zeros(BINS, np.int64)
    for part in shown:
        places = np.floor((part.weights.astype(np.float64).ravel() + reach) / (2 * reach / BINS))
        bins = np.minimum(places.astype(np.int64), BINS - 1)
        totals += np.bincount(bins, minlength=BINS)
        removed += np.bincount(bins[~part.kept.ravel()], minlength=BINS)
    return Bars(reach, totals, removed)


def removed_zone(criterion: str, shown: list[Part]) -> tuple[float, float] | None:
    """Return the two values between which weights are removed; None if there is no such zone."""
    if len({float(part.threshold) for part in shown}) != 1:
        return None
    cut = float(shown[0].threshold)
    if criterion == "magnitude":
        return -cut, cut
    if criterion == "squared" and cut >= 0:
        return -(cut**0.5), cut**0.5
    if criterion == "distribution" and len(shown) == 1:
        mean, deviation = float(shown[0].weights.mean()), float(shown[0].weights.std())
        return mean - cut * deviation, mean + cut * deviation
    return None
