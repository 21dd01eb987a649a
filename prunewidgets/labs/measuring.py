"""MeasuringLab: the part of the lab that measures, in the background and only what was asked for last."""

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
    """A lab that measures the accuracy of a live model under the masks it shows.

    Attributes:
        live: the LiveModel that is measured.
    """

    def __init__(self, live: LiveModel, examples: Examples) -> None:
        """Start with nothing measured."""
        self.live, self._examples = live, examples
        self._measurement, self._curve_measurement = LatestJob(), LatestJob()
        # The newest request, None while one is being made; the one answered last, with the answer.
        self._asked: Request | None = None
        self._answered: tuple[Request | None, Accuracy | float | None] = (None, None)
        self._original: dict[str, Reading] = {}  # "reading" of the model as before the first apply
        self._lines: dict[tuple[str, str], list[dict[str, Any]]] = {}  # curves by criterion and scope
        self._snapshot: Snapshot  # the model's variables as they were read last
        self._incomplete = False  # an interrupt came while something was changing
        self._showing = threading.RLock()  # one thread at a time puts weights into the views
        super().__init__()
        self.examples, self.image_shape = examples.n, flips.image_shape(examples.x)

    @property
    def accuracy(self) -> Accuracy | float:
        """Accuracy with these masks on all examples. Waits until it is measured; never a stale one.

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
        """All points of `measure_curve` for the present weights; columns as in `pw.accuracy_curve`."""
        return pd.DataFrame([row for rows in self._lines.values() for row in rows])

    def refresh(self, measure: bool = True) -> None:
        """Read the weights again and measure anew; a curve of the earlier ones is dropped.

        The lab does this by itself after apply, restore and each cell of the notebook.

        Args:
            measure: False shows the weights only; the accuracy stays marked as stale.
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
        """Show the model while it trains, see `pw.FollowTraining`; measure it when an epoch is done."""
        if not self._closed:
            self._guarded("model", self.refresh, settled)

    def measure_curve(self) -> None:
        """Measure the accuracy at twelve sparsities in the background; points appear as they are measured."""
        self._follow()
        job = functools.partial(self._measure_curve, self.criterion, self.scope)
        self._curve_measurement.submit(functools.partial(self._guarded, "curve", job))

    def cancel(self) -> None:
        """Stop measuring; what is finished is kept."""
        self._curve_measurement.cancel()
        self._measurement.cancel()
        self.cancelled = True

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is being measured; False if that takes longer than `timeout` seconds."""
        return self._measurement.wait(timeout) and self._curve_measurement.wait(timeout)

    def _settle(self) -> None:
        """Wait until the weights stand still, where the lab itself moves them."""

    @property
    def _closed(self) -> bool:
        return self.comm is None

    def open(self) -> None:
        """Appear in the page; after `close`, measure what has changed meanwhile."""
        back = self._closed and bool(self._scores)
        super().open()
        if back:
            self._measure_again()

    def close(self) -> None:
        """Stop measuring and close the view; the model stays as it is."""
        if self._scores:  # else it never came to life: the constructor refused something
            self._curve_measurement.cancel()
            self._measurement.cancel()
        super().close()

    def _guarded(self, source: str, work: Callable[..., None], *args: Any) -> None:
        """Do it; an exception, which would vanish in a callback, becomes a line in the lab."""
        try:
            work(*args)
        except Exception as error:
            self._report(source, f"{type(error).__name__}: {error}")
        else:
            self._report(source, "")

    def _follow(self) -> None:
        """Refresh if the model has other weights than those shown, or an interrupt left something undone."""
        if self._incomplete:
            self._complete()
        elif not self.live.snapshot().same(self._snapshot):
            self.refresh()

    def _complete(self) -> None:
        """Do what an interrupt has left undone."""
        self._incomplete = False
        if self._ranked.criterion != self.criterion:
            self._criterion_chosen({"old": self._ranked.criterion})
        self.refresh()

    def _interrupted(self) -> None:
        if self._sent is not self._ranked or self._ranked.criterion != self.criterion:
            self._incomplete = True  # takes long: it is done when somebody looks, or after the cell
        super()._interrupted()
        self._measure_again()

    @t.observe("criterion")
    def _criterion_chosen(self, change: dict[str, Any]) -> None:
        if not self._scores:
            return
        weights = self._snapshot.weights
        try:
            scores = score(weights, self.criterion)
        except ValueError as error:  # such as squares that are infinite
            self.criterion = change["old"]
            self._report("criterion", str(error))
            return
        self._report("criterion", "")
        with self._showing:
            self._rank_anew(weights, scores)
            self._measure_again()

    def _present_threshold(self) -> float | dict[str, float]:
        """As `Masks.from_threshold` takes it: one τ for all, or {layer: τ}."""
        return self.thresholds if self.scope == "layer" else self.threshold

    def _masks_now(self) -> Callable[[], Masks]:
        """What makes the masks of the present thresholds, whatever changes afterwards."""
        return functools.partial(Masks.from_threshold, self._scores, self._present_threshold())

    def _request(self) -> Request:
        """What is to be measured now."""
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
        """Measure the present masks; what is being measured for others is dropped."""
        if not self._scores or self._closed:
            return
        self._asked = None  # first: an interrupt may come before the new request is on its way
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
        """A first answer from a part of the examples, then all of them, then which ones flipped."""
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
            # Once for all thresholds: what the model reads without masks.
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
        """A curve under one criterion and scope, shown as it grows."""
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
