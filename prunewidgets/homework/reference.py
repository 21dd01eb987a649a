"""The reference answers, put where a reader of the chapter writes theirs.

A solutions notebook has, for each exercise, what is needed to run it alone. Here this becomes statements for
the chapter's own cell: what the solution computes on the way, and the values of the names that the chapter
leaves open. What the chapter has computed already is not computed again.
"""

import ast
import json
import re
from dataclasses import replace

from .chapter import Cell, Chapter, Exercise, cells_of, waits
from .statements import Statement, answers_in, check_call, joined, names, statements


def solved(chapter: Chapter) -> Chapter:
    """Return the chapter with the reference answer of each exercise in its place."""
    sources = {
        exercise.places[0]: solved_place(chapter, exercise, answer(chapter, exercise))
        for exercise in chapter.exercises
    }
    cells = tuple(replace(cell, source=sources.get(cell.id, cell.source)) for cell in chapter.cells)
    return replace(chapter, cells=cells)


def solved_place(chapter: Chapter, exercise: Exercise, reference: list[Statement]) -> str:
    """Return the cell of an exercise with its reference answer in place of what is open in it."""
    (cell,) = [cell for cell in chapter.cells if cell.id == exercise.places[0]]
    parts = statements(cell.source)
    names_of = {name for part in reference for name in names(part.text)[0]}
    kept = [part for part in parts if not (waits(part) and names(part.text)[0] <= names_of)]
    last = [part for part in kept if check_call(part)]
    return joined([*(part for part in kept if part not in last), *reference, *last])


def answer(chapter: Chapter, exercise: Exercise) -> list[Statement]:
    """Return the statements that answer an exercise, for the first of its cells that waits for an answer."""
    place = next(n for n, cell in enumerate(chapter.cells) if cell.id == exercise.places[0])
    before = [part for cell in chapter.cells[:place] if cell.is_code for part in statements(cell.source)]
    known = {name for part in before if not part.is_open for name in names(part.text)[0]}
    known |= {n for p in statements(chapter.cells[place].source) if not waits(p) for n in names(p.text)[0]}
    known -= set(exercise.answers)
    open_names = {name for part in before if part.is_open for name in names(part.text)[0]}
    cells = cells_of(json.loads(chapter.solutions.read_text(encoding="utf-8")))
    own = [cell for cell in cells if cell.is_code and re.match(rf"{exercise.name}(-|$)", cell.id)]
    parts = [(cell.id, part) for cell in own for part in statements(cell.source)]
    at = max(number for number, (_, part) in enumerate(parts) if check_call(part))
    call = check_call(parts[at][1])
    assert call is not None
    given = answers_in(call, exercise.call, (*exercise.answers, *sorted(open_names)))
    values = [statements(f"{name} = {value}")[0] for name, value in given.items()]
    present = {part.shape for part in before}
    helpers = [
        part
        for cell, part in parts[:at]
        if names(part.text)[0] or (cell == exercise.cell and part.shape not in present)
    ]
    values = _needed([*helpers, *values], known, {*exercise.answers, *given})
    return [*_preamble(cells, values, known), *values]


def _needed(parts: list[Statement], known: set[str], wanted: set[str]) -> list[Statement]:
    """Return those statements that the wanted names need, or that change something and store nothing."""
    wanted, found = set(wanted), []
    for part in reversed(parts):
        stored, used = names(part.text)
        changes = not stored and not _only_shows(part)
        if changes or stored & wanted:
            found.append(part)
            wanted |= used - known
    return found[::-1]


def _only_shows(part: Statement) -> bool:
    return isinstance(part.node, ast.Expr) and not isinstance(part.node.value, ast.Call)


def _preamble(cells: tuple[Cell, ...], values: list[Statement], known: set[str]) -> list[Statement]:
    """Return what else of the solutions defines a name that the chapter does not have by then."""
    stored = {name for part in values for name in names(part.text)[0]}
    used = {name for part in values for name in names(part.text)[1]} - known - stored
    found: list[Statement] = []
    shared = [part for c in cells if c.is_code and not c.id.startswith("ex") for part in statements(c.source)]
    for part in reversed(shared):
        made, needs = names(part.text)
        if made & used:
            found.append(part)
            used = (used - made) | (needs - known)
    return found[::-1]
