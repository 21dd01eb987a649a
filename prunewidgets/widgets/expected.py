"""ExpectedCurve: draw the accuracy you expect, lock it, and see the measured points over it."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import traitlets as t

from ..core.measures import ACCURACY, measure_named, measure_of, shown
from ..core.thresholds import number
from . import trait_bases
from .assets import module
from .checked_guess import checked_guess, checked_sparsities, within
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
        mean: mean absolute distance, in percentage points; of a measure that is no share, in its own unit.
        largest: largest absolute distance, in the same unit.
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
    """A trait that accepts {sparsity: accuracy} for the sparsities and the span of its view."""

    default_value: dict[float, float] = {}

    def validate(self, obj: Any, value: Any) -> dict[float, float]:
        """Return it with plain numbers, in the order of the sparsities."""
        try:
            return checked_guess(value, obj.sparsities, obj.span)
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
    measure: "t.Dict[str, Any]" = t.Dict().tag(sync=True)  # {} for the accuracy
    span: "t.List[float]" = t.List([0.0, 1.0]).tag(sync=True)
    guess = Guess().tag(sync=True, page=True, to_json=_pairs, from_json=_from_pairs)
    stage = t.Enum(STAGES, "drawing").tag(sync=True, page=True)

    # Stage and guess before the message from the page that is being taken in: it may hold both.
    _settled: tuple[str, dict[float, float]] = ("drawing", {})
    _drawing: Drawing | None = None  # what the next run of this cell continues; None while this is made

    def __init__(
        self,
        sparsities: Iterable[float],
        unpruned: float | None = None,
        measure: str = "accuracy",
        span: tuple[float, float] = (0.0, 1.0),
        direction: str | None = None,
    ) -> None:
        """Show empty axes.

        Args:
            sparsities: where to draw, 0 to 1 each, in any order.
            unpruned: the accuracy before pruning if the reader may know it: the curve starts there, and a
                sparsity of 0 is not asked for.
            measure: the name of what is expected, as in `pw.accuracy_curve(..., metric="mae")`.
            span: the lowest and highest value on the axis; 0 to 1 are shown in per cent.
            direction: "max" if higher values are better, "min" if lower ones are. Defaults to what the name
                says.

        Raises:
            TypeError: not numbers.
            ValueError: fewer than one sparsity, the same one twice, a number outside 0 to 1, or a value
                outside the span.
        """
        low, high = (number(end, "an end of the span") for end in span)
        if not low < high:
            raise ValueError(f"span is {low:g} to {high:g}; give a lower and a higher value, such as (0, 5).")
        start = None if unpruned is None else within(unpruned, "unpruned", (low, high))
        places = checked_sparsities(sparsities, start)
        drawing = drawing_for(places, (low, high))
        known = ACCURACY if measure == ACCURACY.name else measure_named(measure, direction)
        if known.is_accuracy and (low, high) != (0, 1):
            raise ValueError("an accuracy goes from 0 to 1; leave span out, or name another measure.")
        super().__init__(
            sparsities=places,
            unpruned=start,
            measure=shown(known._replace(share=(low, high) == (0, 1))),
            span=[low, high],
            guess=drawing.guess,
            stage=drawing.stage,
        )
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
        scale = 100 if self.measure.get("share", True) else 1
        return gap_between(self.guess, self.unpruned, points, scale) if self.locked else None

    def show_frame(self, frame: pd.DataFrame) -> None:
        """Hand in what was measured, or the same again with more rows; shown once the guess is locked.

        Args:
            frame: from `pw.accuracy_curve`, see `AccuracyCurve`; the rows of one line.

        Raises:
            TypeError: not a DataFrame.
            ValueError: a column is missing or not a fraction, there are several lines, or the frame is of
                another measure.
        """
        series, own = series_of(frame), self.measure.get("name", ACCURACY.name)
        if (found := measure_of(frame).name) != own:
            raise ValueError(
                f"the frame has values of {found!r}, and the guess is of {own!r}: make the view with "
                f"ExpectedCurve(..., measure={found!r}, span=(lowest, highest))."
            )
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
    guess: Mapping[float, float],
    unpruned: float | None,
    points: Iterable[Mapping[str, Any]],
    scale: float = 100,
) -> Gap | None:
    """Return the distance of measured points from a drawn curve; None if no point lies in its range.

    Args:
        guess: {sparsity: value} of the curve.
        unpruned: where it starts, if that was known.
        points: the measured ones.
        scale: what to multiply distances with: 100 for percentage points.
    """
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
    off = scale * np.abs(expected - measured)
    worst = int(off.argmax())
    return Gap(
        mean=float(off.mean()),
        largest=float(off[worst]),
        sparsity=float(sparsities[worst]),
        expected=float(expected[worst]),
        measured=float(measured[worst]),
        n=len(compared),
    )
