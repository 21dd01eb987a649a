"""A submission put right: the chapter's own cells, and in their places what the student wrote.

Cells are matched by id. Everything that is not an answer runs as it was handed out, so deleted, changed and
doubled cells do no harm; imports that a student added to such a cell are kept. An exercise gets the chapter's
call of its check, whatever became of the student's.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from .chapter import Cell, Chapter, Exercise, waits
from .statements import Statement, answers_in, check_call, check_name, joined, names, statements

SHOWS = ("checks.reveal(", "checks.after(")
"""What only shows something is not run: nobody looks, and it would need all that it shows."""


@dataclass(frozen=True)
class Step:
    """Something to run.

    Attributes:
        source: the code.
        exercise: the exercise that the student answers here; "" for the chapter's own cells.
        check: whether this is the check of `exercise`.
        added: whether the student wrote it outside the exercises, so that it gets a student's time.
    """

    source: str
    exercise: str = ""
    check: bool = False
    added: bool = False


def repaired(chapter: Chapter, handed_in: list[Cell]) -> list[Step]:
    """Return what is to be run to mark a submission, in the order of the chapter."""
    code = {cell.id: cell for cell in chapter.cells if cell.is_code}
    exercise_of = {place: each for each in chapter.exercises for place in (*each.places, each.cell)}
    theirs, extra = _matched(chapter, handed_in, exercise_of)
    (checks,) = {exercise.check.partition(".")[0] for exercise in chapter.exercises}
    steps = [Step(f"from prunewidgets.homework.record import begin\nchecks_as_given = begin({checks!r})")]
    pending: list[Step] = []
    for cell in chapter.cells:
        exercise = exercise_of.get(cell.id)
        if cell.id in code and exercise:
            answer = [Step(source, exercise.name) for source in _answer(exercise, cell, theirs.get(cell.id))]
            own = [Step(each.source, exercise.name) for each in pending]
            steps += [answer[0], *own, *answer[1:]]
            pending = []
            if cell.id == exercise.cell:
                steps.append(Step(_recorded(exercise), exercise.name, check=True))
        elif cell.id in code:
            steps += [*pending, *_given(cell, theirs.get(cell.id))]
            pending = []
        pending += [Step(source, added=True) for source in extra[cell.id]]
    return [step for step in [*steps, *pending] if step.source.strip()]


def _matched(
    chapter: Chapter, handed_in: list[Cell], exercise_of: dict[str, Exercise]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return what the student has in the chapter's code cells, and {id before it: sources of other cells}."""
    known = {cell.id: cell for cell in chapter.cells}
    texts = {_plain(cell.source): cell.id for cell in reversed(chapter.cells) if cell.is_code}
    by_check = {exercise.check: exercise for exercise in chapter.exercises}
    theirs: dict[str, str] = {}
    extra: defaultdict[str, list[str]] = defaultdict(list)
    last = chapter.cells[0].id
    for cell in handed_in:
        id = cell.id if cell.id in known else ""
        if not cell.is_code:
            last = id or last
            continue
        called = [by_check[name] for name in _checks(cell.source) if name in by_check]
        place = id or (called[0].cell if called else texts.get(_plain(cell.source), ""))
        if not place:
            extra[last].append(cell.source)
            continue
        if place in theirs and place in exercise_of and _only_checks(cell.source, known[place].source):
            if last == place:  # the end of a cell that was split: what is between belongs to it
                theirs[place] = "\n".join([theirs[place], *filter(_is_python, extra.pop(place, []))])
            last = id or last
            continue
        changed = _plain(cell.source) != _plain(known[place].source)
        if changed or place not in theirs:  # of several, the last that was changed counts
            if place in theirs and place not in exercise_of and place in texts.values():
                extra[last].append(cell.source)
            else:
                theirs[place] = cell.source
        last = id or last
    return theirs, extra


def _plain(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _is_python(source: str) -> bool:
    try:
        return bool(statements(source))
    except SyntaxError:
        return False


def _only_checks(source: str, given: str) -> bool:
    """Return whether a cell has nothing but the call of the check, as it was handed out; or is empty."""
    calls = {part.shape for part in statements(given) if check_call(part)}
    try:
        return {part.shape for part in statements(source)} <= calls
    except SyntaxError:
        return False


def _checks(source: str) -> list[str]:
    try:
        calls = [check_call(part) for part in statements(source)]
    except SyntaxError:
        return []
    return [check_name(call) for call in calls if call]


def _answer(exercise: Exercise, cell: Cell, theirs: str | None) -> list[str]:
    """Return what runs for a cell with an answer: as handed out, as the student has it, and what is given.

    The first makes an answer that was deleted an open one; the last takes back a change to what is not the
    student's, such as the bound of a budget.
    """
    out = [part for part in statements(cell.source) if not check_call(part)]
    if theirs is None or _plain(theirs) == _plain(cell.source):
        return [joined(out)]
    try:
        parts = statements(theirs)
    except SyntaxError:
        return [joined(out), theirs]  # its error is the student's to see
    values: list[Statement] = []
    for part in parts:
        call = check_call(part)
        if call and check_name(call) == exercise.check:
            found = answers_in(call, exercise.call, exercise.answers)
            values += [statements(f"{name} = {value}")[0] for name, value in found.items()]
        else:
            values.append(part)
    shapes = {part.shape for part in values}
    given = [part for part in out if not waits(part) and names(part.text)[0]]
    kept = all(part.shape in shapes for part in given)
    first = [part for part in out if waits(part) or not kept]
    return [joined(first), joined(values), *([] if kept else [joined(given)])]


def _given(cell: Cell, theirs: str | None) -> Iterable[Step]:
    """Return what runs for a cell of no exercise: a guess is the student's, the rest is as given."""
    parts = statements(cell.source)
    source = joined([part for part in parts if not part.text.startswith(SHOWS)])
    if theirs is None or _plain(theirs) == _plain(cell.source):
        return [Step(source)]
    if any(part.is_open for part in parts):
        return [Step(source), Step(theirs, added=True)]
    try:
        imports = [part for part in statements(theirs) if part.text.startswith(("import ", "from "))]
    except SyntaxError:
        return [Step(source)]
    return [Step(joined(imports), added=True), Step(source)]


def _recorded(exercise: Exercise) -> str:
    """Return the code of a check whose verdict is shown as data."""
    chapter = exercise.check.partition(".")[0]
    call = (
        f"record({exercise.name!r}, lambda: checks.{exercise.check}{_arguments(exercise)}, checks_as_given)"
    )
    target = f"{exercise.target} = " if exercise.target else ""
    return f"import checks.{chapter}\nfrom prunewidgets.homework.record import record\n{target}{call}"


def _arguments(exercise: Exercise) -> str:
    return ast.unparse(exercise.judged).removeprefix(ast.unparse(exercise.judged.func))
