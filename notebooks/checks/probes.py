"""What a page says of an answer without Python: verdicts on many answers, found when the page is written.

A check is a function, which a page cannot run. So it is run beforehand on what a reader may plausibly
write: the numbers of a fine grid, whole numbers, and the numbers and words that the texts of the exercise
name. Between two numbers with the same verdict the page gives that one; where it cannot know, it says that
this needs Python.
"""

import html
import io
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from time import monotonic
from typing import Any

import numpy as np

from .answers import number, short

SECONDS = 10.0
"""Most time for one exercise; one whose check measures takes longer, and needs Python."""


class Answerable:
    """An exercise that a page can check."""

    def __init__(self, verdicts: dict[str, Any]) -> None:
        """Take what `verdicts` has found."""
        self.verdicts = verdicts

    def _repr_html_(self) -> str:
        return f'<div data-verdicts="{html.escape(json.dumps(self.verdicts, ensure_ascii=False))}"></div>'

    def __repr__(self) -> str:
        return ""


def verdicts(
    judge: Callable[[Any], Any], values: Mapping[str, Any], tries: Iterable[tuple[Any, ...]] = ()
) -> dict[str, Any] | None:
    """Return the verdicts on many answers; None if none of them is right, or it takes too long.

    Args:
        judge: a check of one answer, which prints its verdict and returns it.
        values: what the texts of the exercise name.
        tries: pairs, or more numbers together; without them a single number is asked for.

    Returns:
        texts: the verdicts, with {given} for the answer; runs: [from, to, place of the text] of numbers, in
        their order; words: {word in small letters, or numbers such as "7, 0.5": place of the text}.
    """
    texts: list[str] = []
    right, end = False, monotonic() + SECONDS

    def judged(answer: Any) -> int:
        nonlocal right
        with redirect_stdout(io.StringIO()) as printed:
            right |= judge(answer).passed
        line, given = " ".join(printed.getvalue().split()), short(answer)
        for start in ("✗ not ", "✗ "):
            if line.startswith(start + given):
                line = line.replace(given, "{given}", 1)
        if line not in texts:
            texts.append(line)
        return texts.index(line)

    runs: list[list[Any]] = []
    try:
        named = [value for value in values.values() if isinstance(value, str)]
        words = {value.strip().casefold(): judged(value) for value in named}
        tries = list(tries)
        words |= {", ".join(f"{float(part):g}" for part in parts): judged(parts) for parts in tries}
        for candidate in [] if tries else _numbers(values.values()):
            if monotonic() > end:
                return None
            verdict = judged(candidate)
            if runs and runs[-1][2] == verdict:
                runs[-1][1] = candidate
            else:
                runs.append([candidate, candidate, verdict])
    except (TypeError, ValueError):  # what the texts name is known only once there is an answer
        return None
    return {"texts": texts, "runs": runs, "words": words} if right else None


def _numbers(named: Iterable[Any]) -> list[float]:
    """Return the numbers to try, ascending: a grid, whole numbers, and those named with their neighbours."""
    found = {n / 1000 for n in range(2001)} | {float(n) for n in range(-100, 1001)}
    found |= {float(round(10 ** (power / 4))) for power in range(13, 40)}
    for value in named:
        if number(value) and np.isfinite(float(value)):
            whole = float(value)
            for each in (whole, 1 - whole, 1 / whole if whole else 0.0):
                step = max(abs(each) * 0.001, 1e-6)
                found |= {each, *(each + n * step for n in range(-12, 13)), round(each, 2), round(each, 3)}
            found |= {whole - 1, whole + 1}
    return sorted(found)
