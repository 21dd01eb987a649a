"""A chapter and its exercises, found in its cells: an exercise's check is in the cell `ex1-check`."""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import workbook
from .statements import Statement, check_call, check_name, names, statements

CHECK = re.compile(r"(ex\d+)-check")


@dataclass(frozen=True)
class Exercise:
    """One exercise of a chapter.

    Attributes:
        name: such as "ex1".
        cell: id of the cell that ends with the check.
        check: the chapter and the function, such as "chapter_05.break_even".
        call: the call, as it stands in the chapter.
        judged: the same with the numbers of the exercise, which are in the cell `ex1-numbers`, in place of
            their names: a name may have come to stand for something else.
        target: the name that the verdict is stored under; "" mostly.
        answers: the names that the reader gives values to.
        places: ids of the cells where that is done.
    """

    name: str
    cell: str
    check: str
    call: ast.Call
    judged: ast.Call
    target: str
    answers: tuple[str, ...]
    places: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook: its id ("" if it has none), whether it is code, and its text."""

    id: str
    is_code: bool
    source: str


@dataclass(frozen=True)
class Chapter:
    """A chapter: its number such as "05", its file, its cells in their order, and its exercises."""

    number: str
    path: Path
    cells: tuple[Cell, ...]
    exercises: tuple[Exercise, ...]

    @property
    def solutions(self) -> Path:
        """The notebook with its reference answers."""
        return self.path.parent / "solutions" / self.path.name


def numbers() -> list[str]:
    """Return the numbers of all chapters."""
    return list(workbook.numbered(workbook.source()))


def chapter(name: str) -> Chapter:
    """Read a chapter of the workbook that belongs to this package.

    Raises:
        ValueError: there is no such chapter (see `workbook.chapter_number`), or the name is the path of a
            notebook with other cells, which would not be the one that is used.
    """
    number = workbook.chapter_number(workbook.source(), name)
    path = workbook.numbered(workbook.source())[number]
    cells = cells_of(json.loads(path.read_text(encoding="utf-8")))
    if name.endswith(".ipynb") and Path(name).is_file():
        try:
            same = cells_of(json.loads(Path(name).read_text(encoding="utf-8"))) == cells
        except (ValueError, KeyError, TypeError):  # no notebook any more, or one without ids
            same = False
        if not same:
            raise ValueError(f"{name} has been changed; for the workbook's own chapter, name {number}.")
    return Chapter(number, path, cells, exercises(cells))


def cells_of(notebook: dict[str, Any]) -> tuple[Cell, ...]:
    """Return the cells of a notebook that is as it should be."""
    return tuple(
        Cell(cell["id"], cell["cell_type"] == "code", "".join(cell["source"])) for cell in notebook["cells"]
    )


def exercises(cells: tuple[Cell, ...]) -> tuple[Exercise, ...]:
    """Return the exercises of a chapter with these cells."""
    found = []
    for cell in cells:
        if cell.is_code and (match := CHECK.fullmatch(cell.id)):
            found.append(_exercise(match[1], cell, cells))
    return tuple(found)


def _exercise(name: str, cell: Cell, cells: tuple[Cell, ...]) -> Exercise:
    parts = statements(cell.source)
    last = [part for part in parts if check_call(part)][-1]
    call = check_call(last)
    assert call is not None
    target = ast.unparse(last.node.targets[0]) if isinstance(last.node, ast.Assign) else ""
    used = {part.id for part in ast.walk(call) if isinstance(part, ast.Name)}
    answers: dict[str, None] = {}
    places: dict[str, None] = {}
    for place in cells[: cells.index(cell) + 1]:
        if place.is_code and re.match(rf"{name}(-|$)", place.id):
            for part in statements(place.source):
                stored = names(part.text)[0] & used
                if stored and waits(part):
                    places[place.id] = None
                    answers.update(dict.fromkeys(sorted(stored)))
    judged = _Literal(numbers_in(name, cells)).visit(ast.parse(ast.unparse(call), mode="eval").body)
    return Exercise(
        name, cell.id, check_name(call), call, judged, target, tuple(answers), tuple(places) or (cell.id,)
    )


def numbers_in(exercise: str, cells: tuple[Cell, ...]) -> dict[str, ast.expr]:
    """Return {name: value} of the numbers of an exercise; none if it has no cell of such."""
    parts = [part for cell in cells if cell.id == f"{exercise}-numbers" for part in statements(cell.source)]
    return {
        ast.unparse(part.node.targets[0]): part.node.value
        for part in parts
        if isinstance(part.node, ast.Assign)
    }


class _Literal(ast.NodeTransformer):
    """Puts values in place of names."""

    def __init__(self, values: dict[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)


def waits(part: Statement) -> bool:
    """Return whether a statement of an exercise's cell is the reader's to change: a `...`, or a function."""
    return part.is_open or isinstance(part.node, ast.FunctionDef)
