"""The immediate checks of the exercises, and the comparison of a guess with what was found.

An answer that is still `...` gets "○" and the question, a wrong one "✗" and a hint, a right one "✓" and
the reason. The truth is computed here from the definition, with NumPy alone, so that a check does not
repeat the code it checks. Chapters 03 to 05 have theirs in `checks_networks.py`, made with `check` and
`reveal` from this file.
"""

from collections.abc import Callable
from typing import Any


def check(answer: Any, is_right: Callable[[Any], Any], question: str, hint: str, why: str) -> None:
    """Print the verdict on one answer.

    Args:
        answer: what the student wrote; `...`, or a list or tuple with a `...` in it, is not answered yet.
        is_right: tells whether an answer is right. An answer of another kind than expected may make it raise.
        question: what is asked, in a few words, for an answer still open.
        hint: the next step to try, for a wrong answer. It does not give the answer away.
        why: the reason, for a right answer.
    """
    if unanswered(answer):
        print(f"○ not answered yet: {question}")
        return
    try:
        right = bool(is_right(answer))
    except Exception as error:  # a string for a number, an array of another shape: wrong, but no traceback
        print(f"✗ {short(answer)} could not be compared ({type(error).__name__}: {error}). {hint}")
        return
    print(f"✓ {why}" if right else f"✗ not {short(answer)}. {hint}")


def reveal(guess: Any, found: Any, what: str) -> None:
    """Print what was found beside a prediction. There is no right or wrong: a guess far off teaches most.

    Args:
        guess: the prediction, a number or a word; `...` if none was made.
        found: what was measured or counted.
        what: what the number is, such as "accuracy at 90 % sparsity".
    """
    print(f"{what}: {short(found)}")
    if unanswered(guess):
        print("○ no guess yet: replace the ... above, and run that cell and this one again.")
    elif not number(guess) or not number(found):
        print("your guess: the same." if guess == found else f"your guess: {short(guess)}.")
    elif float(guess) == float(found):
        print("your guess: exactly that.")
    else:
        off = float(guess) - float(found)
        print(f"your guess: {float(guess):,.6g}, too {'high' if off > 0 else 'low'} by {abs(off):,.4g}.")


def unanswered(answer: Any) -> bool:
    """Whether an answer, or a part of it, is still `...`."""
    if isinstance(answer, dict):
        return unanswered(list(answer.values()))
    return answer is ... or (isinstance(answer, list | tuple) and any(map(unanswered, answer)))


def number(value: Any) -> bool:
    """Whether a value is one real number."""
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, str)


def short(value: Any) -> str:
    """Return a value in one short line."""
    line = " ".join(str(value).split())
    return line if len(line) <= 80 else f"{line[:77]}…"
