"""ExpectedCurve: draw the accuracy you expect, lock it, and see the measured points over it."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import traitlets as t

from ..core.thresholds import number
from . import trait_bases
from .assets import module
from .curve import series_of
from .drawn import Drawn
from .kept_drawings import Drawing, drawing_for
from .view import Refused

STAGES = ("drawing", "locked", "shown")
NEAR = 0.005
"""A measured sparsity this close beyond the drawn curve still belongs to its end: 95 % of 1,001 weights is
a little more than 95 %."""


class Gap(NamedTuple):
    """The distance between a drawn curve and the measured points.

    Attributes:
        mean: mean absolute distance, in percentage points.
        largest: largest absolute distance, in percentage points.
        sparsity: where it is largest.
        expected: the drawn accuracy there.
        measured: the measured accuracy there.
        n: number of measured points that were compared.
    """

    mean: float
    largest: float
    sparsity: float
    expected: float
    measured: float
    n: int


class Guess(trait_bases.AnyType):
    """A trait that accepts {sparsity: accuracy} for the sparsities of its view."""

    default_value: dict[float, float] = {}

    def validate(self, obj: Any, value: Any) -> dict[float, float]:
        """Return it with plain numbers, in the order of the sparsities."""
        try:
            return checked_guess(value, obj.sparsities)
        except (TypeError, ValueError) as error:
            raise Refused(str(error)) from None


def _pairs(guess: dict[float, float], view: Any) -> list[list[float]]:
    return [[sparsity, accuracy] for sparsity, accuracy in guess.items()]  # JSON has no numbers as keys


def _from_pairs(pairs: Any, view: Any) -> dict[float, float]:
    try:
        return {sparsity: accuracy for sparsity, accuracy in pairs}  # noqa: C416  refuses longer ones
    except (TypeError, ValueError):
        raise Refused(f"guess is a list of [sparsity, accuracy] in the page, not {pairs!r:.60}.") from None


class ExpectedCurve(Drawn):
    """The axes of `AccuracyCurve`, on which you draw the accuracy you expect before it is measured.

    Drag the handles, or draw across the picture. Measured points show only after "Lock my guess", or after
    "Show me without a guess"; they may be handed in earlier. What was drawn is still there when the cell that
    made the view runs again, until the kernel is restarted.

    Attributes:
        guess: {sparsity: accuracy} of the points drawn so far, both from 0 to 1.
        stage: "drawing"; "locked", when the guess can no longer change and measured points show; or "shown",
            when they show without a guess. Only `start_over` goes back.

    Example:
        >>> expected = pw.ExpectedCurve([0.5, 0.9], unpruned=0.98)
        >>> expected  # in a notebook: draw, and press "Lock my guess"
        ExpectedCurve(0 of 2 points drawn, drawing)
        >>> expected.guess = {0.5: 0.97, 0.9: 0.6}  # the same without a page
        >>> expected.stage = "locked"
        >>> model = pw.models.pretrained("lenet_300_100")
        >>> _, (x, y) = pw.datasets.mnist()
        >>> expected.show_frame(pw.accuracy_curve(model, x, y, [0.5, 0.9]))
        >>> expected.gap.n, expected.gap.sparsity
        (2, 0.9)
    """

    view_name = "expected"
    script = t.Unicode(module(view_name)).tag(sync=True)

    sparsities: "t.List[float]" = t.List().tag(sync=True)
    unpruned = t.Float(None, allow_none=True).tag(sync=True)
    series: "t.List[Any]" = t.List().tag(sync=True)
    measure: "t.Dict[str, Any]" = t.Dict().tag(sync=True)
    guess = Guess().tag(sync=True, page=True, to_json=_pairs, from_json=_from_pairs)
    stage = t.Enum(STAGES, "drawing").tag(sync=True, page=True)

    # Stage and guess before the message from the page that is being taken in: it may hold both.
    _settled: tuple[str, dict[float, float]] = ("drawing", {})
    _drawing: Drawing | None = None  # what the next run of this cell continues; None while this is made

    def __init__(self, sparsities: Iterable[float], unpruned: float | None = None) -> None:
        """Show empty axes.

        Args:
            sparsities: where to draw, 0 to 1 each, in any order.
            unpruned: the accuracy before pruning if the reader may know it: the curve starts there, and a
                sparsity of 0 is not asked for.

        Raises:
            TypeError: not numbers.
            ValueError: fewer than one sparsity, the same one twice, or a number outside 0 to 1.
        """
        start = None if unpruned is None else fraction(unpruned, "unpruned")
        places = checked_sparsities(sparsities, start)
        drawing = drawing_for(places)
        super().__init__(sparsities=places, unpruned=start, guess=drawing.guess, stage=drawing.stage)
        self._drawing = drawing

    @property
    def locked(self) -> bool:
        """Whether the guess is locked."""
        return bool(self.stage == "locked")

    @property
    def gap(self) -> Gap | None:
        """How far the locked curve is from the measured points; None before there are both.

        Each measured point in the range of the drawn curve is compared with it; between two drawn points the
        curve is a straight line.
        """
        points = [point for line in self.series for point in line["points"]]
        return gap_between(self.guess, self.unpruned, points) if self.locked else None

    def show_frame(self, frame: pd.DataFrame) -> None:
        """Hand in what was measured, or the same again with more rows; shown once the guess is locked.

        Args:
            frame: from `pw.accuracy_curve`, see `AccuracyCurve`; the rows of one line.

        Raises:
            TypeError: not a DataFrame.
            ValueError: a column is missing or not a fraction, or there are several lines.
        """
        series = series_of(frame)
        if len(series) > 1:
            names = ", ".join(line["name"] for line in series)
            raise ValueError(
                f"the frame holds {len(series)} lines ({names:.200}) and the guess is one; hand in the rows "
                "of one line, such as frame[frame.criterion == 'magnitude']."
            )
        self.series = series

    def start_over(self) -> None:
        """Remove what is drawn, unlock the view and hide what was measured, to draw again."""
        self._settled = ("drawing", {})
        self.stage = "drawing"
        self.guess = {}

    @t.validate("guess")
    def _check_guess(self, proposal: dict[str, Any]) -> dict[float, float]:
        guess: dict[float, float] = proposal["value"]
        before, kept = self._settled
        if before != "drawing" and guess != kept:
            raise Refused(f"the guess is {before}; its start_over() unlocks it.")
        return guess

    @t.validate("stage")
    def _check_stage(self, proposal: dict[str, Any]) -> str:
        stage: str = proposal["value"]
        before, _ = self._settled
        if before not in ("drawing", stage):
            raise Refused(f"the view is {before}; its start_over() unlocks it.")
        missing = [f"{sparsity:g}" for sparsity in self.sparsities if sparsity not in self.guess]
        if stage == "locked" and missing:
            raise Refused(f"nothing is drawn at {', '.join(missing)}; draw all points before you lock them.")
        return stage

    @t.observe("stage", "guess")
    def _settle(self, change: dict[str, Any]) -> None:
        self._settled = (self.stage, self.guess if self.stage != "drawing" else {})
        if self._drawing is not None:
            self._drawing.guess, self._drawing.stage = self.guess, self.stage

    def __repr__(self) -> str:
        """Return what is drawn, and nothing that was measured; a page without widgets shows this text."""
        return f"ExpectedCurve({len(self.guess)} of {len(self.sparsities)} points drawn, {self.stage})"


def gap_between(
    guess: Mapping[float, float], unpruned: float | None, points: Iterable[Mapping[str, Any]]
) -> Gap | None:
    """Return the distance of measured points from a drawn curve; None if no point lies in its range."""
    curve = sorted({**({} if unpruned is None else {0.0: unpruned}), **guess}.items())
    if not curve:
        return None
    x, y = np.array(curve).T
    given = 0.0 if unpruned is not None else -1.0  # the point that the reader knew does not count
    compared = [
        point
        for point in points
        if given < point["sparsity"] and x[0] - NEAR <= point["sparsity"] <= x[-1] + NEAR
    ]
    if not compared:
        return None
    sparsities = np.array([point["sparsity"] for point in compared])
    measured = np.array([point["accuracy"] for point in compared])
    expected = np.interp(sparsities, x, y)
    off = 100 * np.abs(expected - measured)
    worst = int(off.argmax())
    return Gap(
        mean=float(off.mean()),
        largest=float(off[worst]),
        sparsity=float(sparsities[worst]),
        expected=float(expected[worst]),
        measured=float(measured[worst]),
        n=len(compared),
    )


def checked_sparsities(sparsities: Iterable[float], unpruned: float | None) -> list[float]:
    """Return the sparsities to draw at as ascending floats."""
    if isinstance(sparsities, str | Mapping) or not isinstance(sparsities, Iterable):
        raise TypeError(f"sparsities is a list of numbers such as [0.5, 0.9], not {sparsities!r:.60}.")
    found = sorted(fraction(sparsity, "a sparsity") for sparsity in sparsities)
    twice = [f"{a:g}" for a, b in zip(found, found[1:], strict=False) if a == b]
    if twice:
        raise ValueError(f"sparsity {', '.join(twice)} is there twice; give each once.")
    wanted = [sparsity for sparsity in found if sparsity > 0 or unpruned is None]
    if not wanted:
        raise ValueError("there is no sparsity to draw at; give some, such as [0.5, 0.8, 0.9, 0.95].")
    return wanted


def checked_guess(guess: Any, sparsities: list[float]) -> dict[float, float]:
    """Return {sparsity: accuracy} as plain numbers, in the order of the sparsities."""
    if not isinstance(guess, Mapping):
        raise TypeError(f"guess is {{sparsity: accuracy}}, such as {{0.9: 0.85}}, not {guess!r:.60}.")
    drawn: dict[float, float] = {}
    for sparsity, accuracy in guess.items():
        at = fraction(sparsity, "a sparsity of the guess")
        place = min(sparsities, key=lambda other: abs(other - at))
        if abs(place - at) > 1e-9:
            known = ", ".join(f"{sparsity:g}" for sparsity in sparsities)
            raise ValueError(f"the guess has no point at sparsity {at:g}; its points are {known}.")
        drawn[place] = fraction(accuracy, f"the guess at {place:g}")
    return dict(sorted(drawn.items()))


def fraction(value: Any, name: str) -> float:
    """Return a number from 0 to 1 as a float."""
    found = number(value, name)
    if not 0 <= found <= 1:
        raise ValueError(f"{name} is {found:g}; give a fraction from 0 to 1 (write 75 % as 0.75).")
    return found
