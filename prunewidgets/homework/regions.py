"""An exercise's cell as graders want it: a cell for the answer, in it the reference, and one for the test."""

import ast
from dataclasses import dataclass

from .chapter import Cell, Chapter, Exercise
from .reference import answer
from .statements import check_call, joined, statements

HERE = "# Write your answer here."
LATER = "# This exercise is marked after you have handed it in."


@dataclass(frozen=True)
class Parted:
    """An exercise in parts.

    Attributes:
        exercise: which.
        open: what is handed out, `...` and all.
        reference: statements that answer it.
        given: what stands before the check in a cell without a place for the answer.
    """

    exercise: Exercise
    open: str
    reference: str
    given: str

    @property
    def call(self) -> str:
        """The call of the check, as source."""
        return ast.unparse(self.exercise.judged)

    @property
    def own_cell(self) -> bool:
        """Whether the answer has a cell of its own in the chapter too."""
        return self.exercise.places[0] != self.exercise.cell


def parted(chapter: Chapter, exercise: Exercise) -> Parted:
    """Return an exercise of a chapter in parts."""
    cells = {cell.id: cell for cell in chapter.cells}
    place = cells[exercise.places[0]]
    given = "" if place.id == exercise.cell else _without_check(cells[exercise.cell])
    return Parted(exercise, _without_check(place) or HERE, joined(answer(chapter, exercise)), given)


def _without_check(cell: Cell) -> str:
    return joined([part for part in statements(cell.source) if not check_call(part)])


def with_region(open: str, reference: str, begin: str, end: str) -> str:
    """Return the master's cell: what is handed out, and then the reference between two lines."""
    return f"{open}\n\n{begin}\n{reference}\n{end}" if reference else open
