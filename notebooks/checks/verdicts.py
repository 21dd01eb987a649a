"""The immediate checks of the exercises, and the comparison of a guess with what was found.

An answer that is still `...` gets "○" and the question, a wrong one "✗" and a hint, a right one "✓" and
the reason. The truth is computed here from the definition, with NumPy alone, so that a check does not
repeat the code it checks. Chapters 03 to 05 have theirs in `checks_networks.py`, made with `check` and
`reveal` from this file.
"""

import textwrap
from collections import Counter
from collections.abc import Callable
from math import isclose
from typing import Any

import numpy as np

from prunewidgets.core.criteria import CRITERIA
from prunewidgets.data.example import TAU, W

from .answers import from_percent, number, plain, read, same, short, unanswered


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


# --- 00 start here ----------------------------------------------------------------------------------------


def frugal_lab(lab: Any) -> None:
    """At least 75 % removed and at least 97 % of the examples read correctly, as the lab stands now."""
    question = "move the lab beyond 75 % and run this cell again."
    if lab.sparsity <= 0.5:  # where the chapter left it
        return say(f"○ not answered yet: {question}")
    accuracy = lab.accuracy
    now = f"{100 * lab.sparsity:.2f} % removed, accuracy {accuracy}"
    if lab.sparsity < 0.75:
        say(f"✗ {now}: fewer than 75 % are removed. Remove more.")
    elif accuracy < 0.97:
        say(f"✗ {now}: the accuracy is below 97 %. Give some weights back and watch it.")
    else:
        say(f"✓ {now}. The network could spare that many weights.")


def three_ways(density: Any, ratio: Any) -> None:
    """Density and compression ratio at a sparsity of 0.95."""
    check(
        (density, ratio),
        lambda given: np.allclose(given, (0.05, 20), rtol=1e-6),
        "what are density and compression ratio at a sparsity of 0.95?",
        "What is not removed is kept; and if one weight in n is kept, the ratio is n.",
        "5 % are kept, one in twenty. The ratio makes the last per cents look large: 0.99 would be 100.",
    )


def last_one_standing(answer: Any) -> None:
    """The sparsity of the 3×4 matrix when only its largest weight stays."""
    check(
        answer,
        lambda given: abs(given - np.mean(W < W.max())) < 0.005,
        "what is the sparsity when only 0.9 stays?",
        "Count the cells that go blank, and divide by all cells (a fraction, not per cent).",
        "eleven of twelve. Sparsity is always removed ÷ all, so it never says how large the matrix is.",
    )


# --- 01 the 3×4 matrix ------------------------------------------------------------------------------------

# What the article prints in section 4.3.
ARTICLE_SORTED = [0.1, 0.2, 0.3, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.9, 0.8, 0.6]
ARTICLE_REMOVED = {0.1, 0.2, 0.3}
ARTICLE_PRUNED = np.array([[0.5, 0.6, 0.7, 0.8], [0.9, 0.9, 0.8, 0.6], [0.3, 0.7, 0.2, 0.6]])


def wrong_in_sorted(too_often: Any, missing: Any) -> None:
    """Which values the article's sorted matrix has too often, and which it lacks."""
    printed, real = Counter(ARTICLE_SORTED), Counter(W.ravel().tolist())
    truth = [sorted((printed - real).elements()), sorted((real - printed).elements())]
    check(
        [too_often, missing],
        lambda given: [sorted(values) for values in given] == truth,
        "which values are too many, and which are missing?",
        "Count each value in both. As many are too many as are missing; write each as often as it is.",
        "two values were written twice, so two others had no room. Sorting never changes what is there.",
    )


def wrong_in_removed(forgotten: Any, entries: Any) -> None:
    """The value that the article's removed set lacks, and how many entries are below τ."""
    below = W[W < TAU].tolist()
    (lacking,) = set(below) - ARTICLE_REMOVED
    check(
        (forgotten, entries),
        lambda given: given[0] in (lacking, [lacking], {lacking}) and given[1] == len(below),
        "which value was forgotten, and how many entries are below τ?",
        "Go through the matrix cell by cell, and count each cell below 0.5, also the second one of a value.",
        "six entries, but four different values. Count places, not values.",
    )


def right_places(answer: Any) -> None:
    """In how many places the article's pruned matrix is right."""
    check(
        answer,
        lambda given: given == np.sum(np.where(W >= TAU, W, 0) == ARTICLE_PRUNED),
        "in how many places is the article's value right?",
        "`article_pruned == pruned` tells it for each place; how many are True?",
        "three. Rows 0 and 1 are rows 1 and 2 of its sorted matrix, where the places were already lost; "
        "row 2 is W's own, with nothing removed.",
    )


def keeps_by_size(keep: Callable[[np.ndarray, float], Any]) -> None:
    """A function from weights and τ to the mask of what stays; as long as it compares w, it is not mended."""
    weights = np.array([[-1.2, -0.5, -0.499, 0.0], [0.499, 0.5, 1.2, -0.1]])
    try:
        mask = keep(weights, 0.5)
    except Exception as error:
        return stopped("keep", error)
    four = "of −1.2, −0.5, −0.499, 0, 0.499, 0.5, 1.2 and −0.1 four must stay at τ = 0.5."
    check(
        ... if np.array_equal(mask, weights >= 0.5) else mask,
        lambda given: np.array_equal(given, [[True, True, False, False], [False, True, True, False]]),
        f"mend `keep`. Now it keeps two, but {four}",
        f"But {four} Which ones, and what do they have in common?",
        "large weights stay on both sides of zero, and what equals τ stays too.",
    )


def thresholds_that_leave(nine: Any, seven: Any, eight: Any) -> None:
    """All τ that leave exactly nine, seven and eight of the twelve weights."""
    ordered = sorted(W.ravel().tolist())
    pairs = [(ordered[11 - kept], ordered[12 - kept]) for kept in (9, 7, 8)]
    truth = [pair if pair[0] < pair[1] else None for pair in pairs]
    check(
        (nine, seven, eight),
        lambda given: [None if pair is None else tuple(pair) for pair in given] == truth,
        "which τ leave nine, seven and eight weights?",
        "To leave nine, three must go: τ is above the third smallest and not above the fourth. Where these "
        "two are equal, no τ lies between them.",
        "an interval where two neighbours in the sorted list differ, and nothing where they are equal.",
    )


# --- 02 what makes a weight unimportant -------------------------------------------------------------------


def best_fill(fill: Any, weights: np.ndarray, x: np.ndarray) -> None:
    """One number in place of the half of the weights that is nearest to the mean."""
    distance = np.abs(weights - weights.mean())
    ordinary = distance < np.median(distance)

    def change(value: float) -> float:
        return float(np.mean((x @ (weights - np.where(ordinary, value, weights))) ** 2))

    least = weights[ordinary].mean()
    hint = "Where on the histogram do the removed weights lie?"
    if number(fill) and fill == 0:
        hint = f"Zero is what pruning puts there; with it the outputs move by {change(0):.2f}. {hint}"
    elif number(fill):
        hint = f"With it the outputs move by {change(fill):.2f}, with 0 by {change(0):.2f}. {hint}"
    check(
        fill,
        lambda value: number(value) and change(value) < 1.1 * change(least),
        "which number in place of the 300 ordinary weights?",
        hint,
        f"the outputs move by {change(least):.2f} instead of {change(0):.2f}. What can be spared depends on "
        "what takes its place; pruning puts zero there, so what is near *zero* can be spared.",
    )


def threshold_for_ninety(tau: Any, scores: np.ndarray) -> None:
    """The τ below which nine of ten scores lie."""
    wanted = round(0.9 * scores.size)
    reachable = np.sum(scores < np.sort(scores)[wanted])  # ties could make it fewer
    counted = "" if unanswered(tau) or not number(tau) else f"It removes {np.sum(scores < float(tau)):,}. "
    check(
        tau,
        lambda value: np.sum(scores < value) == reachable,
        f"which τ removes {wanted:,} weights?",
        f"{counted}Sort the scores: which of them has exactly {wanted:,} smaller ones before it?",
        f"{wanted:,} scores lie below it. Sorting is how a sparsity becomes a threshold.",
    )


def not_fooled(answer: Any) -> None:
    """The criteria whose scores stay the same when all weights are multiplied by ten."""
    right = {name for name, rule in CRITERIA.items() if np.allclose(rule(10 * W), rule(W))}
    check(
        answer,
        lambda names: {name.strip().casefold() for name in names} == right,
        "which criteria do not care about the scale of a layer?",
        "Which score has the weights in it in such a way that a factor cancels? And which does not look at "
        "them at all?",
        "one divides the scale away and pays for it with its blindness for zero, the other sees nothing.",
    )
