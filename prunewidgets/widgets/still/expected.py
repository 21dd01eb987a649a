"""The curve that a reader expects; nothing that was measured shows before the guess is locked."""

from typing import Any

from .curve import CROWDED, accuracy_axes, draw_mark, height_at, inside
from .png import Still
from .sheet import INK, LINES, SOFT, page, width_of
from .texts import grouped, number, percent, say, say_of, value_of


def draw(view: Any) -> Still:
    """Draw an `ExpectedCurve`."""
    stage, guess, known = view.stage, view.guess, view.unpruned
    points = sorted((p for line in view.series for p in line["points"]), key=lambda p: float(p["sparsity"]))
    points = [] if stage == "drawing" else points
    curve = sorted({**({} if known is None else {0.0: known}), **guess}.items())
    curve = [] if stage == "shown" else curve
    sentence = sentence_of(view)
    sheet, box = page(say_of(view, "expected", "expected_of"), sentence, 250, say(view, "still_mark"))
    places = [*view.sparsities, *(p["sparsity"] for p in points)]
    most = max([0.9, *(s for s in places if s < 1)])
    lowest = [a for _, a in curve] + [p["accuracy"] if p.get("low") is None else p["low"] for p in points]
    share = view.measure.get("share", True)
    lowest = lowest if share else [*lowest, *view.span]
    # While the reader draws, the axis is whole: a shorter one would give away where the points lie.
    stretched = min(view.sparsities) >= CROWDED
    plot = accuracy_axes(sheet, box, view, stretched, most, lowest if points else [] if share else view.span)
    between = inside(curve, points)
    if len(between) > 1:
        drawn = [s for s, _ in curve if between[0]["sparsity"] < s < between[-1]["sparsity"]]
        ends = sorted({between[0]["sparsity"], *drawn, between[-1]["sparsity"]})
        above = [(plot.x(s), plot.y(height_at(curve, s))) for s in ends]
        below = [(plot.x(p["sparsity"]), plot.y(p["accuracy"])) for p in reversed(between)]
        sheet.area([*above, *below], LINES[1], 0.2)
    spots = [(plot.x(s), plot.y(a)) for s, a in curve]
    if len(spots) > 1:
        sheet.line(spots, LINES[1], 2, (6, 3))
    for sparsity in view.sparsities:
        if sparsity not in guess and stage == "drawing":
            x = plot.x(sparsity)
            sheet.line([(x, plot.box.top), (x, plot.box.bottom)], SOFT, 1, (2, 4))
    for x, y in spots:
        sheet.area([(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)], LINES[1])
    measured = [(plot.x(p["sparsity"]), plot.y(p["accuracy"])) for p in points]
    if len(measured) > 1:
        sheet.line(measured, LINES[0], 2)
    for x, y in measured:
        draw_mark(sheet, 0, x, y, LINES[0])
    if curve and points:
        x, y = box.right - width_of(say(view, "measured")) - 34, box.top + 7
        left = x - width_of(say(view, "your_curve")) - 34
        for at, key, colour in ((left, "your_curve", LINES[1]), (x, "measured", LINES[0])):
            sheet.line([(at, y), (at + 18, y)], colour, 2, (6, 3) if key == "your_curve" else ())
            sheet.text(at + 24, y, say(view, key), INK)
    return sheet.still(sentence)


def sentence_of(view: Any) -> str:
    """Return how far the guess is, or how far off it was."""
    if view.stage == "shown":
        return say(view, "expected_shown")
    drawn = say(view, "expected_set", set=grouped(len(view.guess)), all=grouped(len(view.sparsities)))
    gap = view.gap
    if gap is None:
        return drawn
    share = view.measure.get("share", True)
    return say(
        view,
        "gap" if share else "gap_of",
        mean=f"{gap.mean:.1f}" if share else number(gap.mean),
        sparsity=percent(gap.sparsity),
        expected=value_of(view, gap.expected),
        measured=value_of(view, gap.measured),
    )
