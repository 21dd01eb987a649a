"""What every check does: judge an answer, and compare a guess with what was found.

An answer that is still `...` gets "○" and the question, a wrong one "✗" and a hint, a right one "✓" and
the reason.
"""

import textwrap
from collections.abc import Callable
from typing import Any

from .answers import from_percent, plain, read, short, unanswered


def check(answer: Any, is_right: Callable[[Any], Any], question: str, hint: str, why: str) -> None:
    """Print the verdict on one answer.

    Args:
        answer: what the student wrote; `...`, or a list or tuple with a `...` in it, is not answered yet.
        is_right: whether an answer is right; it may raise for an answer of another kind than expected.
        question: what is asked, in a few words, for an answer still open.
        hint: the next step to try, for a wrong answer. It does not give the answer away.
        why: the reason, for a right answer.
    """
    if unanswered(answer):
        say(f"○ not answered yet: {question}")
        return
    given = short(answer) if plain(answer) else ""
    answer = read(answer)
    try:
        right = bool(is_right(answer))
    except Exception:  # a word for a number, an array of another shape: wrong, but no traceback
        say(f"✗ {given or 'this'} is not the kind of answer asked for. {hint}")
        return
    if not right and any(_passes(is_right, fraction) for fraction in from_percent(answer)):
        say(f"✗ {given} is in per cent. {FRACTION}")
    else:
        say(f"✓ {why}" if right else f"✗ not {given}. {hint}" if given else f"✗ {hint}")


FRACTION = "Write it as a fraction from 0 to 1, such as 0.75 for 75 %."


def _passes(is_right: Callable[[Any], Any], answer: Any) -> bool:
    try:
        return bool(is_right(answer))
    except Exception:
        return False


def stopped(name: str, error: Exception) -> None:
    """Print in one line that the reader's function ended with an error."""
    say(f"✗ {name} stopped with {type(error).__name__}: {error}")


def say(message: str) -> None:
    """Print a message in lines that fit beside a notebook's margin."""
    print(textwrap.fill(message, 100))


def restore_if_applied(live: Any) -> None:
    """Restore the network if masks are applied to it, and say so, so that what follows measures all of it."""
    if live.applied is not None:
        found = str(live.applied).removeprefix("Masks: ")
        say(f"Found applied: {found}. Restored, since the next steps are about the whole network.")
        live.restore()
