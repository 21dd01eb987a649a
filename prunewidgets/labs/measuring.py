"""MeasuringLab: the part of the lab that measures, in the background and only the newest request."""

import functools
import threading
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import traitlets as t

from ..core.criteria import score
from ..core.masks import Masks
from ..models.live.accuracy import Accuracy
from ..models.live.examples import Examples, Reading
from ..models.live.live_model import LiveModel
from ..models.live.snapshot import Snapshot
from ..models.pruning.curves import curve_rows
from ..utils.latest_job import LatestJob
from ..widgets.curve import series_of
from ..widgets.lab_view import LabView
from . import flips
from .request import Request

Outdated = Callable[[], bool]


LEVELS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)
"""Sparsities of a measured curve."""


class MeasuringLab(LabView):
    """A lab that measures the accuracy of a live model under the current masks.

    Attributes:
        live: the LiveModel that is measured.
    """

    def __init__(self, live: LiveModel, examples: Examples) -> None:
        """Start with nothing measured."""
        self.live, self._examples = live, examples
        self._measurement, self._curve_measurement = LatestJob(), LatestJob()
        # The newest request, None while it is being made; the last answered request, with its answer.
        self._asked: Request | None = None
        self._answered: tuple[Request | None, Accuracy | float | None] = (None, None)
        self._original: dict[str, Reading] = {}  # "reading": that of the model before the first apply
        self._lines: dict[tuple[str, str], list[dict[str, Any]]] = {}  # curves by criterion and scope
        self._snapshot: Snapshot  # the model's variables when they were last read
        self._incomplete = False  # an interrupt came while something was changing
        self._showing = threading.RLock()  # one thread at a time puts weights into the views
        super().__init__()
        self.examples, self.image_shape = examples.n, flips.image_shape(examples.x)

    @property
    def accuracy(self) -> Accuracy | float:
        """The accuracy with these masks on all examples; waits until it is measured and is never stale.

        Raises:
            RuntimeError: it could not be measured; the message says why.
        """
        if self._measurement.here:
            raise RuntimeError("This runs inside a measurement and cannot wait for it; read lab.measured.")
        self._settle()
        self._follow()
        now = self._request()
        if not now.same(self._answered[0]) and not (self._measurement.current and now.same(self._asked)):
            self._measure_again()
        self._measurement.wait()
        answered, value = self._answered
        if not self._request().same(answered) or value is None:
            raise RuntimeError(self._errors.get("measuring") or "The measurement was cancelled; ask again.")
        return value

    @property
    def curve(self) -> pd.DataFrame:
        """All points of `measure_curve` for the current weights; columns as in `pw.accuracy_curve`."""
        return pd.DataFrame([row for rows in self._lines.values() for row in rows])

    def refresh(self, measure: bool = True) -> None:
        """Read the weights and measure again; drop a curve of earlier weights.

        The lab does this itself after apply, restore and each cell of the notebook.

        Args:
            measure: if False, show only the weights; the accuracy stays marked as stale.
        """
        snapshot = self.live.snapshot()
        self._take(snapshot, score(snapshot.weights, self.criterion), measure)

    def _take(self, snapshot: Snapshot, scores: Mapping[str, np.ndarray], measure: bool = True) -> None:
        with self._showing:
            try:
                self._measurement.cancel()
                self._curve_measurement.cancel()
                self._snapshot, self._asked = snapshot, None
                self._show(snapshot.weights, scores)
                applied = self.live.applied
                if applied is None:
                    self._original, self.unpruned = {}, None
                self._lines, self.series = {}, []
                self.applied, self.restorable = applied.removed if applied else 0, applied is not None
                if measure:
                    self._measure_again()
            except BaseException:
                self._incomplete = True
                raise

    def follow(self, weights: Mapping[str, np.ndarray], settled: bool) -> None:
        """Show a model while it trains, see `pw.FollowTraining`; measure it if `settled`, after an epoch."""
        if not self._closed:
            self._guarded("model", self.refresh, settled)

    def measure_curve(self) -> None:
        """Measure the accuracy at twelve sparsities in the background; points appear as they are measured."""
        self._follow()
        job = functools.partial(self._measure_curve, self.criterion, self.scope)
        self._curve_measurement.submit(functools.partial(self._guarded, "curve", job))

    def cancel(self) -> None:
        """Stop measuring; finished results are kept."""
        self._curve_measurement.cancel()
        self._measurement.cancel()
        self.cancelled = True

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is being measured; return False if that takes longer than `timeout` seconds."""
        return self._measurement.wait(timeout) and self._curve_measurement.wait(timeout)

    def _settle(self) -> None:
        """Wait until the lab itself no longer changes the weights."""

    @property
    def _closed(self) -> bool:
        return self.comm is None

    def open(self) -> None:
        """Open the lab in the page; after `close`, also measure again."""
        back = self._closed and bool(self._scores)
        super().open()
        if back:
            self._measure_again()

    def close(self) -> None:
        """Stop measuring and close the view; the model stays as it is."""
        if self._scores:  # else the constructor raised an error
            self._curve_measurement.cancel()
            self._measurement.cancel()
        super().close()

    def _guarded(self, source: str, work: Callable[..., None], *args: Any) -> None:
        """Do the work; show an exception, which would be lost in a callback, in the lab."""
        try:
            work(*args)
        except Exception as error:
            self._report(source, f"{type(error).__name__}: {error}")
        else:
            self._report(source, "")

    def _follow(self) -> None:
        """Refresh if the model's weights differ from those shown, or if an interrupt left work undone."""
        if self._incomplete:
            self._complete()
        elif not self.live.snapshot().same(self._snapshot):
            self.refresh()

    def _complete(self) -> None:
        """Finish what an interrupt left undone."""
        self._incomplete = False
        if self._ranked.criterion != self.criterion:
            self._criterion_chosen({"old": self._ranked.criterion})
        self.refresh()

    def _interrupted(self) -> None:
        if self._sent is not self._ranked or self._ranked.criterion != self.criterion:
            self._incomplete = True  # takes long: done when a result is read, or after the cell
        super()._interrupted()
        self._measure_again()

    @t.observe("criterion")
    def _criterion_chosen(self, change: dict[str, Any]) -> None:
        if not self._scores:
            return
        weights = self._snapshot.weights
        try:
            scores = score(weights, self.criterion)
        except ValueError as error:  # such as infinite squares
            self.criterion = change["old"]
            self._report("criterion", str(error))
            return
        self._report("criterion", "")
        with self._showing:
            self._rank_anew(weights, scores)
            self._measure_again()

    def _present_threshold(self) -> float | dict[str, float]:
        """Return the argument for `Masks.from_threshold`: one τ for all layers, or {layer: τ}."""
        return self.thresholds if self.scope == "layer" else self.threshold

    def _masks_now(self) -> Callable[[], Masks]:
        """Return a function that makes the masks of the current thresholds, even after they change."""
        return functools.partial(Masks.from_threshold, self._scores, self._present_threshold())

    def _request(self) -> Request:
        """Return what is to be measured now."""
        thresholds = [self.threshold_of(name) for name in self._scores]
        belongs = {
            "generation": self.generation,
            "criterion": self.criterion,
            "counts": self.removed_per_layer(),
            "thresholds": thresholds,
        }
        return Request(self._snapshot, self._ranked, tuple(thresholds), belongs)

    @t.observe("threshold", "thresholds", "scope")
    def _measure_again(self, change: dict[str, Any] | None = None) -> None:
        """Measure the current masks; drop a measurement of other masks."""
        if not self._scores or self._closed:
            return
        self._asked = None  # first: an interrupt may come before the new request is submitted
        self.cancelled = False
        asked = self._request()
        job = functools.partial(self._measure, asked, self.restorable, self._masks_now(), self._original)
        self._measurement.submit(functools.partial(self._guarded, "measuring", job))
        self._asked = asked

    def _measure(
        self,
        asked: Request,
        pruned: bool,
        make_masks: Callable[[], Masks],
        original: dict[str, Reading],
        outdated: Outdated,
    ) -> None:
        """Measure part of the examples for a first answer, then all of them, then find the flipped ones."""
        snapshot, belongs = asked.snapshot, asked.belongs
        self.measuring = True
        try:
            masks = make_masks()
            if self._examples.many:
                self._publish(self._examples.quick(self.live, snapshot, masks, outdated), belongs)
            reading = self._examples.all(self.live, snapshot, masks, outdated)
            if reading is None:
                return
            self._answered = asked, reading.value
            self._publish(reading, belongs)
            # Once for all thresholds: what the model predicts without masks.
            unpruned = self.live.snapshot(original=True) if pruned else snapshot
            before = original.get("reading") or self._examples.all(self.live, unpruned, {}, outdated)
            if before is not None and not outdated():
                original["reading"] = before
                self.unpruned = float(before.value)
                self._show_flips(before, reading, belongs)
        finally:
            self.measuring = False

    def _publish(self, reading: Reading | None, belongs: dict[str, Any]) -> None:
        if reading is None:
            return
        value = reading.value
        low, high = value.interval if isinstance(value, Accuracy) else (None, None)
        self.measured = {**belongs, "accuracy": float(value), "low": low, "high": high, "n": reading.n}

    def _show_flips(self, before: Reading, now: Reading, belongs: dict[str, Any]) -> None:
        read, labels = now.predicted, now.labels
        if before.predicted is None or read is None or labels is None or read.ndim > 1:
            return
        flipped = flips.flips(before.predicted, read, labels)
        pictures = flips.images(self._examples.x, flipped) if len(flipped) and self.image_shape[0] else b""
        right_before = int((before.predicted == labels).sum())
        shown = flips.describe(flipped, read, labels)
        with self.hold_sync():
            self.flip_images = pictures
            self.flips = {**belongs, "total": len(flipped), "n": right_before, "shown": shown}

    def _measure_curve(self, criterion: str, scope: str, outdated: Outdated) -> None:
        """Measure a curve under one criterion and scope; show each point as it is measured."""
        examples = self._examples
        lines = {**self._lines, (criterion, scope): []}  # a line measured again keeps its place and colour
        rows = curve_rows(
            self.live,
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
                self._lines = lines
                self.series = series_of(self.curve)
                done = len(lines[criterion, scope])
                self.progress = done / len(LEVELS)
                self.working = self.words["measuring_curve"].format(done=done, total=len(LEVELS))
        finally:
            self.working, self.progress = "", 0.0
