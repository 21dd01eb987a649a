"""What every check does: judge an answer, and compare a guess with what was found.

An answer that is still `...` gets "○" and the question, a wrong one "✗" and a hint, a right one "✓" and
the reason.
"""

import textwrap
from collections.abc import Callable
from math import isclose
from typing import Any

from .answers import from_percent, number, plain, read, same, short, unanswered


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


def reveal(guess: Any, found: Any, what: str, percent: bool = False, choice: bool = False) -> None:
    """Print what was found beside a prediction. There is no right or wrong: a guess far off teaches most.

    Args:
        guess: the prediction, a number or a word, or several by name; `...` if none was made.
        found: what was measured or counted, several by name if the guess is; None if it was not, because a
            cell was stopped.
        what: what the number is, such as "accuracy at 90 % sparsity".
        percent: print fractions in per cent; an Accuracy always is.
        choice: one of several was to be chosen, so that a number is no nearer than another.
    """
    guess = read(guess)
    if isinstance(found, dict) and not isinstance(guess, dict) and guess is not ...:
        names = ", ".join(f"{name!r}: ..." for name in found)
        print(f"{what}: {short(found)}")
        print(f"○ one guess for each is asked for, {{{names}}}; you gave {short(guess)}.")
        return
    if (
        isinstance(found, dict)
        and not choice
        and all(part is None or number(part) for part in found.values())
    ):
        for name, part in found.items():  # several numbers: a line each
            own = guess.get(name, ...) if isinstance(guess, dict) else guess
            reveal(own, part, f"{name}: {what}", percent, choice)
        return
    if found is None:
        print(f"{what}: not measured; run the cells above to their end first.")
        return
    in_words = hasattr(found, "interval") or not percent  # an Accuracy has per cent in its own words
    print(f"{what}: {short(found) if in_words else f'{100 * float(found):.2f} %'}")
    if unanswered(guess):
        print("○ no guess yet: replace the ... above, and run that cell and this one again.")
    else:
        print(f"your guess: {compared(guess, found, percent or hasattr(found, 'interval'), choice)}.")


def compared(guess: Any, found: Any, percent: bool, choice: bool) -> str:
    """Return a guess and how it compares with what was found."""
    if isinstance(guess, dict) and isinstance(found, dict):
        right = sum(name in guess and same(guess[name], found[name]) for name in found)
        return f"{short(guess)}; {right} of {len(found)} right"
    if choice or not number(guess) or not number(found):
        return "the same" if same(guess, found) else f"{short(guess)}, not that one"
    guess, found = float(guess), float(found)
    if isclose(guess, found):
        return "exactly that"
    off = f"too {'high' if guess > found else 'low'} by"
    if not percent:
        return f"{guess:,.6g}, {off} {abs(guess - found):,.4g}"
    if not 0 <= guess <= 1:
        return f"{guess:,.6g}, but a number from 0 to 1 was asked for: 0.75 for 75 %"
    return f"{100 * guess:.4g} %, {off} {100 * abs(guess - found):.2f} points"


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
