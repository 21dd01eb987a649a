"""What every exercise's check does: judge an answer, print the verdict, and return it.

An answer that is still `...` gets "○" and the question, a wrong one "✗" and a hint, a right one "✓" and the
reason. The texts are in `texts/`, under the name of the chapter and of the exercise: `question`, `hint` and
`why`, and one entry for each mistake that has a hint of its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from IPython.display import display

from prunewidgets.pages.writing import writing

from .answers import from_percent, plain, read, short, unanswered
from .points import partial_points
from .probes import Answerable, verdicts
from .texts import text
from .verdicts import say


@dataclass(frozen=True)
class Result:
    """The verdict on one answer. It was printed already, so it shows nothing at the end of a cell.

    Attributes:
        exercise: the chapter and the exercise, such as "chapter_05.break_even".
        passed: whether the answer is right.
        points: 1 for a right answer; for a wrong one what `points.toml` gives for its mistake, mostly 0.
        hint: the next step to try, for a wrong answer; "" otherwise.
        mistake: the entry of the hint in the texts, such as "hint" or "share_of_weights"; "" otherwise.
        answered: False while the answer is still `...`.
    """

    exercise: str
    passed: bool
    points: float = 0.0
    hint: str = ""
    mistake: str = ""
    answered: bool = True

    def _ipython_display_(self) -> None:
        """Show nothing: the verdict has been printed."""


def check(
    exercise: str,
    answer: Any,
    is_right: Callable[[Any], Any],
    mistakes: Mapping[str, Callable[[Any], Any]] | None = None,
    tries: Iterable[tuple[Any, ...]] = (),
    **values: Any,
) -> Result:
    """Judge one answer and print the verdict.

    Args:
        exercise: where its texts are, such as "chapter_05.break_even".
        answer: what the student wrote; `...`, or a list, tuple or dict with a `...` in it, is open.
        is_right: whether an answer is right; it may raise for an answer of another kind than expected.
        mistakes: {entry of the texts: whether an answer is this mistake}; the first that fits gives the
            hint, and `hint` is for all other wrong answers. They may raise, too.
        tries: pairs, or more numbers together, that a reader may answer; a page without Python knows the
            verdicts on these, and on single numbers if one is asked for.
        **values: what the texts name in braces.
    """
    if unanswered(answer):
        result = still_open(exercise, **values)
        tries = list(tries)
        if writing() and (answer is ... or tries):
            judge = partial(check, exercise, is_right=is_right, mistakes=mistakes, **values)
            if found := verdicts(judge, values, tries):
                display(Answerable(found))
        return result
    given = short(answer) if plain(answer) else ""
    answer = read(answer)
    try:
        passed = bool(is_right(answer))
    except Exception:  # a word for a number, an array of another shape: wrong, but no traceback
        return wrong(exercise, "hint", given or text("engine.exercise", "this"), "other_kind", **values)
    if passed:
        return right(exercise, **values)
    if any(_holds(is_right, fraction) for fraction in from_percent(answer)):
        return wrong(exercise, "per_cent", given, "per_cent", **values)
    mistake = next((name for name, fits in (mistakes or {}).items() if _holds(fits, answer)), "hint")
    return wrong(exercise, mistake, given, **values)


def check_function(
    exercise: str,
    name: str,
    function: Callable[..., Any],
    cases: Iterable[tuple[Any, ...]],
    answers: Mapping[str, Sequence[float]],
    **values: Any,
) -> Result:
    """Judge a reader's function by the numbers that it returns.

    Args:
        exercise: where its texts are.
        name: of the function in the chapter.
        function: what the reader wrote.
        cases: the arguments of each call; the function gets copies.
        answers: {entry of the texts: one number for each case}; "" has the right ones.
        **values: what the texts name in braces; `found`, the numbers that came back, is added.
    """
    try:
        given = [function(*deepcopy(case)) for case in cases]
    except Exception as error:
        return stopped(exercise, name, error)
    if unanswered(given):
        return still_open(exercise, **values)
    if any(one is None for one in given):
        return _told(exercise, "nothing", name=name)
    try:
        found = [float(np.asarray(one)) for one in given]
    except (TypeError, ValueError):  # a word, or an array
        return wrong(exercise, "hint", text("engine.exercise", "this"), "other_kind", **values)
    mistake = next((entry for entry, numbers in answers.items() if np.allclose(found, numbers)), "hint")
    if mistake:
        return wrong(exercise, mistake, found=found, **values)
    return right(exercise, found=found, **values)


def right(exercise: str, **values: Any) -> Result:
    """Print that an answer is right, and why."""
    say(text("engine.exercise", "right", why=text(exercise, "why", **values)))
    return Result(exercise, True, 1.0)


def wrong(exercise: str, mistake: str = "hint", given: str = "", verdict: str = "", **values: Any) -> Result:
    """Print that an answer is wrong, with the hint for this mistake.

    Args:
        exercise: where its texts are.
        mistake: the entry of the hint.
        given: the answer in one short line; "" if it is not readable, such as a function.
        verdict: another entry of the engine's texts than "wrong".
        **values: what the hint names in braces.
    """
    hint = "" if mistake == "per_cent" else text(exercise, mistake, **values)
    verdict = verdict or ("wrong" if given else "wrong_unread")
    line = text("engine.exercise", verdict, given=given, hint=hint)
    say(line)
    return Result(
        exercise, False, partial_points(exercise, mistake), hint or line.removeprefix("✗ "), mistake
    )


def still_open(exercise: str, **values: Any) -> Result:
    """Print that an exercise waits for an answer."""
    say(text("engine.exercise", "open", question=text(exercise, "question", **values)))
    return Result(exercise, False, answered=False)


def stopped(exercise: str, name: str, error: Exception) -> Result:
    """Print in one line that the reader's function ended with an error."""
    return _told(exercise, "stopped", name=name, kind=type(error).__name__, error=error)


def _told(exercise: str, mistake: str, **values: Any) -> Result:
    """Print a mistake that any function can have."""
    line = text("engine.exercise", mistake, **values)
    say(line)
    return Result(exercise, False, hint=line.removeprefix("✗ "), mistake=mistake)


def _holds(fits: Callable[[Any], Any], answer: Any) -> bool:
    try:
        return bool(fits(answer))
    except Exception:
        return False
