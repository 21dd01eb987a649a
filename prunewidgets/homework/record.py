"""What runs in a kernel that marks: a check, its verdict shown as data beside what it prints."""

import contextlib
import importlib
import io
import sys
from collections.abc import Callable
from typing import Any

from IPython import get_ipython
from IPython.display import display

Given = dict[str, dict[str, Any]]
"""{a module of the checks: what it had in it}."""

KIND = "application/vnd.prunewidgets.mark+json"
"""The kind of the output that holds a verdict."""


def begin(chapter: str) -> Given:
    """Prepare a kernel before a student's code runs in it; return the checks as they are handed out.

    `exit()` would end the kernel only after the next cell had begun, which may be another exercise's; here it
    does nothing.

    Args:
        chapter: the module of the checks, such as "chapter_05".
    """
    importlib.import_module(f"checks.{chapter}")
    if shell := get_ipython():
        shell.ask_exit = lambda: None
    modules = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "checks"}
    return {name: dict(vars(module)) for name, module in modules.items()}


def record(exercise: str, check: Callable[[], Any], given: Given) -> Any:
    """Run the check of an exercise and show its verdict as data, for `marking.py`; return the verdict.

    Args:
        exercise: such as "ex1".
        check: calls it.
        given: what `begin` returned; the checks are put back to that first, whatever was done to them.
    """
    for name, content in given.items():
        vars(importlib.import_module(name)).update(content)
    result = check()
    verdict = {
        "exercise": exercise,
        "points": float(result.points),
        "passed": bool(result.passed),
        "answered": bool(result.answered),
        "mistake": str(result.mistake),
        "hint": str(result.hint),
    }
    display({KIND: verdict}, raw=True)  # type: ignore[no-untyped-call]
    return result


def points(check: Callable[[], Any]) -> float:
    """Run a check for nbgrader, which takes a number for partial points and stderr for a failure.

    What the check prints is not shown; an exception is not caught, so it gives no points.
    """
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return float(check().points)


def passes(check: Callable[[], Any]) -> None:
    """Run a check for otter-grader.

    Raises:
        AssertionError: the answer is not right; it says the hint.
    """
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        result = check()
    assert result.passed, result.hint or printed.getvalue().strip()
