"""The slider: how much each threshold removes, and where this one stands."""

from typing import Any

import numpy as np

from ...core.thresholds import count_below
from .cut import cut_sentence
from .png import Still
from .sheet import INK, LINE, PAPER, PRUNED, SOFT, Box, Sheet, page, width_of
from .texts import percent, say


def draw(view: Any) -> Still:
    """Draw a `ThresholdSlider`."""
    sentence = cut_sentence(view)
    sheet, box = page(say(view, "threshold"), sentence, 84, say(view, "still_mark"))
    draw_slider(sheet, box, view._ranked.ordered, view.threshold)
    return sheet.still(sentence)


def draw_slider(sheet: Sheet, box: Box, ordered: np.ndarray, threshold: float) -> None:
    """Draw the staircase of sparsities over the slider's travel, and its thumb."""
    if not ordered.size:
        return
    track = box.bottom - 10
    inner = Box(box.left + 10, box.top + 20, box.right - 10, track - 9)
    thresholds = travel(ordered, round(inner.wide))
    shares = np.searchsorted(ordered, thresholds.astype(ordered.dtype)) / ordered.size
    across = np.linspace(inner.left, inner.right, thresholds.size)
    heights = inner.bottom - shares * inner.tall
    stairs = list(zip(np.repeat(across, 2)[1:], np.repeat(heights, 2)[:-1], strict=True))
    sheet.area([(inner.left, inner.bottom), *stairs, (inner.right, inner.bottom)], INK, 0.1)
    sheet.line(stairs, SOFT, 1)
    sheet.fill(Box(box.left, track - 3, box.right, track + 3), LINE)
    at = float(np.interp(threshold, thresholds, across))
    share = count_below(ordered, threshold) / ordered.size
    level = inner.bottom - share * inner.tall
    label = f"τ = {threshold:.6g} · {percent(share)}"
    half = width_of(label, bold=True) / 2
    sheet.text(min(max(at, box.left + half), box.right - half), box.top + 6, label, PRUNED, 0.5, bold=True)
    sheet.line([(at, box.top + 14), (at, track)], PRUNED, 1, (3, 3))
    sheet.dot(at, level, 4, PRUNED)
    sheet.fill(Box(at - 7, track - 10, at + 7, track + 10), PAPER)
    sheet.fill(Box(at - 5.5, track - 8.5, at + 5.5, track + 8.5), PRUNED)


def travel(ordered: np.ndarray, points: int) -> np.ndarray:
    """Return the thresholds along the slider, as in static/numbers/ranking.js.

    In equal steps, or logarithmic where most scores are close to zero.
    """
    start, most = min(0.0, float(ordered[0])), float(ordered[-1])
    span, typical = most - start or 1.0, float(ordered[ordered.size // 4])
    way = np.linspace(0, 1, points + 1)
    if start < 0 or ordered.size < 200 or typical > span / 5:
        return start + way * span * 1.01
    bend = max(typical, span * 1e-6)
    return bend * np.sinh(way * 1.001 * np.arcsinh(most / bend))
