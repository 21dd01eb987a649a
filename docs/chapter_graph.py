"""The chapters and what they build on, as a drawing: an SVG in the colours of the page, light and dark."""

from collections.abc import Sequence
from html import escape

from tools.course import Lesson

WIDE, HIGH, STEP_X, STEP_Y, EDGE = 42, 26, 70, 40, 8
"""A box, how far boxes are apart from column to column and from row to row, and the margin."""


def arrows(lessons: Sequence[Lesson]) -> list[tuple[str, str, bool]]:
    """Return which chapter leads to which, and whether only for a part of it.

    What follows from other arrows is left out: 05 needs 03 and 04, and 04 needs 03, so 03 → 05 is not drawn.
    """
    needs = {lesson.number: lesson.needs for lesson in lessons}
    found = []
    for lesson in lessons:
        further = {far for near in lesson.needs for far in _all_before(near, needs)}
        found += [(before, lesson.number, False) for before in lesson.needs if before not in further]
        found += [(before, lesson.number, True) for before in lesson.helps]
    return found


def columns(lessons: Sequence[Lesson]) -> dict[str, int]:
    """Return the column of each chapter, right of all that lead to it."""
    depth: dict[str, int] = {}
    for lesson in lessons:  # a chapter needs only earlier ones
        before = lesson.needs + lesson.helps
        depth[lesson.number] = max((depth[name] + 1 for name in before), default=0)
    return depth


def drawing(lessons: Sequence[Lesson]) -> str:
    """Return the SVG; appendices are left out."""
    lessons = [lesson for lesson in lessons if lesson.number[0].isdigit()]
    placed, every = _places(lessons), arrows(lessons)
    width = max(x for x, _ in placed.values()) + WIDE + EDGE
    height = max(y for _, y in placed.values()) + HIGH + EDGE
    titles = {lesson.number: lesson.title for lesson in lessons}
    lines = [_line(placed[one], placed[other], helps) for one, other, helps in every]
    boxes = [_box(name, titles[name], *place) for name, place in placed.items()]
    return (
        f'<svg class="chapter-graph" viewBox="0 0 {width} {height}" role="img" aria-label='
        '"Which chapter builds on which. The table below says the same in words.">'
        f"{''.join(lines)}{''.join(boxes)}</svg>"
    )


def _all_before(number: str, needs: dict[str, tuple[str, ...]]) -> set[str]:
    """Return the chapters that must come before one, near and far."""
    return {far for near in needs[number] for far in {near} | _all_before(near, needs)}


def _places(lessons: Sequence[Lesson]) -> dict[str, tuple[float, float]]:
    """Return the left upper corner of each box; a column is ordered by where its arrows come from."""
    rows: dict[str, float] = {}
    column_of = columns(lessons)
    tallest = max(list(column_of.values()).count(column) for column in column_of.values())
    befores = {name: [one for one, other, _ in arrows(lessons) if other == name] for name in column_of}
    for column in sorted(set(column_of.values())):
        names = [name for name, own in column_of.items() if own == column]
        heights = {name: [rows[before] for before in befores[name]] or [tallest / 2] for name in names}
        names.sort(key=lambda name, known=heights: sum(known[name]) / len(known[name]))
        first = (tallest - len(names)) / 2
        rows |= {name: first + place for place, name in enumerate(names)}
    return {name: (EDGE + column_of[name] * STEP_X, EDGE + rows[name] * STEP_Y) for name in column_of}


def _line(begin: tuple[float, float], end: tuple[float, float], helps: bool) -> str:
    x1, y1, x2, y2 = begin[0] + WIDE, begin[1] + HIGH / 2, end[0], end[1] + HIGH / 2
    middle = (x1 + x2) / 2
    dash = ' class="helps"' if helps else ""
    return f'<path{dash} d="M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"/>'


def _box(name: str, title: str, x: float, y: float) -> str:
    return (
        f'<g><title>{escape(name)} · {escape(title)}</title><rect x="{x}" y="{y}" width="{WIDE}" '
        f'height="{HIGH}" rx="4"/><text x="{x + WIDE / 2}" y="{y + HIGH / 2}">{escape(name)}</text></g>'
    )
