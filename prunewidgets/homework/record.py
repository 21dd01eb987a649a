"""What runs in a kernel that marks: a check, its verdict shown as data beside what it prints."""

import contextlib
import io
from collections.abc import Callable
from typing import Any

from IPython.display import display

KIND = "application/vnd.prunewidgets.mark+json"
"""The kind of the output that holds a verdict."""


def record(exercise: str, check: Callable[[], Any]) -> Any:
    """Run the check of an exercise and show its verdict as data, for `marking.py`; return the verdict."""
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
