"""Marking: the steps of a submission run in a kernel of their own, in an empty copy of the chapter's folder.

A cell that takes too long, or that ends the kernel, costs the exercise it belongs to; the others are marked
in a new kernel. The student's code runs with the rights of whoever marks: see docs/guide/homework.md.
"""

import logging
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from .chapter import Chapter, Exercise
from .handout import copy_beside
from .needed import needed
from .record import KIND
from .repaired import Step

GIVEN, CHECK = 20, 3
"""The chapter's own cells, which may train, and checks get this many times the limit of a student's cell."""

CELL = re.compile(r"\(\d+\.py, ")  # the name that IPython gives a cell

MISSING = re.compile(r"name '(\w+)' is not defined")


class Ended(Exception):
    """The kernel had to be given up; the message says why."""


class _Client(NotebookClient):
    """Keeps verdicts only: what a cell prints for a minute may be more than there is memory."""

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> None:
        if KIND in msg["content"].get("data", {}):
            super().output(outs, msg, display_id, cell_index)


@dataclass
class Mark:
    """The mark of one exercise.

    Attributes:
        exercise: such as "ex1".
        points: from 0 to 1.
        passed: whether the answer is right.
        answered: whether there is one.
        mistake: the entry of the hint in the texts, "" for none.
        hint: what the student would read.
        error: why the check could not judge; "" if it did.
    """

    exercise: str
    points: float = 0.0
    passed: bool = False
    answered: bool = False
    mistake: str = ""
    hint: str = ""
    error: str = ""


@dataclass
class _Run:
    """What one submission has come to."""

    steps: list[Step]
    marks: dict[str, Mark]
    open: list[str]
    errors: dict[str, str] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)


def marks_of(
    chapter: Chapter, steps: list[Step], exercises: Sequence[Exercise], seconds: float
) -> list[Mark]:
    """Run what the checks of some exercises need, and return their marks.

    Args:
        chapter: which was handed out.
        steps: all that could be run, in its order.
        exercises: those to mark.
        seconds: most time for a cell of the student's.

    Raises:
        RuntimeError: a check cannot judge since a cell of the chapter fails, before any of the student's.
    """
    run = _Run(steps, {}, [exercise.name for exercise in exercises])
    everything = False
    while run.open:
        before = list(run.open), set(run.dropped)
        wanted = set(range(len(steps)))
        if not everything:
            wanted = set().union(*(needed(steps, each) for each in exercises if each.name in run.open))
        with tempfile.TemporaryDirectory() as folder:
            copy_beside(chapter, Path(folder))
            missing = _attempt(run, sorted(wanted - run.dropped), Path(folder), seconds)
        everything |= missing
        if not missing and before == (run.open, run.dropped):
            break
    for name in run.open:
        run.marks[name] = Mark(name, error=run.errors.get(name, "not reached"))
    return [run.marks[exercise.name] for exercise in exercises]


def _attempt(run: _Run, numbers: list[int], folder: Path, seconds: float) -> bool:
    """Run steps in a new kernel until all are done or it ends; return whether one lacked another's name."""
    as_given, failed = True, ""
    stored_elsewhere = [run.steps[n].source for n in range(len(run.steps)) if n not in numbers]
    errors: dict[str, str] = {}
    notebook = nbformat.v4.new_notebook()
    logger = logging.getLogger("prunewidgets.homework")
    logger.setLevel(logging.CRITICAL)  # nbclient would print each timeout
    client = _Client(notebook, store_widget_state=False, resources={"metadata": {"path": str(folder)}})
    client.log = logger
    client.extra_arguments = ["--log-level=50"]
    client.shutdown_kernel = "immediate"  # it may be in an endless loop
    with client.setup_kernel():
        client.widget_state = {}
        for number in numbers:
            step = run.steps[number]
            if step.check and step.exercise not in run.open:
                continue
            limit = seconds * (CHECK if step.check else 1 if step.exercise or step.added else GIVEN)
            try:
                outputs, error = _execute(client, step.source, limit)
            except Ended as ended:
                _give_up(run, number, str(ended))
                return False
            if error and (name := MISSING.search(error)):
                if any(re.search(rf"\b{name[1]}\b", source) for source in stored_elsewhere):
                    return True
            as_given = as_given and not step.exercise and not step.added
            if error and as_given:
                failed = failed or error
            if error and step.exercise:
                errors.setdefault(step.exercise, error)
            if step.check:
                found = _verdict(step.exercise, outputs, errors.get(step.exercise, ""))
                if failed and found.error:  # such as TensorFlow, or MNIST, that is not on this machine
                    raise RuntimeError(f"the chapter's own cells do not run here: {failed}")
                run.open.remove(step.exercise)
                run.marks[step.exercise] = found
    return False


def _give_up(run: _Run, number: int, why: str) -> None:
    """Note which exercise ended the kernel; a cell of nobody's is left out from now on."""
    step = run.steps[number]
    run.dropped.add(number)
    if step.exercise in run.open:
        run.open.remove(step.exercise)
        run.marks[step.exercise] = Mark(step.exercise, answered=True, error=why)
    run.errors = {name: f"another cell {why}" for name in run.open}  # kept if a new kernel is no help


def _execute(client: NotebookClient, source: str, seconds: float) -> tuple[list[Any], str]:
    """Run code; return its outputs and, in one line, the error that it ended with, or ""."""
    cell = nbformat.v4.new_code_cell(source)
    client.nb.cells.append(cell)
    client.timeout = max(1, round(seconds))
    try:
        client.execute_cell(cell, len(client.nb.cells) - 1)
    except CellExecutionError as error:
        return cell.outputs, CELL.sub("(", f"{error.ename}: {error.evalue}")
    except CellTimeoutError:
        raise Ended(f"took longer than {seconds:g} s") from None
    except DeadKernelError:
        raise Ended("ended the kernel") from None
    return cell.outputs, ""


def _verdict(exercise: str, outputs: list[Any], error: str) -> Mark:
    """Return the mark that a check has shown; an error that came before it is kept beside it."""
    for output in outputs:
        found = output.get("data", {}).get(KIND)
        if found:
            tried = found["answered"] or bool(error)  # one that could not be run is no open one
            return Mark(**dict(found) | {"exercise": exercise, "answered": tried, "error": error})
    return Mark(exercise, answered=True, error=error or "the check showed no verdict")
