"""A small matrix in one of its four steps: as it is, sorted, cut, or back in place with blanks."""

from typing import Any

import numpy as np

from .cut import parts
from .png import Still
from .sheet import INK, KEPT, LINE, PAPER, PRUNED, Box, Sheet, page
from .texts import grouped, say, short

STEPS = ("step_matrix", "step_sorted", "step_threshold", "step_pruned")
SENTENCES = ("still_matrix", "still_sorted", "step_threshold_explained", "step_pruned_explained")
PER_LINE = 16
SIDE = 46
BARS = 70  # CSS pixels, the tallest bar over the sorted cells
LIGHT = "#dbeaf3"


def draw(view: Any) -> Still:
    """Draw a `SortingSteps` at its present step."""
    (part,) = parts(view)
    kept, total = part.kept.ravel(), part.scores.size
    counts = {"removed": total - kept.sum(), "kept": kept.sum(), "total": total}
    sentence = say(view, SENTENCES[view.step], **{k: grouped(int(n)) for k, n in counts.items()})
    in_order = view.step in (1, 2)
    columns = min(total, PER_LINE) if in_order else part.weights.shape[1]
    sized = in_order and total <= PER_LINE
    side = min(SIDE, 652 // columns)
    lines = -(-total // columns)
    tall = lines * side + (BARS + 10 if sized else 6)
    title = f"{view.step + 1}. {say(view, STEPS[view.step])}   τ = {short(view.threshold, 6)}"
    sheet, box = page(title, sentence, tall, say(view, "still_mark"))
    order = np.argsort(part.scores.ravel(), kind="stable") if in_order else np.arange(total)
    scores, weights = part.scores.ravel(), part.weights.ravel()
    left, top = box.left + (box.wide - columns * side) / 2, box.bottom - lines * side
    largest = float(scores.max()) or 1.0
    for place, i in enumerate(order):
        row, column = divmod(place, columns)
        x, y = left + column * side, top + row * side
        state = "kept" if kept[i] or view.step < 2 else "cut" if view.step == 2 else "gone"
        _draw_cell(sheet, Box(x + 2, y + 2, x + side - 2, y + side - 2), float(weights[i]), state)
        if sized:
            bar = Box(x + 8, top - 4 - BARS * min(float(scores[i]) / largest, 1), x + side - 8, top - 4)
            _draw_bar(sheet, bar, state)
    if view.step == 2:
        removed = int(counts["removed"])
        row, column = divmod(removed, columns) if removed < total else (lines - 1, columns)
        x = left + column * side
        high = top - 4 - (BARS if sized else -4)
        sheet.fill(Box(x - 1.5, high if sized else top + row * side, x + 1.5, top + (row + 1) * side), PRUNED)
    return sheet.still(sentence)


def _draw_cell(sheet: Sheet, box: Box, value: float, state: str) -> None:
    corners = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
    text, ground = short(value, 4 if box.wide >= 40 else 3), PAPER
    size = max(8, min(13, round(1.5 * box.wide / len(text))))
    if state == "gone":
        sheet.line([*corners, corners[0]], LINE, 1, (3, 3))
        return
    if state == "kept":
        ground = LIGHT
        sheet.fill(box, LIGHT)
    else:
        sheet.hatch(box, "#f2bf9f")
        sheet.fill(
            Box(box.left + 2, (box.top + box.bottom) / 2 - 8, box.right - 2, (box.top + box.bottom) / 2 + 8),
            PAPER,
        )
    sheet.outline(box, KEPT if state == "kept" else PRUNED, 1.5)
    sheet.text(
        (box.left + box.right) / 2,
        (box.top + box.bottom) / 2,
        text,
        INK,
        0.5,
        ground=ground,
        size=size,
    )


def _draw_bar(sheet: Sheet, box: Box, state: str) -> None:
    if state == "cut":
        sheet.hatch(box, PRUNED)
        sheet.outline(box, PRUNED)
    else:
        sheet.fill(box, "#73aed3")
