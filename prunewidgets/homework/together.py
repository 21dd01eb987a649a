"""Answers that are plain values, such as `answer = 0.2`, of all submissions: one kernel judges them together.

A number or a word can change nothing that the chapter has computed, so the chapter runs once for all of them.
What has code of a student's own in it, or needs such code, is left to a kernel of its own.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace

from .chapter import Cell, Chapter, Exercise
from .marking import Mark, marks_of
from .needed import needed
from .repaired import Step, repaired
from .statements import Statement, statements


@dataclass(frozen=True)
class Known:
    """The marks of plain answers.

    Attributes:
        base: the steps of the chapter as it was handed out.
        marks: {(exercise, answer and check): mark}.
    """

    base: list[Step]
    marks: dict[tuple[str, tuple[str, ...]], Mark]

    def of(self, steps: list[Step], exercise: Exercise) -> Mark | None:
        """Return the mark of an exercise of a submission with these steps; None if it has to be run."""
        own = plain_answer(self.base, steps, exercise)
        return None if own is None else self.marks.get((exercise.name, shape(own)))


def mark(chapter: Chapter, handed_in: list[Cell], seconds: float, known: Known | None = None) -> list[Mark]:
    """Return the mark of each exercise of a submission; what is not known is run.

    Args:
        chapter: which was handed out.
        handed_in: the cells of the submission.
        seconds: most time for a cell of the student's.
        known: what `marked_together` has found.
    """
    steps = repaired(chapter, handed_in)
    found = {each.name: known.of(steps, each) if known else None for each in chapter.exercises}
    marks = {name: one for name, one in found.items() if one}
    others = [exercise for exercise in chapter.exercises if exercise.name not in marks]
    marks |= {each.exercise: each for each in marks_of(chapter, steps, others, seconds)}
    return [marks[exercise.name] for exercise in chapter.exercises]


def marked_together(
    chapter: Chapter, handed_in: Iterable[tuple[Chapter, list[Cell]]], seconds: float
) -> Known:
    """Return the marks of all answers that are plain values.

    Args:
        chapter: as everybody gets it.
        handed_in: of each submission the chapter, which may have numbers of the student's own, and the cells.
        seconds: as for `mark`.
    """
    known = Known(repaired(chapter, list(chapter.cells)), {})
    answers: dict[str, dict[tuple[str, ...], list[Step]]] = {each.name: {} for each in chapter.exercises}
    for own_chapter, cells in handed_in:
        steps = repaired(own_chapter, cells)
        for exercise in own_chapter.exercises:
            own = plain_answer(known.base, steps, exercise)
            if own is not None:
                answers[exercise.name].setdefault(shape(own), own)
    tried: dict[str, tuple[Exercise, tuple[str, ...], list[Step]]] = {}
    for exercise in chapter.exercises:
        for number, (key, own) in enumerate(answers[exercise.name].items()):
            tried[f"{exercise.name} answer {number}"] = exercise, key, own
    steps = _with(known.base, {name: own for name, (_, _, own) in tried.items()})
    exercises = [replace(exercise, name=name) for name, (exercise, _, _) in tried.items()]
    for found in marks_of(chapter, steps, exercises, seconds):
        exercise, key, _ = tried[found.exercise]
        if not found.error:
            known.marks[exercise.name, key] = replace(found, exercise=exercise.name)
    return known


def plain_answer(base: list[Step], steps: list[Step], exercise: Exercise) -> list[Step] | None:
    """Return the steps of an exercise, if they store plain values and nothing else of the student's matters.

    Args:
        base: the steps of the chapter as it was handed out.
        steps: those of the submission.
        exercise: which.
    """
    numbers = sorted(needed(steps, exercise))
    own = [n for n in numbers if steps[n].exercise == exercise.name]
    others = numbers[: -len(own)]
    wanted = sorted(needed(base, exercise))
    if own != numbers[-len(own) :]:  # something that the answer is used for comes before the check
        return None
    if [steps[n] for n in others] != [base[n] for n in wanted if base[n].exercise != exercise.name]:
        return None
    given = {part for n in wanted if base[n].exercise == exercise.name for part in shape([base[n]])}
    found = [steps[n] for n in own]
    try:
        parts = [part for step in found if not step.check for part in statements(step.source)]
    except SyntaxError:
        return None
    plain = all(part.shape in given or _stores_values(part, exercise.answers) for part in parts)
    return found if plain else None


def shape(own: list[Step]) -> tuple[str, ...]:
    """Return what is the same for answers that differ in spaces, quotes or comments only.

    Raises:
        SyntaxError: a step is not Python.
    """
    return tuple(part.shape for step in own for part in statements(step.source))


def _stores_values(part: Statement, names: tuple[str, ...]) -> bool:
    """Return whether a statement stores values that are written out, or sums of numbers, in these names."""
    if not isinstance(part.node, ast.Assign):
        return False
    targets = [name for target in part.node.targets for name in getattr(target, "elts", [target])]
    if not all(isinstance(name, ast.Name) and name.id in names for name in targets):
        return False
    return _is_value(part.node.value)


def _is_value(node: ast.expr | None) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return all(map(_is_value, parts))
        case ast.Dict(keys=keys, values=values):
            return all(map(_is_value, [*keys, *values]))
        case _:
            return _is_number(node)


def _is_number(node: ast.expr | None) -> bool:
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=part):
            return _is_number(part)
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), left=left, right=right):
            return _is_number(left) and _is_number(right)
        case _:  # also 9 ** 9 ** 9 and [0] * 10**9, which are large
            return False


def _with(base: list[Step], answers: dict[str, list[Step]]) -> list[Step]:
    """Return the steps of the chapter, and before each exercise every answer to it and its check.

    The exercise as it was handed out follows: what comes after it finds the answer open again.
    """
    steps: list[Step] = []
    begun = {""}
    for step in base:
        if step.exercise not in begun:
            begun.add(step.exercise)
            for name in [name for name in answers if name.startswith(f"{step.exercise} ")]:
                steps += [replace(each, exercise=name) for each in answers[name]]
        steps.append(step)
    return steps
