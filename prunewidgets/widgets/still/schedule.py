"""A schedule: what is removed below the line, what is left above it."""

from typing import Any

from .axes import Scale, draw_axes, round_ticks
from .png import Still
from .sheet import INK, KEPT, PAPER, PRUNED, Box, page, width_of
from .texts import brief, grouped, percent, say

CORNERS = 400  # most points of the line

MARKS = {
    "constant": (),
    "one_shot": ("begin",),
    "iterative": ("begin", "end"),
    "polynomial": ("begin", "end"),
}


def draw(view: Any) -> Still:
    """Draw a `ScheduleView`."""
    sentence = say(
        view,
        f"still_{view.kind}",
        final=percent(view.final),
        begin=grouped(view.begin),
        end=grouped(view.end),
        total=grouped(view.total),
    )
    sheet, box = page(
        f"{say(view, 'schedule')}: {say(view, view.kind)}", sentence, 240, say(view, "still_mark")
    )
    steps = [tick for tick in round_ticks(0, view.total, 8) if tick % 1 == 0]
    across = Scale(0, view.total, say(view, "step_axis"), steps, grouped)
    up = Scale(0, 1, "", (0, 0.25, 0.5, 0.75, 1), brief)
    plot = draw_axes(sheet, Box(box.left, box.top + 36, box.right, box.bottom), across, up)
    field = plot.box
    line = [(plot.x(step), plot.y(sparsity)) for step, sparsity in outline(view)]
    sheet.area([(field.left, field.top), *line, (field.right, field.top)], KEPT, 0.16)
    sheet.hatch([(field.left, field.bottom), *line, (field.right, field.bottom)], "#ea9d6b")
    sheet.line(line, PRUNED, 2.5)
    text = say(view, "left")
    start = field.left + 10
    for x in (plot.x(getattr(view, name)) for name in MARKS[view.kind]):
        if start - 10 < x < start + width_of(text, bold=True) + 10:
            start = x + 10
    if min((y for x, y in line if x < start + width_of(text, bold=True) + 10), default=0) > field.top + 30:
        sheet.text(start, field.top + 14, text, KEPT, bold=True, ground="#d6e8f3")
    if field.bottom - line[-1][1] > 60:
        text = say(view, "removed_part")
        wide = width_of(text, bold=True)
        sheet.fill(Box(field.right - wide - 22, field.bottom - 34, field.right - 6, field.bottom - 12), PAPER)
        sheet.text(field.right - 14, field.bottom - 23, text, PRUNED, align=1, bold=True)
    for name in MARKS[view.kind]:
        x = plot.x(getattr(view, name))
        key = "flag_prune" if view.kind == "one_shot" else f"flag_{name}"
        flag = say(view, key, step=grouped(getattr(view, name)))
        wide, top = width_of(flag) + 14, box.top + (22 if name == "end" else 0)
        left = min(x, box.right - wide)
        sheet.line([(x, top), (x, field.bottom)], INK, 1.5, (5, 4))
        sheet.fill(Box(left, top, left + wide, top + 19), INK)
        sheet.text(left + 7, top + 9.5, flag, PAPER, ground=INK)
    return sheet.still(sentence)


def outline(view: Any) -> list[tuple[int, float]]:
    """Return the corners of the line: (step, sparsity); rounds are jumps."""
    schedule, total = view.schedule, view.total
    marks = [getattr(view, name) for name in MARKS[view.kind]]
    count = min(total, CORNERS)
    steps = {round(i * total / count) for i in range(count + 1)} | {*marks, *(max(0, at - 1) for at in marks)}
    points: list[tuple[int, float]] = [] if view.kind == "constant" or view.begin else [(0, 0.0)]
    for step in sorted(steps):
        sparsity = float(schedule(step))
        smooth = view.kind == "polynomial" and step > view.begin and view.end > view.begin
        if points and not smooth and points[-1][1] != sparsity:
            points.append((step, points[-1][1]))
        points.append((step, sparsity))
    return points
