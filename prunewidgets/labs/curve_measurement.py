"""CurveMeasurement: a lab's curves of accuracy against sparsity, measured point by point."""

import weakref
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import pandas as pd

from ..models.live.live_model import LiveModel
from ..models.live.streamed_examples import AnyExamples
from ..models.pruning.curves import curve_rows, with_metric
from ..widgets.curve import series_of
from ..widgets.lab_view import LabView
from .background import BackgroundWork

CURVE = "curve"
"""The queue of these measurements."""

LEVELS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)
"""Sparsities of a measured curve."""


class CurveMeasurement:
    """The curves of one model, a line for each criterion and scope, shown in the lab as they are measured.

    Attributes:
        lines: {(criterion, scope): rows}.
    """

    def __init__(
        self, lab: LabView, live: LiveModel, examples: AnyExamples, background: BackgroundWork
    ) -> None:
        """Start without a line; the lab holds this object."""
        self._lab = cast(LabView, weakref.proxy(lab))
        self._live, self._examples, self._background = live, examples, background
        self.lines: dict[tuple[str, str], list[dict[str, Any]]] = {}

    @property
    def frame(self) -> pd.DataFrame:
        """All points of all lines; columns as in `pw.accuracy_curve`."""
        frame = pd.DataFrame([row for rows in self.lines.values() for row in rows])
        return with_metric(frame, self._examples.metric) if len(frame) else frame

    def clear(self) -> None:
        """Drop all lines."""
        self.lines, self._lab.series = {}, []

    def start(self, criterion: str, scope: str) -> None:
        """Measure a line next, instead of one that is being measured."""
        self._background.submit(CURVE, partial(self._measure, criterion, scope))

    def _measure(self, criterion: str, scope: str, outdated: Callable[[], bool]) -> None:
        """Measure a line; show each point as it is measured."""
        lab, examples = self._lab, self._examples
        lines = {**self.lines, (criterion, scope): []}  # a line measured again keeps its place and colour
        rows = curve_rows(
            self._live,
            examples.x,
            examples.y,
            LEVELS,
            criterion,
            scope,
            metric=examples.metric,
            sample_weight=examples.sample_weight,
        )
        try:
            for row in rows:
                if outdated():
                    return
                lines[criterion, scope].append(row)
                self.lines = lines
                lab.series = series_of(self.frame)
                done = len(lines[criterion, scope])
                lab.progress = done / len(LEVELS)
                lab.working = lab.words["measuring_curve"].format(done=done, total=len(LEVELS))
        finally:
            lab.working, lab.progress = "", 0.0
