"""Words and numbers as the views write them, see static/page/text.js."""

import re
from typing import Any

from ...core.measures import number_text as number
from ...utils.terminal_codes import without_terminal_codes

__all__ = ["better", "brief", "grouped", "number", "percent", "plain", "say", "say_of", "short", "value_of"]


def say(view: Any, key: str, **values: object) -> str:
    """Return a word or sentence with its {names} filled in; a name within a value stays as it is."""
    pieces = re.split(r"\{(\w+)\}", view.words[key])
    return "".join(plain(values[piece]) if i % 2 else piece for i, piece in enumerate(pieces))


def plain(value: object) -> str:
    """Return text without line breaks and terminal codes: a name may hold anything."""
    text = without_terminal_codes(str(value)).encode("utf-8", "replace").decode()
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def grouped(number: float) -> str:
    """Return a number with its thousands separated and at most three decimals."""
    return f"{number:,.3f}".rstrip("0").rstrip(".") if number % 1 else f"{number:,.0f}"


def percent(share: float, least: int = 2) -> str:
    """Return a percentage, with more decimals where it would read 0 or 100 % and is neither."""
    digits = least
    while digits < 8 and f"{100 * share:.{digits}f}" in (f"{0:.{digits}f}", f"{100:.{digits}f}"):
        if share in (0, 1):
            break
        digits += 1
    return f"{100 * share:,.{digits}f} %"


def value_of(view: Any, value: float) -> str:
    """Return a measured value: in per cent, or as a number if the view's measure is no share."""
    return percent(value) if view.measure.get("share", True) else number(value)


def say_of(view: Any, accuracy: str, other: str, /, **values: object) -> str:
    """Return a sentence about the accuracy, or the same about the view's other measure."""
    name = view.measure.get("name")
    return say(view, other, measure=name, **values) if name else say(view, accuracy, **values)


def better(view: Any) -> str:
    """Return which values are better in words; nothing about the accuracy, where that is plain."""
    key = {"min": "lower_is_better", "max": "higher_is_better"}.get(view.measure.get("direction") or "")
    return say(view, key) if key else ""


def short(number: float, digits: int = 3) -> str:
    """Return a weight or a threshold as short text."""
    return f"{number:.{digits}g}".replace("-", "−") if number else "0"


def brief(number: float) -> str:
    """Return a percentage of an axis: no decimals that say nothing."""
    return f"{100 * number:.6g} %"
