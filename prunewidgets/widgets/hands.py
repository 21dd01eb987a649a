"""ShowOfHands: what a class guesses, before and after a discussion, beside what was found."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple

import traitlets as t

from . import trait_bases
from .assets import module
from .checked_hands import checked_answers, checked_counts, plain
from .drawn import Drawn
from .hands_csv import read_guesses
from .kept_drawings import kept_for
from .view import Refused


class Moved(NamedTuple):
    """How many hands moved between two rounds, as far as counts tell.

    Attributes:
        nearer: at least so many moved nearer to what was found.
        further: at least so many moved away from it.
    """

    nearer: int
    further: int


class Counts(trait_bases.AnyType):
    """A trait that accepts a count for each answer of its view, as a list or as {answer: count}."""

    default_value: list[int] = []

    def validate(self, obj: Any, value: Any) -> list[int]:
        """Return a list of ints; an empty one is that of a round that has not been asked."""
        try:
            empty = isinstance(value, list | tuple) and not value
            return [] if empty and self.name == "after" else checked_counts(value, obj._known)
        except (TypeError, ValueError) as error:
            raise Refused(str(error)) from None


@dataclass
class Kept:
    """What a view has counted so far; it outlives the view."""

    asks: tuple[str, list[str]]
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    revealed: bool = False


class ShowOfHands(Drawn):
    """A class's guesses as bars, beside what was found, which is hidden until you show it.

    Type the hands of each answer into the page, or read them from a CSV. After a discussion ask again, and
    see both rounds side by side. What was counted is still there when the cell that made the view runs again,
    until the kernel is restarted.

    Attributes:
        before: the hands of each answer.
        after: the same after a discussion; [] if the class was not asked again.
        revealed: whether what was found is shown.

    Example:
        >>> hands = pw.ShowOfHands("Accuracy at 90 % sparsity?", [0, 0.5, 0.8, 0.9, 1])
        >>> hands  # in a notebook: type the hands of each range
        ShowOfHands('Accuracy at 90 % sparsity?', 0 hands, hidden)
        >>> hands.before = [2, 8, 15, 5]  # the same without a page
        >>> hands.after = [0, 3, 22, 5]
        >>> hands.show(0.8731)
        >>> hands.moved
        Moved(nearer=7, further=0)
    """

    view_name = "hands"
    script = t.Unicode(module(view_name)).tag(sync=True)

    question = t.Unicode().tag(sync=True)
    answers: "t.List[str]" = t.List().tag(sync=True)
    ranged = t.Bool(False).tag(sync=True)  # whether a row is nearer to some than to others
    before = Counts().tag(sync=True, page=True)
    after = Counts().tag(sync=True, page=True)
    found: "t.Dict[str, Any]" = t.Dict().tag(sync=True)  # its row and its text; {} before it is handed in
    revealed = t.Bool(False).tag(sync=True, page=True)

    _kept: Kept | None = None  # None while the view is made

    def __init__(self, question: str, answers: Iterable[str] | Iterable[float], found: Any = None) -> None:
        """Show a question with no hands.

        Args:
            question: what the class is asked.
            answers: choices as text; or the ends of ranges as ascending numbers, so [0, 0.5, 0.9, 1] are
                three ranges. Between 0 and 1 they are shown in per cent.
            found: the right one of the choices, or the number that was found, such as an Accuracy; hidden
                until it is shown. Defaults to none, and `show` hands it in.

        Raises:
            TypeError: not texts or numbers.
            ValueError: fewer than 2 or more than 20 answers, the same one twice, numbers that do not ascend,
                or something found that is none of them.
        """
        if not isinstance(question, str):
            raise TypeError(f"question is a text, not {question!r:.60}.")
        self._known = checked_answers(answers)
        labels = self._known.labels
        known = {} if found is None else self._checked_found(found)
        kept = kept_for(Kept((plain(question), labels), before=[0] * len(labels)))
        super().__init__(
            question=plain(question),
            answers=labels,
            ranged=self._known.edges is not None,
            before=kept.before,
            after=kept.after,
            found=known,
            revealed=kept.revealed and bool(known),
        )
        self._kept = kept

    @property
    def moved(self) -> Moved | None:
        """How many hands moved between the rounds; None before there are both and what was found is shown."""
        if not self.revealed or not self.after:
            return None
        return moved(self.before, self.after, self.found["answer"], self.ranged)

    def read_csv(self, source: str | os.PathLike[str] | IO[str]) -> None:
        """Read the hands from a CSV, in place of those counted so far.

        Each line is one guess; or the first line names the columns: `answer`, and if there are such `count`,
        and `round` with "before" or "after". A number as a guess goes into its range. Where ranges are shown
        in per cent, 85 and 85 % are 0.85.

        Args:
            source: name of the file, or an open one.

        Raises:
            OSError: the file cannot be read.
            ValueError: a line is no guess; the message names it.
        """
        before, after = read_guesses(source, self._known)
        with self.hold_sync():
            self.before, self.after = before, after

    def show(self, found: Any = None) -> None:
        """Show what was found.

        Args:
            found: see the class; None for what was handed in before.

        Raises:
            TypeError: the answers are ranges and this is no number.
            ValueError: it is none of the answers, or nothing was handed in.
        """
        if found is None and not self.found:
            raise ValueError("there is nothing to show yet; hand in what was found, as in show(0.873).")
        with self.hold_sync():
            if found is not None:
                self.found = self._checked_found(found)
            self.revealed = True

    def start_over(self) -> None:
        """Remove all hands and hide what was found, to ask another class."""
        with self.hold_sync():
            self.revealed = False
            self.before, self.after = [0] * len(self.answers), []

    def _checked_found(self, found: Any) -> dict[str, Any]:
        try:
            return {"answer": self._known.place_of(found), "text": self._known.text_of(found)}
        except ValueError as error:
            raise ValueError(f"found: {error}.") from None

    @t.validate("revealed")
    def _check_revealed(self, proposal: dict[str, Any]) -> bool:
        if proposal["value"] and not self.found:
            raise Refused("there is nothing to show yet; hand in what was found, as in show(0.873).")
        return bool(proposal["value"])

    @t.observe("before", "after", "revealed")
    def _keep(self, change: dict[str, Any]) -> None:
        if self._kept is not None:
            self._kept.before, self._kept.after = self.before, self.after
            self._kept.revealed = self.revealed

    def __repr__(self) -> str:
        """Return how many hands there are, and nothing that was found; shown where there are no widgets."""
        state = "shown" if self.revealed else "hidden"
        return f"ShowOfHands({self.question!r}, {sum(self.before)} hands, {state})"


def moved(before: Sequence[int], after: Sequence[int], place: int, ranged: bool) -> Moved:
    """Return how many hands moved at least, if nobody left the class while another came in.

    Those within some distance of what was found after the discussion, less those who were there before, must
    have come from farther away, or into the class.

    Args:
        before: hands of each answer.
        after: the same after the discussion.
        place: the row of what was found.
        ranged: whether a row is nearer the fewer rows lie between; else all wrong answers are equally far.
    """
    far = [abs(row - place) if ranged else int(row != place) for row in range(len(before))]
    gains = [
        sum(b - a for a, b, away in zip(before, after, far, strict=True) if away <= reach)
        for reach in range(max(far) + 1)
    ]
    more = gains[-1]
    return Moved(max(0, max(gains) - max(0, more)), max(0, -min(gains) - max(0, -more)))
