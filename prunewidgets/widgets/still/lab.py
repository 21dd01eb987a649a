"""The lab: the slider, what was measured at this cut, and the three pictures of the layer shown."""

from typing import Any

import numpy as np

from ...core.thresholds import sorted_scores
from . import heatmap, histogram
from .curve import draw_curve
from .cut import cut_sentence, parts, sample_note
from .png import Still
from .sheet import INK, LINE, SCALE, SOFT, Box, Sheet, fitting, page, width_of
from .slider import draw_slider
from .texts import better, grouped, percent, plain, say, say_of, value_of

WIDTH = 900
GAP = 10
MOST_DIGITS = 5
SLIDER, NUMBERS, PANELS, DIGITS = 76, 36, 236, 60


def draw(view: Any) -> Still:
    """Draw a `PruningLab`."""
    total = grouped(view._ranked.ordered.size)
    which = say(view, "kernels_only" if view.kernels_only else "not_kernels_only")
    title = f"{say(view, 'lab_title', model=view.title, total=total)} {which}"
    cut = cut_sentence(view, view.layer if view.scope == "layer" else "")
    flips = _flips(view)
    tall = SLIDER + NUMBERS + PANELS + (DIGITS if flips else 0)
    sheet, box = page(title, cut, tall, say(view, "still_mark"), WIDTH)
    own = view.scope == "layer"
    ordered = sorted_scores(view._ranked.scores[view.layer]) if own else view._ranked.ordered
    draw_slider(sheet, Box(box.left, box.top, box.right, box.top + SLIDER - 6), ordered, view.threshold)
    _draw_accuracy(sheet, box.left, box.top + SLIDER + NUMBERS / 2, view)
    top = box.top + SLIDER + NUMBERS
    wide = (box.wide - 2 * GAP) / 3
    for i, draw_panel in enumerate((_draw_histogram, _draw_heatmap, _draw_curve)):
        left = box.left + i * (wide + GAP)
        sheet.outline(Box(left, top, left + wide, top + PANELS - 8), LINE)
        draw_panel(sheet, Box(left + 8, top + 16, left + wide - 8, top + PANELS - 14), view)
    if flips:
        _draw_digits(sheet, Box(box.left, top + PANELS, box.right, box.bottom), view, flips)
    return sheet.still(f"{cut} {accuracy_sentence(view)}")


def state_of(view: Any) -> str:
    """Return the key of the words for the accuracy's state: as static/views/lab_accuracy.js decides it."""
    measured = view.measured
    fresh = bool(measured) and _belongs(view, measured)
    if fresh:
        return "refining" if view.measuring and measured["n"] < view.examples else "measured"
    if view.measuring:
        return "measuring"
    if view.cancelled:
        return "cancelled"
    if not measured:
        return "unmeasured"
    return "stale_weights" if measured["generation"] != view.generation else "stale"


def accuracy_sentence(view: Any) -> str:
    """Return what was measured, on what, and whether it belongs to the present cut."""
    state, measured = state_of(view), view.measured
    words = say(view, state, n=grouped(measured.get("n", 0)), of=grouped(view.examples))
    if not measured:
        return f"{_name(view)}: {words}."
    return f"{_name(view)} {value_of(view, measured['accuracy'])} {_basis(view)}: {words}."


def _name(view: Any) -> str:
    return plain(view.measure["name"]) if view.measure else say(view, "accuracy")


def _belongs(view: Any, found: dict[str, Any]) -> bool:
    here = {"generation": view.generation, "criterion": view.criterion, "counts": view.removed_per_layer()}
    return all(found.get(key) == value for key, value in here.items())


def _basis(view: Any) -> str:
    found = view.measured
    n, what = grouped(found["n"]), view.data
    if found.get("low") is None:
        return say(view, "examples", n=n, what=what)
    low = percent(found["low"]).removesuffix(" %")
    return say(view, "interval", low=low, high=percent(found["high"]), n=n, what=what)


def _draw_accuracy(sheet: Sheet, x: float, y: float, view: Any) -> None:
    name, measured = _name(view), view.measured
    sheet.text(x, y, name)
    x += width_of(name) + 10
    value = value_of(view, measured["accuracy"]) if measured else "–"
    fresh = state_of(view) in ("measured", "refining")
    sheet.text(x, y - 1, value, INK if fresh else SOFT, bold=True, size=24)
    x += width_of(value, bold=True, size=24) + 16
    state = say(view, state_of(view), n=grouped(measured.get("n", 0)), of=grouped(view.examples))
    base = "" if view.unpruned is None else say(view, "unpruned", accuracy=value_of(view, view.unpruned))
    facts = " · ".join(filter(None, [state, better(view), _basis(view) if measured else "", base]))
    sheet.text(x, y, fitting(facts, WIDTH - 14 - x), SOFT)


def _draw_histogram(sheet: Sheet, box: Box, view: Any) -> None:
    shown, title = parts(view, view.layer), histogram.heading(view, view.layer)
    title = title if width_of(title, bold=True) <= box.wide else view.layer
    sheet.text(box.left, box.top - 2, fitting(title, box.wide, bold=True), bold=True)
    histogram.draw_histogram(sheet, Box(box.left, box.top + 12, box.right, box.bottom), view, shown)


def _draw_heatmap(sheet: Sheet, box: Box, view: Any) -> None:
    (part,) = shown = parts(view, view.layer)
    title = heatmap.heading(view, part) + sample_note(view, shown)
    sheet.text(box.left, box.top - 2, fitting(title, box.wide, bold=True), bold=True)
    heatmap.draw_heatmap(sheet, Box(box.left, box.top + 14, box.right, box.bottom), view, part)


def _draw_curve(sheet: Sheet, box: Box, view: Any) -> None:
    sheet.text(
        box.left, box.top - 2, fitting(say_of(view, "curve", "curve_of"), box.wide, bold=True), bold=True
    )
    here = view.measured["accuracy"] if state_of(view) in ("measured", "refining") else None
    draw_curve(sheet, Box(box.left, box.top + 12, box.right, box.bottom), view, view.series, here)


def _flips(view: Any) -> dict[str, Any]:
    """Return the digits that are misread now, if they belong to the present cut and are grey pictures."""
    flips, (tall, wide, channels) = view.flips, view.image_shape
    shown = flips and flips["shown"] and _belongs(view, flips)
    return flips if shown and tall == wide == 28 and channels == 1 else {}


def _draw_digits(sheet: Sheet, box: Box, view: Any, flips: dict[str, Any]) -> None:
    text = say(view, "flipped", total=grouped(flips["total"]), n=grouped(flips["n"]))
    sheet.text(box.left, box.top + 22, text)
    x = box.left + width_of(text) + 12
    pictures = np.frombuffer(view.flip_images, np.uint8).reshape(-1, 28, 28)
    shades = [f"#{shade:02x}{shade:02x}{shade:02x}" for shade in range(0, 256, 51)]
    for found, picture in zip(flips["shown"][:MOST_DIGITS], pictures, strict=False):
        if x + 40 > box.right:
            return
        dots = np.repeat(np.repeat(picture // 43, 2, 0), 2, 1).astype(int)
        sheet.cells(x, box.top + 4, dots, shades)
        sheet.text(
            x + dots.shape[0] / SCALE / 2,
            box.top + 50,
            f"{found['label']} → {found['read']}",
            SOFT,
            align=0.5,
        )
        x += 56
