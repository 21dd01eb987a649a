"""The chapters and what they build on, as a drawing: an SVG in the colours of the page, light and dark."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from html import escape
from itertools import pairwise

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


def stops(lessons: Sequence[Lesson]) -> list[tuple[list[str], bool]]:
    """Return each arrow with where it passes: gaps between the boxes of the columns on its way.

    A gap is called by the chapter that the arrow comes from, and its column: "06 in 8".
    """
    column = columns(lessons)
    return [
        ([one, *(f"{one} in {between}" for between in range(column[one] + 1, column[other])), other], helps)
        for one, other, helps in arrows(lessons)
    ]


def drawing(lessons: Sequence[Lesson]) -> str:
    """Return the SVG; appendices are left out."""
    lessons = [lesson for lesson in lessons if lesson.number[0].isdigit()]
    placed, every = _places(lessons), stops(lessons)
    width = max(x for x, _ in placed.values()) + WIDE + EDGE
    height = max(y for _, y in placed.values()) + HIGH + EDGE
    lines = [_line([placed[stop] for stop in way], helps) for way, helps in every]
    boxes = [_box(lesson.number, lesson.title, *placed[lesson.number]) for lesson in lessons]
    return (
        f'<svg class="chapter-graph" viewBox="0 0 {width} {height}" role="img" aria-label='
        '"Which chapter builds on which. The table below says the same in words.">'
        f"{''.join(lines)}{''.join(boxes)}</svg>"
    )


def _all_before(number: str, needs: dict[str, tuple[str, ...]]) -> set[str]:
    """Return the chapters that must come before one, near and far."""
    return {far for near in needs[number] for far in {near} | _all_before(near, needs)}


def _places(lessons: Sequence[Lesson]) -> dict[str, tuple[float, float]]:
    """Return the left upper corner of each box and gap; a column is ordered by where its arrows come from."""
    column_of, befores = dict(columns(lessons)), defaultdict(list)
    for way, _ in stops(lessons):
        for number, (before, stop) in enumerate(pairwise(way), 1):
            column_of.setdefault(stop, column_of[way[0]] + number)
            befores[stop].append(before)
    rows: dict[str, float] = {}
    tallest = max(Counter(column_of.values()).values())
    for column in sorted(set(column_of.values())):
        names = [name for name, own in column_of.items() if own == column]
        heights = {name: [rows[before] for before in befores[name]] or [tallest / 2] for name in names}
        names.sort(key=lambda name, known=heights: sum(known[name]) / len(known[name]))
        first = (tallest - len(names)) / 2
        rows |= {name: first + place for place, name in enumerate(names)}
    return {name: (EDGE + column_of[name] * STEP_X, EDGE + rows[name] * STEP_Y) for name in column_of}


def _line(places: Sequence[tuple[float, float]], helps: bool) -> str:
    """Return the path of an arrow: level through each gap, and bent between columns."""
    (x, y), *others = [(x, y + HIGH / 2) for x, y in places]
    path = f"M{x + WIDE} {y}"
    for to_x, to_y in others:
        middle = to_x - (STEP_X - WIDE) / 2
        path += f"H{to_x - STEP_X + WIDE} C{middle} {y} {middle} {to_y} {to_x} {to_y}"
        y = to_y
    dash = ' class="helps"' if helps else ""
    return f'<path{dash} d="{path}"/>'


def _box(name: str, title: str, x: float, y: float) -> str:
    return (
        f'<g><title>{escape(name)} · {escape(title)}</title><rect x="{x}" y="{y}" width="{WIDE}" '
        f'height="{HIGH}" rx="4"/><text x="{x + WIDE / 2}" y="{y + HIGH / 2}">{escape(name)}</text></g>'
    )
