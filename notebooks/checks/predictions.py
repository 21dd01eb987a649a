"""Predictions: what was found is shown only after a guess, or when the reader opens "show me".

So an instructor can run a whole chapter beforehand, and no answer is on the screen. `guess = "show me"` opens
everything that waits for this guess.
"""

import base64
import html
from functools import partial
from math import isclose
from typing import Any

from IPython import get_ipython
from IPython.display import display

from prunewidgets.pages.writing import VIEW, place_of, writing

from .answers import number, read, same, short, unanswered
from .texts import text
from .verdicts import say

SHOW = "show me"


class Folded:
    """What opens with a click or the Enter key, and not before. It needs no kernel to open."""

    def __init__(self, what: str, content: str) -> None:
        """Fold HTML content away; `what` is plain text that names it without giving it away."""
        self.what, self.content = what, content

    def _repr_html_(self) -> str:
        summary = html.escape(text("engine.prediction", "on_page" if writing() else "folded", what=self.what))
        return f'<details><summary style="cursor: pointer">{summary}</summary>{self.content}</details>'

    def __repr__(self) -> str:
        return text("engine.prediction", "no_guess", what=self.what)


def reveal(guess: Any, found: Any, what: str, percent: bool = False, choice: bool = False) -> None:
    """Print what was found beside a prediction. There is no right or wrong: a guess far off teaches most.

    Without a guess, what was found is folded away.

    Args:
        guess: the prediction, a number or a word, or several by name; `...` if none was made, "show me" to
            see what was found without guessing.
        found: what was measured or counted, several by name if the guess is; None if it was not, because a
            cell was stopped.
        what: what the number is, such as "accuracy at 90 % sparsity".
        percent: print fractions in per cent; an Accuracy always is.
        choice: one of several was to be chosen, so that a number is no nearer than another.
    """
    guess = read(guess)
    several = isinstance(found, dict)
    if several and not isinstance(guess, dict) and guess is not ... and not _gives_up(guess):
        names = "{" + ", ".join(f"{name!r}: ..." for name in found) + "}"
        say(text("engine.prediction", "one_each", names=names, given=short(guess)))
        return
    if several and not choice and all(part is None or number(part) for part in found.values()):
        for name, part in found.items():  # several numbers: a line each
            own = guess.get(name, ...) if isinstance(guess, dict) else guess
            reveal(own, part, f"{name}: {what}", percent, choice)
        return
    if found is None:
        print(text("engine.prediction", "not_measured", what=what))
        return
    in_words = hasattr(found, "interval") or not percent  # an Accuracy has per cent in its own words
    value = short(found) if in_words else f"{100 * float(found):.2f} %"
    line = text("engine.prediction", "found", what=what, found=value)
    if unanswered(guess):
        display(Folded(what, f"<pre>{html.escape(line)}</pre>"))
        return
    print(line)
    if not _gives_up(guess):
        in_percent = percent or hasattr(found, "interval")
        print(text("engine.prediction", "guessed", compared=compared(guess, found, in_percent, choice)))


def after(guess: Any, *things: Any, what: str) -> None:
    """Show a table, a picture or a view that gives an answer away, once there is a guess.

    Without a guess a table or a picture is folded away, and a view waits for the next run of the cell.

    Args:
        guess: the prediction that has to come first.
        *things: what would stand on the last line of the cell.
        what: what they show, in a few words, such as "the accuracy of each digit".
    """
    if not unanswered(guess):
        display(*things)
        return
    contents = [_as_html(thing) for thing in things]
    if None in contents:
        say(text("engine.prediction", "first", what=what))
    else:
        display(Folded(what, "".join(contents)))


def _as_html(thing: Any) -> str | None:
    """Return what a cell would show of an object as HTML; None for a view, which lives in the kernel."""
    shell = get_ipython()
    shapes = shell.display_formatter.format(thing)[0] if shell else {"text/plain": repr(thing)}
    if VIEW in shapes:
        return place_of(shapes[VIEW]["model_id"]) if writing() else None
    if "text/html" in shapes:
        return shapes["text/html"]
    if "image/png" in shapes:
        png = shapes["image/png"]
        source = png if isinstance(png, str) else base64.b64encode(png).decode()
        return f'<img alt="{html.escape(repr(thing), quote=True)}" src="data:image/png;base64,{source}">'
    return f"<pre>{html.escape(shapes['text/plain'])}</pre>"


def _gives_up(guess: Any) -> bool:
    return isinstance(guess, str) and guess.strip().casefold() == SHOW


def compared(guess: Any, found: Any, percent: bool, choice: bool) -> str:
    """Return a guess and how it compares with what was found."""
    phrase = partial(text, "engine.prediction")
    if isinstance(guess, dict) and isinstance(found, dict):
        right = sum(name in guess and same(guess[name], found[name]) for name in found)
        return phrase("some_right", guess=short(guess), right=right, all=len(found))
    if choice or not number(guess) or not number(found):
        return phrase("same") if same(guess, found) else phrase("other", guess=short(guess))
    guess, found = float(guess), float(found)
    if isclose(guess, found):
        return phrase("exact")
    way = "high" if guess > found else "low"
    if not percent:
        off = abs(guess - found)
        return phrase(f"too_{way}", guess=f"{guess:,.6g}", off=f"{off:,.0f}" if off >= 1000 else f"{off:.4g}")
    if not 0 <= guess <= 1:
        return phrase("no_share", guess=f"{guess:,.6g}")
    return phrase(f"too_{way}_points", guess=f"{100 * guess:.4g}", off=f"{100 * abs(guess - found):.2f}")
