"""What a class may answer: choices, or ranges of a number; and counts of hands for them."""

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ..core.measures import number_text
from ..core.thresholds import number

MOST_ANSWERS = 20
"""As many rows as can be read on a projector."""
MOST_HANDS = 9_999


@dataclass(frozen=True)
class Answers:
    """The answers of a question, in the order of their rows.

    Attributes:
        labels: what is shown of each.
        edges: the ends of the ranges, one more than answers; None if the answers are choices.
    """

    labels: list[str]
    edges: list[float] | None

    @property
    def share(self) -> bool:
        """Whether the ranges lie between 0 and 1, and are shown in per cent."""
        return self.edges is not None and 0 <= self.edges[0] and self.edges[-1] <= 1

    def place_of(self, value: Any) -> int:
        """Return the row of an answer.

        A number belongs to the range that begins with it, and to the last one if it is its end. As text,
        "85 %" and, where ranges are shown in per cent, "85" are 0.85.

        Raises:
            TypeError: the answers are ranges, and this is no number.
            ValueError: it is none of the answers.
        """
        if self.edges is None:
            known = [plain(label).casefold() for label in self.labels]
            if (name := plain(str(value)).casefold()) in known:
                return known.index(name)
            raise ValueError(f"{value!r:.60} is none of the answers, which are {', '.join(self.labels):.300}")
        found = self._typed(value) if isinstance(value, str) else number(value, "an answer")
        low, high = self.edges[0], self.edges[-1]
        if not low <= found <= high:
            raise ValueError(f"{value!s:.60} is outside the ranges, which go from {low:g} to {high:g}")
        return min(sum(edge <= found for edge in self.edges), len(self.labels)) - 1

    def text_of(self, value: Any) -> str:
        """Return how a found answer is shown; an Accuracy has its interval."""
        if self.edges is None:
            return self.labels[self.place_of(value)]
        if hasattr(value, "interval"):
            return str(value)
        found = self._typed(value) if isinstance(value, str) else float(value)
        return f"{100 * found:.4g} %" if self.share else number_text(found)

    def _typed(self, text: str) -> float:
        digits = text.strip().removesuffix("%").strip()
        try:
            found = float(digits)
        except ValueError:
            found = float("nan")
        if not isfinite(found):
            raise ValueError(f"{text!r:.60} is not a number") from None
        return found / 100 if "%" in text or (self.share and 1 < found <= 100) else found


def checked_answers(answers: Any) -> Answers:
    """Return the answers to a question.

    Args:
        answers: choices as text, or the ends of ranges as ascending numbers.

    Raises:
        TypeError: neither texts nor numbers.
        ValueError: too few or too many, one of them twice or empty, or numbers that do not ascend.
    """
    if isinstance(answers, str | Mapping) or not isinstance(answers, Iterable):
        raise TypeError(f"answers is a list, such as ['yes', 'no'] or [0, 0.5, 0.9, 1], not {answers!r:.60}.")
    given = list(answers)
    if given and all(isinstance(answer, str) for answer in given):
        labels = [plain(answer) for answer in given]
        if "" in labels:
            raise ValueError("one of the answers is empty; give each a text.")
        twice = [label for i, label in enumerate(labels) if label.casefold() in map(str.casefold, labels[:i])]
        if twice:
            raise ValueError(f"the answer {twice[0]!r:.60} is there twice; give each once.")
        return Answers(in_number(labels), None)
    edges = [number(answer, "an end of a range") for answer in given]
    if any(a >= b for a, b in zip(edges, edges[1:], strict=False)):
        raise ValueError(
            f"the ends of the ranges are {given!r:.100}; give them in ascending order, each once."
        )
    share = bool(edges) and 0 <= edges[0] and edges[-1] <= 1
    ends = [f"{100 * edge if share else edge:.6g}".replace("-", "−") for edge in edges]
    unit = " %" if share else ""
    labels = [f"{low} – {high}{unit}" for low, high in zip(ends, ends[1:], strict=False)]
    return Answers(in_number(labels), edges)


def in_number(labels: list[str]) -> list[str]:
    """Return the answers if there are as many as a class can choose from."""
    if not 2 <= len(labels) <= MOST_ANSWERS:
        raise ValueError(f"there are {len(labels)} answers; give 2 to {MOST_ANSWERS} of them.")
    return labels


def checked_counts(counts: Any, answers: Answers) -> list[int]:
    """Return how many hands each answer has.

    Args:
        counts: a count for each answer in their order, or {answer: count}, in which a missing one is 0.
        answers: the answers.

    Raises:
        TypeError: a count is not a whole number.
        ValueError: there are more or fewer counts than answers, a count is negative or above `MOST_HANDS`, or
            there is no such answer.
    """
    if isinstance(counts, Mapping):
        found = [0] * len(answers.labels)
        for answer, count in counts.items():
            row = answers.labels.index(answer) if answer in answers.labels else answers.place_of(answer)
            found[row] += checked_count(count)
        return [checked_count(count) for count in found]
    if isinstance(counts, str) or not isinstance(counts, Iterable):
        raise TypeError(f"hands are a count for each answer, such as [3, 12], not {counts!r:.60}.")
    found = [checked_count(count) for count in counts]
    if len(found) != len(answers.labels):
        raise ValueError(
            f"there are {len(answers.labels)} answers and {len(found)} counts; give one for each."
        )
    return found


def checked_count(count: Any) -> int:
    """Return a number of hands as an int."""
    try:
        found = operator.index(count)
    except TypeError:
        raise TypeError(f"a number of hands is a whole number, not {count!r:.60}.") from None
    if isinstance(count, bool) or not 0 <= found <= MOST_HANDS:
        raise ValueError(f"a number of hands is {count!r:.60}; give one from 0 to {MOST_HANDS:,}.")
    return found


def plain(text: str) -> str:
    """Return a text without line breaks and spaces around it."""
    return " ".join(text.split())
